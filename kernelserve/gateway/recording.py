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
    from kernelserve.observe.trace_context import Entered
    from kernelserve.routing.call import Call
    from kernelserve.routing.directory import AppRoutes

_decode_request = msgspec.msgpack.Decoder(HttpRequest).decode
_decode_response = msgspec.msgpack.Decoder(HttpResponse).decode


class Recording:
    """One request on its way into the journal. Until it has ended it only refers to what is there anyway.

    Args:
        journal: may keep it; None: it is only traced.
        app: whose it is.
        meta: the encoded `HttpRequest`.
        body: what is there of its body.
        began: `time.monotonic` when it had come.
        announced: bytes of its body as its head says.
        traced: its trace, or None.
        shadow: it is a copy for a revision on trial.

    Attributes:
        head: of the answer, an encoded `HttpResponse`.
        body: of the answer, if it came whole.
        work: the replica's part of the span, once it came.
    """

    __slots__ = (
        "_announced", "_app", "_began", "_body", "_journal", "_meta", "_request", "_shadow", "_tap", "_traced", "body",
        "head", "work",
    )  # fmt: skip

    def __init__(
        self,
        journal: Journal | None,
        app: AppRoutes,
        meta: Buffer,
        body: Buffer,
        began: float,
        announced: int = 0,
        traced: Entered | None = None,
        shadow: bool = False,
    ) -> None:
        self._journal = journal
        self._app = app
        self._announced = announced
        self._shadow = shadow
        self._began = began
        self._traced = traced
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
        reason = 0
        if self._journal is not None:
            reason = self._journal.wants(now, now - self._began, error is not None or is_error(status))
        self.keep(call, status, error, reason, now)

    def keep(self, call: Call, status: int, error: ErrorInfo | None, reason: int, now: float) -> None:
        """Give it to the journal, which wants it for that reason (0: not at all), and to who exports its trace."""
        exporter = self._traced.exporter if self._traced is not None else None
        if not reason and exporter is None:
            return
        record = self._record(call, status, error, now - self._began)
        if reason and self._journal is not None:
            self._journal.add(reason, now, record)
        if exporter is not None:
            exporter.put(self._traced, record)

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
            span_id=self._traced.span_id if self._traced is not None else "",
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
            trace_id=self._traced.trace_id if self._traced is not None else "",
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
