"""From ``module:app`` to an application, or to an error that says what to write instead."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kernelserve.cli.target import TargetError, load
from kernelserve.watch import traceback_text

SOURCE = """
import kernelserve as serve
from pydantic import BaseModel

@serve.deployment
class Search:
    def __init__(self, model="large"):
        self.model = model

app = Search.bind()
size = 3

class Wanted(BaseModel):
    model: str
    depth: int = 1

def build(args): return Search.bind(**args)
def build_typed(args: Wanted): return Search.bind(args.model * args.depth)
def build_plain(): return Search.bind()
def build_two(a, b): return Search.bind()
def build_nothing(args): return args
def build_broken(args): raise KeyError("model")
"""

Load = Callable[..., Any]


@pytest.fixture
def load_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Loads from modules in a folder."""
    (tmp_path / "ks_shop.py").write_text(SOURCE)
    (tmp_path / "broken.py").write_text("def f():\n    return [][0]\n\nf()\n")
    (tmp_path / "needs.py").write_text("import ks_not_installed\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield lambda target, **arguments: load(*target.split(":"), arguments, tmp_path)
    sys.modules.pop("ks_shop", None)


def test_an_application_or_a_function_that_makes_one(load_from: Load) -> None:
    assert load_from("ks_shop:app") is sys.modules["ks_shop"].app
    assert load_from("ks_shop:build").init_kwargs == {}
    assert load_from("ks_shop:build", model="small").init_kwargs == {"model": "small"}
    assert load_from("ks_shop:build_typed", model="s", depth="2").init_args == ("ss",)
    assert load_from("ks_shop:build_plain").init_args == ()


@pytest.mark.parametrize(
    ("target", "arguments", "said"),
    [
        ("ks_shup:app", {}, "no module 'ks_shup' in .*Did you mean 'ks_shop'"),
        ("ks_shop:ap", {}, "ks_shop has no 'ap'. Did you mean 'app'"),
        ("ks_shop:Serch", {}, "ks_shop has no 'Serch'. Valid names: app"),
        ("ks_shop:Search", {}, "not bound. Write in the module: app = Search.bind()"),
        ("ks_shop:size", {}, "ks_shop:size is of type int. Name an application"),
        ("ks_shop:size.app", {}, "ks_shop:size has no 'app'. Define it"),
        ("ks_shop:app", {"model": "small"}, "an application already, and was given model=small"),
        ("ks_shop:build_two", {}, "takes 2 parameters"),
        ("ks_shop:build_plain", {"model": "small"}, "takes 0 parameters"),
        ("ks_shop:build_nothing", {}, "returned a dict"),
        ("ks_shop:build_typed", {"depth": "deep"}, "wrong arguments.*\n*model"),
    ],
)
def test_other_targets_are_refused(load_from: Load, target: str, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(TargetError, match=said):
        load_from(target, **arguments)


def test_errors_of_the_users_modules_show_their_lines_only(load_from: Load) -> None:
    with pytest.raises(IndexError) as broken:
        load_from("broken:app")
    lines = traceback_text(broken.value).splitlines()
    files = [line for line in lines if line.startswith("  File ")]
    assert files[0].startswith(f'  File "{__file__}"')
    assert [line.split(", ", 1)[1] for line in files[-2:]] == ["line 4, in <module>", "line 2, in f"]
    assert "importlib" not in "".join(files) and "cli/target.py" not in "".join(files)
    assert lines[-1] == "IndexError: list index out of range"
    with pytest.raises(ModuleNotFoundError) as needs:
        load_from("needs:app")
    assert "needs.py" in traceback_text(needs.value)
    with pytest.raises(KeyError) as builder:
        load_from("ks_shop:build_broken")
    assert traceback_text(builder.value).endswith("KeyError: 'model'")
