"""One request of the journal: found by its id, shown, and sent again."""

from __future__ import annotations

from typing import Any

import pytest
from system_helpers import Cells, get

from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.replay import choose_record, why_not_replayed
from kernelserve.exceptions import RayServeException, RequestNotFoundError
from kernelserve.observe.compare import Reply, answer_as_recorded
from kernelserve.observe.journal import ERROR, Journal
from kernelserve.observe.journals import Journals
from kernelserve.observe.query import select
from kernelserve.observe.record import ErrorInfo, Preview, RequestRecord, decode_records, preview
from kernelserve.transport.messages import GetRequests


def record(id: str = "a", status: int | str = 200, **fields: Any) -> RequestRecord:
    base = {"time": 1.0, "app": "shop", "duration_s": 0.1, "route": "/s", "request": preview("", b"")}
    return RequestRecord(id=id, status=status, **{**base, **fields})  # type: ignore[arg-type]


def test_a_request_is_found_with_its_copies_and_replays() -> None:
    long = "x" * 120
    ids = ["a", "a-shadow", "replay-a-a", "replay-a-b", "aa", "replay-aa-a", long, f"replay-{long[:100]}-a", "replay-a"]
    records = [record(id, time=float(at)) for at, id in enumerate(ids)]
    assert [found.id for found in select(records, id="a")] == ["a", "a-shadow", "replay-a-a", "replay-a-b"]
    assert [found.id for found in select(records, id=long)] == [long, f"replay-{long[:100]}-a"]
    assert [found.id for found in select(records, after=7.0)] == ["replay-a"]


def test_the_one_that_was_asked_for_is_chosen_the_newest_of_its_id() -> None:
    found = [record(time=1.0), record(time=2.0), record("a-shadow", time=3.0)]
    assert choose_record(found, "shop", "a").time == 2.0
    with pytest.raises(RequestNotFoundError, match=r"no request 'b' \(client 1 did not.*keeps errors.*Take an id"):
        choose_record(found, "shop", "b", ["client 1"])


def test_a_table_that_asks_again_and_again_gets_the_latest_and_no_bodies() -> None:
    journals = Journals()
    journal = journals.by_app["shop"] = Journal()
    error = ErrorInfo("ValueError", "m" * 500, "traceback")
    for at in (1.0, 2.0):
        journal.add(ERROR, at, record(time=at, error=error, headers=((b"a", b"b"),), spans=b"spans", trace_id="t"))
    (part,) = journals.find(GetRequests(app="shop", after=1.0, brief=True)).parts
    (brief,) = decode_records(part)
    assert (brief.time, brief.request, brief.headers, brief.spans, brief.trace_id) == (2.0, None, (), b"spans", "t")
    assert brief.error == ErrorInfo("ValueError", "m" * 200)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({}, "", id="whole"),
        pytest.param({"status": "ok"}, "handle", id="handle"),
        pytest.param({"redacted": True}, "redact", id="redacted"),
        pytest.param({"request": Preview("", b"a", 70_000)}, "64 KiB", id="cut"),
        pytest.param({"headers": ((b"sec-websocket-key", b"k"),)}, "WebSocket", id="websocket"),
        pytest.param({"path": "/s…"}, "URL", id="long-url"),
        pytest.param({"route": "/old"}, "route", id="other-route"),
    ],
)
def test_why_a_request_cannot_be_sent_again(fields: dict[str, Any], why: str) -> None:
    told = why_not_replayed(record(**fields), "/s")
    assert why in told and bool(told) == bool(why)


def test_what_counts_as_the_same_answer() -> None:
    json = record(answer=preview("application/json", b'{"a": 1, "b": 0.3}'))
    assert answer_as_recorded(json, Reply(200, "application/json", b'{"b":0.30000000001,"a":1}', 1.0))
    assert not answer_as_recorded(json, Reply(500, "application/json", b'{"a": 1, "b": 0.3}', 1.0))
    cut = record(answer=Preview("text/plain", b"ab", 5))
    assert answer_as_recorded(cut, Reply(200, "text/plain", b"abcde", 1.0))
    assert not answer_as_recorded(cut, Reply(200, "text/plain", b"abc", 1.0))
    assert not answer_as_recorded(cut, Reply(0, "text/plain", b"No answer", 1.0))
    assert answer_as_recorded(record(), Reply(200, "", b"", 1.0))


COUNTER = """
from starlette.requests import Request

@serve.deployment
class Inner:
    def double(self, n):
        return 2 * n

@serve.deployment
class Counter:
    def __init__(self, inner):
        self.inner = inner
        self.n = 0

    async def __call__(self, request: Request):
        sent = await request.json()
        if sent.get("fail"):
            raise ValueError("no")
        self.n += sent["by"]
        return {"n": await self.inner.double.remote(self.n)}

    def top(self, n):
        return n

app = Counter.bind(Inner.bind())
"""


@pytest.mark.parametrize("session", ["local"], indirect=True)
def test_a_request_is_traced_and_sent_again(cells: Cells, name: str) -> None:
    cells.serve(COUNTER, name, journal=True)
    live = LiveApp(cells.session, name)
    for id, sent in (("by0", {"by": 0}), ("by1", {"by": 1}), ("bad", {"fail": 1})):
        headers = {"x-request-id": f"{name}-{id}", "content-type": "application/json"}
        get(f"{live.url}?x=%C3%A9", sent, headers)
    trace = live.trace(f"{name}-by1")
    assert trace.span is not None and [span.deployment for span in trace.span.walk()] == ["Counter", "Inner"]
    assert (trace.request, trace.answer, trace.error) == ({"by": 1}, {"n": 2}, None)
    assert live.trace(f"{name}-bad").error == "ValueError: no"

    assert live.replay(f"{name}-by0").answer == {"n": 2}
    again = live.replay(f"{name}-by1")
    assert (again.status, again.answer, again.same) == (200, {"n": 4}, False)
    assert live.replay(f"{name}-bad").same and live.trace(again.id).answer == {"n": 4}

    assert live.handle.top.remote(3).result(timeout_s=60) == 3
    (call,) = live.requests(status="ok")["id"][lambda ids: ~ids.str.startswith((name, "replay"))]
    assert live.trace(call).span is not None
    with pytest.raises(RayServeException, match="made by a handle"):
        live.replay(call)
    with pytest.raises(LookupError):
        live.trace("never")
    with pytest.raises(ValueError, match="timeout_s is 0"):
        live.replay(call, timeout_s=0)
