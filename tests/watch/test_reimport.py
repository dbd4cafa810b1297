"""`reimport`: as a fresh process would, or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from kernelserve.code.byvalue import by_value_names, is_local_module
from kernelserve.code.imports import imported_names, local_modules, to_import_again
from kernelserve.watch import reimport


def test_the_users_modules_are_those_outside_of_what_is_installed(project: Any) -> None:
    project.write("wa_one.py", "import json, click\n")
    project.imported("wa_one")
    assert local_modules()["wa_one"] == project.folder / "wa_one.py"
    others = ["json", "click", "pytest", "kernelserve", "kernelserve.code.byvalue", "__main__", "no_such_module"]
    assert [name for name in others if is_local_module(name)] == []


def test_a_module_depends_on_what_it_imports_anywhere_in_its_source() -> None:
    source = "from ..a import b\ndef f():\n    from . import c\n    import d.e as g\n"
    assert imported_names(source, "pkg.sub") == {"pkg", "pkg.a", "pkg.a.b", "pkg.sub", "pkg.sub.c", "d", "d.e"}


def test_what_lies_in_a_package_goes_with_it() -> None:
    edges = {
        "pkg": frozenset({"pkg.one"}),
        "pkg.one": frozenset(),
        "pkg.two": frozenset(),
        "app": frozenset({"pkg.two"}),
    }
    assert to_import_again({"pkg.one"}, edges) == edges.keys()
    assert to_import_again({"pkg.two"}, edges) == {"pkg.two", "app"}


def test_dependents_are_imported_again_and_others_are_not(project: Any) -> None:
    words = project.write("wb_words.py", "WORD = 'a'\n")
    project.write("wb_rank.py", "from wb_words import WORD\nclass Rank: word = WORD\n")
    project.write("wb_app.py", "import importlib\nrank = importlib.import_module('wb_rank')\nword = rank.Rank.word\n")
    project.write("wb_other.py", "import json\n")
    app, other = project.imported("wb_app"), project.imported("wb_other")
    words.write_text("WORD = 'b'\n")
    swap = reimport(["wb_words"])
    assert set(swap.before) == set(swap.after) == {"wb_words", "wb_rank", "wb_app"}
    assert swap.before["wb_app"] is app and app.word == "a"
    assert sys.modules["wb_app"].word == "b"
    assert sys.modules["wb_other"] is other


def test_an_edit_of_the_same_size_in_the_same_second_is_seen(project: Any) -> None:
    file: Path = project.write("wc_one.py", "VALUE = 1\n")
    os.utime(file, (1_000_000, 1_000_000))
    assert project.imported("wc_one").VALUE == 1
    file.write_text("VALUE = 2\n")
    os.utime(file, (1_000_000, 1_000_000))
    assert reimport(["wc_one"]).after["wc_one"].VALUE == 2


@pytest.mark.parametrize("broken", ["def f(:\n", "1/0\n", "import wd_missing\n", "raise SystemExit(3)\n"])
def test_a_broken_edit_leaves_everything_as_it_was(project: Any, broken: str) -> None:
    project.write("wd_pkg/__init__.py", "from . import part\n")
    project.write("wd_pkg/part.py", "X = 1\n")
    project.write("wd_app.py", "from wd_pkg import part\n")
    project.imported("wd_app")
    before = project.modules()
    project.write("wd_pkg/fresh.py", "Y = 1\n")
    project.write("wd_pkg/part.py", f"from . import fresh\n\n{broken}")
    with pytest.raises((SyntaxError, ZeroDivisionError, ModuleNotFoundError, SystemExit)):
        reimport(["wd_pkg.part"])
    assert not list(project.folder.glob("wd_pkg/__pycache__/fresh.*")), "it would be taken for that of an edit at once"
    assert project.modules() == before
    assert sys.modules["wd_pkg"].part is before["wd_pkg.part"] and before["wd_pkg.part"].X == 1
    project.write("wd_pkg/part.py", "from .fresh import Y\n")
    reimport(["wd_pkg.part"])
    assert sys.modules["wd_app"].part.Y == 1


def test_what_is_not_imported_any_more_is_gone(project: Any) -> None:
    project.write("we_app.py", "import we_old\n")
    project.write("we_old.py", "")
    project.imported("we_app")
    project.write("we_app.py", "import we_new\n")
    project.write("we_new.py", "")
    assert b"we_old" in by_value_names()
    reimport(["we_app", "we_old"], roots=["we_app"])
    assert project.modules().keys() == {"we_app", "we_new"}
    assert b"we_new" in by_value_names()


def test_a_file_that_is_removed_is_missed_only_by_those_who_import_it(project: Any) -> None:
    project.write("wf_app.py", "import wf_old\n")
    old = project.write("wf_old.py", "")
    project.imported("wf_app")
    old.unlink()
    with pytest.raises(ModuleNotFoundError, match="wf_old"):
        reimport(["wf_old"])
    project.write("wf_app.py", "")
    assert set(reimport(["wf_app", "wf_old"]).after) == {"wf_app"}
    assert project.modules().keys() == {"wf_app"}
