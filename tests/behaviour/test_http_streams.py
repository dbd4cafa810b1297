"""Answers and bodies that stream over HTTP, on both placements, with a real client."""

from __future__ import annotations

import hashlib
import http.client
import os
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from system_helpers import Cells, wait_for

import kernelserve as serve

STREAMS = """
import asyncio, time
from starlette.responses import StreamingResponse

CLOSED = []

@serve.deployment(max_ongoing_requests=20)
class Streams:
    def __init__(self):
        self.closed, self.produced = [], 0

    async def __call__(self, request):
        kind = request.query_params.get("kind")
        count = int(request.query_params.get("count", "3"))
        if kind == "response":
            return StreamingResponse(self.texts(count), media_type="text/event-stream")
        if kind == "def":
            return self.numbers(count)
        if kind == "broken":
            return self.broken()
        if kind == "large":
            return StreamingResponse(self.large(count), media_type="application/octet-stream")
        return self.texts(count)

    async def texts(self, count):
        try:
            for number in range(count):
                yield f"<{number}>"
                await asyncio.sleep(0.001)
        finally:
            self.closed.append("texts")

    def numbers(self, count):
        try:
            for number in range(count):
                yield {"n": number}
        finally:
            self.closed.append("numbers")

    async def large(self, mebibytes):
        try:
            for _ in range(mebibytes * 16):
                self.produced += 1
                yield bytes(65536)
        finally:
            self.closed.append("large")

    async def broken(self):
        yield "first"
        raise ValueError("in the middle")

    def state(self):
        return {"closed": list(self.closed), "produced": self.produced}

app = Streams.bind()
"""

UPLOADS = """
import hashlib, resource

@serve.deployment
class Upload:
    async def __call__(self, request):
        digest, size, pieces = hashlib.sha256(), 0, 0
        async for piece in request.stream():
            digest.update(piece)
            size += len(piece)
            pieces += 1
        return {"sha256": digest.hexdigest(), "size": size, "pieces": pieces}

app = Upload.bind()
"""


@pytest.fixture
def streams(cells: Cells, name: str) -> serve.LiveApp:
    cells.serve(STREAMS, name)
    return serve.app(name)


def state(live: serve.LiveApp) -> dict[str, object]:
    return live.handle.state.remote().result(timeout_s=10)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("query", "content_type", "text"),
    [
        ("", "text/plain; charset=utf-8", "<0><1><2>"),
        ("?kind=def", "application/x-ndjson", '{"n":0}\n{"n":1}\n{"n":2}\n'),
        ("?kind=response", "text/event-stream; charset=utf-8", "<0><1><2>"),
        ("?count=0", "text/plain; charset=utf-8", ""),
    ],
)
def test_generators_and_streaming_responses(streams: serve.LiveApp, query: str, content_type: str, text: str) -> None:
    answer = httpx.get(f"{streams.url}{query}", timeout=20)
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (200, content_type, text)


def test_a_client_of_events_gets_events(streams: serve.LiveApp) -> None:
    answer = httpx.get(f"{streams.url}?kind=def&count=2", headers={"accept": "text/event-stream"}, timeout=20)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == 'data: {"n":0}\n\ndata: {"n":1}\n\n'


def test_the_first_chunk_does_not_wait_for_the_rest(cells: Cells, name: str) -> None:
    cells.serve(
        """
        import asyncio

        @serve.deployment
        class Slow:
            def __init__(self):
                self.go_on = asyncio.Event()
            async def __call__(self, request):
                yield "first"
                await self.go_on.wait()
                yield "second"
            async def release(self):
                self.go_on.set()

        app = Slow.bind()
        """,
        name,
    )
    live = serve.app(name)
    with httpx.stream("GET", str(live.url), timeout=20) as answer:
        pieces = answer.iter_text()
        assert next(pieces) == "first"
        live.handle.release.remote().result(timeout_s=10)
        assert next(pieces) == "second"


def test_a_broken_stream_is_seen_as_broken(streams: serve.LiveApp) -> None:
    received = []
    with pytest.raises(httpx.RemoteProtocolError), httpx.stream("GET", f"{streams.url}?kind=broken", timeout=20) as got:
        received.extend(got.iter_text())
    assert received == ["first"]
    assert httpx.get(str(streams.url), timeout=20).text == "<0><1><2>", "the replica lives on"


@pytest.mark.parametrize("kind", ["texts", "def", "large"])
def test_generators_are_closed_when_the_client_leaves(streams: serve.LiveApp, kind: str) -> None:
    url = f"{streams.url}?kind={kind}&count=1000000"
    with httpx.stream("GET", url, timeout=20) as answer:
        next(answer.iter_raw())
    name = {"def": "numbers"}.get(kind, kind)
    wait_for(lambda: name in state(streams)["closed"], "the generator is closed")  # type: ignore[operator]


def test_a_reader_that_stops_stops_the_writer(streams: serve.LiveApp) -> None:
    """A stream of 1 GiB whose reader stops: what is produced and not read stays far below 64 MiB."""
    parts = urlsplit(str(streams.url))
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    connection.request("GET", f"{parts.path}?kind=large&count=1024")
    answer = connection.getresponse()
    assert answer.status == 200
    assert len(answer.read(65536)) == 65536

    def produced() -> int:
        return int(str(state(streams)["produced"])) * 65536

    before = -1
    while before != (now := produced()):
        before = now
        time.sleep(0.3)
    assert before < 32 * 1024 * 1024
    assert len(answer.read(64 * 1024 * 1024)) == 64 * 1024 * 1024
    assert produced() > before, "it goes on when the reader does"
    answer.close()
    connection.close()
    wait_for(lambda: "large" in state(streams)["closed"], "the generator is closed")  # type: ignore[operator]


def test_a_large_body_streams_up(cells: Cells, name: str) -> None:
    cells.serve(UPLOADS, name)
    piece = os.urandom(1024 * 1024)
    digest = hashlib.sha256()

    def body() -> Iterator[bytes]:
        for _ in range(40):
            digest.update(piece)
            yield piece

    answer = httpx.post(str(serve.app(name).url), content=body(), timeout=60).json()
    assert answer["size"] == 40 * 1024 * 1024
    assert answer["sha256"] == digest.hexdigest()
    assert answer["pieces"] > 40


def test_a_small_body_comes_whole(cells: Cells, name: str) -> None:
    cells.serve(UPLOADS, name)
    answer = httpx.post(str(serve.app(name).url), content=b"x" * 1000, timeout=20).json()
    assert answer["size"] == 1000
