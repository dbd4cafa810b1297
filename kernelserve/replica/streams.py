"""The two directions of one streamed exchange: the answer that goes out, the body that comes in.

Both count bytes of credit (`transport.base.FrameKind.CREDIT`), so that neither side holds more than
`WINDOW` and one chunk for a peer that is slow.
"""

from __future__ import annotations

import asyncio
import struct
import threading
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from kernelserve.exceptions import ProtocolError, RequestCancelledError
from kernelserve.transport.base import (
    CHUNK_BYTES,
    FLAG_MORE,
    FLAG_TEXT,
    FLAG_UNITS,
    WINDOW,
    Buffer,
    Channel,
    FrameKind,
    chunk_cost,
)
from kernelserve.transport.messages import WsClose

_CREDIT = struct.Struct("<I")
_MAX_CREDIT = 2**31


class Outgoing:
    """The answer of one exchange, as CHUNKs within the credit of its reader.

    `granted` is written on the event loop and `sent` by whoever sends, which is one task or one thread at
    a time: so the thread of a ``def`` generator needs no lock.
    """

    def __init__(self, channel: Channel, stream: int, revision: int, loop: asyncio.AbstractEventLoop) -> None:
        self.started = False
        self.head = b""
        self.closed = False
        self.out_bytes = 0
        self._channel = channel
        self._stream = stream
        self._revision = revision
        self._loop = loop
        self._granted = WINDOW
        self._sent = 0
        self._waiters: list[asyncio.Future[None]] = []
        self._thread_may_go = threading.Event()

    def start(self, head: bytes = b"") -> None:
        """Send START; once."""
        self.started = True
        self.head = head
        self._channel.send(FrameKind.START, self._stream, (head,), 0, 0, self._revision)

    def grant(self, payload: Buffer) -> None:
        """A CREDIT frame came."""
        if len(payload) != _CREDIT.size:
            raise ProtocolError(f"A CREDIT frame has {len(payload)} bytes, not 4. Run one version of kernelserve.")
        self._granted = min(self._granted + _CREDIT.unpack(payload)[0], self._sent + _MAX_CREDIT)
        if self._granted > self._sent:
            self._wake()

    def close(self) -> None:
        """Nothing more will be taken: senders that wait get `RequestCancelledError`."""
        self.closed = True
        self._wake()

    async def send(self, parts: Sequence[Buffer], flags: int = 0) -> None:
        """Send one CHUNK when there is credit."""
        while self._granted <= self._sent:
            self._raise_if_closed()
            waiter = self._loop.create_future()
            self._waiters.append(waiter)
            await waiter
        self._raise_if_closed()
        self._account(parts)
        self._channel.send(FrameKind.CHUNK, self._stream, parts, flags, 0, self._revision)

    async def send_bytes(self, data: Buffer) -> None:
        """Send raw bytes, in pieces that are not too large."""
        if len(data) <= CHUNK_BYTES:
            if data:
                await self.send((data,))
            return
        view = memoryview(data)
        for start in range(0, len(view), CHUNK_BYTES):
            await self.send((view[start : start + CHUNK_BYTES],))

    def send_from_thread(self, parts: Sequence[Buffer], flags: int = 0) -> None:
        """As `send`, from a thread that is not the loop's."""
        while self._granted <= self._sent:
            self._raise_if_closed()
            self._thread_may_go.clear()
            if self._granted <= self._sent and not self.closed:
                self._thread_may_go.wait()
        self._raise_if_closed()
        self._account(parts)
        self._loop.call_soon_threadsafe(
            self._channel.send, FrameKind.CHUNK, self._stream, parts, flags, 0, self._revision
        )

    def _account(self, parts: Sequence[Buffer]) -> None:
        size = sum(len(part) for part in parts)
        self.out_bytes += size
        self._sent += chunk_cost(size)

    def _wake(self) -> None:
        self._thread_may_go.set()
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _raise_if_closed(self) -> None:
        if self.closed:
            raise RequestCancelledError


class Piece(NamedTuple):
    """What came in one CHUNK: bytes of a body, one message of a WebSocket, or an encoded item of a gRPC stream."""

    data: Buffer
    text: bool
    more: bool
    by_unit: bool = False


class Incoming:
    """The rest of a request that came with FLAG_MORE, or the messages of a WebSocket."""

    def __init__(self, channel: Channel, stream: int, revision: int) -> None:
        self._channel = channel
        self._stream = stream
        self._revision = revision
        self._pieces: deque[Piece] = deque()
        self._taken = 0
        self._ended = False
        self._waiter: asyncio.Future[None] | None = None
        self.in_bytes = 0
        self._grant(WINDOW)

    def put_first(self, data: Buffer) -> None:
        """What came with the request itself, outside any credit."""
        self.in_bytes += len(data)
        self._taken -= chunk_cost(len(data))
        self._pieces.appendleft(Piece(data, False, True))

    def feed(self, payload: Buffer, flags: int) -> None:
        """A CHUNK frame came."""
        if self._ended:
            return
        more = bool(flags & FLAG_MORE)
        self._ended = not more
        self.in_bytes += len(payload)
        self._pieces.append(Piece(payload, bool(flags & FLAG_TEXT), more, bool(flags & FLAG_UNITS)))
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def next(self) -> Piece | None:
        """The next piece, or None after the last. One reader at a time."""
        while not self._pieces:
            if self._ended:
                return None
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        piece = self._pieces.popleft()
        self._taken += chunk_cost(len(piece.data))
        if self._taken >= WINDOW // 2 and not self._ended:
            self._grant(self._taken)
            self._taken = 0
        return piece

    def _grant(self, credit: int) -> None:
        self._channel.send(FrameKind.CREDIT, self._stream, (_CREDIT.pack(credit),), 0, 0, self._revision)


def close_of(piece: Piece) -> WsClose:
    """The client's end of a WebSocket."""
    try:
        return msgspec.msgpack.decode(piece.data, type=WsClose)
    except msgspec.MsgspecError:
        return WsClose(1006)
