from __future__ import annotations

import asyncio

import pytest

from kernelserve.replica.http_request import BodyReceive, request_of, scope_of
from kernelserve.transport.messages import HttpRequest

META = HttpRequest(
    "id-1", "POST", "/search/café", b"/search/caf%C3%A9", b"q=1", "/search",
    [(b"host", b"h:80"), (b"content-type", b"application/json")], "1.1", ("1.2.3.4", 5), ("127.0.0.1", 80),
)  # fmt: skip


def test_scope() -> None:
    scope = scope_of(META)
    assert (scope["type"], scope["method"], scope["http_version"]) == ("http", "POST", "1.1")
    assert (scope["path"], scope["root_path"], scope["query_string"]) == ("/search/café", "/search", b"q=1")
    assert (scope["client"], scope["server"]) == (("1.2.3.4", 5), ("127.0.0.1", 80))


def test_each_request_gets_a_copy_of_the_lifespans_state() -> None:
    state = {"model": object()}
    scope = scope_of(META, state)
    scope["state"]["own"] = 1
    assert state.keys() == {"model"} and scope["state"]["model"] is state["model"]


@pytest.mark.asyncio
async def test_request_reads_the_body_and_sees_no_disconnect() -> None:
    request = request_of(META, BodyReceive(memoryview(b'{"a": 1}')))
    assert await request.json() == {"a": 1}
    assert request.query_params["q"] == "1"
    assert request.url.path == "/search/café" or request.url.path == "/search/caf%C3%A9"
    assert not await request.is_disconnected()


@pytest.mark.asyncio
async def test_receive_waits_after_the_body() -> None:
    receive = BodyReceive(b"x")
    assert await receive() == {"type": "http.request", "body": b"x", "more_body": False}
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(receive(), 0.02)
