"""A project's folder: modules in files that a test writes and edits."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest


class Project:
    """A folder on ``sys.path``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, file: str, text: str) -> Path:
        path = self.folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def imported(self, name: str) -> ModuleType:
        return importlib.import_module(name)

    def modules(self) -> dict[str, ModuleType]:
        """Its modules that are imported."""
        return {
            name: module
            for name, module in sys.modules.items()
            if str(getattr(module, "__file__", "")).startswith(str(self.folder))
        }


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.syspath_prepend(tmp_path)
    made = Project(tmp_path)
    yield made
    for name in made.modules():
        del sys.modules[name]
