"""The notebook about hot reload as it is, by nbval: its cells check what they show."""

from __future__ import annotations

from pathlib import Path

from notebook_helpers import ROOT, run_by_nbval


def test_each_kind_of_change_is_as_the_notebook_says(tmp_path: Path) -> None:
    run_by_nbval(ROOT / "notebooks" / "hot_reload.ipynb", tmp_path)
