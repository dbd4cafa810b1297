"""Notebooks for the browser tests."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

SERVE = """
%%serve shop --route /shop --local
import asyncio

@serve.deployment(max_ongoing_requests=100)
class Prices:
    def price(self, item):
        print("price of", item)
        return {"tea": 3.0, "cake": 4.5}[item]

@serve.deployment(max_ongoing_requests=100)
class Shop:
    def __init__(self, prices):
        self.prices = prices

    async def __call__(self, request):
        item = request.query_params.get("item", "tea")
        return {"item": item, "price": await self.prices.price.remote(item), "note": self.note()}

    def note(self):
        return "<b>first</b>"

app = Shop.bind(Prices.bind())
"""
EDITED = SERVE.replace("<b>first</b>", "second")
CALLS = """
import urllib.error, urllib.request
from urllib.parse import quote

def order(item, count=1):
    for _ in range(count):
        try:
            with urllib.request.urlopen(serve.app("shop").url + "?item=" + quote(item)) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            error.read()
"""


def write(folder: Path, name: str, *cells: str) -> str:
    """Write a notebook of these code cells into the folder; returns its file name."""
    notebook = nbformat.v4.new_notebook(metadata=_KERNEL)
    notebook.cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    nbformat.write(notebook, folder / name)
    return name


def write_local_copy(source: Path, folder: Path, *more: str) -> tuple[str, NotebookNode]:
    """A copy of the quickstart that serves without Ray, a tenth of the texts, with more cells at its end."""
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("\nlen(docs), docs[100]", "\ndocs = docs[::10]\nlen(docs), docs[100]")
        first, end, rest = cell.source.partition("\n")
        if first.startswith("%%serve ") and "--local" not in first:
            cell.source = f"{first} --local{end}{rest}"
    notebook.cells += [nbformat.v4.new_code_cell(cell.strip()) for cell in more]
    nbformat.write(notebook, folder / source.name)
    return source.name, notebook


_KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
