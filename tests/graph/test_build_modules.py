"""Modules of the user's that hold what cannot be sent: replicas import these, and the others travel."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kernelserve.code import UnitStore
from kernelserve.code.imports import source_digest, with_imports
from kernelserve.graph.build import build
from kernelserve.graph.diff import diff
from kernelserve.graph.model import AppGraph
from kernelserve.types import Action
from kernelserve.watch import reimport

FILES = {
    "ks_locked/__init__.py": "",
    "ks_locked/words.py": "WORD = 'a'\n",
    "ks_locked/model.py": "import threading\nfrom .words import WORD\nLOCK = threading.Lock()\n"
    "def predict():\n    with LOCK:\n        return WORD\n",
    "ks_locked/app.py": "import kernelserve as serve\nfrom . import model\n\n@serve.deployment\nclass Model:\n"
    "    def __call__(self, request):\n        return model.predict()\n\napp = Model.bind()\n",
}
Built = Callable[..., AppGraph]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Built]:
    """The graph of the app, after an edit of one of its files."""
    monkeypatch.syspath_prepend(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    __import__("ks_locked.app")
    store = UnitStore()

    def after(name: str = "", old: str = "", new: str = "") -> AppGraph:
        if name:
            file = tmp_path / "ks_locked" / f"{name}.py"
            file.write_text(file.read_text().replace(old, new))
            reimport([f"ks_locked.{name}"])
        root = sys.modules["ks_locked.app"].app
        return build(root, name="app", route_prefix="/", store=store, make_handle=str, sources={})

    yield after
    for name in [name for name in sys.modules if name.startswith("ks_locked")]:
        del sys.modules[name]


def test_only_what_is_in_the_way_is_imported(built: Built) -> None:
    first = built()
    assert first.nodes["Model"].assumptions[0].startswith("Replicas import ks_locked.model, as")
    own = built("app", "model.predict()", "[model.predict()]")
    assert diff(first, own).steps[0].action == Action.PATCH
    assert diff(own, built("app", "import kernelserve", "# moved\nimport kernelserve")).unchanged
    model = built("model", "return WORD", "return [WORD]")
    assert diff(own, model).steps[0].action == Action.REPLACE
    assert diff(model, built("words", "'a'", "'b'")).steps[0].action == Action.REPLACE


def test_what_importing_a_module_imports(built: Built) -> None:
    assert with_imports("ks_locked.model", "json") == {"ks_locked", "ks_locked.model", "ks_locked.words"}
    before = source_digest("ks_locked.model")
    built("words", "'a'", "'a'  # the same")
    assert source_digest("ks_locked.model") == before
    built("words", "'a'", "'b'")
    assert source_digest("ks_locked.model") != before
