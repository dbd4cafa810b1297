"""HTTP/1.1 connections: bytes to HTTP frames, and frames to bytes.

The parser's callbacks build one `HttpCall` a request and hand it to the app's router; the router's
callbacks write the answer. There is no task and no future per request. Requests of one connection are
answered in order and run one after the other, as RFC 9112 asks for methods that change something.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, cast

import httptools
import msgspec

from kernelserve.exceptions import DeploymentUnavailableError, ProtocolError, RayServeException
from kernelserve.gateway.answers import (
    Answer,
    Head,
    InvalidResponseError,
    answer_to_error,
    answer_to_failure,
    not_found,
    text_answer,
    timed_out,
)
from kernelserve.gateway.request_head import RETRY_SAFE_METHODS, SPECIAL_HEADERS, split_target, timeout_of
from kernelserve.gateway.state import GatewayState, Route
from kernelserve.routing.call import Call
from kernelserve.transport.base import Buffer, FrameKind
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import ErrorMeta, HttpRequest

if TYPE_CHECKING:
    from kernelserve.routing.router import Router

_log = logging.getLogger(__name__)

_BETWEEN, _HEAD, _BODY = range(3)
# After a refusal we go on reading for this long: a close with unread bytes would reset the connection
# and could take the refusal with it.
LINGER_S = 2.0
# Bodies from this size on are written beside their head, not copied behind it.
_LARGE_BODY = 65536

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_END_OF_HEAD = {
    (True, "1.1"): b"\r\n",
    (True, "1.0"): b"connection: keep-alive\r\n\r\n",
    (False, "1.1"): b"connection: close\r\n\r\n",
    (False, "1.0"): b"connection: close\r\n\r\n",
}

_encode = msgspec.msgpack.Encoder().encode
_decode_error = msgspec.msgpack.Decoder(ErrorMeta).decode


class _Refused(Exception):
    """Raised in a parser callback: answer with this, then close."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


class Exchange:
    """A request whose answer is known already; waits for its turn on the connection."""

    __slots__ = ("answer", "head_only", "keep_alive", "request_id", "version")

    def __init__(self, answer: Answer, keep_alive: bool, head_only: bool, version: str, request_id: str) -> None:
        self.answer = answer
        self.keep_alive = keep_alive
        self.head_only = head_only
        self.version = version
        self.request_id = request_id


class HttpCall(Call):
    """One HTTP request on its way to a replica."""

    __slots__ = (
        "connection", "deadline", "detached", "done", "head_only", "held", "keep_alive", "route", "router",
        "timeout_s", "version",
    )  # fmt: skip

    router: Router | None
    deadline: float
    detached: bool
    head_only: bool
    held: int
    keep_alive: bool
    timeout_s: float | None
    version: str

    def __init__(
        self, connection: HttpProtocol, route: Route, parts: list[Buffer], retry_safe: bool, request_id: str
    ) -> None:
        super().__init__(FrameKind.HTTP, parts, 0, 0, retry_safe, request_id)
        self.connection = connection
        self.route = route
        self.router = None
        self.done = False

    def on_frame(self, kind: int, flags: int, payload: Buffer) -> None:
        """Write the replica's answer."""
        if self.done:
            return
        state = self.connection.state
        try:
            if kind == FrameKind.RESULT:
                meta, body = split_parts(payload)
                head = state.heads.get(bytes(meta))
            else:
                error = _decode_error(split_parts(payload)[0])
                answer = answer_to_error(error, self.route.app.name, self.request_id, state.show_errors)
                head, body = answer.head, memoryview(answer.body)
        except InvalidResponseError as invalid:
            answer = text_answer(500, str(invalid))
            head, body = answer.head, memoryview(answer.body)
        except (ProtocolError, ValueError, IndexError) as broken:
            answer = text_answer(500, f"The replica's answer cannot be read: {broken}. Redeploy the application.")
            head, body = answer.head, memoryview(answer.body)
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
            router = self.router
            self.release()
            if router is not None:
                router.cancel(self)

    def release(self) -> None:
        """Mark as done and give back what the request held. Once."""
        self.done = True
        state = self.connection.state
        state.held_bytes -= self.held
        if self.timeout_s is not None:
            state.unwatch(self)
        if self.revision:
            self.route.app.leave(self.revision)

    def _end_with(self, answer: Answer) -> None:
        self.release()
        self.connection.answered(self, answer.head, answer.body)


class HttpProtocol(asyncio.Protocol):
    """One connection. Use it as a protocol factory: ``lambda: HttpProtocol(state)``."""

    def __init__(self, state: GatewayState) -> None:
        self.state = state
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._parser = httptools.HttpRequestParser(self)
        self._client: tuple[str, int] | None = None
        self._server: tuple[str, int] | None = None
        # The request being read.
        self._phase = _BETWEEN
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._special: dict[bytes, bytes] = {}
        self._body: bytes | bytearray = b""
        self._route: Route | None = None
        self._early: Answer | None = None
        self._path = self._raw_path = self._query = None  # type: tuple[str, bytes, bytes] | None
        self._quiet_bytes = 0
        self._partial = False
        # The requests being answered.
        self._active: HttpCall | None = None
        self._waiting: deque[HttpCall | Exchange] = deque()
        self._advancing = False
        # The connection.
        self._since = state.now
        self._reading_paused = False
        self._writing_paused = False
        self._unsent = 0
        self._refused = False
        self._ended = False
