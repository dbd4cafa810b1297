"""Bytes of a connection to requests: the parser, its limits, and the request that is being read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import httptools

from kernelserve.gateway.answers import not_found
from kernelserve.gateway.body import COLLECTED, Body
from kernelserve.gateway.refusals import Refused, head_too_large, too_slow
from kernelserve.gateway.request_head import SPECIAL_HEADERS, RequestHead, method_of

if TYPE_CHECKING:
    from kernelserve.gateway.state import GatewayState

_BETWEEN, _HEAD, _BODY = range(3)


class Requests(Protocol):
    """What a reader tells its connection. Each may raise `Refused`, which ends the reading."""

    def complete(self, request: RequestHead, body: bytes | bytearray) -> None:
        """A request has come whole, or the rest of one whose body is streamed."""

    def outgrown(self, request: RequestHead) -> None:
        """The body is too large to wait for its end."""

    def expects(self, request: RequestHead) -> None:
        """The client waits for a 100 before it sends the body."""


class RequestReader:
    """Reads the requests of one connection, one after the other.

    Attributes:
        body: of the request that is being read.
        heard: the loop's time (that of the last sweep) at which the request that is read made progress.
        stopped: nothing more is read.
    """

    __slots__ = (
        "_fed", "_head_is_large", "_parser", "_phase", "_quiet_bytes", "_request", "_requests", "_small",
        "_state", "body", "heard", "stopped",
    )  # fmt: skip

    def __init__(self, state: GatewayState, requests: Requests) -> None:
        self.body = Body(state)
        self.heard = state.now
        self.stopped = False
        self._state = state
        self._requests = requests
        self._parser = httptools.HttpRequestParser(self)
        self._phase = _BETWEEN
        self._request = RequestHead()
        self._small = min(COLLECTED, state.options.max_body_bytes)
        self._fed = 0
        self._quiet_bytes = 0
        self._head_is_large = False

    @property
    def between(self) -> bool:
        """No request is being read."""
        return self._phase == _BETWEEN

    def stop(self) -> None:
        """Read nothing more, and forget what was read of a request."""
        self.stopped = True
        self._phase = _BETWEEN
        self.body.drop()

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes; returns those behind an upgrade, which are not read.

        Raises:
            Refused: the client broke a rule or a limit.
            httptools.HttpParserCallbackError: a defect of ours; the cause is its context.
        """
        self._fed = size = len(data)
        self._head_is_large = self._phase == _HEAD or size > self._state.options.max_header_bytes
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, Refused):
                raise error.__context__ from None
            raise
        except httptools.HttpParserError as error:
            raise Refused(400, f"Malformed HTTP request: {error}. Send HTTP/1.1.") from None
        if self._phase != _BETWEEN:
            self.body.flush()
            self._count_quiet(size)
        return b""

    def check(self, now: float) -> None:
        """Raises `Refused` if a request that has begun makes no progress."""
        options = self._state.options
        longest = options.header_timeout_s if self._phase == _HEAD else options.body_timeout_s
        if self._phase != _BETWEEN and now - self.heard - self._state.period > longest:
            raise too_slow()

    def _count_quiet(self, size: int) -> None:
        """Bound what the parser may keep to itself: a header, a trailer or a chunk extension without end."""
        self._quiet_bytes += size
        if self._phase == _BODY:
            self.heard = self._state.now
        limit = self._state.options.max_header_bytes
        if self._quiet_bytes > limit:
            raise head_too_large(self._quiet_bytes, limit)

    # --- callbacks of the parser ---

    def on_message_begin(self) -> None:
        self._phase = _HEAD
        self.heard = self._state.now
        self._request = RequestHead(self._state.options.request_timeout_s)
        self._quiet_bytes = -self._fed

    def on_url(self, url: bytes) -> None:
        self._request.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._phase != _HEAD:
            return  # A trailer: no app of ours can see it.
        name = name.lower()
        request = self._request
        request.headers.append((name, value))
        if name in SPECIAL_HEADERS:
            request.special[name] = value

    def on_headers_complete(self) -> None:
        if self.stopped:
            return  # Answered and over, in the middle of what the parser was given.
        self._phase = _BODY
        parser = self._parser
        state = self._state
        request = self._request
        request.method = method_of(parser.get_method())
        request.version = parser.get_http_version()
        request.keep_alive = parser.should_keep_alive()
        if self._head_is_large:
            request.check_size(state.options.max_header_bytes)
        raw, _, request.query = request.url.partition(b"?")
        target = request.target = state.targets.get(raw) or state.resolve(raw)
        unusual = bool(request.special) or request.version != "1.1" or request.method.name == "CONNECT"
        if unusual:
            request.check_unusual(parser.should_upgrade())
        if target.route is None:
            request.early = state.internal_answer(target.path) or not_found(target.path)
        length = request.length
        # A small body needs no check before its bytes are there, unless there is no room for them.
        if (
            length > self._small
            or request.early is not None
            or state.held_bytes + length > state.options.max_held_bytes
        ):
            self.body.announce(length, unwanted=request.early is not None)
        if unusual and b"expect" in request.special and request.version == "1.1":
            self._requests.expects(request)

    def on_body(self, chunk: bytes) -> None:
        if self.stopped:
            return
        self._quiet_bytes = -self._fed
        if self.body.add(chunk):
            early = self._request.early
            if early is not None:
                raise Refused.of(early)  # Rather close than read so much for nothing.
            self._requests.outgrown(self._request)

    def on_message_complete(self) -> None:
        if self.stopped:
            return
        self._phase = _BETWEEN
        request = self._request
        body = self.body.finish() if self.body.there else b""
        if self.stopped:
            return  # The last piece of a streamed body brought the answer, and with it the end.
        self._requests.complete(request, body)
        if not request.keep_alive:
            self.stopped = True
