"""Makes the pictures of docs/images: ``python tests/browser/pictures.py``. Look at them before they are committed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from browser_helpers import ROOT, Jupyter, Notebook, Theme, new_page, running_browser
from browser_notebooks import write
from playwright.sync_api import Browser, Locator, expect

LOAD = "%load_ext kernelserve\nimport kernelserve as serve"
SERVE = """
%%serve store --route /store --local
import asyncio, random

@serve.deployment(num_replicas=2, max_ongoing_requests=32)
class Embedder:
    @serve.batch(max_batch_size=16, batch_wait_timeout_s=0.004)
    async def embed(self, texts):
        await asyncio.sleep(0.004 + 0.0002 * len(texts))
        return [len(text) for text in texts]

@serve.deployment(max_ongoing_requests=64)
class Search:
    def __init__(self, embedder):
        self.embedder = embedder

    async def nearest(self, text):
        await self.embedder.embed.remote(text)
        await asyncio.sleep(random.expovariate(400))
        return ["tea", "cake", "jam"]

@serve.deployment(max_ongoing_requests=64)
class Prices:
    async def of(self, items):
        if random.random() < 0.01:
            raise LookupError("no price for 'jam'")
        return [3.0, 4.5, 2.0][: len(items)]

@serve.deployment(max_ongoing_requests=64)
class Store:
    def __init__(self, search, prices):
        self.search, self.prices = search, prices

    async def __call__(self, request):
        items = await self.search.nearest.remote(request.query_params["q"])
        return {"items": items, "prices": await self.prices.of.remote(items), "currency": "EUR"}

embedder = Embedder.bind()
app = Store.bind(Search.bind(embedder), Prices.bind())
"""
EDITED = SERVE.replace('["tea", "cake", "jam"]', '["tea", "cake"]')
LOAD_IT = """
import threading, time, urllib.error, urllib.request

def work():
    while True:
        try:
            urllib.request.urlopen(live.url + "?q=something+sweet").read()
        except OSError:
            pass
        time.sleep(0.05)

live = serve.app("store")
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
"""


def main() -> None:
    folder = ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    jupyter = Jupyter(Path(tempfile.mkdtemp()))
    try:
        with running_browser() as browser:
            for theme in ("light", "dark"):
                _pictures(browser, jupyter, theme, folder)
    finally:
        jupyter.close()


def _pictures(browser: Browser, jupyter: Jupyter, theme: Theme, folder: Path) -> None:
    jupyter.theme(theme)
    page = new_page(browser, 1250, 1350)
    name = write(
        jupyter.folder, f"{theme}.ipynb", LOAD, SERVE, LOAD_IT, "live.dashboard()", "live.inspect()", EDITED,
        "live.update('Embedder', num_replicas=3)",
    )  # fmt: skip
    notebook = Notebook(page, jupyter, name)
    for index in range(5):
        notebook.run(index)
    page.wait_for_timeout(25_000)  # Some history for the charts.
    notebook.run(6)
    page.wait_for_timeout(8_000)
    notebook.run(5)
    graph = notebook.output(5)
    graph.locator('[data-node="Embedder"]').click()
    expect(graph.locator(".ks-knob").first).to_be_visible()
    page.wait_for_timeout(2_500)
    _take(graph, folder / f"graph-{theme}.png")
    _take(notebook.output(3), folder / f"dashboard-{theme}.png")
    requests = notebook.output(4)
    requests.locator("tbody tr").nth(3).click()
    expect(requests.locator(".ks-details")).to_contain_text("Store")
    _take(requests, folder / f"requests-{theme}.png")
    page.context.close()


def _take(output: Locator, path: Path) -> None:
    output.scroll_into_view_if_needed()
    output.page.wait_for_timeout(1_500)
    output.screenshot(path=path)


if __name__ == "__main__":
    sys.exit(main())
