"""The six steps of a notebook on a real kernel, with a small graph."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from notebook_helpers import Served

GRAPH = """
@serve.deployment
class Embedder:
    def __init__(self, log):
        self.log = log
        with open(log, "a") as file:
            file.write("loaded\\n")

    def embed(self, text):
        return len(text)

    def loads(self):
        return len(open(self.log).readlines())


@serve.deployment
class Index:
    async def __init__(self, embedder):
        self.sizes = {word: await embedder.embed.remote(word) for word in ("a", "bb", "ccc")}

    def nearest(self, size):
        return sorted(self.sizes, key=lambda word: (abs(self.sizes[word] - size), word))


@serve.deployment
class Search:
    def __init__(self, embedder, index):
        self.embedder = embedder
        self.index = index

    async def __call__(self, request):
        data = await request.json()
        return {"hits": await self.search(data["q"]), "loads": await self.embedder.loads.remote()}

    async def search(self, q):
        found = await self.index.nearest.remote(await self.embedder.embed.remote(q))
        return self.rank(found)

    def rank(self, hits):
        return hits


embedder = Embedder.bind(log)
app = Search.bind(embedder, Index.bind(embedder))
"""
EDITED = GRAPH.replace("return hits", "return hits[::-1]")


@pytest.fixture(scope="module")
def log(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that counts loads, which the graph is bound to."""
    path = tmp_path_factory.mktemp(served.placement) / "loads"
    served.kernel.good(f"log = {str(path)!r}")
    return path


@pytest.fixture
def search(served: Served, log: Path) -> Served:
    """The graph as it is written above, served; what a test left running is kept or patched back."""
    served.serve(GRAPH, options="--route /search")
    return served


def call(served: Served, q: str) -> dict[str, object]:
    answer: dict[str, object] = json.loads(served.kernel.good(f"%serve call search {json.dumps({'q': q})}").text)
    return answer


def test_the_cell_shows_what_it_did(served: Served, log: Path) -> None:
    ran = served.serve(GRAPH, options="--route /search")
    report, view = ran.outputs
    assert "application/vnd.jupyter.widget-view+json" in view["data"] and not ran.printed, "and no chatter"
    for form in (report["data"]["text/plain"], report["data"]["text/html"]):
        assert re.search(r"Embedder started in .+ · Index started in .+ · Search started in ", form)
        assert re.search(r"curl http://127.0.0.1:\d+/search", form)
    assert "<svg" in ran.html and "└─ Index" in ran.text


def test_three_ways_to_call(search: Served) -> None:
    assert call(search, "xy") == {"hits": ["bb", "a", "ccc"], "loads": 1}
    kernel = search.kernel
    kernel.good('live = serve.app("search")')
    assert kernel.value('await live.handle.search.remote("xyz")') == ["ccc", "bb", "a"]
    assert kernel.value('live.handle.search.remote("xyz").result()') == ["ccc", "bb", "a"]
    kernel.good("import json, urllib.request")
    post = 'json.load(urllib.request.urlopen(live.url, data=json.dumps({"q": "x"}).encode()))'
    assert kernel.value(post)["hits"] == ["a", "bb", "ccc"]
    assert "<svg" in kernel.good("live").html and "search · revision" in kernel.good("live").text


def test_an_edit_patches_and_keeps_the_model(search: Served) -> None:
    ran = search.serve(EDITED, options="--route /search")
    assert re.search(r"^Search patched in \d+ ms · Embedder kept · Index kept$", ran.text, re.M)
    assert call(search, "xy") == {"hits": ["ccc", "a", "bb"], "loads": 1}
    assert "Search.rank changed" in search.kernel.good("%serve explain Search").text
    assert "kept" in search.kernel.good("%serve explain search/Embedder").text


def test_the_same_cell_again_changes_nothing(search: Served) -> None:
    ran = search.serve(GRAPH, options="--route /search")
    assert "Embedder kept · Index kept · Search kept" in ran.text
    assert call(search, "xy")["loads"] == 1


def test_a_dry_run_does_nothing(search: Served) -> None:
    ran = search.serve(EDITED, options="--dry-run")
    assert "Search would be patched · Embedder would be kept" in ran.text and "nothing has changed" in ran.text
    assert call(search, "xy")["hits"] == ["bb", "a", "ccc"]


def test_a_syntax_error(search: Served) -> None:
    said = search.refused(GRAPH.replace("return hits", "return hits["))
    assert "SyntaxError" in said and "return hits[" in said
    assert call(search, "xy")["loads"] == 1


def test_an_exception_in_the_cell(search: Served) -> None:
    said = search.refused("wrong = 1\nundefined_name + 1")
    assert "NameError" in said and re.search(r"-> 3 undefined_name \+ 1", said)


def test_a_constructor_that_raises(search: Served) -> None:
    said = search.refused(GRAPH.replace("        self.index = index", "        self.index = 1 / 0"))
    assert "ZeroDivisionError" in said and "self.index = 1 / 0" in said
    assert re.search(r"Cell In\[\d+\], line \d+, in __init__", said)
    assert "still answers" in said
    assert call(search, "xy") == {"hits": ["bb", "a", "ccc"], "loads": 1}


def test_a_failed_deploy_looks_as_the_kernels_own_errors(search: Served) -> None:
    def heads(source: str) -> set[str]:
        said = search.kernel.run(source).coloured_error
        found = re.findall(r"^(?=.*Cell).*?line \d+", said, re.M)
        return {re.sub(r"In\[\d+\]|line \d+", "", head) for head in found}

    failing = GRAPH.replace("        self.index = index", "        self.index = 1 / 0")
    own = heads("def fails():\n    return 1 / 0\n\nfails()")
    assert len(own) == 1 and own == heads(search.cell(failing, options="--route /search")), own


def test_a_missing_import(search: Served) -> None:
    said = search.refused(GRAPH.replace("        self.index = index", "        import not_installed"))
    assert "No module named 'not_installed'" in said and "import not_installed" in said
    assert call(search, "xy")["hits"] == ["bb", "a", "ccc"]


def test_interrupting_a_long_load(search: Served, tmp_path: Path) -> None:
    began = tmp_path / "began"
    slow = f"        import pathlib, time\n        pathlib.Path({str(began)!r}).touch()\n        time.sleep(60)\n"
    search.kernel.interrupt_when(began)
    said = search.refused(GRAPH.replace("        self.index = index", slow + "        self.index = index"))
    assert "KeyboardInterrupt" in said and "still answers" in said
    assert call(search, "xy") == {"hits": ["bb", "a", "ccc"], "loads": 1}


def test_replace_starts_everything_anew(search: Served) -> None:
    assert "Embedder replaced" in search.serve(GRAPH, options="--replace").text
    assert call(search, "xy")["loads"] == 2


def test_status_and_stop(search: Served) -> None:
    text = search.kernel.good("%serve status").text
    assert all(word in text for word in ("search", "RUNNING", "Embedder", "Index", "HEALTHY", "/search"))
    assert search.kernel.good("%serve stop search").text == "Stopped search."
    assert "Embedder" not in search.kernel.good("%serve status").text
