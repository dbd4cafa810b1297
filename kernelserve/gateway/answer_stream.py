"""A streamed answer on its way to an HTTP client: framing, coalescing and credit."""

from __future__ import annotations

import asyncio
import enum
from typing import TYPE_CHECKING

from kernelserve.gateway.flow import Allowance, SendWatch
from kernelserve.transport.base import Buffer, chunk_cost

if TYPE_CHECKING:
    from kernelserve.routing.call import Call


class Framing(enum.Enum):
    """How a client finds the end of a body."""

    NONE = "no body"
    LENGTH = "content-length"
    CHUNKED = "chunked"
    CLOSE = "until close"


class AnswerStream:
    """Body of one streamed answer, after its head.

    What comes in one tick of the loop leaves in one write, the head with the first chunk if they came
    together; nothing waits for longer.

    Args:
        head: bytes to write first.
        length: the content-length for `Framing.LENGTH`.
    """

    __slots__ = ("_flush_due", "_framing", "_left", "_loop", "_out", "_taken", "_transport", "_watch", "allowance")

    def __init__(
        self, call: Call, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, watch: SendWatch,
        head: bytes, framing: Framing, length: int = 0,
    ) -> None:  # fmt: skip
        self.allowance = Allowance(call, watch.paused)
        self._transport = transport
        self._loop = loop
        self._watch = watch
        self._framing = framing
        self._left = length
        self._out: list[Buffer] = []
        self._taken = 0
        self._flush_due = False
        self._put(head)

    @property
    def until_close(self) -> bool:
        return self._framing is Framing.CLOSE

    def piece(self, payload: Buffer) -> None:
        """Write a CHUNK's payload, or drop it where the answer may not have it."""
        size = len(payload)
        self._taken += chunk_cost(size)
        match self._framing:
            case Framing.CHUNKED if size:  # An empty one would be the end.
                self._put(b"%x\r\n" % size, payload, b"\r\n")
            case Framing.CLOSE:
                self._put(payload)
            case Framing.LENGTH:
                # More than was announced would be read as the next answer.
                piece = payload if size <= self._left else memoryview(payload)[: self._left]
                self._left -= len(piece)
                self._put(piece)
            case _:
                self._put()

    def end(self) -> bool:
        """Write the end; False if the answer is shorter than announced."""
        if self._framing is Framing.CHUNKED:
            self._put(b"0\r\n\r\n")
        self.flush()
        return self._left == 0

    def flush(self) -> None:
        """Write what came."""
        self._flush_due = False
        taken, self._taken = self._taken, 0
        out, self._out = self._out, []
        if self._transport.is_closing():
            return  # The call is being cancelled.
        if out:
            self._watch.wrote(sum(map(len, out)))
            # May pause this stream before it returns, so credit is given back after it.
            self._transport.write(b"".join(out))
        if taken:
            self.allowance.took(taken)

    def _put(self, *parts: Buffer) -> None:
        self._out += parts
        if not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self._flush_if_due)

    def _flush_if_due(self) -> None:
        if self._flush_due:
            self.flush()
