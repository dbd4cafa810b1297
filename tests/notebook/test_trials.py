"""Trying a revision from a notebook: canary and shadow, accept and reject, what is said and refused."""

from __future__ import annotations

import pytest
from shell_helpers import Notebook, completed

APP = """
@serve.deployment
class Search:
    def __init__(self):
        self.count = 0

    def __call__(self, request):
        self.count += 1
        return ["old", self.count]

app = Search.bind()
"""
NEW = APP.replace("old", "new")


@pytest.fixture
def served(notebook: Notebook) -> Notebook:
    notebook.serve(APP)
    return notebook


def test_a_canary_is_accepted(served: Notebook) -> None:
    said = served.serve(NEW, options="--canary 25").text
    assert "search · on trial" in said and "r2 answers 25 % of the new requests, r1 the others" in said
    assert "Patched, so both revisions work on the state of the same replicas: Search." in said
    assert "%serve accept search" in said and "%serve compare r1 r2 search" in said
    assert "Revision 2 is on trial" in served.good("%serve status").value.text
    assert served.good("%serve history").value.text.splitlines()[2].endswith("trial")
    said = served.good("%serve accept").text
    assert "search · revision 2" in said and "Search patched in " in said
    assert served.call() == ["new", 1]


def test_a_dry_run_tells_reasons_and_assumptions(served: Notebook) -> None:
    unclear = APP.replace("self.count = 0", "self.count = 0; getattr(self, str(self), None)")
    said = served.serve(unclear, options="--dry-run").text
    assert "Search would be replaced" in said and "nothing has changed" in said
    assert "Assumptions about code that could not be followed: Search 1." in said
    said = served.serve(NEW, options="--dry-run").text
    assert "would be patched  Search.__call__ changed" in said and "could not be followed: none." in said
    assert "would be replaced  asked for" in served.serve(NEW, options="--dry-run --replace").text
    text = served.good("%serve explain Search").value.text
    assert "an edit replaces  Python, its version" in text and "Search.__init__, the constructor" in text
    assert "an edit patches   Search.__call__" in text and "assumed (" not in text


def test_a_shadow_is_rejected(served: Notebook) -> None:
    said = served.serve(NEW, options="--shadow").text
    assert "r2 gets copies of the HTTP requests, on replicas of its own, and r1 answers" in said
    assert "state of the same" not in said
    assert served.call()[0] == "old"
    assert "the trial has ended, revision 1 answers" in served.good("%serve reject search").text
    assert served.call()[0] == "old"


def test_the_notebooks_code_is_shadowed_while_reload_on_edit_waits(served: Notebook) -> None:
    served.good(NEW)
    assert "on trial" in served.good("%serve shadow").text
    assert "not reloaded" not in served.good("%serve auto on").warned, "it is what is on trial"
    newer = NEW.replace("new", "newer")
    assert "not reloaded while a revision is on trial" in served.good(newer).warned
    assert served.good("x = 1").warned == "", "told once"
    assert served.call()[0] == "old"
    served.good("%serve reject")
    assert served.call()[0] == "newer", "the edit follows when the trial has ended"


def test_comparing_what_runs_with_what_is_tried(notebook: Notebook) -> None:
    notebook.good("serve.start(placement='local', http_options={'port': 0})")
    notebook.good(APP)
    notebook.good("serve.run(app, name='search', route_prefix='/search', journal=True)")
    assert [notebook.call() for _ in range(2)] == [["old", 1], ["old", 2]]
    notebook.good(NEW.replace('"new", self.count', '"old", 1.0000001'))
    notebook.good("%serve shadow")
    table = notebook.good("%serve compare --last 1").value
    assert list(table["answer_b"]) == [["old", 1.0000001]] and list(table["equal"]) == [False]
    table = notebook.good("%serve compare r2 2 search --tolerance 0.1").value
    assert list(table["equal"]) == [True, True]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--canary 10 --shadow", "Use one"),
        ("--canary 0", "percent"),
        ("--canary 100", "percent"),
        ("--canary many", "'many'"),
        ("--canary 10", "nothing to try"),
    ],
)
def test_trials_that_cannot_be(served: Notebook, options: str, words: str) -> None:
    assert words in served.bad(f"%%serve search --local {options}\n{APP}")
    assert served.call() == ["old", 1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%serve accept", "no revision of 'search' is on trial"),
        ("%serve reject serch", "'search'"),
        ("%serve reject --timeout 0", "more than 0"),
        ("%serve compare", "0 revisions"),
        ("%serve compare r1", "1 revisions"),
        ("%serve compare r1 r9", "no revision r9"),
        ("%serve compare r1 r1 --last few", "'few'"),
    ],
)
def test_lines_about_no_trial(served: Notebook, line: str, words: str) -> None:
    assert words in served.bad(line)


def test_what_completes(served: Notebook) -> None:
    assert completed(served.shell, "%serve accept ") == {"search", "--timeout"}
    assert completed(served.shell, "%serve compare r1 --l") == {"--last"}
