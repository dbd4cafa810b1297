"""Spans: what one deployment did for a request, and what the calls that it made did.

Two processes write one. The replica knows its work (`encode_work`), the sender how the call got there and how
long its answer took (`encode_span`, which wraps the work unread). Clocks of two hosts differ, so a span holds
durations, and the only times in it, when work began and when a call of it was sent, are of one process's clock.

Encoding is on the path of every request (about 1 µs a hop); `decode_spans` is for those who look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from kernelserve.exceptions import ProtocolError
from kernelserve.transport.base import Buffer

MAX_SPAN_BYTES = 64 * 1024
"""Encoded calls that one piece of work keeps; those over it are counted and left out."""
MAX_CHILDREN = 512
"""Calls of one piece of work that are kept; those over it are counted and left out."""

_encode = msgspec.msgpack.Encoder().encode
_Raw = msgspec.Raw


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One deployment's part of a request.

    Attributes:
        deployment: its name; `replica_id` is empty if no replica answered.
        method: what was called.
        start_s: seconds after the parent's work began at which the call was made; 0 for the first.
        duration_s: from the call to its answer, as the sender saw it.
        queue_s: waited in the sender for a free replica.
        attempts: replicas that it was sent to, 2 if the first one died.
        run_s: from the replica's admission to its answer, waiting for calls of its own included.
        batch_wait_s: waited for others to come into its batch.
        batch_size: requests in that batch, 0 without one.
        in_bytes: payload of the call; `out_bytes` of the answer.
        error: type of the error that it ended with, or "".
        children: the calls that it made, in the order in which they ended.
        dropped: calls that it made and that are not among `children`, because there were too many.
        span_id: in a W3C trace, 16 hexadecimal digits; "" if the request was not traced.
    """

    deployment: str
    replica_id: str = ""
    method: str = ""
    start_s: float = 0.0
    duration_s: float = 0.0
    queue_s: float = 0.0
    attempts: int = 1
    run_s: float = 0.0
    batch_wait_s: float = 0.0
    batch_size: int = 0
    in_bytes: int = 0
    out_bytes: int = 0
    error: str = ""
    children: tuple[Span, ...] = ()
    dropped: int = 0
    span_id: str = ""

    def walk(self) -> Iterator[Span]:
        """This span and all below it, callers first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def __str__(self) -> str:
        return "\n".join(_lines(self, 0))


class _Work(msgspec.Struct, frozen=True, array_like=True):
    """What `encode_work` writes. `began` is a time of the replica's monotonic clock."""

    deployment: str
    replica_id: str
    method: str
    began: float
    run_s: float
    batch_wait_s: float
    batch_size: int
    in_bytes: int
    out_bytes: int
    error: str
    dropped: int
    children: tuple[_Sent, ...]


class _Sent(msgspec.Struct, frozen=True, array_like=True):
    """What `encode_span` writes. `sent` is a time of the sender's monotonic clock."""

    sent: float
    duration_s: float
    queue_s: float
    attempts: int
    work: _Work
    span_id: str = ""


_decode = msgspec.msgpack.Decoder(_Sent).decode


def encode_work(
    deployment: str,
    replica_id: str,
    method: str,
    began: float,
    run_s: float,
    batch_wait_s: float = 0.0,
    batch_size: int = 0,
    in_bytes: int = 0,
    out_bytes: int = 0,
    error: str = "",
    children: Sequence[bytes] = (),
) -> bytes:
    """A replica's part of a span: the last part of an answer to a request with ``FLAG_TRACE``.

    Args:
        began: `time.monotonic` at admission.
        error: name of the error's type, or "".
        children: what `add_span` collected while it ran.
    """
    dropped, kept = _bounded(children) if children else (0, ())
    sizes = (batch_size, in_bytes, out_bytes)
    return _encode((deployment, replica_id, method, began, run_s, batch_wait_s, *sizes, error, dropped, kept))


def encode_span(
    sent: float, duration_s: float, work: Buffer, *, queue_s: float = 0.0, attempts: int = 1, span_id: str = ""
) -> bytes:
    """A whole span: the sender's part around the work that came with the answer.

    Args:
        sent: `time.monotonic` when the call was made.
        work: as `encode_work` made it. Without an answer the sender makes one itself, with the error's type.
        span_id: where the request is traced.
    """
    if span_id:
        return _encode((sent, duration_s, queue_s, attempts, _Raw(work), span_id))
    return _encode((sent, duration_s, queue_s, attempts, _Raw(work)))


def add_span(spans: list[bytes], span: bytes) -> None:
    """Put the span of an ended call to those of its caller (`context.RequestContext.spans`)."""
    # Over the limit only the fact is kept: `encode_work` counts the empty ones.
    spans.append(span if len(spans) < MAX_CHILDREN else b"")


def decode_spans(buffer: Buffer) -> Span:
    """The tree that `encode_span` wrote.

    Raises:
        ProtocolError: these are not the bytes of a span.

    Example:
        >>> work = encode_work("Index", "app#Index#1", "search", began=5.0, run_s=0.25)
        >>> decode_spans(encode_span(7.0, 0.3, work, queue_s=0.04)).queue_s
        0.04
    """
    try:
        return _span(_decode(buffer), None)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProtocolError(
            f"Spans cannot be read: {error} (in {len(buffer)} bytes). "
            "Run the same version of kernelserve on both sides."
        ) from error


def _bounded(children: Sequence[bytes]) -> tuple[int, list[msgspec.Raw]]:
    kept: list[msgspec.Raw] = []
    left = MAX_SPAN_BYTES
    for child in children:
        if child and len(child) <= left:
            left -= len(child)
            kept.append(_Raw(child))
    return len(children) - len(kept), kept


def _span(sent: _Sent, began: float | None) -> Span:
    work = sent.work
    return Span(
        deployment=work.deployment,
        replica_id=work.replica_id,
        method=work.method,
        start_s=0.0 if began is None else sent.sent - began,
        duration_s=sent.duration_s,
        queue_s=sent.queue_s,
        attempts=sent.attempts,
        run_s=work.run_s,
        batch_wait_s=work.batch_wait_s,
        batch_size=work.batch_size,
        in_bytes=work.in_bytes,
        out_bytes=work.out_bytes,
        error=work.error,
        children=tuple(_span(child, work.began) for child in work.children),
        dropped=work.dropped,
        span_id=sent.span_id,
    )


def _lines(span: Span, depth: int) -> Iterator[str]:
    parts = [f"{'  ' * depth}{span.deployment}.{span.method or '?'}  {_ms(span.duration_s)} at {_ms(span.start_s)}"]
    parts.append(f"run {_ms(span.run_s)}")
    if span.queue_s:
        parts.append(f"queued {_ms(span.queue_s)}")
    if span.batch_size:
        parts.append(f"batch of {span.batch_size}, waited {_ms(span.batch_wait_s)}")
    if span.attempts > 1:
        parts.append(f"{span.attempts} attempts")
    if span.error:
        parts.append(span.error)
    yield ", ".join(parts)
    for child in span.children:
        yield from _lines(child, depth + 1)
    if span.dropped:
        yield f"{'  ' * (depth + 1)}and {span.dropped} more calls"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
