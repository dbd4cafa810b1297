"""The notebook about hot reload as it is, by nbval: its cells check what they show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from notebook_helpers import ROOT

NOTEBOOK = ROOT / "notebooks" / "hot_reload.ipynb"


def test_each_kind_of_change_is_as_the_notebook_says(tmp_path: Path) -> None:
    # A configuration of its own: that of these tests is not for notebooks.
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(tmp_path / "pytest.ini"), "--nbval-lax", str(NOTEBOOK)]
    ran = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout and "skipped" not in ran.stdout
