"""Class attributes that code changed: carried over at a patch, and once more when the old code has ended."""

from __future__ import annotations

from typing import Any

import pytest

from kernelserve.replica.class_state import ClassState


def version(**attributes: Any) -> type:
    return type("Model", (), attributes)


def state(
    old: type, new: type, alike: tuple[str, ...] = ("Model.hits",), differing: tuple[str, ...] = ()
) -> ClassState:
    return ClassState({old: new}, frozenset(differing), frozenset(alike))


def test_the_present_value_is_carried_over_and_the_object_is_the_same() -> None:
    table = [1]
    old, new = version(hits=table), version(hits=[])
    state(old, new).carry_over()
    assert vars(new)["hits"] is table


def test_what_the_edit_changed_is_the_edits() -> None:
    old, new = version(hits=3), version(hits=100)
    state(old, new, alike=(), differing=("Model.hits",)).carry_over()
    assert vars(new)["hits"] == 100


@pytest.mark.parametrize(("differing", "kept"), [((), True), (("class Model",), False), (("Model.hits",), False)])
def test_what_code_added_is_carried_over_if_it_is_known_to_be_added(differing: tuple[str, ...], kept: bool) -> None:
    old, new = version(hits=3), version()
    state(old, new, alike=(), differing=differing).carry_over()
    assert ("hits" in vars(new)) == kept


def test_methods_properties_and_classes_are_code() -> None:
    old = version(hits=lambda self: 1, other=property(lambda self: 1), inner=int)
    new = version(hits=lambda self: 2, other=property(lambda self: 2), inner=str)
    before = dict(vars(new))
    state(old, new, alike=("Model.hits", "Model.other", "Model.inner")).carry_over()
    assert dict(vars(new)) == before


def test_old_code_that_goes_on_meanwhile_counts() -> None:
    old: Any = version(hits=1)
    new: Any = version(hits=0)
    both = state(old, new)
    both.carry_over()
    old.hits = 2
    both.catch_up()
    assert new.hits == 2


def test_the_new_codes_value_stays_if_both_have_bound_one() -> None:
    old: Any = version(hits=1)
    new: Any = version(hits=0)
    both = state(old, new)
    both.carry_over()
    old.hits, new.hits = 2, 7
    both.catch_up()
    assert new.hits == 7
