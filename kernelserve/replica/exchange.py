"""One admitted request of a replica: where its answer goes, and what can end it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from kernelserve.replica.streams import Incoming, Outgoing
from kernelserve.transport.base import FLAG_UNITS, Buffer, Channel, FrameKind
from kernelserve.transport.frames import join_parts
from kernelserve.transport.messages import ErrorMeta

if TYPE_CHECKING:
    from kernelserve.context import RequestContext
    from kernelserve.replica.servable import View

_encode = msgspec.msgpack.Encoder().encode

Answer = tuple[int, list[Buffer], int]
"""Kind, parts and flags of an answer frame."""


class Exchange:
    """One admitted request.

    Attributes:
        incoming: the rest of its body, if it streams.
        outgoing: its answer as a stream, once somebody asked for it.
        answered: RESULT or ERROR has been sent; the work may still go on.
        expired: it was stopped by its deadline.
        request: what the user's code sees of it, once it was decoded.
    """

    __slots__ = ("answered", "channel", "expired", "flags", "incoming", "key", "outgoing", "request", "revision",
                 "started", "stream", "task", "timer", "view")  # fmt: skip

    def __init__(self, channel: Channel, stream: int, flags: int, revision: int, view: View) -> None:
        self.channel = channel
        self.stream = stream
        self.key = (id(channel), stream)
        self.flags = flags
        self.revision = revision
        self.view = view
        self.started = False
        self.answered = False
        self.expired = False
        self.incoming: Incoming | None = None
        self.outgoing: Outgoing | None = None
        self.request: RequestContext | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.task: asyncio.Task[None] | None = None

    def stream_out(self, loop: asyncio.AbstractEventLoop) -> Outgoing:
        """The answer as a stream."""
        if self.outgoing is None:
            self.outgoing = Outgoing(self.channel, self.stream, self.revision, loop)
        return self.outgoing

    def answer(self, answer: Answer, load: int) -> None:
        """Send the answer, unless one was sent."""
        if not self.answered:
            self.answered = True
            self.channel.send(answer[0], self.stream, answer[1], answer[2], load, self.revision)

    def watch_deadline(
        self, timeout_s: float, loop: asyncio.AbstractEventLoop, expire: Callable[[Exchange], None]
    ) -> None:
        """Call `expire(self)` in `timeout_s` seconds, unless it has ended."""
        self.timer = loop.call_later(max(0.0, timeout_s), expire, self)

    def stopped(self) -> Answer:
        """The answer of a request that was cancelled or has expired."""
        if self.expired:
            return error_answer("timeout", "TimeoutError", "The request's time is up, and its work was stopped.")
        return error_answer("cancelled", "RequestCancelledError", "The request was cancelled.")


def error_answer(
    category: str,
    type_name: str,
    message: str,
    traceback: str = "",
    pickled: list[Buffer] | None = None,
    by_unit: bool = False,
) -> Answer:
    """An ERROR frame; see `ErrorMeta` for the categories."""
    meta = ErrorMeta(category, type_name, message, traceback)
    return int(FrameKind.ERROR), join_parts([_encode(meta), *(pickled or [])]), FLAG_UNITS if by_unit else 0
