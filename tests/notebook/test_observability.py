"""The notebook about observing an app as it is, by nbval: its cells check what they show."""

from __future__ import annotations

from pathlib import Path

from notebook_helpers import ROOT, run_by_nbval


def test_what_is_seen_is_as_the_notebook_says(tmp_path: Path) -> None:
    run_by_nbval(ROOT / "notebooks" / "observability.ipynb", tmp_path)
