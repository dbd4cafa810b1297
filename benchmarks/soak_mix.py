"""The kinds of requests of the soak: how each is asked for, and what has to come of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import connect

from kernelserve.exceptions import RequestCancelledError
from kernelserve.handle import DeploymentHandle

UPLOAD = bytes(400_000)
"""More than the gateway hands on in one piece."""
ARRAY = bytes(1_500_000)
"""More than goes through a socket: it goes by shared memory."""

Kind = Callable[["Worker"], Awaitable[None]]
KINDS: dict[str, tuple[int, Kind]] = {}
"""Name → weight and function. A function that returns had what it has to get."""


class Unexpected(Exception):
    """A request ended in another way than it has to."""


class Worker:
    """Sends one request after the other, over one connection as long as that lasts.

    Args:
        url: the app's.
        inner: a handle of its deployment Inner.
    """

    def __init__(self, url: str, inner: DeploymentHandle[Any]) -> None:
        parts = urlsplit(url)
        self.inner = inner
        self.host, self.port, self.prefix = parts.hostname or "", parts.port or 0, parts.path
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, method: str = "GET", headers: str = "", body: bytes = b"") -> asyncio.StreamReader:
        """Send a request; what is read next is its answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self._streams
        length = f"content-length: {len(body)}\r\n" if body else ""
        head = f"{method} {self.prefix}{path} HTTP/1.1\r\nhost: {self.host}\r\n{headers}{length}\r\n"
        writer.write(head.encode("ascii") + body)
        return reader

    async def get(self, path: str, expected: int, **options: Any) -> bytes:
        """The body of an answer with the expected status."""
        reader = await self.ask(path, **options)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await _body(reader, head)
        if b"connection: close" in head:
            await self.close()
        if int(head[9:12]) != expected:
            raise Unexpected(f"{path} was answered with {head[9:12]!r}, not {expected}: {body[:200]!r}")
        return body

    async def close(self) -> None:
        """End the connection, with whatever is going on."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        return await reader.readexactly(int(head[at + 17 : head.index(b"\r\n", at + 17)]))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body


def _same(found: object, expected: object) -> None:
    if found != expected:
        raise Unexpected(f"{str(found)[:200]} came, not {str(expected)[:200]}")


def kind(weight: int) -> Callable[[Kind], Kind]:
    """Take a function into the mix, `weight` times of a thousand."""

    def add(function: Kind) -> Kind:
        KINDS[function.__name__] = weight, function
        return function

    return add


# --- HTTP ---


@kind(340)
async def http_ok(worker: Worker) -> None:
    _same(await worker.get("/ok", 200), b'"ok"')


@kind(80)
async def http_composed(worker: Worker) -> None:
    _same(await worker.get("/add", 200), b"2")


@kind(50)
async def http_error(worker: Worker) -> None:
    await worker.get("/error", 500)


@kind(30)
async def http_timed_out(worker: Worker) -> None:
    await worker.get("/wait", 408, headers="x-request-timeout-seconds: 0.03\r\n")


@kind(30)
async def http_cancelled(worker: Worker) -> None:
    await worker.ask("/wait")
    await asyncio.sleep(0.01)
    await worker.close()


@kind(10)
async def http_cancelled_thread(worker: Worker) -> None:
    await worker.ask("/thread")
    await asyncio.sleep(0.005)
    await worker.close()


@kind(50)
async def http_streamed(worker: Worker) -> None:
    _same(await worker.get("/stream?count=8", 200), b"".join(b"%d\n" % number for number in range(8)))


@kind(15)
async def http_stream_left(worker: Worker) -> None:
    reader = await worker.ask("/stream?count=1000000")
    await reader.readuntil(b"\n7\n")
    await worker.close()


@kind(10)
async def http_uploaded(worker: Worker) -> None:
    _same(await worker.get("/upload", 200, method="POST", body=UPLOAD), b"%d" % len(UPLOAD))


@kind(5)
async def http_upload_left(worker: Worker) -> None:
    head = "content-length: 1000000\r\n"
    await worker.ask("/upload", method="POST", headers=head)
    assert worker._streams is not None
    worker._streams[1].write(UPLOAD)
    await asyncio.sleep(0.01)
    await worker.close()


@kind(5)
async def web_socket(worker: Worker) -> None:
    async with connect(f"ws://{worker.host}:{worker.port}{worker.prefix}/socket", compression=None) as socket:
        for text in ("one", "two"):
            await socket.send(text)
            _same(await socket.recv(), text)


@kind(5)
async def web_socket_left(worker: Worker) -> None:
    socket = await connect(f"ws://{worker.host}:{worker.port}{worker.prefix}/socket", compression=None)
    await socket.send("last")
    socket.transport.abort()
    await socket.wait_closed()


# --- handles ---


@kind(170)
async def handle_ok(worker: Worker) -> None:
    _same(await worker.inner.add.remote(1), 2)


@kind(40)
async def handle_thread(worker: Worker) -> None:
    _same(await worker.inner.echo.remote("text"), "text")


@kind(40)
async def handle_error(worker: Worker) -> None:
    try:
        await worker.inner.fail.remote("as asked")
    except ValueError:
        return
    raise Unexpected("fail() did not raise")


@kind(30)
async def handle_cancelled(worker: Worker) -> None:
    response = worker.inner.wait.remote(30.0)
    await asyncio.sleep(0.005)
    response.cancel()
    try:
        await response
    except RequestCancelledError:
        return
    raise Unexpected("a cancelled call had an answer")


@kind(10)
async def handle_cancelled_thread(worker: Worker) -> None:
    response = worker.inner.wait_in_thread.remote(0.02)
    await asyncio.sleep(0.005)
    response.cancel()
    with contextlib.suppress(RequestCancelledError):  # The answer may have been quicker.
        await response


@kind(20)
async def handle_timed_out(worker: Worker) -> None:
    try:
        async with asyncio.timeout(0.01):
            await worker.inner.wait.remote(30.0)
    except TimeoutError:
        return
    raise Unexpected("wait() was quicker than its time")


@kind(20)
async def handle_streamed(worker: Worker) -> None:
    _same([item async for item in worker.inner.options(stream=True).numbers.remote(8)], list(range(8)))


@kind(10)
async def handle_streamed_from_thread(worker: Worker) -> None:
    stream = worker.inner.options(stream=True).numbers_in_thread.remote(8)
    _same([item async for item in stream], list(range(8)))


@kind(10)
async def handle_stream_left(worker: Worker) -> None:
    stream = worker.inner.options(stream=True).numbers.remote(1_000_000)
    _same(await anext(stream), 0)
    stream.cancel()


@kind(10)
async def batched(worker: Worker) -> None:
    _same(await worker.inner.double.remote(4), 8)


@kind(2)
async def batched_error(worker: Worker) -> None:
    try:
        await worker.inner.double.remote(-1)
    except ValueError:
        return
    raise Unexpected("a bad item had an answer")


@kind(6)
async def multiplexed(worker: Worker) -> None:
    model_id = f"model {random.randrange(6)}"
    _same(await worker.inner.options(multiplexed_model_id=model_id).with_model.remote(), model_id)


@kind(2)
async def large(worker: Worker) -> None:
    _same(await worker.inner.echo.remote(ARRAY), ARRAY)


class Mix:
    """Requests of all kinds in their shares, in an order that a seed decides.

    Attributes:
        done: requests by kind.
        unexpected: what went wrong, the first of each kind.
    """

    def __init__(self, url: str, inner: DeploymentHandle[Any], seed: int = 1) -> None:
        self.done: Counter[str] = Counter()
        self.unexpected: dict[str, str] = {}
        self._url = url
        self._inner = inner
        self._random = random.Random(seed)

    async def run(self, count: int, workers: int) -> None:
        """Send `count` requests, `workers` at a time; returns when all are over."""
        names = self._random.choices(list(KINDS), [weight for weight, _ in KINDS.values()], k=count)
        await asyncio.gather(*(self._work(names) for _ in range(workers)))

    async def _work(self, names: list[str]) -> None:
        worker = Worker(self._url, self._inner)
        while names:
            name = names.pop()
            try:
                async with asyncio.timeout(60):
                    await KINDS[name][1](worker)
            except Exception as error:  # Whatever it is, it is the soak's finding.
                self.unexpected.setdefault(name, f"{type(error).__name__}: {error}")
                await worker.close()
            self.done[name] += 1
        await worker.close()
