"""Trying a revision of a running app, going back to an earlier one, and the table of what was tried."""

from __future__ import annotations

import gc
import weakref
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from system_helpers import Cells, actions, wait_for

import kernelserve as serve
from kernelserve.cluster import client
from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import ensure_session
from kernelserve.exceptions import RayServeException
from kernelserve.transport.messages import Deploy, Deployed, Message, Trial
from kernelserve.widget.details import node_details

CELL = """
loads = []

@serve.deployment
class Greeter:
    def __init__(self):
        loads.append(1)
        self.loads = len(loads)

    def __call__(self):
        return WORD, self.loads

app = Greeter.bind()
"""


@pytest.fixture
def cells() -> Iterator[Cells]:
    yield Cells(ensure_session("local", http_options={"port": 0}))
    serve.shutdown(all=True)


def test_rollback_patches_back_and_the_newest_cell_can_be_run_again(cells: Cells) -> None:
    for word in ("one", "two"):
        cells.serve(CELL.replace("WORD", repr(word)), "greet")
    live = LiveApp(cells.session, "greet")
    assert live.handle.remote().result() == ("two", 1)

    plan = cells.session.rollback("greet", 1, dry_run=True)
    assert (plan.outcome, actions(plan)) == ("dry_run", {"Greeter": "patch"})
    outcome = live.rollback(1)
    assert (outcome.revision, actions(outcome)) == (3, {"Greeter": "patch"})
    assert live.handle.remote().result() == ("one", 1)
    assert live.rollback(1).outcome == "unchanged"

    again = cells.serve(CELL.replace("WORD", "'two'"), "greet")
    assert (again.revision, actions(again)) == (4, {"Greeter": "patch"})
    assert live.handle.remote().result() == ("two", 1)

    table = live.revisions
    assert list(table.index) == [1, 2, 3, 4] and list(table["state"]) == ["", "", "", "current"]
    assert table["plan"][3].startswith("back to r1: patch Greeter (")
    with pytest.raises(RayServeException, match="no revision 9 on record"):
        live.rollback(9)


def test_a_trial_gets_its_share_and_is_accepted_or_taken_back(cells: Cells) -> None:
    cells.serve(CELL.replace("WORD", "'one'"), "greet")
    live = LiveApp(cells.session, "greet")
    tried = cells.serve(CELL.replace("WORD", "'two'"), "greet", trial=Trial(share=1.0))
    assert (tried.outcome, tried.revision, live.revision) == ("trial", 2, 1)
    assert live.handle.remote().result() == ("two", 1)
    assert live.graph()["trial"] == {"revision": 2, "share": 1.0, "mirror": False, "shares_state": ["Greeter"]}

    assert live.reject().outcome == "rejected"
    assert live.handle.remote().result() == ("one", 1)
    wait_for(lambda: list(live.revisions["state"]) == ["current", ""], "the rejected revision ends")
    with pytest.raises(RayServeException, match="there is none to reject"):
        cells.session.end_trial("greet", accept=False)

    shadow = cells.session.deploy(cells["app"], name="greet", route_prefix="/greet", trial=Trial(mirror=True))
    assert actions(shadow) == {"Greeter": "replace"}
    assert live.handle.remote().result() == ("one", 1)
    assert live.accept().outcome == "applied"
    assert live.handle.remote().result() == ("two", 1), "constructed in a replica of its own"
    assert list(live.revisions["outcome"]) == ["applied", "rejected", "applied"]


def test_classes_of_earlier_edits_are_let_go(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "KEPT_GRAPHS", 2)
    classes = []
    for number in range(4):
        cells.serve(CELL.replace("WORD", str(number)), "greet")
        classes.append(weakref.ref(cells["Greeter"].func_or_class))

    def alive() -> list[bool]:
        gc.collect()
        return [one() is not None for one in classes]

    wait_for(lambda: alive() == [False, False, True, True], "those of the last two deploys are held, the others not")


def test_the_same_cell_again_is_no_edit_also_with_a_redact_function(cells: Cells) -> None:
    cells.run("WORDS = {'a', 'b'}\ndef redact(record):\n    return record if WORDS else None")
    outcomes = [cells.serve(CELL.replace("WORD", "'x'"), "greet", redact=cells["redact"]).outcome for _ in range(3)]
    assert outcomes == ["applied", "unchanged", "unchanged"]


def test_a_trial_that_makes_no_sense_is_refused_before_it_is_sent(cells: Cells) -> None:
    for trial in (Trial(share=1.5), Trial(share=0.5, mirror=True)):
        with pytest.raises(ValueError, match="share of the requests from 0 to 1"):
            cells.serve(CELL.replace("WORD", "'one'"), "greet", trial=trial)


LARGE_CELL = """
DATA = list(range(100_000))

@serve.deployment
class Sum:
    def __init__(self):
        self.data = DATA

    def __call__(self):
        return WORD, sum(self.data)

app = Sum.bind()
"""


def test_large_data_is_sent_once_and_again_if_it_was_forgotten(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []

    def change(self: client.Client, app: str, message: Message, *rest: Any) -> Deployed:
        assert isinstance(message, Deploy)
        sent.append(len(message.graph))
        return original(self, app, message, *rest)

    original = client.Client.change
    monkeypatch.setattr(client.Client, "change", change)
    for word in ("one", "two"):
        cells.serve(LARGE_CELL.replace("WORD", repr(word)), "sum")
        assert LiveApp(cells.session, "sum").handle.remote().result() == (word, 4999950000)
    first, second = sent
    assert first > 100_000 > 20_000 > second

    cells.session.client.delete("sum")
    monkeypatch.setattr(cells.session.client, "_graphs", {"sum": deque([cells.session.attempts["sum"].graph])})
    assert cells.serve(LARGE_CELL.replace("WORD", "'one'"), "sum").outcome == "applied"
    assert [size > 100_000 for size in sent[2:]] == [False, True]


SLOW_CELL = """
import asyncio

@serve.deployment
class Slow:
    def __init__(self):
        self.go_on, self.waiting = asyncio.Event(), 0

    async def __call__(self):
        self.waiting += 1
        await self.go_on.wait()
        return WORD

    async def release(self):
        self.go_on.set()

    async def held(self):
        return self.waiting

app = Slow.bind()
"""


def test_requests_of_a_rejected_trial_end_as_they_began(cells: Cells) -> None:
    cells.serve(SLOW_CELL.replace("WORD", "'one'"), "slow")
    live = LiveApp(cells.session, "slow")
    cells.serve(SLOW_CELL.replace("WORD", "'two'"), "slow", trial=Trial(share=1.0))
    answer = live.handle.remote()
    wait_for(lambda: live.handle.held.remote().result() == 1, "the request runs")
    assert cells.session.end_trial("slow", accept=False).outcome == "rejected"
    assert list(live.revisions["state"]) == ["current", "draining"]
    live.handle.release.remote().result()
    assert answer.result() == "two"
    wait_for(lambda: list(live.revisions["state"]) == ["current", ""], "the rejected revision ends")
    assert live.handle.remote().result() == "one"


def test_the_source_on_record_is_what_the_code_comes_from(cells: Cells) -> None:
    """Without a cell of its own, as in `serve.run`; a deployment of another name is found in it by its class's."""
    named = CELL.replace("WORD", "'one'").replace("Greeter.bind()", "Greeter.options(name='Hello').bind()")
    cells.serve("unused = 1\n" + named, "greet")
    assert "class Greeter:" in cells.session.revisions("greet")[0].source
    (node,) = LiveApp(cells.session, "greet").graph()["nodes"]
    assert (node["name"], node["definition"]) == ("Hello", "Greeter")
    details = node_details(LiveApp(cells.session, "greet").graph(), "Hello", cells.session.revisions("greet"))
    assert details.source.startswith("@serve.deployment\nclass Greeter:") and "unused" not in details.source
