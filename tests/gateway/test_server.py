"""Ports, closing, and the same behaviour on uvloop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import uvloop
from gateway_helpers import (
    Door,
    ScriptedDirectory,
    answer,
    channel_of,
    chunk,
    end,
    get,
    grant,
    hold,
    open_door,
    request_in,
    start,
    take_all,
    until,
)
from websockets.asyncio.client import connect

from kernelserve.config import is_loopback
from kernelserve.exceptions import PortTakenError
from kernelserve.gateway.options import GatewayOptions
from kernelserve.gateway.server import Gateway

MakeDoor = Callable[..., Awaitable[Door]]


@pytest.mark.asyncio
async def test_a_taken_port_is_an_error_that_names_it(door: MakeDoor) -> None:
    opened = await door()
    with pytest.raises(PortTakenError, match=f"port {opened.gateway.port} of 127.0.0.1 is in use"):
        await Gateway(ScriptedDirectory(), GatewayOptions(port=opened.gateway.port)).start()


@pytest.mark.asyncio
async def test_the_search_takes_the_next_free_port(door: MakeDoor) -> None:
    first = await door()
    second = await door(port=first.gateway.port, port_search=True)
    assert first.gateway.port < second.gateway.port <= first.gateway.port + 100
    async with httpx.AsyncClient() as client:
        assert (await client.get(second.gateway.url + "/x")).text == "/x|"


@pytest.mark.asyncio
async def test_a_bound_port_is_taken_even_before_it_listens(door: MakeDoor) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError):
            await Gateway(ScriptedDirectory(), GatewayOptions(port=port)).start()


@pytest.mark.asyncio
async def test_closing_lets_requests_end_and_idle_connections_go(door: MakeDoor) -> None:
    opened = await door(hold)
    idle, busy = await opened.connect(), await opened.connect()
    await busy.send(get())
    await until(lambda: len(opened.router.calls) == 1 and opened.gateway.connections == 2)
    closing = asyncio.create_task(opened.gateway.close(timeout=10))
    assert await idle.rest() == b""
    with pytest.raises(OSError):
        await opened.connect()
    answer(opened.router.calls[0], b"last")
    reply = await busy.rest()
    assert reply.endswith(b"last") and b"connection: close" in reply
    await closing
    await opened.gateway.close()
    assert opened.directory.on_change == []


@pytest.mark.asyncio
async def test_closing_cancels_what_does_not_end(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/", "x-request-disconnect-disabled: ?1"))
    await until(lambda: len(opened.router.calls) == 1)
    await opened.gateway.close(timeout=0.01)
    assert opened.router.cancelled == opened.router.calls
    assert await raw.rest() == b""


@pytest.mark.asyncio
async def test_a_port_is_free_again_after_close() -> None:
    opened = await open_door()
    raw = await opened.connect()
    await raw.send(get())
    await raw.answer()
    await opened.gateway.close()
    again = await open_door(port=opened.gateway.port)
    await again.gateway.close()
    raw.close()


@pytest.mark.asyncio
async def test_a_gateway_starts_once(door: MakeDoor) -> None:
    opened = await door()
    with pytest.raises(RuntimeError, match="started before"):
        await opened.gateway.start()


def test_uvloop_serves_the_same() -> None:
    async def scenario() -> None:
        opened = await open_door(hold, request_timeout_s=0.05)
        async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
            assert (await client.post("/x", content=b"y" * 200_000)).status_code == 408
        raw = await opened.connect()
        await raw.send(b"NONSENSE\r\n\r\n")
        assert (await raw.rest()).startswith(b"HTTP/1.1 400 ")
        opened.router.script = lambda router, call: answer(call, b"z" * 1_000_000)
        raw = await opened.connect()
        await raw.send(get())
        assert len((await raw.answer())[2]) == 1_000_000
        raw.close()
        await streams(opened)
        await opened.settled()
        await opened.gateway.close()

    async def streams(opened: Door) -> None:
        opened.router.script = hold
        opened.router.calls.clear()
        raw = await opened.connect()
        await raw.send(b"POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 3000000\r\n"
                       b"x-request-timeout-seconds: 0\r\n\r\n")  # fmt: skip
        sending = asyncio.create_task(raw.send(b"u" * 3_000_000))
        await opened.submitted(1)
        call = opened.router.calls[0]
        first = len(request_in(call)[1])
        await take_all(call)
        await sending
        assert first + len(channel_of(call).body) == 3_000_000
        start(call)
        await raw.head()
        while channel_of(call).credit > 0:
            chunk(call, b"z" * 60_000)
            await asyncio.sleep(0)
        assert len(await raw.chunk()) == 60_000
        raw.reset()
        await until(lambda: call in opened.router.cancelled)
        opened.router.script = lambda router, call: start(call, 101, [])
        async with connect(opened.gateway.url.replace("http", "ws")) as client:
            call = opened.router.calls[-1]
            chunk(call, b"hello", text=True)
            assert await client.recv() == "hello"
            await client.send(b"m" * 100_000)
            grant(call)
            await until(lambda: channel_of(call).body == b"m" * 100_000)
            end(call)
            await client.wait_closed()

    uvloop.run(scenario())


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.1", False), ("x", False)],
)
def test_errors_are_shown_on_loopback_only(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
    assert GatewayOptions(host=host).errors_shown is loopback
    assert GatewayOptions(host=host, show_errors=not loopback).errors_shown is not loopback


@pytest.mark.parametrize("options", [{"port": 70000}, {"port": -1}, {"keep_alive_s": 0}, {"max_body_bytes": -5}])
def test_bad_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        GatewayOptions(**options)
