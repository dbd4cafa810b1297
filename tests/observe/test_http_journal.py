"""HTTP requests in the journal: from the gateway, through the replicas, to the table; on both placements."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest
from system_helpers import Cells, get, wait_for

from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import Session
from kernelserve.observe.record import BODY_BYTES

SERVICE = """
import asyncio
from starlette.requests import Request
from starlette.responses import StreamingResponse

@serve.deployment
class Index:
    def search(self, text):
        if text == "bad":
            raise ValueError("no such thing")
        return text.upper()

@serve.deployment
class Front:
    def __init__(self, index):
        self.index = index

    async def __call__(self, request: Request):
        question = (await request.body()).decode()
        if question == "stream":
            return StreamingResponse(self.pieces(False), media_type="text/plain")
        if question == "break":
            return StreamingResponse(self.pieces(True), media_type="text/plain")
        if question == "slow":
            await asyncio.sleep(30)
        if len(question) > 1000:
            return {"size": len(question)}
        return {"found": await self.index.search.remote(json_of(question))}

    async def pieces(self, breaks):
        yield "one "
        await asyncio.sleep(0.05)
        if breaks:
            raise KeyError("lost")
        yield "two"

def json_of(question):
    import json
    return json.loads(question)["q"]

app = Front.bind(Index.bind())
"""


@pytest.fixture(scope="module")
def live(session: Session) -> Iterator[LiveApp]:
    Cells(session).serve(SERVICE, "journalled", journal=True)
    yield LiveApp(session, "journalled")
    session.delete("journalled")


def post(live: LiveApp, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    assert live.url is not None
    host = live.url.removeprefix("http://").partition("/")[0]
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request("POST", "/journalled/ask?debug=1", body, headers or {})
        response = connection.getresponse()
        try:
            return response.status, response.read()
        except http.client.IncompleteRead as broken:
            return response.status, broken.partial
    finally:
        connection.close()


def latest(live: LiveApp, id: str) -> Any:
    """The row of a request; the gateway writes the answer before or after it notes it."""

    def found() -> Any:
        frame = live.requests(last=None)
        rows = frame[frame["id"] == id]
        return rows.iloc[0] if len(rows) else None

    return wait_for(lambda: (row := found()) is not None and [row], f"{id} is in the journal")[0]


def test_a_request_through_two_deployments(live: LiveApp) -> None:
    headers = {"content-type": "application/json", "x-request-id": "fine"}
    assert post(live, b'{"q": "a"}', headers) == (200, b'{"found":"A"}')
    row = latest(live, "fine")
    assert (row["status"], row["method"], row["path"]) == (200, "POST", "/journalled/ask?debug=1")
    assert (row["route"], row["revision"], row["error"]) == ("/journalled", live.revision, None)
    assert (row["request"], row["answer"]) == ({"q": "a"}, {"found": "A"})
    assert row["deployments"] == ("Front", "Index")
    span = row["spans"]
    assert row["duration_s"] >= span.run_s >= span.children[0].duration_s > 0
    assert span.replica_id.startswith("journalled#Front#")
    assert span.attempts == 1 and span.in_bytes > 0 and span.out_bytes > 0


def test_an_error_with_its_traceback(live: LiveApp) -> None:
    status, _ = post(live, b'{"q": "bad"}', {"x-request-id": "bad"})
    assert status == 500
    row = latest(live, "bad")
    assert (row["status"], row["error"]) == (500, "ValueError: no such thing")
    assert "raise ValueError" in row["traceback"]
    assert [span.error for span in row["spans"].walk()] == ["ValueError", "ValueError"]
    assert "bad" in list(live.requests(status="error")["id"])


def test_a_streamed_answer(live: LiveApp) -> None:
    assert post(live, b"stream", {"x-request-id": "stream"}) == (200, b"one two")
    row = latest(live, "stream")
    assert (row["status"], row["answer"], row["deployments"]) == (200, "one two", ("Front",))
    assert row["duration_s"] >= 0.05


def test_a_stream_that_breaks_is_an_error(live: LiveApp) -> None:
    status, body = post(live, b"break", {"x-request-id": "break"})
    assert (status, body) == (200, b"one ")
    row = latest(live, "break")
    assert (row["status"], row["error"], row["answer"]) == (200, "KeyError: 'lost'", "one ")
    assert "break" in list(live.requests(status="error")["id"])


def test_a_request_that_its_time_ends(live: LiveApp) -> None:
    status, _ = post(live, b"slow", {"x-request-id": "late", "x-request-timeout-seconds": "0.2"})
    assert status == 408
    assert latest(live, "late")["status"] == 408


def test_a_request_that_its_client_gives_up(live: LiveApp) -> None:
    assert live.url is not None
    host = live.url.removeprefix("http://").partition("/")[0]
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("POST", "/journalled", b"slow", {"x-request-id": "gone"})
    wait_for(lambda: live.status().status == "RUNNING", "the app runs")
    connection.close()
    assert latest(live, "gone")["status"] == 499
    assert "gone" in list(live.requests(status="cancelled")["id"])


def test_a_large_body_is_cut(live: LiveApp) -> None:
    size = 20 * BODY_BYTES
    status, body = post(live, b"x" * size, {"x-request-id": "large", "content-type": "text/plain"})
    assert (status, json.loads(body)) == (200, {"size": size})
    assert latest(live, "large")["request"].endswith(f"({BODY_BYTES:,} of {size:,} bytes)")


def test_what_the_app_does_not_see_is_not_in_its_journal(live: LiveApp, session: Session) -> None:
    assert get(session.base_url + "/-/healthz")[0] == 200
    assert not live.requests(last=None)["path"].str.startswith("/-/").any()
