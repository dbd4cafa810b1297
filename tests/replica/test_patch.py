"""Patches of a live instance: every reason to refuse one, and the two views of one state while it runs."""

from __future__ import annotations

import abc
import functools
import threading
from typing import Any

import numpy as np
import pytest

from kernelserve.replica import patch
from kernelserve.replica.patch import end_bridge, make_bridge, refusal


class Old:
    def __init__(self, **state: Any) -> None:
        self.__dict__.update(state)

    def ask(self) -> str:
        return "old"

    def helper(self) -> None: ...


class New:
    def ask(self) -> str:
        return "new"


class Helper:
    """A class of the user's that the state may hold."""

    def __init__(self, held: Any = None) -> None:
        self.held = held

    def method(self) -> None: ...


def test_a_plain_class_with_plain_state_is_patched() -> None:
    original = Old(weights=np.zeros(10), names=["a", "b"], table={"a": {1, 2}}, helper=Helper(), lock=threading.Lock())
    assert refusal(original, New, []) == ""
    assert refusal(original, New, [Old]) == "", "the changed class itself is no doubt"


class Meta(abc.ABCMeta):
    pass


class WithMeta(metaclass=Meta):
    pass


class Slots:
    __slots__ = ("x",)


class BelowSlots(Slots):
    pass


class OfDict(dict[str, int]):
    pass


class OfList(list[int]):
    pass


class OfError(Exception):
    pass


class Reloads:
    def __reload__(self) -> None: ...


LAYOUT = [
    (WithMeta, New, "the class has a metaclass"),
    (Old, WithMeta, "the class has a metaclass"),
    (Slots, New, "the class has __slots__"),
    (BelowSlots, New, "the class has __slots__"),
    (Old, BelowSlots, "the class has __slots__"),
    (OfDict, New, "the class is a subclass of dict"),
    (OfList, New, "the class is a subclass of list"),
    (OfError, New, "another layout"),
    (Old, OfError, "another layout"),
    (Old, OfDict, "another layout"),
    (Old, Reloads, "__reload__, which is not built yet"),
]


@pytest.mark.parametrize(("old", "new", "reason"), LAYOUT)
def test_a_class_of_another_make_is_refused(old: type, new: type, reason: str) -> None:
    assert reason in refusal(old(), new, [])


def test_a_refused_layout_runs_no_finalizer() -> None:
    ended: list[str] = []

    class Ends:
        def __del__(self) -> None:
            ended.append("ended")

    original = Ends()
    assert "another layout" in refusal(original, OfError, [])
    assert refusal(original, New, []) == ""
    assert ended == []
    del original
    assert ended == ["ended"]


def test_a_filled_cached_property_is_refused_and_an_empty_one_is_not() -> None:
    class Caches:
        @functools.cached_property
        def table(self) -> int:
            return 1

    original = Caches()
    assert refusal(original, New, []) == ""
    assert original.table == 1
    assert refusal(original, New, []) == "the cached_property table is filled"


def closure_over(value: Any) -> Any:
    return lambda: value


# How the state can hold a value, and the path that the refusal names.
HOLDS = [
    (lambda value: value, "self.x"),
    (lambda value: [0, value], "self.x[1]"),
    (lambda value: ("a", value), "self.x[1]"),
    (lambda value: {"k": value}, "self.x['k']"),
    (lambda value: {"k": [{"l": value}]}, "self.x['k'][0]['l']"),
    (Helper, "self.x.held"),
    (lambda value: functools.partial(print, value), "self.x.args[0]"),
    (lambda value: functools.partial(print, end=value), "self.x.keywords['end']"),
    (closure_over, "self.x closure"),
]


@pytest.mark.parametrize(("hold", "path"), HOLDS)
def test_a_state_that_leads_back_to_the_instance_is_refused(hold: Any, path: str) -> None:
    original = Old()
    original.x = hold(original)
    assert refusal(original, New, []) == f"{path} refers back to the instance"


@pytest.mark.parametrize(("hold", "path"), HOLDS)
def test_a_stored_bound_method_of_the_instance_is_refused(hold: Any, path: str) -> None:
    original = Old()
    original.x = hold(original.helper)
    assert refusal(original, New, []) == f"{path} is a bound method of the instance"


@pytest.mark.parametrize(("hold", "path"), HOLDS)
def test_a_held_object_whose_class_changed_is_refused(hold: Any, path: str) -> None:
    class Changed:
        pass

    original = Old(x=hold(Changed()))
    assert refusal(original, New, [Changed]) == f"{path} holds a Changed, whose class changed"
    assert refusal(original, New, []) == ""


def test_a_partial_of_the_instances_method_is_refused() -> None:
    original = Old()
    original.x = functools.partial(original.helper)
    assert refusal(original, New, []) == "self.x.func is a bound method of the instance"


def test_a_method_of_a_held_object_leads_to_that_object() -> None:
    original = Old()
    original.x = Helper(original).method
    assert refusal(original, New, []) == "self.x.__self__.held refers back to the instance"


def test_keys_are_looked_at() -> None:
    class Key:
        pass

    assert refusal(Old(x={Key(): 1}), New, [Key]) == "self.x key holds a Key, whose class changed"


def test_an_unfilled_closure_is_no_doubt() -> None:
    def outer(fill: bool) -> Any:
        if fill:
            value = 1
        return lambda: value

    assert refusal(Old(x=outer(False)), New, []) == ""


def test_a_cycle_beside_the_instance_is_no_doubt() -> None:
    first, second = Helper(), Helper()
    first.held, second.held = second, first
    assert refusal(Old(x=first), New, []) == ""


def test_a_state_that_is_too_large_to_check_is_refused() -> None:
    many = Old(x=[[] for _ in range(patch.MAX_OBJECTS)])
    assert refusal(many, New, []) == "its state has more than 100,000 objects, so it was not checked whole"
    assert refusal(Old(x=list(range(2 * patch.MAX_OBJECTS))), New, []) == "", "plain numbers do not count"


def test_the_bridge_and_the_original_share_one_state_until_it_ends() -> None:
    ended: list[str] = []

    class Ends(New):
        def __del__(self) -> None:
            ended.append("ended")

    original = Old(count=1)
    bridge = make_bridge(original, Ends)
    bridge.count += 1
    original.extra = "seen by both"
    assert (original.count, bridge.extra) == (2, "seen by both")
    assert (original.ask(), bridge.ask()) == ("old", "new")
    original.__class__ = Ends
    end_bridge(bridge)
    assert not hasattr(bridge, "count")
    del bridge
    assert ended == [], "dropping a view is not the end of the user's object"
    assert (original.ask(), original.count) == ("new", 2)
