"""Requests that go on until they are told to end: streams, uploads, WebSockets and calls, all at once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, TypeVar

from soak_helpers import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

import kernelserve as serve

T = TypeVar("T")

LONG = """
import asyncio
import os

import fastapi

api = fastapi.FastAPI()

@serve.deployment(num_replicas=REPLICAS, graceful_shutdown_timeout_s=PATIENCE, max_ongoing_requests=200,
                  ray_actor_options={"num_cpus": 0.1})
@serve.ingress(api)
class Long:
    def __init__(self):
        self.end = asyncio.Event()
        self.built = BUILT

    @api.get("/version")
    async def version(self):
        return f"{self.built} PATCHED {os.getpid()}"

    @api.get("/stream")
    async def stream(self):
        return fastapi.responses.StreamingResponse(self.items(), media_type="text/plain")

    async def items(self):
        yield f"{os.getpid()}\\n"
        number = 0
        while not self.end.is_set():
            yield f"{number}\\n"
            number += 1
            await asyncio.sleep(0.02)
        yield "end\\n"

    @api.post("/upload")
    async def upload(self, request: fastapi.Request):
        return sum([len(piece) async for piece in request.stream()])

    @api.websocket("/socket")
    async def socket(self, socket: fastapi.WebSocket):
        await socket.accept()
        await socket.send_text(str(os.getpid()))
        try:
            while True:
                text = await socket.receive_text()
                if text == "stop":
                    self.end.set()
                await socket.send_text(text)
        except fastapi.WebSocketDisconnect:
            pass

    async def stop(self):
        self.end.set()

    async def counts(self):
        return await count_here()

app = Long.bind()
"""
HALF = bytes(300_000)
"""Half of an upload: more than the gateway hands on in one piece."""


def cell(replicas: int = 1, patience_s: float = 20.0, built: str = "first", patched: str = "as built") -> str:
    """The cell; `built` changes what the constructor does, `patched` only a method."""
    text = LONG.replace("REPLICAS", str(replicas)).replace("PATIENCE", str(patience_s))
    return text.replace("BUILT", repr(built)).replace("PATCHED", patched)


def _all(by_pid: dict[int, list[T]]) -> list[T]:
    return [one for several in by_pid.values() for one in several]


class LongRequests:
    """`count` requests of each kind, which run when `begin` returns.

    Attributes:
        http: pid of the replica → connections that stream from it.
        calls: pid → streams of handle calls.
        sockets: pid → WebSockets.
        uploads: connections that have sent a half.
    """

    def __init__(self, app: str) -> None:
        self.url = str(serve.app(app).url)
        self.http: dict[int, list[Client]] = {}
        self.calls: dict[int, list[Any]] = {}
        self.sockets: dict[int, list[ClientConnection]] = {}
        self.uploads: list[Client] = []
        self._handle: Any = serve.get_app_handle(app)

    async def begin(self, count: int) -> None:
        await asyncio.gather(*(self._begin_one() for _ in range(count)))

    async def _begin_one(self) -> None:
        client = await Client.get(f"{self.url}/stream", "connection: close\r\n")
        assert "200 ok" in await client.head()
        await client.reader.readline()
        self.http.setdefault(int(await client.reader.readline()), []).append(client)
        stream = self._handle.options(stream=True).items.remote()
        self.calls.setdefault(int(await anext(stream)), []).append(stream)
        socket = await connect(self.url.replace("http", "ws", 1) + "/socket", compression=None)
        self.sockets.setdefault(int(await socket.recv()), []).append(socket)
        length = f"connection: close\r\ncontent-length: {2 * len(HALF)}\r\n"
        self.uploads.append(await Client.get(f"{self.url}/upload", length, "POST", HALF))

    async def close(self) -> None:
        """Leave all that is still open."""
        for client in [*_all(self.http), *self.uploads]:
            await client.close()
        for socket in _all(self.sockets):
            await socket.close()
        for stream in _all(self.calls):
            stream.cancel()
        self.uploads.clear()
        self.http.clear()
        self.sockets.clear()
        self.calls.clear()

    async def go_on(self, pids: set[int]) -> None:
        """Check that what runs at these replicas goes on: more comes from each stream, each WebSocket answers."""
        for pid in pids:
            for client in self.http.get(pid, []):
                await client.reader.readuntil(b"\n")
                await client.reader.readuntil(b"\n")
            for stream in self.calls.get(pid, []):
                await anext(stream)
            for socket in self.sockets.get(pid, []):
                await socket.send("still there?")
                assert await socket.recv() == "still there?"

    async def stop_by_sockets(self) -> None:
        """Tell the replicas of the WebSockets to end their streams: no new request reaches replicas that drain."""
        for socket in _all(self.sockets):
            await socket.send("stop")
            assert await socket.recv() == "stop"

    async def end_whole(self, pids: set[int]) -> None:
        """Check that the streams of these replicas, which have been told to stop, come to their end."""
        for pid in pids:
            for client in self.http.get(pid, []):
                assert (await client.rest()).endswith(b"end\n\r\n0\r\n\r\n")
            for stream in self.calls.get(pid, []):
                assert [item async for item in stream][-1] == "end\n"

    async def end_broken(self, pid: int, error: type[Exception] | None) -> None:
        """Check that what ran at a replica that is gone ends, and that its clients see that it is broken."""
        for client in self.http.pop(pid, []):
            assert not (await client.rest()).endswith(b"0\r\n\r\n")
            await client.close()
        for stream in self.calls.pop(pid, []):
            try:
                items = [item async for item in stream]
            except Exception as raised:
                assert error is not None and isinstance(raised, error), repr(raised)
            else:
                assert error is None, f"no {error}: {items[-3:]}"
        for socket in self.sockets.pop(pid, []):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await socket.recv()
            assert socket.close_code in (1006, 1011, 1012), socket.close_code

    async def finish_uploads(self) -> list[int]:
        """Send the other halves; returns the statuses (0: no answer)."""
        statuses = []
        for client in self.uploads:
            client.writer.write(HALF)
            answer = await client.rest()
            statuses.append(int(answer[9:12]) if answer else 0)
            assert statuses[-1] != 200 or answer.endswith(b"600000")
            await client.close()
        self.uploads.clear()
        return statuses
