"""The two directions of a streamed exchange: credit is kept, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from system_helpers import until

from kernelserve.exceptions import ProtocolError, RequestCancelledError
from kernelserve.replica.streams import Incoming, Outgoing, close_of
from kernelserve.transport.base import CHUNK_BYTES, FLAG_MORE, FLAG_TEXT, WINDOW, FrameKind, chunk_cost


class KeptFrames:
    """A channel that keeps what is sent."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, bytes, int]] = []

    def send(self, kind: int, stream: int, parts: Sequence[Any] = (), flags: int = 0, *_: int) -> None:
        self.frames.append((kind, b"".join(bytes(part) for part in parts), flags))

    @property
    def sent_bytes(self) -> int:
        return sum(chunk_cost(len(data)) for kind, data, _ in self.frames if kind == FrameKind.CHUNK)

    @property
    def granted(self) -> int:
        return sum(struct.unpack("<I", data)[0] for kind, data, _ in self.frames if kind == FrameKind.CREDIT)


def outgoing(channel: KeptFrames) -> Outgoing:
    return Outgoing(channel, 1, 1, asyncio.get_running_loop())  # type: ignore[arg-type]


def credit(count: int) -> bytes:
    return struct.pack("<I", count)


async def test_a_writer_stops_at_the_window_and_goes_on_with_credit() -> None:
    channel = KeptFrames()
    out = outgoing(channel)

    async def write() -> None:
        for _ in range(100):
            await out.send((bytes(10_000),))

    task = asyncio.ensure_future(write())
    await asyncio.sleep(0.01)
    assert WINDOW <= channel.sent_bytes <= WINDOW + chunk_cost(10_000)
    before = channel.sent_bytes
    out.grant(credit(25_000))
    await asyncio.sleep(0.01)
    assert channel.sent_bytes - before <= 25_000 + chunk_cost(10_000)
    out.grant(credit(2_000_000))
    await asyncio.wait_for(task, 5)
    assert channel.sent_bytes == 100 * chunk_cost(10_000)
    assert out.out_bytes == 1_000_000


async def test_large_bytes_leave_in_pieces() -> None:
    channel = KeptFrames()
    out = outgoing(channel)
    await out.send_bytes(bytes(CHUNK_BYTES * 2 + 1))
    assert [len(data) for _, data, _ in channel.frames] == [CHUNK_BYTES, CHUNK_BYTES, 1]
    await out.send_bytes(b"")
    assert len(channel.frames) == 3, "an empty piece says nothing"


async def test_closing_ends_those_that_wait() -> None:
    out = outgoing(KeptFrames())
    await out.send((bytes(WINDOW),))
    task = asyncio.ensure_future(out.send((b"x",)))
    await asyncio.sleep(0)
    out.close()
    with pytest.raises(RequestCancelledError):
        await task


async def test_a_thread_waits_for_credit_and_is_woken() -> None:
    channel = KeptFrames()
    out = outgoing(channel)
    errors: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(1_000_000):
                out.send_from_thread((bytes(5_000),))
        except RequestCancelledError as error:
            errors.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    await until(lambda: channel.sent_bytes >= WINDOW, "the window is full")
    await asyncio.sleep(0.02)
    before = channel.sent_bytes
    assert before <= WINDOW + chunk_cost(5_000)
    out.grant(credit(chunk_cost(5_000)))
    await until(lambda: channel.sent_bytes > before, "credit lets the thread go on")
    out.close()
    await asyncio.to_thread(thread.join)
    assert len(errors) == 1


@pytest.mark.parametrize("payload", [b"", b"123", b"12345"])
async def test_a_broken_credit_is_a_protocol_error(payload: bytes) -> None:
    with pytest.raises(ProtocolError, match="CREDIT"):
        outgoing(KeptFrames()).grant(payload)


async def test_credit_cannot_be_blown_up() -> None:
    channel = KeptFrames()
    out = outgoing(channel)
    for _ in range(10):
        out.grant(credit(2**32 - 1))
    assert out._granted - out._sent <= 2**31


async def test_a_body_is_granted_as_it_is_read() -> None:
    channel = KeptFrames()
    body = Incoming(channel, 1, 1)  # type: ignore[arg-type]
    assert channel.granted == WINDOW
    body.put_first(b"first")
    for _ in range(10):
        body.feed(bytes(20_000), FLAG_MORE)
    assert channel.granted == WINDOW, "nothing was read"
    assert bytes((await body.next()).data) == b"first"  # type: ignore[union-attr]
    for _ in range(10):
        await body.next()
    assert WINDOW < channel.granted <= WINDOW + 10 * chunk_cost(20_000)
    body.feed(b"end", 0)
    piece = await body.next()
    assert piece is not None and not piece.more
    assert await body.next() is None
    body.feed(b"after the end", FLAG_MORE)
    assert await body.next() is None
    assert body.in_bytes == 5 + 200_000 + 3


async def test_a_reader_is_woken_by_the_next_piece() -> None:
    body = Incoming(KeptFrames(), 1, 1)  # type: ignore[arg-type]
    reader = asyncio.ensure_future(body.next())
    await asyncio.sleep(0)
    body.feed(b"x", FLAG_MORE | FLAG_TEXT)
    piece = await asyncio.wait_for(reader, 5)
    assert piece is not None and piece.text


async def test_an_unreadable_close_is_an_abnormal_one() -> None:
    body = Incoming(KeptFrames(), 1, 1)  # type: ignore[arg-type]
    body.feed(b"\xff", 0)
    piece = await body.next()
    assert piece is not None
    assert close_of(piece).code == 1006
