"""Modules of the user's: their code counts and travels as a cell's does."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from code_cells import run_cell

from kernelserve.code import UnitStore, fingerprint
from kernelserve.code.byvalue import by_value_names, import_instead, is_by_value_module
from kernelserve.exceptions import ShipError

FILES = {
    "ks_helpers.py": "RATE = 3\nSEEN = []\ndef scale(x):\n    SEEN.append(x)\n    return x * RATE\n"
    "class Item:\n    def tag(self): return 'item'\n",
    "ks_package/__init__.py": "from .inner import deep\n",
    "ks_package/inner.py": "from . import constants\nfrom ks_helpers import scale\n"
    "def deep(x): return scale(x) + constants.ONE\n",
    "ks_package/constants.py": "ONE = 1\n",
}
CELL = """
import ks_helpers, ks_package.inner
from ks_helpers import scale, Item
from ks_package import deep
class A:
    def one(self, x): return scale(x), ks_helpers.scale(x), Item().tag()
    def two(self, x): return deep(x), ks_package.inner.deep(x)
"""
Edit = Callable[[str, str, str], dict[str, Any]]


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edit]:
    """Writes the files, edits one, and runs the cell with the modules imported anew."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def run(file: str = "ks_helpers.py", old: str = "", new: str = "") -> dict[str, Any]:
        for name, text in FILES.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.replace(old, new) if name == file and old else text)
        _forget()
        importlib.invalidate_caches()
        return run_cell(CELL)

    yield run
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.startswith(("ks_helpers", "ks_package"))]:
        del sys.modules[name]


def test_it_runs_where_the_files_are_not(edit: Edit, tmp_path: Path) -> None:
    space, kernel, replica = edit("", "", ""), UnitStore(), UnitStore()
    packed = kernel.pack(space["A"])
    _forget()
    sys.path.remove(str(tmp_path))
    importlib.invalidate_caches()
    replica.add(packed.units)
    loaded = replica.unpack(packed.payload)()
    assert loaded.one(2) == (6, 6, "item")
    assert loaded.two(2) == (7, 7)
    assert "ks_helpers" not in sys.modules


@pytest.mark.parametrize(
    ("file", "old", "new", "parts"),
    [
        ("ks_helpers.py", "RATE = 3", "RATE = 3\n# moved", set()),
        ("ks_helpers.py", "x * RATE", "x + RATE", {"scale()"}),
        ("ks_package/constants.py", "ONE = 1", "ONE = 2", {"global constants"}),
    ],
)
def test_its_code_counts(edit: Edit, file: str, old: str, new: str, parts: set[str]) -> None:
    before, after = fingerprint(edit("", "", "")["A"]), fingerprint(edit(file, old, new)["A"])
    assert before.init == after.init
    found = {key for key in before.serve.keys() | after.serve.keys() if before.serve.get(key) != after.serve.get(key)}
    assert found >= parts
    assert bool(found) == bool(parts)


def test_objects_of_its_classes_come_back_as_such(edit: Edit) -> None:
    space, kernel, replica = edit("", "", ""), UnitStore(), UnitStore()
    packed = kernel.pack(space["Item"])
    replica.add(packed.units)
    by_unit, parts = replica.dumps(replica.unpack(packed.payload)())
    assert by_unit
    assert type(kernel.loads(by_unit, parts)) is space["Item"]
    assert b"ks_helpers" in by_value_names()


def test_what_cannot_be_sent_is_imported_and_counts_whole(edit: Edit) -> None:
    lock = "import threading\nLOCK = threading.Lock()\ndef scale(x):\n    LOCK.locked()"
    space = edit("ks_helpers.py", "def scale(x):", lock)
    with pytest.raises(ShipError, match=r"LOCK is a _thread\.lock"):
        UnitStore().pack(space["A"])
    assert import_instead(["ks_helpers"])
    assert not is_by_value_module("ks_helpers") and is_by_value_module("ks_package.inner")
    UnitStore().pack(space["A"])
    before = fingerprint(space["A"])
    assert "Replicas import ks_helpers" in before.assumptions[0]
    space = edit("ks_helpers.py", "def scale(x):", f"ONE_MORE = 1\n{lock}")
    assert is_by_value_module("ks_helpers")  # It was imported again: perhaps it can be sent.
    import_instead(["ks_helpers"])
    assert before.init["module ks_helpers"] != fingerprint(space["A"]).init["module ks_helpers"]


def test_an_import_inside_a_function_counts_whole(edit: Edit) -> None:
    cell = "class B:\n    def late(self):\n        import ks_helpers\n        return ks_helpers.scale(1)\n"
    edit("", "", "")
    before = fingerprint(run_cell(cell)["B"])
    edit("ks_helpers.py", "RATE = 3", "RATE = 4")
    after = fingerprint(run_cell(cell)["B"])
    assert before.init["module ks_helpers"] != after.init["module ks_helpers"]
    assert "B.late imports ks_helpers when it runs" in after.assumptions[0]


@pytest.mark.parametrize("name", ["json", "pytest", "kernelserve.code", "sys", "not_there", None])
def test_what_is_installed_is_imported(name: str | None) -> None:
    assert not is_by_value_module(name)
