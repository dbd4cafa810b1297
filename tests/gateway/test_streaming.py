"""Streamed answers over real sockets: framing, broken ends, flow control, disconnects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import httpx
import pytest
from gateway_helpers import (
    Door,
    Raw,
    ScriptedRouter,
    answer,
    channel_of,
    chunk,
    end,
    fail,
    get,
    hold,
    start,
    until,
)

from kernelserve.exceptions import ReplicaUnavailableError
from kernelserve.routing.call import Call
from kernelserve.transport.base import CHUNK_BYTES, WINDOW, chunk_cost

MakeDoor = Callable[..., Awaitable[Door]]
# What the sockets of both sides, and the transports' buffers, may hold at most on this machine.
SOCKET_BYTES = 16 * 1024 * 1024


async def begun(opened: Door) -> tuple[Raw, Call]:
    """A client whose request has come to the router, and whose answer has begun to stream."""
    raw = await opened.connect()
    await raw.send(get())
    await opened.submitted(1)
    call = opened.router.calls[0]
    start(call)
    return raw, call


@pytest.mark.asyncio
async def test_a_stream_arrives_piece_by_piece_and_the_connection_goes_on(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    for _ in range(2):
        opened.router.calls.clear()
        await raw.send(get("/s", "x-request-id: mine"))
        await opened.submitted(1)
        call = opened.router.calls[0]
        start(call, 201, [(b"content-type", b"text/event-stream"), (b"x-a", b"1")])
        status, headers = await raw.head()
        assert (status, headers["content-type"], headers["x-a"]) == (201, "text/event-stream", "1")
        assert headers["transfer-encoding"] == "chunked" and "content-length" not in headers
        assert headers["x-request-id"] == "mine" and "date" in headers
        for piece in (b"data: 1\n\n", b"x" * 100_000):
            chunk(call, piece)
            assert await raw.chunk() == piece
        chunk(call, b"")
        chunk(call, b"last")
        assert await raw.chunk() == b"last"
        end(call)
        assert await raw.chunk() == b""
        assert opened.live == 0
    raw.close()
    await opened.settled()


@pytest.mark.asyncio
async def test_a_stream_is_read_by_a_common_client(door: MakeDoor) -> None:
    def stream(router: ScriptedRouter, call: Call) -> None:
        start(call)
        for number in range(1000):
            chunk(call, b"%d," % number)
        end(call)

    opened = await door(stream)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        for _ in range(3):
            assert (await client.get("/")).content == b"".join(b"%d," % number for number in range(1000))


@pytest.mark.asyncio
async def test_pipelined_requests_wait_for_the_streams_end(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/1") + get("/2"))
    await opened.submitted(1)
    start(opened.router.calls[0])
    chunk(opened.router.calls[0], b"one")
    assert (await raw.head())[0] == 200 and await raw.chunk() == b"one"
    assert len(opened.router.calls) == 1
    end(opened.router.calls[0])
    assert await raw.chunk() == b""
    await opened.submitted(2)
    answer(opened.router.calls[1], b"two")
    assert (await raw.answer())[2] == b"two"
    raw.close()


@pytest.mark.asyncio
async def test_a_known_length_is_kept_to(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/exact") + get("/long") + get("/short"))
    for body in ([b"123", b"45"], [b"1234", b"5678", b"9"]):
        await until(lambda: bool(opened.router.calls))
        call = opened.router.calls.pop()
        start(call, 200, [(b"content-length", b"5")])
        for piece in body:
            chunk(call, piece)
        end(call)
        status, headers, got = await raw.answer()
        assert (status, headers["content-length"], got) == (200, "5", b"12345")
        assert "transfer-encoding" not in headers
    await until(lambda: bool(opened.router.calls))
    call = opened.router.calls.pop()
    start(call, 200, [(b"content-length", b"5")])
    chunk(call, b"123")
    end(call)
    assert (await raw.rest()).endswith(b"\r\n\r\n123")
    await opened.settled()


@pytest.mark.asyncio
async def test_http_1_0_reads_until_the_close(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
    await opened.submitted(1)
    call = opened.router.calls[0]
    start(call)
    chunk(call, b"abc")
    chunk(call, b"def")
    end(call)
    reply = await raw.rest()
    assert reply.endswith(b"\r\n\r\nabcdef") and b"connection: close" in reply and b"chunked" not in reply
    await opened.settled()


@pytest.mark.asyncio
async def test_http_1_0_sees_a_broken_stream_by_a_reset(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(b"GET / HTTP/1.0\r\n\r\n")
    await opened.submitted(1)
    start(opened.router.calls[0])
    chunk(opened.router.calls[0], b"abc")
    await raw.head()
    assert await raw.exactly(3) == b"abc"
    fail(opened.router.calls[0], "user")
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(raw.reader.read(), 10)
    await opened.settled()


@pytest.mark.asyncio
@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
async def test_no_body_where_none_may_be(door: MakeDoor, method: str, status: int) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get().replace(b"GET", method.encode()) + get("/next"))
    await opened.submitted(1)
    call = opened.router.calls[0]
    start(call, status)
    for _ in range(20):
        chunk(call, b"z" * 50_000)
    # What nobody reads is taken all the same.
    await until(lambda: channel_of(call).credit > 0)
    end(call)
    got, headers = await raw.head()
    assert got == status and "transfer-encoding" not in headers
    await opened.submitted(2)
    answer(opened.router.calls[1], b"next")
    assert (await raw.answer())[2] == b"next"
    raw.close()


def _error(call: Call) -> None:
    fail(call, "user", "secret words", "Traceback: secret")


def _lost(call: Call) -> None:
    call.on_failure(ReplicaUnavailableError("secret words"))


@pytest.mark.asyncio
@pytest.mark.parametrize("break_it", [_error, _lost])
@pytest.mark.parametrize("headers", [[], [(b"content-length", b"100")]])
async def test_a_broken_stream_is_cut_off(
    door: MakeDoor, break_it: Callable[[Call], None], headers: list[tuple[bytes, bytes]]
) -> None:
    opened = await door(hold)
    received = b""
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        request = asyncio.create_task(client.send(client.build_request("GET", "/"), stream=True))
        await opened.submitted(1)
        start(opened.router.calls[0], 200, headers)
        chunk(opened.router.calls[0], b"first")
        response = await request
        break_it(opened.router.calls[0])
        with pytest.raises(httpx.RemoteProtocolError):
            async for piece in response.aiter_raw():
                received += piece
    assert received == b"first"
    await opened.settled()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "headers", [[(b"x-a", b"1\r\nset-cookie: stolen=1")], [(b"x a", b"1")], [(b"x-a", b"nul\0")], [(b"", b"")]]
)
async def test_header_injection_in_a_start_is_a_500(door: MakeDoor, headers: list[tuple[bytes, bytes]]) -> None:
    def stream(router: ScriptedRouter, call: Call) -> None:
        start(call, 200, headers)
        chunk(call, b"not seen")
        end(call)

    opened = await door(stream)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        response = await client.get("/")
    assert response.status_code == 500 and "invalid header" in response.text and "not seen" not in response.text
    assert opened.router.cancelled == opened.router.calls


@pytest.mark.asyncio
async def test_odd_frames_are_a_500_and_cancel(door: MakeDoor) -> None:
    scripts: list[Callable[[ScriptedRouter, Call], None]] = [
        lambda router, call: chunk(call, b"before the start"),
        lambda router, call: start(call, 101),
        lambda router, call: call.on_stream(7, 0, b"\xc1"),
        lambda router, call: call.on_stream(9, 0, b"\1"),
    ]
    for script in scripts:
        opened = await door(script)
        async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
            assert (await client.get("/")).status_code == 500
        assert opened.router.cancelled == opened.router.calls


@pytest.mark.asyncio
async def test_a_second_start_breaks_the_stream(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get())
    await opened.submitted(1)
    start(opened.router.calls[0])
    start(opened.router.calls[0])
    assert b"0\r\n\r\n" not in await raw.rest()
    assert opened.router.cancelled == opened.router.calls


@pytest.mark.asyncio
async def test_a_reader_that_stops_stops_the_writer(door: MakeDoor) -> None:
    """A stream of 1 GiB: what is on its way is bounded by the window, and by what the sockets hold."""
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get())
    await opened.submitted(1)
    call = opened.router.calls[0]
    channel = channel_of(call)
    start(call)
    piece = b"z" * CHUNK_BYTES
    sent = 0
    total = 1024 * 1024 * 1024
    idle = 0
    while sent < total and idle < 50:  # As a replica does: as long as there is credit.
        if channel.credit > 0:
            chunk(call, piece)
            sent += len(piece)
            idle = 0
        else:
            idle += 1
        await asyncio.sleep(0 if channel.credit > 0 else 0.002)
    assert channel.credit <= 0
    assert sent < SOCKET_BYTES
    (connection,) = opened.gateway._state.connections  # type: ignore[union-attr]
    transport = cast(asyncio.Transport, connection._transport)  # type: ignore[attr-defined]
    high_water = transport.get_write_buffer_limits()[1]
    # One read's worth more: chunked framing, and the chunk that crossed the mark.
    assert transport.get_write_buffer_size() <= WINDOW + 2 * chunk_cost(CHUNK_BYTES) + high_water
    # It reads again, and the stream goes on where it stopped.
    await raw.head()
    received = 0
    while received < sent:
        received += len(await raw.chunk())
    await until(lambda: channel.credit > 0)
    end(call)
    assert await raw.chunk() == b""
    raw.close()


@pytest.mark.asyncio
async def test_credit_comes_back_for_all_that_was_read(door: MakeDoor) -> None:
    opened = await door(hold)
    raw, call = await begun(opened)
    await raw.head()
    for _ in range(100):
        await until(lambda: channel_of(call).credit > 0)
        chunk(call, b"y" * 60_000)
        assert len(await raw.chunk()) == 60_000
    # Small ones count with their frames, so that even empty chunks are bounded.
    for _ in range(20_000):
        if channel_of(call).credit <= 0:
            await until(lambda: channel_of(call).credit > 0)
        chunk(call, b"")
    end(call)
    assert await raw.chunk() == b""
    raw.close()


@pytest.mark.asyncio
async def test_a_stuck_reader_is_let_go_and_its_stream_cancelled(door: MakeDoor) -> None:
    opened = await door(hold, send_timeout_s=0.2)
    raw = await opened.connect()
    cast(asyncio.Transport, raw.writer.transport).pause_reading()
    await raw.send(get())
    await opened.submitted(1)
    call = opened.router.calls[0]
    start(call)
    while opened.gateway.connections and channel_of(call).credit > 0:
        chunk(call, b"z" * CHUNK_BYTES)
        await asyncio.sleep(0)
    await until(lambda: opened.gateway.connections == 0)
    assert opened.router.cancelled == [call]
    raw.close()
    await opened.settled()


@pytest.mark.asyncio
async def test_a_disconnect_in_the_middle_cancels(door: MakeDoor) -> None:
    opened = await door(hold)
    raw, call = await begun(opened)
    chunk(call, b"first")
    await raw.head()
    assert await raw.chunk() == b"first"
    raw.close()
    await until(lambda: opened.router.cancelled == [call])
    await opened.settled()
    chunk(call, b"too late")
    fail(call, "cancelled")


@pytest.mark.asyncio
async def test_a_detached_stream_runs_to_its_end(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/", "x-request-disconnect-disabled: ?1"))
    await opened.submitted(1)
    call = opened.router.calls[0]
    start(call)
    chunk(call, b"first")
    await raw.head()
    raw.reset()
    await until(lambda: opened.gateway.connections == 0)
    for _ in range(100):
        chunk(call, b"z" * 50_000)
        assert channel_of(call).credit > 0
    assert opened.router.cancelled == [] and opened.live == 1
    end(call)
    await opened.settled()


@pytest.mark.asyncio
async def test_a_timeout_after_the_start_cuts_the_stream_off(door: MakeDoor) -> None:
    opened = await door(hold, request_timeout_s=0.15)
    raw = await opened.connect()
    await raw.send(get())
    await opened.submitted(1)
    start(opened.router.calls[0])
    chunk(opened.router.calls[0], b"first")
    reply = await raw.rest()
    assert reply.startswith(b"HTTP/1.1 200 ") and reply.endswith(b"5\r\nfirst\r\n") and b"408" not in reply
    assert opened.router.cancelled == opened.router.calls
    await opened.settled()


@pytest.mark.asyncio
async def test_closing_lets_a_stream_end(door: MakeDoor) -> None:
    opened = await door(hold)
    raw, call = await begun(opened)
    await raw.head()
    closing = asyncio.create_task(opened.gateway.close(timeout=10))
    await asyncio.sleep(0)
    chunk(call, b"last")
    end(call)
    assert await raw.rest() == b"4\r\nlast\r\n0\r\n\r\n"
    await closing


@pytest.mark.asyncio
async def test_an_app_that_closes_its_connection_runs_no_pipelined_request(door: MakeDoor) -> None:
    opened = await door(lambda router, call: answer(call, b"bye", 200, [(b"connection", b"close")]))
    reply = await opened.exchange(get("/1") + get("/2") + get("/3"))
    assert reply.count(b"HTTP/1.1") == 1 and reply.endswith(b"bye")
    assert len(opened.router.calls) == 1
