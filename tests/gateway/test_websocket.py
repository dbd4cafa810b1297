"""WebSockets: a common client, and raw bytes, against a scripted replica."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections.abc import Awaitable, Callable

import msgspec
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
    grant,
    hold,
    request_in,
    start,
    take_all,
    until,
)
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from kernelserve.exceptions import DeploymentUnavailableError
from kernelserve.gateway import websocket
from kernelserve.routing.call import Call
from kernelserve.transport.base import FLAG_MORE, FLAG_TEXT, WINDOW
from kernelserve.transport.messages import WsClose

MakeDoor = Callable[..., Awaitable[Door]]
KEY = base64.b64encode(b"0123456789abcdef").decode()
HANDSHAKE = ("connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13", f"sec-websocket-key: {KEY}")
MIB = 1024 * 1024


def close_payload(code: int, reason: str = "") -> bytes:
    return msgspec.msgpack.encode(WsClose(code, reason))


def accept(router: ScriptedRouter, call: Call) -> None:
    grant(call)
    start(call, 101, [])


async def client_of(opened: Door, path: str = "/ws", **options: object) -> ClientConnection:
    return await connect(opened.gateway.url.replace("http", "ws") + path, compression=None, **options)  # type: ignore[arg-type]


def frame(opcode: int, payload: bytes, fin: bool = True, masked: bool = True) -> bytes:
    """A client's frame."""
    size = len(payload)
    flag = 0x80 if masked else 0
    if size < 126:
        head = bytes([flag | size])
    elif size < 65536:
        head = bytes([flag | 126]) + struct.pack("!H", size)
    else:
        head = bytes([flag | 127]) + struct.pack("!Q", size)
    if masked:
        mask = os.urandom(4)
        repeated = (mask * (size // 4 + 1))[:size]
        payload = mask + bytes(a ^ b for a, b in zip(payload, repeated, strict=True))
    return bytes([(0x80 if fin else 0) | opcode]) + head + payload


async def open_raw(opened: Door, *more: str) -> tuple[Raw, Call]:
    """A raw client whose handshake is accepted."""
    raw = await opened.connect()
    await raw.send(get("/ws", *HANDSHAKE, *more))
    status, headers = await raw.head()
    assert status == 101 and headers["sec-websocket-accept"]
    return raw, opened.router.calls[-1]


async def raw_frame(raw: Raw) -> tuple[int, bytes]:
    """The next (small) frame of the gateway."""
    first, size = await raw.exactly(2)
    if size == 126:
        (size,) = struct.unpack("!H", await raw.exactly(2))
    return first & 15, await raw.exactly(size)


async def raw_close(raw: Raw) -> int:
    """The code of the close frame that comes next."""
    opcode, payload = await raw_frame(raw)
    assert opcode == 8
    return int(struct.unpack("!H", payload[:2])[0])


@pytest.mark.asyncio
async def test_messages_both_ways(door: MakeDoor) -> None:
    opened = await door(accept, route_prefix="/app")
    client = await client_of(opened, "/app/ws?q=1", additional_headers={"x-mine": "1"})
    (call,) = opened.router.calls
    assert call.flags == FLAG_MORE
    await client.send("text é")
    await client.send(b"\0binary")
    await client.send([b"frag", b"men", b"ted"])
    await client.send("")
    await until(lambda: len(channel_of(call).chunks) == 4)
    assert channel_of(call).chunks == [
        ("text é".encode(), FLAG_MORE | FLAG_TEXT), (b"\0binary", FLAG_MORE), (b"fragmented", FLAG_MORE),
        (b"", FLAG_MORE | FLAG_TEXT),
    ]  # fmt: skip
    chunk(call, "grüße".encode(), text=True)
    chunk(call, b"\xff\xfe")
    chunk(call, b"y" * 300_000)
    assert [await client.recv() for _ in range(3)] == ["grüße", b"\xff\xfe", b"y" * 300_000]
    await client.close(1000, "bye")
    await until(lambda: channel_of(call).complete)
    assert channel_of(call).closed_with == WsClose(1000, "bye")
    assert opened.live == 1  # The app may still work.
    end(call, close_payload(1000))
    await opened.settled()
    assert opened.router.cancelled == []


@pytest.mark.asyncio
async def test_what_the_replica_is_told(door: MakeDoor) -> None:
    seen = []

    def look(router: ScriptedRouter, call: Call) -> None:
        seen.append(request_in(call)[0])
        accept(router, call)

    opened = await door(look, route_prefix="/app", request_timeout_s=30.0)
    client = await client_of(opened, "/app/ws?q=1", additional_headers={"x-session-id": "s1"}, subprotocols=["a", "b"])
    (meta,) = seen
    assert (meta.type, meta.scheme, meta.method, meta.path) == ("websocket", "ws", "GET", "/app/ws")
    assert (meta.query, meta.root_path, meta.timeout_s, meta.session_id) == (b"q=1", "/app", None, "s1")
    assert (b"sec-websocket-protocol", b"a, b") in meta.headers
    end(opened.router.calls[0], close_payload(1000))
    await client.wait_closed()


@pytest.mark.asyncio
async def test_the_app_chooses_headers_and_subprotocol(door: MakeDoor) -> None:
    def choose(router: ScriptedRouter, call: Call) -> None:
        start(call, 101, [(b"sec-websocket-protocol", b"b"), (b"set-cookie", b"a=1"), (b"sec-websocket-accept", b"no"),
                          (b"sec-websocket-extensions", b"permessage-deflate")])  # fmt: skip

    opened = await door(choose)
    client = await client_of(opened, subprotocols=["a", "b"])
    assert client.subprotocol == "b"
    assert client.response is not None and client.response.headers["set-cookie"] == "a=1"
    end(opened.router.calls[0])
    await client.wait_closed()
    assert client.close_code == 1000


@pytest.mark.asyncio
async def test_the_app_refuses(door: MakeDoor) -> None:
    opened = await door(lambda router, call: answer(call, b"no entry", 403))
    with pytest.raises(InvalidStatus) as refused:
        await client_of(opened)
    assert refused.value.response.status_code == 403 and refused.value.response.body == b"no entry"
    await opened.settled()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("script", "status"),
    [
        (lambda router, call: fail(call, "user"), 500),
        (lambda router, call: call.on_failure(DeploymentUnavailableError("gone")), 503),
        (lambda router, call: start(call, 200), 500),
        (lambda router, call: start(call, 101, [(b"x-a", b"1\r\nset-cookie: stolen=1")]), 500),
        (lambda router, call: start(call, 101, [(b"sec-websocket-protocol", b"a\r\n\r\n\x81\x00")]), 500),
        (lambda router, call: call.on_stream(7, 0, b"\xc1"), 500),
        (hold, 408),
    ],
)
async def test_failures_before_the_accept_are_http(
    door: MakeDoor, script: Callable[[ScriptedRouter, Call], None], status: int
) -> None:
    opened = await door(script, request_timeout_s=0.2)
    with pytest.raises(InvalidStatus) as refused:
        await client_of(opened)
    assert refused.value.response.status_code == status
    assert "set-cookie" not in refused.value.response.headers
    await opened.settled()


@pytest.mark.asyncio
async def test_the_request_timeout_ends_with_the_handshake(door: MakeDoor) -> None:
    opened = await door(accept, request_timeout_s=0.1)
    client = await client_of(opened)
    await asyncio.sleep(0.3)
    chunk(opened.router.calls[0], b"still here")
    assert await client.recv() == b"still here"
    end(opened.router.calls[0])
    await client.wait_closed()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("payload", "code", "reason"),
    [
        (close_payload(1000, "done"), 1000, "done"), (close_payload(4321, "mine"), 4321, "mine"), (b"", 1000, ""),
        (close_payload(1005), 1005, ""), (close_payload(1006), 1011, None), (close_payload(7), 1011, None),
        (close_payload(1001, "é" * 200), 1001, "é" * 61), (b"\xc1", 1011, None),
    ],
)  # fmt: skip
async def test_the_app_closes(door: MakeDoor, payload: bytes, code: int, reason: str | None) -> None:
    opened = await door(accept)
    client = await client_of(opened)
    chunk(opened.router.calls[0], b"last")
    end(opened.router.calls[0], payload)
    assert await client.recv() == b"last"
    await client.wait_closed()
    assert client.close_code == code and reason in (None, client.close_reason)
    await opened.settled()


@pytest.mark.asyncio
async def test_an_app_that_fails_closes_with_1011_and_says_nothing(door: MakeDoor) -> None:
    opened = await door(accept)
    client = await client_of(opened)
    fail(opened.router.calls[0], "user", "secret words", "Traceback: secret")
    with pytest.raises(ConnectionClosed):
        await client.recv()
    assert client.close_code == 1011 and "secret" not in (client.close_reason or "")
    await opened.settled()


@pytest.mark.asyncio
@pytest.mark.parametrize("vanish", [Raw.close, Raw.reset])
async def test_a_client_that_vanishes_is_1006_and_then_cancelled(
    door: MakeDoor, vanish: Callable[[Raw], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "GRACE_S", 0.2)
    opened = await door(accept, ws_ping_interval_s=0.4)
    raw, call = await open_raw(opened)
    await raw.send(frame(1, b"hello"))
    await until(lambda: bool(channel_of(call).chunks))
    vanish(raw)
    await until(lambda: channel_of(call).complete)
    assert channel_of(call).closed_with.code == 1006
    chunk(call, b"to nobody")
    await until(lambda: opened.router.cancelled == [call])
    await opened.settled()


@pytest.mark.asyncio
async def test_a_client_that_vanishes_before_the_accept_is_cancelled(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/ws", *HANDSHAKE))
    await opened.submitted(1)
    raw.reset()
    await until(lambda: opened.router.cancelled == opened.router.calls)
    await opened.settled()


@pytest.mark.asyncio
async def test_what_came_before_the_accept_is_not_lost(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/before") + get("/ws", *HANDSHAKE) + frame(1, b"early"))
    await opened.submitted(1)
    answer(opened.router.calls[0], b"before")
    assert (await raw.answer())[2] == b"before"
    await opened.submitted(2)
    await raw.send(frame(1, b"bird"))
    call = opened.router.calls[1]
    accept(opened.router, call)
    await until(lambda: len(channel_of(call).chunks) == 2)
    assert channel_of(call).body == b"earlybird"
    end(call)
    assert (await raw.head())[0] == 101
    assert await raw_close(raw) == 1000
    raw.close()
    await opened.settled()


@pytest.mark.asyncio
async def test_a_client_that_does_not_wait_for_the_accept_is_bounded(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/ws", *HANDSHAKE))
    await opened.submitted(1)
    raw.writer.write(frame(2, b"x" * 4 * MIB))
    await until(lambda: opened.router.cancelled == opened.router.calls)
    raw.close()
    await opened.settled()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (("connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13"), 400),
        ((*HANDSHAKE[:2], HANDSHAKE[3]), 400),
        ((*HANDSHAKE[:2], "sec-websocket-version: 12", HANDSHAKE[3]), 400),
        ((*HANDSHAKE[:3], "sec-websocket-key: short"), 400),
        ((*HANDSHAKE, "content-length: 3"), 400),
        ((*HANDSHAKE, "transfer-encoding: chunked"), 400),
    ],
)
async def test_bad_handshakes_are_refused(door: MakeDoor, headers: tuple[str, ...], status: int) -> None:
    opened = await door(accept)
    reply = await opened.exchange(get("/ws", *headers))
    assert reply.startswith(f"HTTP/1.1 {status} ".encode()) and b"connection: close" in reply
    post = await opened.exchange(get("/ws", *HANDSHAKE).replace(b"GET", b"POST", 1))
    assert post.startswith(b"HTTP/1.1 405 ")
    assert opened.router.calls == []
    await opened.settled()


@pytest.mark.asyncio
async def test_no_route_is_a_404(door: MakeDoor) -> None:
    opened = await door(accept, route_prefix="/app")
    with pytest.raises(InvalidStatus) as refused:
        await client_of(opened, "/other")
    assert refused.value.response.status_code == 404


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(1, b"\xff\xfe"), 1007), (frame(1, b"ok\xc3"), 1007), (frame(2, b"unmasked", masked=False), 1002),
        (frame(3, b"unknown"), 1002), (frame(0, b"continues nothing"), 1002), (frame(9, b"p" * 126), 1002),
        (frame(1, b"a", fin=False) + frame(1, b"b"), 1002), (frame(2, b"x" * 2001), 1009),
        (frame(2, b"x" * 1500, fin=False) + frame(0, b"x" * 501), 1009), (frame(8, struct.pack("!H", 1005)), 1002),
    ],
    ids=["not UTF-8", "half a character", "unmasked", "unknown", "continues nothing", "long ping", "begins twice",
         "too long", "too long in parts", "no code"],
)  # fmt: skip
async def test_bad_frames_close_with_their_code(door: MakeDoor, data: bytes, code: int) -> None:
    opened = await door(accept, ws_max_message_bytes=2000)
    raw, call = await open_raw(opened)
    await raw.send(data)
    assert await raw_close(raw) == code
    assert await raw.rest() == b""
    await until(lambda: channel_of(call).complete)
    assert channel_of(call).closed_with.code == code
    end(call, close_payload(1000))
    await opened.settled()


@pytest.mark.asyncio
async def test_pings_keep_a_client_and_let_a_dead_one_go(door: MakeDoor) -> None:
    opened = await door(accept, ws_ping_interval_s=0.1)
    live = await client_of(opened)
    raw, dead = await open_raw(opened)
    assert await raw_frame(raw) == (9, b"")
    await until(lambda: channel_of(dead).complete)
    assert channel_of(dead).closed_with.code == 1006
    end(dead)
    await asyncio.sleep(0.3)
    chunk(opened.router.calls[0], b"alive")
    assert await live.recv() == b"alive"
    await raw.send(frame(9, b"?"))
    end(opened.router.calls[0])
    await live.wait_closed()
    raw.close()


@pytest.mark.asyncio
async def test_the_gateway_answers_pings(door: MakeDoor) -> None:
    opened = await door(accept)
    raw, call = await open_raw(opened)
    await raw.send(frame(9, b"are you there"))
    assert await raw_frame(raw) == (10, b"are you there")
    await raw.send(frame(8, b""))
    assert await raw_frame(raw) == (8, b"")
    await until(lambda: channel_of(call).complete)
    assert channel_of(call).closed_with.code == 1005
    end(call)
    raw.close()
    await opened.settled()


@pytest.mark.asyncio
async def test_messages_wait_for_credit_and_reading_stops(door: MakeDoor) -> None:
    opened = await door(lambda router, call: start(call, 101, []))
    raw, call = await open_raw(opened)
    message = frame(2, b"m" * 60_000)
    sent = idle = 0
    while idle < 50 and sent < 1000:
        if raw.writer.transport.get_write_buffer_size() < 65536:
            raw.writer.write(message)
            sent += 1
            idle = 0
        else:
            idle += 1
        await asyncio.sleep(0 if not idle else 0.002)
    assert sent < 1000 and channel_of(call).chunks == []
    assert WINDOW <= opened.gateway.held_bytes <= WINDOW + 2 * 256 * 1024
    raw.writer.write(frame(8, struct.pack("!H", 1000)))
    await take_all(call)
    assert len(channel_of(call).chunks) == sent + 1
    end(call)
    assert await raw_close(raw) == 1000
    raw.close()
    await opened.settled()


@pytest.mark.asyncio
async def test_a_reader_that_stops_stops_the_app(door: MakeDoor) -> None:
    opened = await door(accept, send_timeout_s=0.5)
    raw, call = await open_raw(opened)
    sent = idle = 0
    while idle < 50 and sent < 1000:
        if channel_of(call).credit > 0:
            chunk(call, b"z" * 60_000)
            sent += 1
            idle = 0
        else:
            idle += 1
        await asyncio.sleep(0 if not idle else 0.002)
    assert channel_of(call).credit <= 0 and sent < 1000
    # It takes nothing for too long.
    await until(lambda: channel_of(call).complete)
    assert channel_of(call).closed_with.code == 1006
    end(call)
    raw.close()
    await opened.settled()


@pytest.mark.asyncio
async def test_partial_messages_are_held_and_bounded(door: MakeDoor) -> None:
    opened = await door(accept, max_held_bytes=MIB)
    clients = [await open_raw(opened) for _ in range(3)]
    for raw, _ in clients:
        raw.writer.write(frame(2, b"x" * 700_000, fin=False))
    await until(lambda: any(channel_of(call).complete for _, call in clients))
    closed = [(raw, call) for raw, call in clients if channel_of(call).complete]
    assert all(channel_of(call).closed_with.code == 1013 for _, call in closed)
    assert opened.gateway.held_bytes <= MIB + 256 * 1024
    for raw, call in clients:
        raw.reset()
        end(call)
    await opened.settled()


@pytest.mark.asyncio
async def test_closing_the_gateway_closes_websockets(door: MakeDoor) -> None:
    opened = await door(accept)
    client = await client_of(opened)
    (call,) = opened.router.calls
    closing = asyncio.create_task(opened.gateway.close(timeout=10))
    await client.wait_closed()
    assert client.close_code == 1001
    await until(lambda: channel_of(call).complete)
    assert channel_of(call).closed_with.code == 1001
    end(call)
    await closing


@pytest.mark.asyncio
async def test_a_client_that_does_not_answer_a_close_is_let_go(door: MakeDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "CLOSE_WAIT_S", 0.1)
    opened = await door(accept, ws_ping_interval_s=0.4)
    raw, call = await open_raw(opened)
    end(call)
    assert await raw_close(raw) == 1000
    await opened.settled()
    raw.close()


@pytest.mark.asyncio
async def test_a_request_without_connection_upgrade_is_plain_http(door: MakeDoor) -> None:
    opened = await door()
    raw = await opened.connect()
    await raw.send(get("/plain", "upgrade: websocket"))
    assert (await raw.answer())[2] == b"/plain|"
    raw.close()
