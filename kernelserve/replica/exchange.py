"""One admitted request of a replica: where its answer goes, and what can end it."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kernelserve.exceptions import BackPressureError, RevisionGoneError
from kernelserve.observe.spans import encode_work
from kernelserve.replica.streams import Incoming, Outgoing
from kernelserve.transport.base import FLAG_TRACE, FLAG_UNITS, Buffer, Channel, FrameKind
from kernelserve.transport.frames import join_parts
from kernelserve.transport.messages import ErrorMeta

if TYPE_CHECKING:
    from kernelserve.context import RequestContext
    from kernelserve.replica.views import View

_encode = msgspec.msgpack.Encoder().encode


class Answer(NamedTuple):
    """What ends an exchange.

    Attributes:
        kind: RESULT or ERROR.
        parts: of the payload. A streamed answer ends with one part or none, which is then the payload itself.
        flags: of the frame.
        error: the type of the error, or "".
    """

    kind: int
    parts: list[Buffer]
    flags: int = 0
    error: str = ""


class Exchange:
    """One admitted request.

    Attributes:
        incoming: the rest of its body, if it streams.
        outgoing: its answer as a stream, once somebody asked for it.
        answered: RESULT or ERROR has been sent; the work may still go on.
        error: type of the error that was sent, or "".
        expired: it was stopped by its deadline.
        evicted: it was stopped because the replica ends.
        outlived: it was stopped because its revision was retired.
        http: it came by HTTP, and `method` is HTTP's.
        request: what the user's code sees of it, once it was decoded.
        began: `time.monotonic` at its admission.
        in_bytes: of the request; only where a span is asked for.
    """

    __slots__ = ("answered", "began", "channel", "error", "evicted", "expired", "flags", "http", "in_bytes",
                 "incoming", "key", "method", "outgoing", "outlived", "request", "revision", "started", "stream",
                 "task", "timer", "view")  # fmt: skip

    def __init__(self, channel: Channel, stream: int, flags: int, revision: int, view: View) -> None:
        self.channel = channel
        self.stream = stream
        self.key = (id(channel), stream)
        self.flags = flags
        self.revision = revision
        self.view = view
        self.method = ""
        self.http = False
        self.began = time.monotonic()
        self.in_bytes = 0
        self.started = False
        self.answered = False
        self.error = ""
        self.expired = False
        self.evicted = False
        self.outlived = False
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

    def answer(self, answer: Answer, load: int, work: bytes | None) -> None:
        """Send the answer, unless one was sent.

        Args:
            load: requests that run at the replica now.
            work: this replica's span, if the request asked for it.
        """
        if self.answered:
            return
        self.answered = True
        self.error = answer.error
        parts, flags = answer.parts, answer.flags
        if work is not None:
            parts = join_parts([*parts, work])
            flags |= FLAG_TRACE
        elif answer.kind == FrameKind.ERROR or self.outgoing is None or not self.outgoing.started:
            parts = join_parts(parts)
        self.channel.send(answer.kind, self.stream, parts, flags, load, self.revision)

    def work(self, deployment: str, replica_id: str, answer: Answer) -> bytes:
        """The span of this replica's work for the request."""
        # On the path of every journalled request: generators and named arguments would cost more than the rest.
        request, began = self.request, self.began
        wait_s, size, children = 0.0, 0, None
        if request is not None:
            children = request.spans
            if request.batches:
                wait_s, size, _ = request.batches[-1]
        in_bytes = self.in_bytes
        if self.incoming is not None:
            in_bytes += self.incoming.in_bytes
        out_bytes = 0 if self.outgoing is None else self.outgoing.out_bytes
        for part in answer.parts:
            out_bytes += len(part)
        return encode_work(
            deployment, replica_id, self.method, began, time.monotonic() - began, wait_s, size, in_bytes, out_bytes,
            answer.error, children or (),
        )  # fmt: skip

    def watch_deadline(
        self, timeout_s: float, loop: asyncio.AbstractEventLoop, expire: Callable[[Exchange], None]
    ) -> None:
        """Call `expire(self)` in `timeout_s` seconds, unless it has ended."""
        self.timer = loop.call_later(max(0.0, timeout_s), expire, self)

    def stopped(self) -> Answer:
        """The answer of a request that was cancelled, has expired, or ran when its revision or replica ended."""
        if self.expired:
            return error_answer("timeout", "TimeoutError", "The request's time is up, and its work was stopped.")
        if self.evicted:
            return error_answer(
                "unavailable",
                "ReplicaUnavailableError",
                "The replica was stopped while it ran the request: its deployment was replaced, scaled down or "
                "deleted, and graceful_shutdown_timeout_s was over. Send it again, or raise that.",
            )
        if self.outlived:
            gone = RevisionGoneError(
                f"The request's revision r{self.revision} was replaced, and its drain time is over. Send it again; "
                "raise graceful_shutdown_timeout_s for longer requests."
            )
            return error_answer("revision_gone", "RevisionGoneError", str(gone), pickled=[pickle.dumps(gone)])
        return error_answer("cancelled", "RequestCancelledError", "The request was cancelled.")


def error_answer(
    category: str,
    type_name: str,
    message: str,
    traceback: str = "",
    pickled: list[Buffer] | None = None,
    by_unit: bool = False,
    error: BaseException | None = None,
) -> Answer:
    """An ERROR frame; see `ErrorMeta` for the categories."""
    meta = ErrorMeta(category, type_name, message, traceback)
    if isinstance(error, BackPressureError):  # Of a call that the request made.
        meta = msgspec.structs.replace(meta, status=error.status_code, retry_after_s=error.retry_after_s)
    return Answer(
        int(FrameKind.ERROR), [_encode(meta), *(pickled or [])], FLAG_UNITS if by_unit else 0, type_name or category
    )
