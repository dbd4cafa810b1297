"""Reload on edit: what a cell changes is served after it, whichever cell it is."""

from __future__ import annotations

import pytest
from shell_helpers import Notebook

HELPER = "def scale(x):\n    return x * K"
SERVED = """
@serve.deployment
class Model:
    def __init__(self):
        self.loads = LOADS.append(1) or len(LOADS)

    def value(self):
        return [self.loads, scale(2)]

@serve.deployment(max_ongoing_requests=7)
class Search:
    def __init__(self, model):
        self.model = model

    async def __call__(self, request):
        return await self.model.value.remote()

app = Search.options(max_queued_requests=9).bind(Model.bind())
"""
SEARCH_AGAIN = """
@serve.deployment(max_ongoing_requests=8)
class Search:
    def __init__(self, model):
        self.model = model

    async def __call__(self, request):
        return ["again", *await self.model.value.remote()]
"""


@pytest.fixture
def served(notebook: Notebook) -> Notebook:
    """An app of three cells, with reload on edit."""
    for cell in ("K = 10", HELPER, "LOADS = []"):
        notebook.good(cell)
    notebook.serve(SERVED)
    assert "is on" in notebook.good("%serve auto on").text
    return notebook


def test_a_helper_a_constant_and_a_class_of_other_cells(served: Notebook) -> None:
    served.good("K = 11")
    assert served.call()[1] == 22
    ran = served.good(HELPER.replace("x * K", "-x * K"))
    assert "search: Model patched in " in ran.text and ran.text.endswith("Search kept\n"), ran.text
    assert served.call() == [1, -22], "and nothing was loaded again"
    served.good(SEARCH_AGAIN)
    assert served.call() == ["again", 1, -22]
    options = {node["name"]: node["options"] for node in served.session.graph("search")["nodes"]}
    assert options["Search"] == {"max_ongoing_requests": 8, "max_queued_requests": 9}


def test_a_cell_that_changes_nothing_deploys_nothing(served: Notebook) -> None:
    assert served.good("x = 1").text == ""
    served.good("%serve auto off")
    served.good("K = 12")
    assert served.call()[1] == 20
    assert len(served.session.revisions("search")) == 1


def test_the_serve_cell_deploys_once(served: Notebook) -> None:
    served.serve(SERVED.replace("self.loads,", "-self.loads,"))
    assert served.call() == [-1, 20]
    assert len(served.session.revisions("search")) == 2


def test_what_failed_is_not_tried_again(served: Notebook) -> None:
    broken = SEARCH_AGAIN.replace("self.model = model", "self.model = 1 / 0")
    ran = served.good(broken)
    assert "ZeroDivisionError" in ran.warned and "self.model = 1 / 0" in ran.warned and "still answers" in ran.warned
    assert served.call()[1] == 20
    assert served.good("x = 1").warned == ""
    count = len(served.session.revisions("search"))
    served.good(broken)
    assert len(served.session.revisions("search")) == count, "the same code again"
    served.good(SEARCH_AGAIN)
    assert served.call()[0] == "again"


def test_what_cannot_be_built_is_told_once(served: Notebook) -> None:
    unshippable = "import threading\nK = [threading.Lock()]"
    assert "not reloaded" in served.good(unshippable).warned
    assert served.good("x = 1").warned == ""
    other_arguments = SEARCH_AGAIN.replace("(self, model)", "(self, model, top_k)")
    served.good("K = 10")
    assert "top_k" in served.good(other_arguments).warned
    assert served.call()[1] == 20


def test_a_cell_that_raises_reloads_nothing(served: Notebook) -> None:
    served.bad("K = 11\n1 / 0")
    assert len(served.session.revisions("search")) == 1
    served.good("x = 1")
    assert served.call()[1] == 22


def test_an_app_of_serve_run_follows_too(notebook: Notebook) -> None:
    notebook.good("serve.start(placement='local', http_options={'port': 0})")
    notebook.good("%serve auto on")
    notebook.good("word = 'one'")
    notebook.good("@serve.deployment\ndef say(request):\n    return word")
    notebook.good("handle = serve.run(say.bind(), name='say', route_prefix='/say')")
    notebook.good("word = 'two'")
    assert notebook.call("say") == "two"


def test_large_arrays_are_hashed_after_cells_that_name_them(notebook: Notebook) -> None:
    notebook.good("import numpy\nbig = numpy.zeros(2 << 20)\nheld = [big]")
    notebook.serve("@serve.deployment\ndef look(request):\n    return float(big[5])\napp = look.bind()", "look")
    notebook.good("%serve auto on")
    notebook.good("held[0][5] = 1")
    assert notebook.call("look") == 1.0
    notebook.shell.user_ns["big"][5] = 2
    notebook.good("x = 1")
    assert notebook.call("look") == 1.0, "no cell has named it"
    notebook.good("big")
    assert notebook.call("look") == 2.0
    notebook.serve("big[5] = 3\napp = look.bind()", "look")
    assert notebook.call("look") == 3.0
