"""A gateway on a real port, with the real directory and a router that a test scripts."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec

from kernelserve.gateway.options import GatewayOptions
from kernelserve.gateway.server import Gateway
from kernelserve.observe.journal import Journal
from kernelserve.routing.call import Call
from kernelserve.routing.directory import Directory
from kernelserve.routing.router import Router
from kernelserve.transport.base import FLAG_MORE, FLAG_TEXT, WINDOW, Buffer, FrameKind, chunk_cost
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import (
    DeploymentRoute,
    ErrorMeta,
    HttpRequest,
    HttpResponse,
    Routing,
    Trial,
    WsClose,
)
from kernelserve.transport.observed import Series
from kernelserve.types import DeploymentID

TEXT = [(b"content-type", b"text/plain; charset=utf-8")]
Script = Callable[["ScriptedRouter", Call], None]


def payload_of(*parts: bytes) -> bytes:
    return b"".join(join_parts(parts))


def request_in(call: Call) -> tuple[HttpRequest, bytes]:
    """What a replica would get."""
    meta, body = split_parts(b"".join(call.parts))
    return msgspec.msgpack.decode(meta, type=HttpRequest), bytes(body)


def answer(
    call: Call, body: bytes = b"ok", status: int = 200, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    meta = msgspec.msgpack.encode(HttpResponse(status, TEXT if headers is None else headers))
    call.on_frame(FrameKind.RESULT, 0, payload_of(meta, body))


def fail(call: Call, category: str, message: str = "broken", traceback: str = "") -> None:
    meta = msgspec.msgpack.encode(ErrorMeta(category, "ValueError", message, traceback))
    call.on_frame(FrameKind.ERROR, 0, payload_of(meta, b""))


@dataclass
class ScriptedChannel:
    """The replica's end of one call: what the gateway sent after the request, and the credit that it gave."""

    chunks: list[tuple[bytes, int]] = field(default_factory=list)
    credit: int = 0

    def send_more(self, call: Call, kind: int, parts: Sequence[Buffer], flags: int = 0) -> None:
        payload = b"".join(parts)
        if kind == FrameKind.CREDIT:
            self.credit += int.from_bytes(payload, "little")
        else:
            assert kind == FrameKind.CHUNK
            self.chunks.append((payload, flags))

    @property
    def complete(self) -> bool:
        """The last CHUNK has come."""
        return bool(self.chunks) and not self.chunks[-1][1] & FLAG_MORE

    @property
    def body(self) -> bytes:
        return b"".join(payload for payload, _ in self.chunks)

    @property
    def cost(self) -> int:
        return sum(chunk_cost(len(payload)) for payload, _ in self.chunks)

    @property
    def closed_with(self) -> WsClose:
        """What the last CHUNK of a WebSocket says."""
        assert self.complete
        return msgspec.msgpack.decode(self.chunks[-1][0], type=WsClose)


def channel_of(call: Call) -> ScriptedChannel:
    return cast(ScriptedChannel, call.channel)


def start(call: Call, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    """Begin a streamed answer, with a window of credit."""
    channel_of(call).credit += WINDOW
    response = HttpResponse(status, TEXT if headers is None else headers)
    call.on_stream(FrameKind.START, 0, msgspec.msgpack.encode(response))


def chunk(call: Call, payload: bytes, text: bool = False) -> None:
    """Send a piece of the answer, which takes credit."""
    channel_of(call).credit -= chunk_cost(len(payload))
    call.on_stream(FrameKind.CHUNK, FLAG_TEXT if text else 0, payload)


def end(call: Call, payload: bytes = b"") -> None:
    call.on_frame(FrameKind.RESULT, 0, payload)


def grant(call: Call, amount: int = WINDOW) -> None:
    """Take that much more of the request."""
    call.on_stream(FrameKind.CREDIT, 0, amount.to_bytes(4, "little"))


def echo(router: ScriptedRouter, call: Call) -> None:
    """Answer at once with the path and the body."""
    meta, body = request_in(call)
    answer(call, meta.path.encode() + b"|" + body)


def hold(router: ScriptedRouter, call: Call) -> None:
    """Leave the call unanswered."""


@dataclass
class ScriptedRouter:
    """Stands where a `Router` does; `script` decides what becomes of a call."""

    script: Script
    calls: list[Call] = field(default_factory=list)
    cancelled: list[Call] = field(default_factory=list)

    def submit(self, call: Call) -> None:
        self.calls.append(call)
        call.channel = ScriptedChannel()
        self.script(self, call)

    def cancel(self, call: Call) -> None:
        self.cancelled.append(call)

    def set_routes(self, routes: Mapping[int, DeploymentRoute]) -> None: ...

    def close(self, reason: str) -> None: ...


class ScriptedDirectory(Directory):
    """The real directory, with scripted routers."""

    def __init__(self, script: Script = echo) -> None:
        async def connect(*_: Any) -> Any:
            raise AssertionError("a scripted router opens no channel")

        super().__init__(asyncio.get_running_loop(), cast(Any, connect))
        self.scripted = ScriptedRouter(script)
        self.version = 0

    def make_router(self, deployment: DeploymentID) -> Router:
        return cast(Router, self.scripted)

    def push(self, app: str, route_prefix: str | None, current: int = 1) -> None:
        self.version += 1
        self.apply(
            Routing(app=app, epoch=1, version=self.version, current=current, ingress="In", route_prefix=route_prefix,
                    sets={current: {"In": DeploymentRoute(())}} if current else {})
        )  # fmt: skip


@dataclass
class Door:
    """A running gateway and what is behind it."""

    gateway: Gateway
    directory: ScriptedDirectory

    @property
    def router(self) -> ScriptedRouter:
        return self.directory.scripted

    @property
    def live(self) -> int:
        return sum(sum(app.live.values()) for app in self.directory.apps.values())

    async def connect(self) -> Raw:
        return Raw(*await asyncio.open_connection("127.0.0.1", self.gateway.port))

    async def exchange(self, data: bytes) -> bytes:
        """Send bytes and read until the gateway closes."""
        raw = await self.connect()
        await raw.send(data)
        return await raw.rest()

    async def submitted(self, count: int) -> None:
        """`count` calls have come to the router."""
        await until(lambda: len(self.router.calls) == count)

    async def settled(self) -> None:
        """Nothing is held, live or connected any more."""
        await until(lambda: self.live == 0 and self.gateway.held_bytes == 0 and self.gateway.connections == 0)


@dataclass
class Raw:
    """A client that sends whatever bytes it is given."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> tuple[int, dict[str, str]]:
        """Status and headers of the next answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
        return int(lines[0].split(" ")[1]), headers

    async def exactly(self, size: int) -> bytes:
        return await asyncio.wait_for(self.reader.readexactly(size), 10)

    async def chunk(self) -> bytes:
        """The next chunk of a chunked body; empty at its end."""
        size = int(await asyncio.wait_for(self.reader.readline(), 10), 16)
        return (await self.exactly(size + 2))[:-2]

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer on the connection."""
        status, headers = await self.head()
        body = await asyncio.wait_for(self.reader.readexactly(int(headers.get("content-length", "0"))), 10)
        return status, headers, body

    async def rest(self) -> bytes:
        """Everything until the gateway closes; a reset counts as a close."""
        data = b""
        try:
            while chunk := await asyncio.wait_for(self.reader.read(65536), 10):
                data += chunk
        except ConnectionResetError:
            pass
        self.close()
        return data

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """Close with an RST, which cannot be taken for a half-close."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


async def until(condition: Callable[[], bool], within_s: float = 60.0) -> None:
    deadline = asyncio.get_running_loop().time() + within_s
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "the condition did not come true in time"
        await asyncio.sleep(0.005)


async def take_all(call: Call) -> None:
    """Grant a window at a time, and see that no more is sent than one chunk over what was granted."""
    channel = channel_of(call)
    granted = 0
    while not channel.complete:
        grant(call)
        granted += WINDOW
        await until(lambda: channel.complete or channel.cost >= granted)  # noqa: B023 (awaited in its own round)
        assert channel.cost - chunk_cost(len(channel.chunks[-1][0])) < granted


def push_trial(door: Door, trial: Trial | None) -> None:
    """Revision 1 is current, and 2 is tried, or only there."""
    door.directory.version += 1
    sets = {1: {"In": DeploymentRoute(())}, 2: {"In": DeploymentRoute(())}}
    door.directory.apply(
        Routing(
            app="app", epoch=1, version=door.directory.version, current=1, ingress="In", route_prefix="/", sets=sets,
            trial=trial,
        )
    )  # fmt: skip


async def open_door(
    script: Script = echo,
    route_prefix: str = "/",
    journals: Mapping[str, Journal] | None = None,
    ask: Callable[[], Awaitable[list[Series] | None]] | None = None,
    **options: Any,
) -> Door:
    directory = ScriptedDirectory(script)
    directory.push("app", route_prefix)
    gateway = Gateway(directory, GatewayOptions(**{"port": 0, **options}), journals, ask=ask)
    await gateway.start()
    return Door(gateway, directory)


def get(path: str = "/", *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "host: t", *headers, "", ""]
    return "\r\n".join(lines).encode()
