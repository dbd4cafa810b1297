"""Revisions in a notebook: history, difference, and going back."""

from __future__ import annotations

import pytest
from shell_helpers import Notebook, completed

from kernelserve.notebook import revisions
from kernelserve.notebook.errors import CellError
from kernelserve.transport.messages import RevisionView, StepView

APP = """
@serve.deployment
class Search:
    def __call__(self, request):
        return rank("one <b>")

app = Search.bind()
"""


def view(number: int, **fields: object) -> RevisionView:
    plain = {"outcome": "applied", "time": 0.0, "duration_s": 0.01, "steps": []} | fields
    return RevisionView(number=number, **plain)  # type: ignore[arg-type]


def test_words_are_revisions_or_an_app() -> None:
    assert revisions.split_words(["r3", "search", "5", "r", "3x"]) == ([3, 5], ["search", "r", "3x"])


def test_a_revision_that_is_not_there() -> None:
    with pytest.raises(CellError, match=r"no revision r9\. On record: r2 to r4\. %serve history app"):
        revisions.revision([view(2), view(4)], 9, "app", "%serve diff")


def test_the_history_in_words() -> None:
    step = StepView(deployment="Search", action="patch", duration_s=0.012)
    shown = revisions.history_shown(
        "<app>", [view(1, steps=[step]), view(2, error="bad\nlines", outcome="failed"), view(3, of=1, state="current")]
    )
    newest, failed, first = shown.text.splitlines()[2:]
    assert newest.startswith("r3") and "back to r1" in newest and newest.endswith("current")
    assert "bad" in failed and "lines" not in failed and "failed" in failed
    assert "Search patched in 12 ms" in first
    assert "<app>" not in shown.html and "no revision" in revisions.history_shown("app", []).text


def test_the_difference_of_options() -> None:
    old = view(1, route_prefix="/a", options={"A": {"num_replicas": 2, "reload": "keep"}, "Gone": {}})
    new = view(2, route_prefix="/b", options={"A": {"num_replicas": 3}, "New": {}})
    assert revisions.option_changes(old, new) == [
        ["", "route_prefix", "'/a'", "'/b'"],
        ["A", "num_replicas", "2", "3"],
        ["A", "reload", "'keep'", "default"],
        ["Gone", "", "(there)", "(not there)"],
        ["New", "", "(not there)", "(there)"],
    ]


def test_the_difference_of_sources() -> None:
    shown = revisions.difference("app", ("r1", "a\n<b>"), ("r2", "a\n<c>"), [], ansi=True)
    assert "\x1b[31m-<b>\x1b[0m\n\x1b[32m+<c>\x1b[0m" in shown.text
    assert 'color:#cf222e">-&lt;b&gt;' in shown.html and "<c>" not in shown.html
    assert "no difference" in revisions.difference("app", ("r1", "a"), ("r2", "a"), []).text


@pytest.fixture
def edited(notebook: Notebook) -> Notebook:
    """An app of two cells, whose helper was edited, then its ingress."""
    notebook.good("%serve auto on")
    notebook.good("def rank(hit):\n    return [hit]")
    notebook.serve(APP)
    notebook.good("def rank(hit):\n    return [hit, hit]")
    notebook.serve(APP.replace("one", "two"))
    return notebook


def test_going_back_and_forward_again(edited: Notebook) -> None:
    said = edited.good("%serve rollback r1 --dry-run").text
    assert "would be patched" in said and "newer" not in said
    assert edited.call() == ["two <b>", "two <b>"]
    said = edited.good("%serve rollback r1").text
    assert "Search patched" in said and "newer than what runs" in said
    assert edited.call() == ["one <b>"]
    edited.good("x = 1")
    assert edited.call() == ["one <b>"], "reload on edit leaves it, until somebody edits"
    edited.serve(APP.replace("one", "two"))
    assert edited.call() == ["two <b>", "two <b>"]
    assert "newer" not in edited.good("%serve rollback r3").text
    lines = edited.good("%serve history search").value.text.splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["r5", "r4", "r3", "r2", "r1"]
    assert "back to r1" in lines[3] and lines[2].endswith("current")


def test_what_differs(edited: Notebook) -> None:
    assert "-    return [hit]\n+    return [hit, hit]" in edited.good("%serve diff r1 r2").text
    assert '-        return rank("one' in edited.good("%serve diff 2").text
    assert "no difference" in edited.good("%serve diff r3 r3 search").text
    assert "r3 → notebook: no difference" in edited.good("%serve diff").text
    edited.good("%serve rollback r1")
    said = edited.good("%serve diff").text
    assert "--- r4" in said and "+++ notebook" in said and "+    return [hit, hit]" in said


def test_revisions_are_completed(edited: Notebook) -> None:
    assert completed(edited.shell, "%serve diff r1 ") == {"r3", "r2", "search"}
    assert completed(edited.shell, "%serve rollback r") == {"r3", "r2", "r1"}
    assert completed(edited.shell, "%serve history ") == {"search"}


def test_no_app_and_several(notebook: Notebook) -> None:
    assert "no app is served" in notebook.bad("%serve history")
    notebook.good("rank = str")
    notebook.serve(APP)
    notebook.serve(APP, "other")
    assert "Name one: other, search" in notebook.bad("%serve rollback r1")
