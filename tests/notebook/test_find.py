"""Which application a cell means."""

from __future__ import annotations

from typing import Any

import pytest

import kernelserve as serve
from kernelserve.notebook.cells import RanCell
from kernelserve.notebook.errors import CellError
from kernelserve.notebook.find import find_application


@serve.deployment
class Inner:
    pass


@serve.deployment
class Outer:
    def __init__(self, *inner: Any) -> None:
        self.inner = inner


@serve.deployment
class Needs:
    def __init__(self, argument: int) -> None:
        self.argument = argument


def ran(value: Any = None, **names: Any) -> RanCell:
    return RanCell("", "", value, tuple(names), names)


def refusal(cell: RanCell) -> str:
    with pytest.raises(CellError) as caught:
        find_application(cell)
    return str(caught.value)


def test_the_last_expression_wins() -> None:
    last = Outer.bind()
    assert find_application(ran(last, app=Inner.bind())) is last


def test_then_the_variable_app() -> None:
    app = Outer.bind()
    assert find_application(ran(5, app=app, other=Inner.bind())) is app


def test_an_app_that_is_no_application_is_not_meant() -> None:
    inner = Inner.bind()
    assert find_application(ran(app=object(), built=inner)) is inner


def test_a_variable_app_of_an_earlier_cell_is_not_meant() -> None:
    cell = RanCell("", "", None, ("x",), {"app": Outer.bind(), "x": 1})
    assert "it binds x" in refusal(cell)


def test_then_the_application_that_is_not_bound_into_another() -> None:
    inner = Inner.bind()
    outer = Outer.bind([{"in": inner}])
    assert find_application(ran(inner=inner, outer=outer, again=outer)) is outer


def test_then_the_only_deployment() -> None:
    assert find_application(ran(Inner=Inner)).name == "Inner"
    assert find_application(ran(Inner)).name == "Inner"


def test_a_deployment_with_arguments_has_to_be_bound() -> None:
    assert "app = Needs.bind(...)" in refusal(ran(Needs=Needs))


def test_two_candidates() -> None:
    said = refusal(ran(one=Inner.bind(), two=Outer.bind()))
    assert "2 applications, one and two" in said and "app = one" in said
    assert "2 deployments, Inner and Outer" in refusal(ran(Inner=Inner, Outer=Outer))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (ran(), ("no application", "binds no name", "@serve.deployment")),
        (ran(5), ("of type int", "@serve.deployment")),
        (ran(Model=int), ("binds Model", "Decorate Model")),
    ],
)
def test_no_application(cell: RanCell, words: tuple[str, ...]) -> None:
    said = refusal(cell)
    assert all(word in said for word in words), said
