"""One request of a connection, from its last byte to the first byte of its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kernelserve.exceptions import DeploymentUnavailableError, ProtocolError, RayServeException
from kernelserve.gateway.answers import (
    Answer,
    Head,
    InvalidResponseError,
    answer_to_error,
    answer_to_failure,
    text_answer,
    timed_out,
)
from kernelserve.gateway.state import Route
from kernelserve.routing.call import Call
from kernelserve.transport.base import Buffer, FrameKind
from kernelserve.transport.frames import split_parts
from kernelserve.transport.messages import ErrorMeta

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernelserve.gateway.http import HttpProtocol
    from kernelserve.routing.router import Router

_decode_error = msgspec.msgpack.Decoder(ErrorMeta).decode


class Ready:
    """A request whose answer is known already, and that waits for its turn on the connection."""

    __slots__ = ("answer", "head_only", "keep_alive", "request_id", "version")

    def __init__(self, answer: Answer, keep_alive: bool, head_only: bool, version: str, request_id: str) -> None:
        self.answer = answer
        self.keep_alive = keep_alive
        self.head_only = head_only
        self.version = version
        self.request_id = request_id

    def release(self) -> None:
        """Holds nothing."""


class HttpCall(Call):
    """One HTTP request on its way to a replica.

    Args:
        connection: writes the answer.
        route: the app that the path leads to.
        parts: payload of the HTTP frame.
        request_id: sent along and echoed.
        method: decides about retries and whether the answer has a body.
        version: ``1.0`` or ``1.1``.
        keep_alive: the client wants to go on with this connection.
        held: bytes of the body, given back by `release`.
        timeout_s: answer 408 after this long, or None.
        detached: goes on when the client disconnects.
    """

    __slots__ = (
        "connection", "deadline", "detached", "done", "head_only", "held", "keep_alive", "route", "router",
        "timeout_s", "version",
    )  # fmt: skip

    def __init__(
        self,
        connection: HttpProtocol,
        route: Route,
        parts: Sequence[Buffer],
        request_id: str,
        retry_safe: bool,
        head_only: bool,
        version: str,
        keep_alive: bool,
        held: int,
        timeout_s: float | None,
        detached: bool,
    ) -> None:
        super().__init__(FrameKind.HTTP, parts, 0, 0, retry_safe, request_id)
        self.connection = connection
        self.route = route
        self.router: Router | None = None
        self.head_only = head_only
        self.version = version
        self.keep_alive = keep_alive
        self.held = held
        self.timeout_s = timeout_s
        self.detached = detached
        self.deadline = 0.0
        self.done = False

    def start(self) -> None:
        """Enter the app's current revision and hand the request to its ingress's router."""
        app = self.route.app
        state = self.connection.state
        if self.timeout_s is not None:
            self.deadline = state.loop.time() + self.timeout_s
            state.watch(self)
        if not app.current:
            self.on_failure(DeploymentUnavailableError(_gone(app.name, app.deleted_reason)))
            return
        try:
            self.revision = app.enter()
            self.retry_safe = self.retry_safe or app.retry_on_replica_failure(app.ingress)
            self.router = app.router(app.ingress)
            self.router.submit(self)
        except RayServeException as error:
            self.on_failure(error)

    def on_frame(self, kind: int, flags: int, payload: Buffer) -> None:
        """Write the replica's answer."""
        if self.done:
            return
        try:
            if kind != FrameKind.RESULT:
                self._end_with(self._error_answer(payload))
                return
            meta, body = split_parts(payload)
            head = self.connection.state.heads.get(bytes(meta))
        except InvalidResponseError as error:
            self._end_with(text_answer(500, str(error)))
        except (ProtocolError, ValueError, IndexError, msgspec.MsgspecError) as error:
            self._end_with(text_answer(500, f"The replica's answer cannot be read: {error}. Deploy the app again."))
        else:
            self.release()
            self.connection.answered(self, head, body)

    def on_failure(self, error: Exception) -> None:
        """Write why no replica answered."""
        if not self.done:
            self._end_with(answer_to_failure(error))

    def expire(self) -> None:
        """The deadline has passed: cancel, and answer 408."""
        if not self.done:
            self.cancel()
            answer = timed_out(self.timeout_s or 0.0)
            self.connection.answered(self, answer.head, answer.body)

    def cancel(self) -> None:
        """Nobody waits for the answer any more."""
        if not self.done:
            self.release()
            if self.router is not None:
                self.router.cancel(self)

    def release(self) -> None:
        """Mark as done and give back what the request held. Call it once."""
        self.done = True
        state = self.connection.state
        if self.held:
            state.held_bytes -= self.held
        if self.timeout_s is not None:
            state.unwatch(self)
        if self.revision:
            self.route.app.leave(self.revision)

    def _end_with(self, answer: Answer) -> None:
        self.release()
        self.connection.answered(self, answer.head, answer.body)

    def _error_answer(self, payload: Buffer) -> Answer:
        error = _decode_error(split_parts(payload)[0])
        return answer_to_error(error, self.route.app.name, self.request_id, self.connection.state.show_errors)


def render(
    item: HttpCall | Ready, head: Head, body: Buffer, common_lines: bytes, keep_alive: bool
) -> tuple[bytes, Buffer]:
    """Head as it goes on the wire, and body (empty where the answer may not have one)."""
    if keep_alive:
        end = b"\r\n" if item.version == "1.1" else b"connection: keep-alive\r\n\r\n"
    else:
        end = b"connection: close\r\n\r\n"
    if head.bodiless:
        length, body = b"", b""
    elif item.head_only:
        length, body = b"content-length: %b\r\n" % (head.head_length or b"%d" % len(body)), b""
    else:
        length = b"content-length: %d\r\n" % len(body)
    request_id = item.request_id.encode("ascii")
    return b"%b%b%bx-request-id: %b\r\n%b" % (head.block, length, common_lines, request_id, end), body


def _gone(app: str, reason: str) -> str:
    why = f": {reason}" if reason else ""
    return f"Application '{app}' is not serving{why}. Deploy it again, or ask /-/routes for those that are."
