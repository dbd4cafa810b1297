"""One request as the journal keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kernelserve.transport.base import Buffer

BODY_BYTES = 64 * 1024
"""Bodies up to here are kept whole."""
TEXT_CHARS = 16 * 1024
"""Messages and tracebacks are cut here."""
PATH_CHARS = 2048
"""Paths are cut here."""
TARGET_CHARS = 16 * 1024
"""Longer targets are not kept."""
RECORD_OVERHEAD = 1024
"""What the objects of a record take beside the bytes that they hold, estimated."""
_HEADER_OVERHEAD = 160

PICKLE = "application/x-pickle"
"""Content type of previews of handle calls: the pickle and its buffers, one after the other."""
CANCELLED_STATUS = 499
"""HTTP status of a request that its client gave up."""


SHADOW_SUFFIX = "-shadow"
REPLAY_PREFIX = "replay-"
"""Request ids of requests that were sent again begin so; the beginning of the first id and a letter follow."""
REPLAYED_ID_CHARS = 100
_BRIEF_CHARS = 200

Headers = tuple[tuple[bytes, bytes], ...]
_OF_CONNECTIONS = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)


def end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers without those that are only for the connection; names are in lower case already."""
    return tuple(header for header in headers if header[0] not in _OF_CONNECTIONS)


# Thousands of these are kept, and none can be part of a cycle: the garbage collector need not look at them.
class Preview(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A body as it is kept: whole, or its beginning.

    Attributes:
        content_type: as the sender named it.
        body: the first `BODY_BYTES` of it.
        size: bytes of the whole.
    """

    content_type: str
    body: bytes
    size: int

    @property
    def cut(self) -> bool:
        """Whether the body went on."""
        return self.size > len(self.body)


class ErrorInfo(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The error that a request ended with."""

    type: str
    message: str
    traceback: str = ""


class RequestRecord(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """One request.

    Attributes:
        id: its request id.
        time: Unix time of its end.
        app: the app's name.
        route: the app's route prefix; "" for a handle call.
        method: HTTP method, or the method that a handle called.
        path: path of the URL; for a handle call the deployment.
        revision: the revision that served it.
        status: HTTP status, or ``ok``, ``error`` or ``cancelled`` of a handle call.
        duration_s: from its last byte in to its last byte out.
        spans: as `spans.encode_span` made them; empty if there are none.
        request: beginning of what came in; `answer` of what went out.
        error: what it ended with, or None.
        headers: of an HTTP request, without those that are only for the connection.
        target: path and query of the URL as they came, where `path` does not say it.
        shadow: it is a copy that was sent to a revision on trial, whose answer nobody got; its id is that of the
            request with `SHADOW_SUFFIX`.
        redacted: the app's redact function changed what came in, so that it cannot be sent again.
        trace_id: of the W3C trace that it belongs to, 32 hexadecimal digits; "" if it was not traced.
    """

    id: str
    time: float
    app: str
    status: int | str
    duration_s: float
    revision: int = 0
    route: str = ""
    method: str = ""
    path: str = ""
    spans: bytes = b""
    request: Preview | None = None
    answer: Preview | None = None
    error: ErrorInfo | None = None
    headers: Headers = ()
    target: str = ""
    shadow: bool = False
    redacted: bool = False
    trace_id: str = ""

    def without_bodies(self) -> RequestRecord:
        """The same without headers and the previews of request and answer."""
        return msgspec.structs.replace(self, request=None, answer=None, headers=())

    def brief(self) -> RequestRecord:
        """What a table shows of it: without bodies, headers and traceback, and with the beginning of its error."""
        error = self.error
        if error is not None:
            error = ErrorInfo(error.type, error.message[:_BRIEF_CHARS])
        return msgspec.structs.replace(self, request=None, answer=None, headers=(), target="", error=error)

    def came_as(self, other: RequestRecord) -> bool:
        """Whether what came in is the same in both."""
        ours = (self.method, self.path, self.target, self.headers, self.request)
        return ours == (other.method, other.path, other.target, other.headers, other.request)


def is_cancelled(status: int | str) -> bool:
    """Whether nobody waited for the answer any more."""
    return status == "cancelled" or status == CANCELLED_STATUS


def is_error(status: int | str) -> bool:
    """Whether a status is an error: a handle call's, or an HTTP status from 400 on that is no cancellation.

    Example:
        >>> is_error(422), is_error(200), is_error("error"), is_error(499)
        (True, False, True, False)
    """
    if isinstance(status, str):
        return status == "error"
    return status >= 400 and status != CANCELLED_STATUS


def preview(content_type: str, *parts: Buffer) -> Preview:
    """A body's preview; copies what it keeps, so that no frame is held."""
    if len(parts) == 1 and type(parts[0]) is bytes and len(parts[0]) <= BODY_BYTES:
        return Preview(content_type, parts[0], len(parts[0]))
    kept, size = bytearray(), 0
    for part in parts:
        view = memoryview(part).cast("B")
        size += view.nbytes
        if len(kept) < BODY_BYTES:
            kept += view[: BODY_BYTES - len(kept)]
    return Preview(content_type, bytes(kept), size)


class PreviewTap:
    """Makes the preview of a stream while its chunks pass.

    Example:
        >>> tap = PreviewTap("text/plain")
        >>> tap.feed(b"one "), tap.feed(b"two")
        (None, None)
        >>> tap.preview().body
        b'one two'
    """

    __slots__ = ("content_type", "kept", "size")

    def __init__(self, content_type: str) -> None:
        self.content_type = content_type
        self.kept = bytearray()
        self.size = 0

    def feed(self, chunk: Buffer) -> None:
        """Take the next chunk."""
        self.size += len(chunk)
        room = BODY_BYTES - len(self.kept)
        if room > 0:
            self.kept += chunk if len(chunk) <= room else memoryview(chunk)[:room]

    def preview(self) -> Preview:
        """What has passed so far."""
        return Preview(self.content_type, bytes(self.kept), self.size)


def bounded(record: RequestRecord) -> RequestRecord:
    """The record with every part of it within its limit."""
    changes: dict[str, object] = {}
    if len(record.path) > PATH_CHARS:
        changes["path"] = record.path[:PATH_CHARS] + "…"
        target = record.target or record.path
        changes["target"] = target if len(target) <= TARGET_CHARS else ""
    error = record.error
    if error is not None and (len(error.message) > TEXT_CHARS or len(error.traceback) > TEXT_CHARS):
        # Of a traceback the end is what tells.
        end = error.traceback[-TEXT_CHARS:]
        changes["error"] = ErrorInfo(error.type, error.message[:TEXT_CHARS], end)
    for name in ("request", "answer"):
        body = getattr(record, name)
        if body is not None and len(body.body) > BODY_BYTES:
            changes[name] = Preview(body.content_type, body.body[:BODY_BYTES], body.size)
    return msgspec.structs.replace(record, **changes) if changes else record


def size_of(record: RequestRecord) -> int:
    """Bytes that a record takes, estimated from those that it holds."""
    size = RECORD_OVERHEAD + len(record.spans) + len(record.path) + len(record.id)
    for body in (record.request, record.answer):
        if body is not None:
            size += len(body.body)
    size += len(record.target) + sum(len(name) + len(value) + _HEADER_OVERHEAD for name, value in record.headers)
    if record.error is not None:
        size += 2 * (len(record.error.message) + len(record.error.traceback))
    return size


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[RequestRecord])


def encode_records(records: Sequence[RequestRecord]) -> bytes:
    """Records for another process."""
    return _encoder.encode(records)


def decode_records(buffer: Buffer) -> list[RequestRecord]:
    """What `encode_records` wrote; raises `msgspec.DecodeError` for anything else."""
    return _decoder.decode(buffer)
