"""What the gateway tells an app's journal of one request."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from kernelserve.observe.entry import sender_span
from kernelserve.observe.record import ErrorInfo, Preview, PreviewTap, RequestRecord, end_to_end, is_error, preview
from kernelserve.transport.base import Buffer
from kernelserve.transport.messages import ErrorMeta, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from kernelserve.gateway.answers import Answer
    from kernelserve.observe.journal import Journal
    from kernelserve.routing.call import Call
    from kernelserve.routing.directory import AppRoutes

_decode_request = msgspec.msgpack.Decoder(HttpRequest).decode
_decode_response = msgspec.msgpack.Decoder(HttpResponse).decode


class Recording:
    """One request on its way into the journal. Until it has ended it only refers to what is there anyway.

    Args:
        app: whose it is.
        meta: the encoded `HttpRequest`.
        body: what is there of its body.
        announced: bytes of its body as its head says.
        shadow: it is a copy for a revision on trial.

    Attributes:
        head: of the answer, an encoded `HttpResponse`.
        body: of the answer, if it came whole.
        work: the replica's part of the span, once it came.
    """

    __slots__ = (
        "_announced", "_app", "_began", "_body", "_journal", "_meta", "_request", "_shadow", "_tap", "body", "head",
        "work",
    )  # fmt: skip

    def __init__(
        self, journal: Journal, app: AppRoutes, meta: bytes, body: Buffer, announced: int = 0, shadow: bool = False
    ) -> None:
        self._journal = journal
        self._app = app
        self._announced = announced
        self._shadow = shadow
        self._began = time.monotonic()
        self._meta = meta
        self._body: Buffer = body
        self._request: Preview | None = None
        self._tap: PreviewTap | None = None
        self.head: Buffer = b""
        self.body: Buffer = b""
        self.work: Buffer = b""

    def let_go(self) -> None:
        """The replica has the request: its body must not be held any longer."""
        if self._request is None:
            self._request = preview("", self._body)
            self._body = b""

    def feed(self, piece: Buffer) -> None:
        """A piece of the body of a streamed answer."""
        if self._tap is None:
            self._tap = PreviewTap("")
        self._tap.feed(piece)

    def end(self, call: Call, status: int, error: ErrorInfo | None = None) -> None:
        """The request has ended."""
        now = time.monotonic()
        duration_s = now - self._began
        reason = self._journal.wants(now, duration_s, error is not None or (status >= 400 and is_error(status)))
        if reason:
            self._journal.add(reason, now, self._record(call, status, error, duration_s))

    def end_streamed(self, call: Call, error: ErrorInfo | None = None) -> None:
        """The same after a streamed answer, whose status is in its head."""
        self.end(call, _decode_response(self.head).status, error)

    def end_with(self, call: Call, answer: Answer, error: ErrorInfo | None = None) -> None:
        """The same with an answer that the gateway gives by itself."""
        self.head = msgspec.msgpack.encode(HttpResponse(answer.status, list(answer.headers)))
        self.body = answer.body
        self.end(call, answer.status, error)

    def _record(self, call: Call, status: int, error: ErrorInfo | None, duration_s: float) -> RequestRecord:
        meta = _decode_request(self._meta)
        app = self._app
        self.let_go()
        assert self._request is not None
        # Of a body that was streamed its beginning is here, and its length only if it was announced.
        size = max(self._request.size, self._announced)
        target, path = meta.raw_path.decode("latin-1"), meta.path
        if meta.query:
            query = meta.query.decode("latin-1")
            target, path = f"{target}?{query}", f"{path}?{query}"
        span = sender_span(
            self._began,
            duration_s,
            self.work,
            deployment=app.ingress,
            queued_until=call.left_queue,
            attempts=call.attempts,
            error=error.type if error is not None else "",
        )
        return RequestRecord(
            id=meta.request_id,
            time=time.time(),
            app=app.name,
            status=status,
            duration_s=duration_s,
            revision=call.revision,
            route=meta.route,
            method=meta.method,
            path=path,
            spans=span,
            request=Preview(_content_type(meta.headers), self._request.body, size),
            answer=self._answer(),
            error=error,
            headers=end_to_end(meta.headers),
            target="" if target == path else target,
            shadow=self._shadow,
        )

    def _answer(self) -> Preview | None:
        if not self.head:
            return None
        made = preview("", self.body) if self._tap is None else self._tap.preview()
        return Preview(_content_type(_decode_response(self.head).headers), made.body, made.size)


def error_of(meta: ErrorMeta) -> ErrorInfo:
    """The error of an ERROR frame."""
    return ErrorInfo(meta.type_name or meta.category, meta.message, meta.traceback)


def _content_type(headers: Sequence[tuple[bytes, bytes]]) -> str:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == b"content-type"), "")
