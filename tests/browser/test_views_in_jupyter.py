"""The views in JupyterLab and Notebook: hostile payloads, a busy kernel, a lost one, a saved notebook."""

from __future__ import annotations

import re
import time

import httpx
import pytest
from browser_helpers import Front, Jupyter, Notebook
from browser_notebooks import CALLS, EDITED, SERVE, write
from playwright.sync_api import Page, expect

LOAD = "%load_ext kernelserve\nimport kernelserve as serve"


def test_hostile_payloads_are_text(page: Page, jupyter: Jupyter) -> None:
    hostile = '<img src=x onerror="window.hurt = true"><script>window.hurt = true</script>'
    name = write(
        jupyter.folder, "hostile.ipynb", LOAD, SERVE, CALLS, f"order({hostile!r})\norder('tea')",
        "serve.app('shop').inspect()",
    )  # fmt: skip
    notebook = Notebook(page, jupyter, name)
    notebook.run_all()
    view = notebook.output(4)
    view.get_by_label("status").select_option("error")
    expect(view.locator(".ks-requests-table tbody tr")).to_have_count(1)
    view.locator(".ks-requests-table tbody tr").first.click()
    expect(view.locator(".ks-details")).to_contain_text("KeyError")
    expect(view.locator(".ks-details")).to_contain_text("onerror=")
    graph = notebook.output(1)
    graph.locator('[data-node="Prices"]').click()
    graph.get_by_role("tab", name="Logs").click()
    expect(graph.get_by_role("log")).to_contain_text("price of <img src=x")
    assert page.evaluate("window.hurt") is None
    assert not notebook.problems


@pytest.mark.parametrize("front", ["lab", "notebook"])
def test_numbers_move_while_a_cell_runs(page: Page, jupyter: Jupyter, front: Front) -> None:
    busy = "import time\norder('tea', 40)\nfor _ in range(1000):\n    order('cake')\n    time.sleep(0.02)"
    name = write(jupyter.folder, f"busy_{front}.ipynb", LOAD, SERVE, CALLS, busy, EDITED)
    notebook = Notebook(page, jupyter, name, front)
    for index in range(3):
        notebook.run(index)
    notebook.run(3, wait=False)
    card = notebook.output(1).locator('[data-node="Shop"]')
    seen = set()
    deadline = time.monotonic() + 60
    while len(seen) < 4 and time.monotonic() < deadline:
        seen.add(card.inner_text())
        page.wait_for_timeout(300)
    assert len(seen) >= 4, "the kernel works on a cell, and the numbers go on"
    expect(notebook.cell(3).locator(".jp-InputPrompt")).to_have_text("[*]:")

    # A knob says that it waits, or applies at once where the front end gives comms a thread of their own.
    card.click()
    panel = notebook.output(1).locator(".ks-panel")
    expect(panel).to_be_visible()
    expect(panel.get_by_text(re.compile("Comes when the cell ends|replicas")).first).to_be_visible()
    page.keyboard.press("Escape")
    notebook.interrupt()
    expect(notebook.output(3)).to_contain_text("KeyboardInterrupt")
    notebook.run(4)
    expect(notebook.output(4).locator('[data-node="Shop"]')).to_contain_text("patched")


def test_a_lost_kernel_is_said(page: Page, jupyter: Jupyter) -> None:
    name = write(jupyter.folder, "lost.ipynb", LOAD, SERVE, CALLS, "order('tea', 5)\nimport os; os.getpid()")
    notebook = Notebook(page, jupyter, name)
    notebook.run_all()
    expect(notebook.output(1).locator('[data-node="Shop"]')).to_contain_text("1/1")
    notebook.kill(int(notebook.output(3).inner_text().split()[-1]))
    expect(notebook.output(1)).to_contain_text("disconnected since")


def test_a_saved_notebook_shows_a_picture(page: Page, jupyter: Jupyter) -> None:
    name = write(jupyter.folder, "saved.ipynb", LOAD, SERVE)
    notebook = Notebook(page, jupyter, name)
    notebook.run_all()
    expect(notebook.output(1).locator('[data-node="Shop"]')).to_contain_text("1/1")
    expect(notebook.output(1).locator("svg[role=img]")).to_be_hidden()
    page.keyboard.press("Control+s")
    deadline = time.monotonic() + 60
    while "svg" not in (jupyter.folder / name).read_text() and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    for session in httpx.get(f"{jupyter.url}/api/sessions").json():
        httpx.delete(f"{jupyter.url}/api/sessions/{session['id']}")
    again = Notebook(page, jupyter, name)
    expect(again.output(1).locator("svg[role=img]")).to_be_visible()
    expect(again.output(1)).to_contain_text("Prices")
