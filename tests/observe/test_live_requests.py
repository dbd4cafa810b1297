"""From where requests enter to the table in the notebook, on both placements."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from system_helpers import Cells, wait_for

from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import Session
from kernelserve.control import requests as control_requests
from kernelserve.exceptions import RayServeException
from kernelserve.loops import LoopThread
from kernelserve.observe.journal import Journal
from kernelserve.observe.journals import Journals
from kernelserve.observe.record import ErrorInfo, RequestRecord, is_error, preview
from kernelserve.routing.subscription import Subscription, make_directory
from kernelserve.transport.messages import GetRequests, Hello, Message, RequestsFound, Routing

ECHO = """
@serve.deployment
def echo(text: str) -> str:
    return text

app = echo.bind()
"""


class EntryPoint:
    """A process where requests enter, as the controller sees it: a subscription with journals."""

    def __init__(self, session: Session, name: str, journals: Any) -> None:
        self.thread = LoopThread(name)
        self.journals = journals
        system = session._system
        hello = Hello(name=name, entry=True)
        self.subscription = Subscription(
            system.address, role="gateway", secret=system.secret, hello=hello, journals=journals
        )
        make_directory(self.subscription, self.thread.loop)
        self.thread.run(self._start())

    async def _start(self) -> None:
        self.subscription.start()
        await self.subscription.subscribe("*")

    def close(self) -> None:
        directory = self.subscription.directory
        assert directory is not None
        self.thread.loop.call_soon_threadsafe(directory.close)
        self.thread.run(self.subscription.close(), timeout_s=10)
        self.thread.stop()


@pytest.fixture
def gateway(session: Session) -> Iterator[EntryPoint]:
    point = EntryPoint(session, "second gateway", Journals())
    yield point
    point.close()


def keep(journals: Journals, app: str, id: str, **fields: Any) -> None:
    """What an entry point does at the end of a request, from any thread: the loop is idle meanwhile."""
    record = RequestRecord(**{"id": id, "time": time.time(), "app": app, "status": 200, "duration_s": 0.01, **fields})
    journal = journals.by_app[app]
    reason = journal.wants(time.monotonic(), record.duration_s, is_error(record.status))
    journal.add(reason, time.monotonic(), record)


def journal_at(point: EntryPoint, app: str) -> Journal:
    """The point's journal, once the routing that asks for one has come."""
    found: Journal = wait_for(lambda: point.journals.by_app.get(app), "the journal is on")
    return found


def test_requests_of_all_entry_points_are_one_table(
    cells: Cells, session: Session, name: str, gateway: EntryPoint
) -> None:
    cells.serve(ECHO, name, journal=True)
    journal_at(gateway, name)
    keep(gateway.journals, name, "first", time=1.0, route=f"/{name}", path=f"/{name}/x")
    keep(session.client.journals, name, "second", time=2.0, status="error", error=ErrorInfo("ValueError", "no"))
    keep(gateway.journals, name, "third", time=3.0, duration_s=0.5, status=404)
    live = LiveApp(session, name)
    assert list(live.requests()["id"]) == ["first", "second", "third"]
    assert list(live.requests(last=2)["id"]) == ["second", "third"]
    assert list(live.requests(status="error", slower_than=0.2)["id"]) == ["third"]
    assert list(live.requests(route=f"/{name}")["path"]) == [f"/{name}/x"]
    assert live.requests(status="error").iloc[0]["error"] == "ValueError: no"


def test_a_wrong_question_is_refused_before_it_is_sent(cells: Cells, session: Session, name: str) -> None:
    cells.serve(ECHO, name, journal=True)
    with pytest.raises(ValueError, match="status is 'bad'"):
        LiveApp(session, name).requests(status="bad")


def test_off_is_the_default_outside_notebooks(cells: Cells, session: Session, name: str, gateway: EntryPoint) -> None:
    cells.serve(ECHO, name)
    with pytest.raises(RayServeException, match="journal=True"):
        LiveApp(session, name).requests()
    assert name not in gateway.journals.by_app


def test_a_deploy_turns_it_on_and_off_and_moves_nothing(
    cells: Cells, session: Session, name: str, gateway: EntryPoint
) -> None:
    cells.serve(ECHO, name)
    outcome = cells.serve(ECHO, name, journal=True)
    assert {step.action for step in outcome.steps} == {"keep"}
    keep(gateway.journals, name, "kept", time=1.0)
    cells.serve(ECHO.replace("return text", "return text * 2"), name, journal=True)
    assert list(LiveApp(session, name).requests()["id"]) == ["kept"]  # An edit does not empty it.
    cells.serve(ECHO, name, journal=False)
    assert name not in gateway.journals.by_app
    session.delete(name)
    assert name not in gateway.journals.by_app


def test_the_user_redacts_where_requests_enter(cells: Cells, session: Session, name: str, gateway: EntryPoint) -> None:
    cells.run("""
    SECRET = "hunter2"

    def redact(record):
        body = record.request.body.replace(SECRET.encode(), b"***")
        return type(record)(id=record.id, time=record.time, app=record.app, status=record.status,
                            duration_s=record.duration_s, path=body.decode())
    """)
    cells.serve(ECHO, name, redact=cells["redact"])
    keep(gateway.journals, name, "a", request=preview("text/plain", b"my hunter2"))
    keep(gateway.journals, name, "b")  # It has no request, so the function raises.
    frame = LiveApp(session, name).requests().set_index("id")
    assert (frame.loc["a", "path"], frame.loc["a", "request"]) == ("my ***", None)
    assert journal_at(gateway, name).redact_failures == 1


def test_a_redact_function_that_cannot_be_loaded_leaves_no_bodies() -> None:
    from kernelserve.types import JournalSpec

    journals = Journals()
    routing = Routing(app="a", epoch=1, version=1, current=1, journal=JournalSpec(redact=b"broken"))
    journals.follow(routing)
    keep(journals, "a", "one", request=preview("text/plain", b"secret"))
    (record,) = journals.by_app["a"].records()
    assert record.request is None


class Broken(Journals):
    def find(self, query: GetRequests) -> RequestsFound:
        raise OSError("no memory")


def test_who_does_not_answer_is_named(cells: Cells, session: Session, name: str, gateway: EntryPoint) -> None:
    broken = EntryPoint(session, "broken gateway", Broken())
    try:
        cells.serve(ECHO, name, journal=True)
        keep(gateway.journals, name, "kept")
        with pytest.warns(UserWarning, match="broken gateway are not in this table"):
            frame = LiveApp(session, name).requests()
        assert list(frame["id"]) == ["kept"]
    finally:
        broken.close()


async def test_a_silent_entry_point_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    class Link:
        def __init__(self, answer: RequestsFound | None) -> None:
            self.answer = answer

        async def call(self, message: Message, timeout_s: float | None = None) -> Message:
            if self.answer is None:
                raise TimeoutError
            return self.answer

    from kernelserve.control.senders import Sender

    def sender(name: str, answer: RequestsFound | None, entry: bool = True) -> Sender:
        made = Sender(Link(answer), Hello(name=name, entry=entry), "client")  # type: ignore[arg-type]
        made.apps = {"a"}
        return made

    senders = [
        sender("silent", None),
        sender("quick", RequestsFound(parts=[b"x"])),
        sender("replica", RequestsFound(parts=[b"never asked"]), entry=False),
    ]
    found = await control_requests.find_requests(senders, GetRequests(app="a"))
    assert (found.parts, found.missing) == ([b"x"], ["silent"])
