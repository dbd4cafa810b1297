"""An application of the notebook's present definitions: classes of cells that were run again."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

import kernelserve as serve
from kernelserve.deployment import Application
from kernelserve.notebook.rebind import rebound


class Cells(dict[str, Any]):
    """A notebook's namespace."""

    def __init__(self) -> None:
        super().__init__(__name__="__main__", serve=serve)

    def run(self, source: str) -> None:
        exec(source, self)

    @property
    def app(self) -> Application[Any]:
        found: Application[Any] = self["app"]
        return found


CHILD = "@serve.deployment\nclass Child:\n    pass"
PARENT = "@serve.deployment\nclass Parent:\n    def __init__(self, first, *, rest): pass"


@pytest.fixture
def cells() -> Cells:
    made = Cells()
    made.run(CHILD)
    made.run(PARENT)
    made.run("child = Child.bind()\napp = Parent.bind(child, rest={'a': [child, 1], 'b': 'x'})")
    return made


def test_nothing_new_is_the_same_application(cells: Cells) -> None:
    assert rebound(cells.app, cells) is cells.app
    cells.run("class Unrelated: pass\ndel Child")
    assert rebound(cells.app, cells) is cells.app, "what the notebook does not define any more stays"


def test_a_child_that_is_bound_twice_stays_one(cells: Cells) -> None:
    cells.run(CHILD)
    new = rebound(cells.app, cells)
    first, rest = new.init_args[0], new.init_kwargs["rest"]
    assert first.func_or_class is cells["Child"].func_or_class
    assert rest["a"][0] is first and rest["a"][1] == 1 and rest["b"] == "x"
    assert new.func_or_class is cells.app.func_or_class
    assert rebound(new, cells) is new


@pytest.mark.parametrize(
    ("before", "bind", "after", "expected"),
    [
        ("(num_replicas=2)", "", "(num_replicas=3)", {"num_replicas": 3}),
        ("(num_replicas=2)", "", "", {}),
        ("", ".options(num_replicas=2)", "(num_replicas=3)", {"num_replicas": 2}),
        ("", ".options(num_replicas=2)", "(max_queued_requests=3)", {"num_replicas": 2, "max_queued_requests": 3}),
    ],
)
def test_options(cells: Cells, before: str, bind: str, after: str, expected: dict[str, Any]) -> None:
    cells.run(f"@serve.deployment{before}\nclass One: pass\napp = One{bind}.bind()")
    cells.run(f"@serve.deployment{after}\nclass One: pass")
    assert rebound(cells.app, cells).options_dict == expected


def test_options_of_a_new_definition_that_has_been_through_options_win(cells: Cells) -> None:
    cells.run("@serve.deployment\nclass One: pass\nOne = One.options(num_replicas=2, name='first')\napp = One.bind()")
    cells.run("@serve.deployment\nclass One: pass\nOne = One.options(num_replicas=3)")
    new = rebound(cells.app, cells)
    assert new.options_dict == {"num_replicas": 3} and new.name == "first"


def test_a_plain_class_that_is_decorated_at_the_bind(cells: Cells) -> None:
    cells.run("class Plain: pass\napp = serve.deployment(num_replicas=2, name='Served')(Plain).bind()")
    cells.run("class Plain: pass")
    new = rebound(cells.app, cells)
    assert new.func_or_class is cells["Plain"] and new.name == "Served" and new.options_dict == {"num_replicas": 2}


def test_a_name_that_holds_something_else_is_not_taken(cells: Cells) -> None:
    cells.run("Parent = 5")
    assert rebound(cells.app, cells) is cells.app


def test_arguments_that_do_not_fit_any_more(cells: Cells) -> None:
    cells.run(PARENT.replace("rest", "other"))
    with pytest.raises(TypeError, match=r"Parent\.bind"):
        rebound(cells.app, cells)


def test_a_class_of_a_module_that_was_imported_again(cells: Cells) -> None:
    before, after = ModuleType("shop"), ModuleType("shop")
    for module in (before, after):
        exec("import kernelserve as serve\n@serve.deployment\nclass Shop: pass", vars(module))
    cells["app"] = before.Shop.bind()
    assert rebound(cells.app, cells, {"shop": before}) is cells.app
    assert rebound(cells.app, cells, {"shop": after}).func_or_class is after.Shop.func_or_class
    assert rebound(cells.app, cells, {}) is cells.app
