"""The quickstart in a real JupyterLab, looked at and clicked through as a new user would."""

from __future__ import annotations

import re

from browser_helpers import ROOT, Jupyter, Notebook
from browser_notebooks import write_local_copy
from playwright.sync_api import Page, expect


def test_the_quickstart_live(page: Page, jupyter: Jupyter) -> None:
    source = ROOT / "notebooks" / "quickstart.ipynb"
    name, cells = write_local_copy(source, jupyter.folder, "%serve status", 'serve.app("search").inspect()')
    starts = {cell.source.splitlines()[0]: index for index, cell in enumerate(cells.cells) if cell.cell_type == "code"}
    serves = [index for index, cell in enumerate(cells.cells) if cell.source.startswith("%%serve")]
    status, inspect = len(cells.cells) - 2, len(cells.cells) - 1
    notebook = Notebook(page, jupyter, name)

    # Served: the graph comes live below the cell.
    for index in [i for i in range(serves[0]) if cells.cells[i].cell_type == "code"] + [serves[0]]:
        notebook.run(index)
    graph = notebook.output(serves[0])
    for deployment in ("Search", "Index", "Embedder"):
        expect(graph.locator(f'[data-node="{deployment}"]')).to_contain_text("1/1")
    expect(graph.locator("svg[role=img]")).to_be_hidden()  # The picture that a saved notebook shows.

    # A knob is turned: the replicas come, and the status has them.
    graph.locator('[data-node="Search"]').click()
    knob = graph.locator("form.ks-knob").filter(has=page.get_by_role("slider", name="replicas"))
    knob.get_by_role("slider").press("ArrowRight")
    knob.get_by_role("button", name="Apply").click()
    expect(graph.locator('[data-node="Search"]')).to_contain_text("2/2")
    notebook.run(status)
    expect(notebook.output(status)).to_contain_text("2 running")

    # Requests, and the waterfall of one.
    notebook.run(starts['%serve call search {"q": "split a string into words"}'])
    notebook.run(inspect)
    requests = notebook.output(inspect)
    requests.get_by_text("POST /search").first.click()
    for deployment in ("Search", "Index", "Embedder"):
        expect(requests.locator(".ks-waterfall")).to_contain_text(deployment)
    expect(requests.locator(".ks-details")).to_contain_text("split a string into words")

    # An edit is a patch.
    notebook.run(starts['live = serve.app("search")'])
    notebook.run(serves[1])
    edited = notebook.output(serves[1])
    expect(edited.locator('[data-node="Search"]')).to_contain_text("patched")
    expect(edited.locator('[data-node="Embedder"]')).to_contain_text("kept")
    expect(edited).to_contain_text(re.compile(r"Search patched in \d+ ms"))
    assert not notebook.problems
