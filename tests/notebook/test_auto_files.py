"""Reload on edit of files: modules beside the notebook."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from notebook_helpers import Served
from shell_helpers import Notebook
from system_helpers import get, wait_for

APP = """
import kn_shop
from kn_words import greeting

@serve.deployment
class Greets:
    def __init__(self, shop):
        self.shop = shop
    async def __call__(self, request):
        return [greeting(), *await self.shop.remote()]

app = Greets.bind(kn_shop.Shop.bind())
"""
SHOP = """
import kernelserve as serve
LOADS = []

@serve.deployment
class Shop:
    def __init__(self):
        LOADS.append(1)
    def __call__(self):
        return [len(LOADS), "tea"]
"""
WORDS = "def greeting():\n    return 'one'\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on ``sys.path`` with the modules of the app."""
    (tmp_path / "kn_shop.py").write_text(SHOP)
    (tmp_path / "kn_words.py").write_text(WORDS)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("kn_shop", "kn_words"):
        sys.modules.pop(name, None)


def test_files_follow_with_the_next_cell(notebook: Notebook, files: Path) -> None:
    notebook.serve(APP)
    notebook.good("%serve auto on")
    assert notebook.call() == ["one", 1, "tea"]
    (files / "kn_words.py").write_text(WORDS.replace("one", "two"))
    (files / "kn_shop.py").write_text(SHOP.replace("tea", "coffee"))
    ran = notebook.good("x = 1").text
    assert "kn_shop.py, " in ran and "kn_words.py changed: imported again." in ran, ran
    assert "Greets patched in" in ran and "Shop patched in" in ran, ran
    assert notebook.call() == ["two", 1, "coffee"]
    assert notebook.good("greeting()").value == "two"

    (files / "kn_words.py").write_text(f"LIMIT = 3\n{WORDS}")
    assert notebook.good("from kn_words import LIMIT").warned == ""
    (files / "kn_words.py").write_text(f"LIMIT = 4\n{WORDS}")
    assert "Still the old value, if it was imported: LIMIT." in notebook.good("x = 1").text
    (files / "kn_words.py").write_text(WORDS.replace("one", "two"))
    notebook.good("x = 1")

    (files / "kn_words.py").write_text(WORDS.replace("return", "retrn"))
    warned = notebook.good("x = 1").warned
    assert "kn_words.py changed, and cannot be imported." in warned and "SyntaxError" in warned, warned
    assert "retrn 'one'" in warned and "kernelserve" not in warned
    assert notebook.good("x = 1").warned == ""
    assert notebook.call() == ["two", 1, "coffee"]
    notebook.good("%serve auto off")
    (files / "kn_words.py").write_text(WORDS)
    notebook.good("x = 1")
    assert notebook.call() == ["two", 1, "coffee"]


@pytest.mark.parametrize("served", ["local"], indirect=True)
def test_files_follow_at_once_between_cells(served: Served, tmp_path: Path) -> None:
    (tmp_path / "kn_between.py").write_text(WORDS)
    served.kernel.good(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nfrom kn_between import greeting")
    app = "@serve.deployment\ndef between(request):\n    return greeting()\n\napp = between.bind()"
    served.serve(app, "between")
    url = served.kernel.value("serve.app('between').url")
    served.kernel.good("%serve auto on")
    (tmp_path / "kn_between.py").write_text(WORDS.replace("one", "three"))
    wait_for(lambda: get(url) == (200, "three"), "the app follows the file while no cell runs")
    served.kernel.good("%serve auto off")
    served.kernel.good("%serve stop between")
