"""The gateway on the real directory and router, over a real channel, to a small replica."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import httpx
import msgspec
import pytest
from gateway_helpers import TEXT, payload_of, until

from kernelserve.gateway.options import GatewayOptions
from kernelserve.gateway.server import Gateway
from kernelserve.routing.directory import Directory
from kernelserve.transport.base import FLAG_MORE, WINDOW, Buffer, Channel, FrameKind, chunk_cost
from kernelserve.transport.connect import connect, listen
from kernelserve.transport.frames import split_parts
from kernelserve.transport.messages import DeploymentRoute, ErrorMeta, HttpRequest, HttpResponse, Routing
from kernelserve.types import Endpoint

SECRET = b"s" * 32


class Replica:
    """Echoes; keeps what is sent to ``/hold`` until it is cancelled; streams uploads back, after a rejection."""

    def __init__(self) -> None:
        self.cancelled = 0
        self.rejected = 0
        self.uploads: set[int] = set()

    def frame_received(
        self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
    ) -> None:
        if kind == FrameKind.CANCEL:
            self.cancelled += 1
            error = msgspec.msgpack.encode(ErrorMeta("cancelled", "CancelledError", ""))
            channel.send(FrameKind.ERROR, stream, [payload_of(error, b"")], revision=revision)
            return
        if kind == FrameKind.CHUNK:
            self._more(channel, stream, flags, bytes(payload))
            return
        if kind == FrameKind.CREDIT:
            return
        meta, body = split_parts(payload)
        if flags & FLAG_MORE:
            self._upload(channel, stream, bytes(body))
            return
        request = msgspec.msgpack.decode(meta, type=HttpRequest)
        if request.path != "/hold":
            head = msgspec.msgpack.encode(HttpResponse(200, TEXT))
            answer = payload_of(head, request.path.encode() + bytes(body))
            channel.send(FrameKind.RESULT, stream, [answer], revision=revision)

    def _upload(self, channel: Channel, stream: int, body: bytes) -> None:
        if self.rejected < 2:
            self.rejected += 1
            channel.send(FrameKind.REJECT, stream)
            return
        self.uploads.add(stream)
        channel.send(FrameKind.CREDIT, stream, [WINDOW.to_bytes(4, "little")])
        channel.send(FrameKind.START, stream, [msgspec.msgpack.encode(HttpResponse(200, TEXT))])
        self._more(channel, stream, FLAG_MORE, body)

    def _more(self, channel: Channel, stream: int, flags: int, data: bytes) -> None:
        assert stream in self.uploads
        # A part of it: nobody looks at the credit of the answers here, so they stay within the first window.
        channel.send(FrameKind.CHUNK, stream, [data[:10]])
        channel.send(FrameKind.CREDIT, stream, [chunk_cost(len(data)).to_bytes(4, "little")])
        if not flags & FLAG_MORE:
            self.uploads.discard(stream)
            channel.send(FrameKind.RESULT, stream)

    def channel_lost(self, channel: Channel, error: Exception | None) -> None: ...


@pytest.mark.asyncio
async def test_through_the_real_router() -> None:
    replica = Replica()
    listener = await listen("tcp://127.0.0.1:0", lambda channel: replica, role="replica", secret=SECRET)

    def open_channel(address: str, receiver: Any) -> Any:
        return connect(address, receiver, role="gateway", secret=SECRET)

    directory = Directory(asyncio.get_running_loop(), cast(Any, open_channel))
    gateway = Gateway(directory, GatewayOptions(port=0))
    await gateway.start()
    route = DeploymentRoute((Endpoint("app#In#1", listener.address, 100),))
    directory.apply(
        Routing(app="app", epoch=1, version=1, current=1, ingress="In", route_prefix="/", sets={1: {"In": route}})
    )
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        answers = await asyncio.gather(*(client.post(f"/{n}", content=b"x" * n) for n in range(0, 200_000, 10_000)))
        assert [len(answer.text) for answer in answers] == [len(f"/{n}") + n for n in range(0, 200_000, 10_000)]
        upload = await client.post("/up", content=b"0123456789" * 100_000)
        assert upload.status_code == 200 and set(upload.text) == set("0123456789")
        assert replica.rejected == 2 and not replica.uploads
        late = await client.get("/hold", headers={"x-request-timeout-seconds": "0.05"})
        assert late.status_code == 408
        await until(lambda: replica.cancelled == 1)
        assert directory.apps["app"].live == {}
        directory.apply(Routing(app="app", epoch=1, version=2, current=0, deleted_reason="Deleted."))
        assert (await client.get("/")).status_code == 404
    await gateway.close()
    directory.close()
    await listener.close()
