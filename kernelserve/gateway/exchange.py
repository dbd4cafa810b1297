"""One request of a connection, from its last byte to the first byte of its answer."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

import msgspec

from kernelserve.exceptions import DeploymentUnavailableError, ProtocolError, RayServeException
from kernelserve.gateway.answer_stream import Framing
from kernelserve.gateway.answers import (
    CLIENT_CLOSED_REQUEST,
    Answer,
    Head,
    InvalidResponseError,
    answer_to_error,
    answer_to_failure,
    text_answer,
    timed_out,
)
from kernelserve.gateway.flow import ChunkSender, amount_in
from kernelserve.gateway.recording import Recording, error_of
from kernelserve.observe.entry import error_info
from kernelserve.observe.record import is_error
from kernelserve.routing.call import Call
from kernelserve.transport.base import FLAG_TRACE, Buffer, FrameKind
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import ErrorMeta

if TYPE_CHECKING:
    from kernelserve.gateway.connection import Connection
    from kernelserve.gateway.request_head import RequestHead
    from kernelserve.observe.record import ErrorInfo
    from kernelserve.routing.directory import AppRoutes
    from kernelserve.routing.router import Router

_decode_error = msgspec.msgpack.Decoder(ErrorMeta).decode
# What reading a malformed payload raises.
_UNREADABLE = (ProtocolError, ValueError, IndexError, struct.error, msgspec.MsgspecError)


class Ready:
    """A request whose answer is known already, and that waits for its turn on the connection."""

    __slots__ = ("answer", "request")

    def __init__(self, request: RequestHead, answer: Answer) -> None:
        self.request = request
        self.answer = answer

    def release(self) -> None:
        """Holds nothing."""


class HttpCall(Call):
    """One HTTP request, or WebSocket, on its way to a replica.

    Args:
        connection: writes the answer.
        request: its head.
        meta: the encoded `HttpRequest`.
        body: what is there of its body; counted as held, and given back when it is let go of.
        flags: of the HTTP frame.

    Attributes:
        upload: hands on the rest of its body, or its messages.
        begun: a part of the answer has been written.
        done: nothing more of the answer is wanted.
        journal: of its app, or None.
        began: `time.monotonic` when it had come.
        recording: what goes into the journal and the trace, once more than the request itself must be kept for it.
        status: of its answer, as far as that is known.
        came: as `began`; None: how long it takes is not counted.
    """

    __slots__ = ("_broken", "_entry", "app", "began", "begun", "came", "connection", "deadline", "done", "held",
                 "journal", "recording", "request", "router", "status", "upload")  # fmt: skip

    def __init__(self, connection: Connection, request: RequestHead, meta: bytes, body: Buffer, flags: int = 0) -> None:
        parts = join_parts((meta, body))
        super().__init__(FrameKind.HTTP, parts, 0, flags, request.method.retry_safe, request.request_id)
        if request.special:
            self.multiplexed_model_id = request.model_id
            self.session_id = request.session_id
        route = request.route
        self.app = route.app
        self.status = CLIENT_CLOSED_REQUEST
        self.began = time.monotonic()
        self.came: float | None = self.began
        self._broken = False
        self._entry = route.entry
        self._entry.ongoing.value += 1
        self.connection = connection
        self.request = request
        self.held = len(body)
        self.router: Router | None = None
        self.upload: ChunkSender | None = None
        self.recording: Recording | None = None
        self.journal = connection.state.journals.get(self.app.name)
        if self.journal is not None or (request.traced is not None and request.traced.exporter is not None):
            self.flags |= FLAG_TRACE
        self.deadline = 0.0
        self.begun = False
        self.done = False

    def start(self) -> None:
        """Enter a revision of the app and hand the request to its ingress's router."""
        app = self.app
        state = self.connection.state
        timeout_s = self.request.timeout_s
        if timeout_s is not None:
            self.deadline = state.loop.time() + timeout_s
            state.watch(self)
        if not app.current:
            self.on_failure(DeploymentUnavailableError(_gone(app.name, app.deleted_reason)))
            return
        try:
            if app.trial is None and not self.request.revision:
                self.revision = app.enter()
            else:
                self._enter_one_of(app)
            self.retry_safe = self.retry_safe or app.retry_on_replica_failure(app.ingress, self.revision)
            self.router = app.router(app.ingress)
            self.router.submit(self)
        except RayServeException as error:
            self.on_failure(error)

    def _enter_one_of(self, app: AppRoutes) -> None:
        """Enter the revision that the request asks for or falls to."""
        wanted = self.request.revision
        self.revision = app.enter_at(wanted) if wanted else app.enter(self.session_id)
        if not wanted:  # Who asks for a revision wants that one, and no copy at the other.
            self.connection.state.mirrors.take(self)

    def on_frame(self, kind: int, flags: int, payload: Buffer) -> None:
        """Write the replica's answer, or the end of it."""
        if self.done:
            return
        if self.begun:
            self._end_stream(kind, flags, payload)
            return
        try:
            parts = split_parts(payload)
            work: Buffer = parts.pop() if flags & FLAG_TRACE else b""
            if kind != FrameKind.RESULT:
                error = _decode_error(parts[0])
                self._end_with(self._error_answer(error), error_of(error), work)
                return
            meta, body = parts
            head = self.connection.state.heads.get(bytes(meta))
        except InvalidResponseError as error:
            self._end_with(text_answer(500, str(error)))
        except _UNREADABLE as error:
            self._end_with(_unreadable(error))
        else:
            if self.flags & FLAG_TRACE:
                self._note(head.status, meta, body, work)
            self.status = head.status
            self.release()
            self.connection.answered(self, head, body)

    def _note(self, status: int, meta: Buffer, body: Buffer, work: Buffer) -> None:
        """A whole answer has come. Most are not wanted by the journal, and nothing is made for those."""
        now = time.monotonic()
        reason = 0
        if self.journal is not None:
            reason = self.journal.wants(now, now - self.began, status >= 400 and is_error(status))
        if reason or self.request.traced is not None:
            recording = self._recorded()
            assert recording is not None
            recording.head, recording.body, recording.work = meta, body, work
            recording.keep(self, status, None, reason, now)

    def _recorded(self) -> Recording | None:
        """What is kept of the request; None if it is neither journalled nor exported."""
        if self.recording is None and self.flags & FLAG_TRACE:
            request = self.request
            # The encoded head and the body are the second and the last part, as `join_parts` made them.
            self.recording = Recording(
                self.journal, self.app, self.parts[1], self.parts[-1], self.began, request.length, request.traced
            )
        return self.recording

    def _end_stream(self, kind: int, flags: int, payload: Buffer) -> None:
        """The last frame of an answer that has begun."""
        error: ErrorInfo | None = None
        broken = kind != FrameKind.RESULT
        try:
            parts = split_parts(payload) if broken or flags & FLAG_TRACE else [memoryview(payload)]
            work = parts.pop() if flags & FLAG_TRACE else b""
            if broken:
                error = error_of(_decode_error(parts[0]))
        except _UNREADABLE as unreadable:
            broken, parts, work, error = True, [], b"", error_info(unreadable)
        recording = self._recorded()
        if recording is not None:
            recording.work = work
            recording.end_streamed(self, error)
        self._broken = broken
        self.release()
        if broken:
            # The client sees that the answer is broken; the error's text has no place in its middle.
            self.connection.broken(self)
        else:
            self.connection.ended(self, parts[0] if parts else b"")

    def on_stream(self, kind: int, flags: int, payload: Buffer) -> None:
        """Write the beginning or a piece of the answer, or let more of the request go out."""
        if self.done:
            return
        recording = self._recorded()  # First: it is made of the parts.
        # The replica has the request, and it is not sent again.
        if self.held:
            self.connection.state.held_bytes -= self.held
            self.held = 0
        self.parts = ()
        if recording is not None:
            recording.let_go()
            if kind == FrameKind.CHUNK:
                recording.feed(payload)
            elif kind == FrameKind.START:
                recording.head = bytes(payload)
        try:
            if kind == FrameKind.CHUNK and self.begun:
                self.connection.piece(self, flags, payload)
            elif kind == FrameKind.CREDIT:
                self._granted(amount_in(payload))
            elif kind == FrameKind.START and not self.begun:
                self.connection.began(self, payload)
            else:
                raise ProtocolError(f"a frame of kind {kind} came out of its order")
        except InvalidResponseError as error:
            self._give_up(text_answer(500, str(error)))
        except _UNREADABLE as error:
            self._give_up(_unreadable(error))

    def on_failure(self, error: Exception) -> None:
        """Write why no replica answered."""
        if self.done:
            return
        if self.begun:
            recording = self._recorded()
            if recording is not None:
                recording.end_streamed(self, error_info(error))
            self._broken = True
            self.release()
            self.connection.broken(self)
        else:
            self._end_with(answer_to_failure(error), error_info(error))

    def expire(self) -> None:
        """The deadline has passed: cancel, and answer 408."""
        if not self.done:
            self._give_up(timed_out(self.request.timeout_s or 0.0))

    def cancel(self, status: int = CLIENT_CLOSED_REQUEST) -> None:
        """Nobody waits for the answer any more; it is counted under `status`."""
        if not self.done:
            recording = self._recorded()
            if recording is not None:
                recording.end(self, CLIENT_CLOSED_REQUEST)
            self.status = status
            self._stop()

    def _stop(self) -> None:
        self.release()
        if self.router is not None:
            self.router.cancel(self)

    def release(self) -> None:
        """Mark as done and give back what the request held. Call it once."""
        self.done = True
        status = self.status
        failed = self._broken or (status >= 400 and status != CLIENT_CLOSED_REQUEST)
        self._entry.ended(self.request.method.name, status, failed, self.came)
        state = self.connection.state
        if self.held:
            state.held_bytes -= self.held
        if self.upload is not None:
            self.upload.drop()
        if self.request.timeout_s is not None:
            state.unwatch(self)
        if self.revision:
            self.app.leave(self.revision)

    def _granted(self, amount: int) -> None:
        if self.upload is not None:
            self.upload.grant(amount)
            self.connection.granted(self)

    def _give_up(self, answer: Answer) -> None:
        """Stop the replica's work and say why, if that can still be said."""
        recording = self._recorded()
        if recording is not None:
            recording.end_with(self, answer)
        if self.begun:
            self._broken = True
        else:
            self.status = answer.status
        self._stop()
        if self.begun:
            self.connection.broken(self)
        else:
            self.connection.answered(self, answer.head, answer.body)

    def _end_with(self, answer: Answer, error: ErrorInfo | None = None, work: Buffer = b"") -> None:
        recording = self._recorded()
        if recording is not None:
            recording.work = work
            recording.end_with(self, answer, error)
        self.status = answer.status
        self.release()
        self.connection.answered(self, answer.head, answer.body)

    def _error_answer(self, error: ErrorMeta) -> Answer:
        return answer_to_error(error, self.app.name, self.request_id, self.connection.state.show_errors)


def render(
    request: RequestHead, head: Head, body: Buffer, common_lines: bytes, keep_alive: bool
) -> tuple[bytes, Buffer]:
    """Head as it goes on the wire, and body (empty where the answer may not have one)."""
    if head.bodiless:
        length, body = b"", b""
    elif request.method.head_only:
        length, body = b"content-length: %b\r\n" % (head.head_length or b"%d" % len(body)), b""
    else:
        length = b"content-length: %d\r\n" % len(body)
    return _lines(request, head, length, common_lines, keep_alive), body


def render_start(
    request: RequestHead, head: Head, common_lines: bytes, keep_alive: bool
) -> tuple[bytes, Framing, bool]:
    """Head of a streamed answer, how its body is framed, and whether the connection can go on after it."""
    length = b"" if head.head_length is None else b"content-length: %b\r\n" % head.head_length
    if head.bodiless:
        framing, length = Framing.NONE, b""
    elif request.method.head_only:
        framing = Framing.NONE
    elif length:
        framing = Framing.LENGTH
    elif request.version == "1.1":
        framing, length = Framing.CHUNKED, b"transfer-encoding: chunked\r\n"
    else:
        framing, keep_alive = Framing.CLOSE, False
    return _lines(request, head, length, common_lines, keep_alive), framing, keep_alive


def _lines(request: RequestHead, head: Head, length: bytes, common_lines: bytes, keep_alive: bool) -> bytes:
    if keep_alive:
        end = b"\r\n" if request.version == "1.1" else b"connection: keep-alive\r\n\r\n"
    else:
        end = b"connection: close\r\n\r\n"
    request_id = request.request_id.encode("ascii")
    return b"%b%b%bx-request-id: %b\r\n%b" % (head.block, length, common_lines, request_id, end)


def _unreadable(error: Exception) -> Answer:
    return text_answer(500, f"The replica's answer cannot be read: {error}. Deploy the app again.")


def _gone(app: str, reason: str) -> str:
    why = f": {reason}" if reason else ""
    return f"Application '{app}' is not serving{why}. Deploy it again, or ask /-/routes for those that are."
