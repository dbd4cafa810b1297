"""The quickstart notebook as it is, headless, on a Ray that it starts itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from notebook_helpers import ROOT, Ran

NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"


def without_outputs(notebook: nbformat.NotebookNode) -> bool:
    return not any(cell.get("outputs") for cell in notebook.cells)


@pytest.mark.xdist_group("ray")
@pytest.mark.timeout(600)  # It starts Ray, loads a model and embeds 1,500 texts.
def test_the_quickstart_does_what_it_says(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert without_outputs(notebook), "the notebook is kept without outputs"
    env = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    client = NotebookClient(notebook, timeout=500, kernel_name="python3", resources={"metadata": {"path": tmp_path}})
    with client.setup_kernel(env={**env, "PYTHONPATH": str(ROOT)}):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
    ran = {cell.source.strip(): Ran(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"}
    by_start = {source.splitlines()[0]: result for source, result in ran.items()}

    assert '"name": "shlex.split"' in ran['%serve call search {"q": "split a string into words"}'].text
    assert "compress" in by_start['await live.handle.search.remote("compress data", k=2)'].text
    assert "posix_spawn" in by_start['live.handle.search.remote("run another program", k=2).result()'].text

    served, edited, broken = (result for source, result in ran.items() if source.startswith("%%serve"))
    assert not served.printed and "<svg" in served.html
    assert re.search(r"^curl http://127.0.0.1:\d+/search", served.text, re.M)
    assert re.search(r"^Search patched in \d+ ms · Embedder kept · Index kept$", edited.text, re.M)

    before = by_start["import json, urllib.request"].text
    after = by_start['answer = ask("parse command line options")'].text
    assert before.startswith("['getopt', ") and "'getopt.getopt', " not in before.partition("'getopt', ")[0]
    assert after.startswith("(['getopt.getopt',") and after.endswith(" 1)"), (
        "functions first; the model was loaded once"
    )

    assert "NameError" in broken.error and "embeder  # a typo" in broken.error and "still answers" in broken.error
    still = by_start['[hit["name"] for hit in ask("parse command line options")["hits"]]'].text
    assert still.startswith("['getopt.getopt',")
    assert "Stopped search." in by_start["%serve stop search"].text
    assert not [source for source, result in ran.items() if result.printed], "no chatter in any cell"
