"""HTTP/1.1 connections: bytes to HTTP frames, and frames to bytes.

The parser's callbacks build one `HttpCall` a request and hand it to the app's router; the router's
callbacks write the answer. There is no task, future or timer per request. Requests of one connection
run one after the other, so pipelined answers are in order and a POST never overtakes what came before.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import cast

import httptools
import msgspec

from kernelserve.gateway.answers import Answer, Head, not_found, text_answer
from kernelserve.gateway.exchange import HttpCall, Ready, render
from kernelserve.gateway.request_head import SPECIAL_HEADERS, method_of, timeout_of
from kernelserve.gateway.state import GatewayState, Route, Target
from kernelserve.transport.base import Buffer
from kernelserve.transport.frames import join_parts
from kernelserve.transport.messages import HttpRequest

_log = logging.getLogger(__name__)

_BETWEEN, _HEAD, _BODY = range(3)
# After a refusal we read and drop for this long: closing with unread bytes resets the connection, which
# could take the refusal away from the client.
LINGER_S = 2.0
# From this size on a body is written beside its head instead of being copied behind it.
_LARGE_BODY = 65536
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_NO_TARGET = Target("", b"", None)

_encode = msgspec.msgpack.Encoder().encode


class _Refused(Exception):
    """Raised in a parser callback to stop the parser: give this answer, then close."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.answer = text_answer(status, text)


class HttpProtocol(asyncio.Protocol):
    """One connection; a protocol factory for `loop.create_server` is ``lambda: HttpProtocol(state)``."""

    def __init__(self, state: GatewayState) -> None:
        self.state = state
        self._transport = cast(asyncio.Transport, None)
        self._parser = httptools.HttpRequestParser(self)
        self._client: tuple[str, int] | None = None
        self._server: tuple[str, int] | None = None
        # The request being read.
        self._phase = _BETWEEN
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._special: dict[bytes, bytes] = {}
        self._target = _NO_TARGET
        self._query = b""
        self._method = method_of(b"GET")
        self._version = "1.1"
        self._keep_alive = True
        self._early: Answer | None = None
        self._body: bytes | bytearray = b""
        self._body_size = 0
        self._fed = 0
        self._quiet_bytes = 0
        self._head_is_large = False
        self._owes_continue = False
        # The requests being answered.
        self._active: HttpCall | None = None
        self._waiting: deque[HttpCall | Ready] = deque()
        self._advancing = False
        # The connection.
        self._since = state.now
        self._served = False
        self._reading_paused = False
        self._writing_paused = False
        self._unsent = 0
        self._deaf = False
        self._lingering = False
        self._ended = False

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, or turn it away."""
        self._transport = cast(asyncio.Transport, transport)
        self._client = _address(transport.get_extra_info("peername"))
        self._server = _address(transport.get_extra_info("sockname"))
        state = self.state
        self._since = state.loop.time()  # Not `state.now`: it stands still while there is no connection.
        if len(state.connections) >= state.options.max_connections:
            # Not kept for a moment as other refusals are: that would be one more connection.
            self._refuse(_turned_away(f"has {state.options.max_connections} connections open"), linger=False)
            return
        state.joined(self)
        if state.closing:
            self._refuse(_turned_away("is closing"))

    def data_received(self, data: bytes) -> None:
        """Feed the parser; whatever it objects to ends the connection after an answer."""
        if self._deaf:
            return
        self._fed = size = len(data)
        self._head_is_large = self._phase == _HEAD or size > self.state.options.max_header_bytes
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # Only upgrades that we may ignore come here: the bytes behind the request are HTTP still.
            rest = data[upgrade.args[0] :]
            if rest and len(rest) < size:
                self.data_received(rest)
            return
        except httptools.HttpParserCallbackError as error:
            self._callback_failed(error)
            return
        except httptools.HttpParserError as error:
            if not self._deaf:
                self._refuse(text_answer(400, f"Malformed HTTP request: {error}. Send HTTP/1.1."))
            return
        if self._phase != _BETWEEN:
            self._count_quiet(size)

    def eof_received(self) -> bool:
        """The client has closed its side, which counts as gone unless it asked us to answer even so."""
        active = self._active
        if active is not None and active.detached and not self._ended:
            self._deaf = True
            active.keep_alive = False
            self._drop_waiting()
            return True
        self._drop()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel what runs and forget what waits."""
        self._drop()
        self.state.left(self)

    def pause_writing(self) -> None:
        """The client reads slower than we write: start nothing more for it."""
        self._writing_paused = True
        self._unsent = self._transport.get_write_buffer_size()
        self._since = self.state.now

    def resume_writing(self) -> None:
        """The client caught up."""
        self._writing_paused = False
        self._since = self.state.now
        self._advance()

    # --- callbacks of the parser ---

    def on_message_begin(self) -> None:
        self._phase = _HEAD
        self._since = self.state.now
        self._url = b""
        self._headers = []
        self._special = {}
        self._early = None
        self._quiet_bytes = -self._fed

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._phase != _HEAD:
            return  # A trailer: no app of ours can see it.
        name = name.lower()
        self._headers.append((name, value))
        if name in SPECIAL_HEADERS:
            self._special[name] = value

    def on_headers_complete(self) -> None:
        self._phase = _BODY
        parser = self._parser
        self._method = method_of(parser.get_method())
        self._version = parser.get_http_version()
        self._keep_alive = parser.should_keep_alive()
        self._body = b""
        self._body_size = 0
        if self._head_is_large:
            self._check_head_size()
        state = self.state
        raw, _, self._query = self._url.partition(b"?")
        target = self._target = state.targets.get(raw) or state.resolve(raw)
        if target.route is None:
            self._early = state.internal_answer(target.path) or not_found(target.path)
        if self._special or self._version != "1.1" or self._method.name == "CONNECT":
            self._check_unusual()

    def on_body(self, chunk: bytes) -> None:
        size = len(chunk)
        self._quiet_bytes = -self._fed
        self._body_size += size
        if self._body_size > self.state.options.max_body_bytes:
            raise self._too_large(self._body_size)
        if self._early is not None:
            return
        self.state.held_bytes += size
        if not self._body:
            self._body = chunk
        elif isinstance(self._body, bytearray):
            self._body += chunk
        else:
            # One growing buffer, not a list: a million one-byte chunks would be a million objects.
            self._body = bytearray(self._body)
            self._body += chunk
        if self.state.held_bytes > self.state.options.max_held_bytes:
            raise self._overloaded()

    def on_message_complete(self) -> None:
        self._phase = _BETWEEN
        self._owes_continue = False
        if not self._keep_alive:
            self._deaf = True
        request_id = self.state.ids.accept(self._special.get(b"x-request-id"))
        head_only = self._method.head_only
        item: HttpCall | Ready
        if self._early is not None:
            item = Ready(self._early, self._keep_alive, head_only, self._version, request_id)
        else:
            item = self._call(request_id, head_only)
        self._body = b""
        self._waiting.append(item)
        self._advance()
        if len(self._waiting) >= self.state.options.max_pipelined and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()

    def _call(self, request_id: str, head_only: bool) -> HttpCall | Ready:
        special = self._special
        timeout_s = self.state.options.request_timeout_s
        detached = False
        if special:
            detached = special.get(b"x-request-disconnect-disabled") == b"?1"
            try:
                timeout_s = timeout_of(special.get(b"x-request-timeout-seconds"), timeout_s)
            except ValueError:
                value = special[b"x-request-timeout-seconds"]
                answer = text_answer(400, f"x-request-timeout-seconds is not a number: {value!r}. Send seconds.")
                self.state.held_bytes -= len(self._body)
                return Ready(answer, self._keep_alive, head_only, self._version, request_id)
        target = self._target
        route = cast(Route, target.route)
        method = self._method
        meta = HttpRequest(
            request_id, method.name, target.path, target.raw_path, self._query, route.root_path, self._headers,
            self._version, self._client, self._server, route.prefix, timeout_s,
        )  # fmt: skip
        return HttpCall(
            self, route, join_parts((_encode(meta), self._body)), request_id, method.retry_safe,
            head_only, self._version, self._keep_alive, len(self._body), timeout_s, detached,
        )  # fmt: skip

    # --- refusals ---

    def _check_head_size(self) -> None:
        size = len(self._url) + sum(len(name) + len(value) + 4 for name, value in self._headers)
        if size > self.state.options.max_header_bytes:
            raise self._head_too_large(size)

    def _check_unusual(self) -> None:
        special = self._special
        if self._version not in ("1.1", "1.0"):
            raise _Refused(505, f"HTTP version {self._version} is not supported. Use HTTP/1.1.")
        if self._method.name == "CONNECT" or special.get(b"upgrade", b"").lower() == b"websocket":
            raise _Refused(
                501, f"{self._method.name} with an upgrade to another protocol is not built: WebSocket and tunnels are "
                "not served by this version. Use plain HTTP requests."
            )  # fmt: skip
        length = int(special.get(b"content-length", b"0"))
        if length > self.state.options.max_body_bytes:
            raise self._too_large(length)
        if self.state.held_bytes + length > self.state.options.max_held_bytes:
            raise self._overloaded()
        if b"expect" in special and self._version == "1.1":
            self._check_expect(special[b"expect"])

    def _check_expect(self, expectation: bytes) -> None:
        if expectation.lower() != b"100-continue":
            raise _Refused(417, f"Unknown expectation: {expectation[:80]!r}. Only 100-continue is understood.")
        if self._early is not None:
            # The client may or may not send the body now, so the connection cannot go on.
            self._deaf = self._lingering = True
            request_id = self.state.ids.accept(self._special.get(b"x-request-id"))
            self._waiting.append(Ready(self._early, False, self._method.head_only, self._version, request_id))
            self._phase = _BETWEEN
            self._advance()
            raise _Refused(417, "")
        self._owes_continue = True
        self._advance()

    def _too_large(self, size: int) -> _Refused:
        limit = self.state.options.max_body_bytes
        return _Refused(413, f"The request body is too large: {size} bytes or more, and max_body_bytes is {limit}.")

    def _overloaded(self) -> _Refused:
        limit = self.state.options.max_held_bytes
        return _Refused(503, f"The gateway holds as many request bytes as it may ({limit}). Try again later.")

    def _head_too_large(self, size: int) -> _Refused:
        limit = self.state.options.max_header_bytes
        return _Refused(431, f"The request headers are too large: {size} bytes, and max_header_bytes is {limit}.")

    def _callback_failed(self, error: httptools.HttpParserCallbackError) -> None:
        cause = error.__context__
        if isinstance(cause, _Refused):
            if not self._deaf:
                self._refuse(cause.answer)
            return
        # A defect of ours must not leave the client waiting, nor take down the other connections.
        _log.error("The gateway failed on a request from %s", self._client, exc_info=cause)
        self._refuse(text_answer(500, "The gateway failed on this request. Its log has the error."))

    def _count_quiet(self, size: int) -> None:
        """Bound what the parser may keep to itself: a header, a trailer or a chunk extension without end."""
        self._quiet_bytes += size
        if self._phase == _BODY:
            self._since = self.state.now
        if self._quiet_bytes > self.state.options.max_header_bytes:
            self._refuse(self._head_too_large(self._quiet_bytes).answer)

    def _refuse(self, answer: Answer, linger: bool = True) -> None:
        """Answer after what came before, then close; nothing more is read."""
        self._deaf = True
        self._lingering = linger
        self._forget_body()
        self._waiting.append(Ready(answer, False, False, "1.1", self.state.ids.new()))
        self._advance()

    # --- answers ---

    def _advance(self) -> None:
        """Start the next request if the last one is answered."""
        if self._advancing:
            return  # Answered within its own start: the loop below goes on.
        self._advancing = True
        waiting = self._waiting
        while waiting and self._active is None and not self._writing_paused:
            item = waiting.popleft()
            if isinstance(item, Ready):
                self._write(item, item.answer.head, item.answer.body)
            else:
                self._active = item
                item.start()
        self._advancing = False
        if self._active is None and not waiting:
            if self._owes_continue and not self._ended:
                self._owes_continue = False
                self._transport.write(_CONTINUE)
            if self._reading_paused and not self._ended:
                self._reading_paused = False
                self._since = self.state.now
                self._transport.resume_reading()

    def answered(self, call: HttpCall, head: Head, body: Buffer) -> None:
        """The active request's answer."""
        if self._active is not call:
            return  # It was detached, and the client has gone.
        self._active = None
        self._write(call, head, body)
        if self._waiting or self._owes_continue or self._reading_paused:
            self._advance()

    def _write(self, item: HttpCall | Ready, head: Head, body: Buffer) -> None:
        state = self.state
        keep_alive = item.keep_alive and not head.close and not state.closing
        data, body = render(item, head, body, state.common_lines, keep_alive)
        if len(body) < _LARGE_BODY:
            self._transport.write(data + body)
        else:
            self._transport.writelines((data, body))
        self._since = state.now
        self._served = True
        if not keep_alive:
            self._finish()

    def _finish(self) -> None:
        self._deaf = True
        self._drop_waiting()
        if self._lingering and self._transport.can_write_eof():
            self._ended = True
            self._transport.write_eof()
        else:
            self._drop()
            self._transport.close()

    def close_if_idle(self) -> None:
        """The gateway closes: end now if no request is being read or answered."""
        if self._active is None and not self._waiting and self._phase == _BETWEEN and not self._ended:
            self._drop()
            self._transport.close()

    def abort(self) -> None:
        """End now, whatever runs, detached or not."""
        if self._active is not None:
            self._active.detached = False
        self._drop()
        self._transport.abort()

    def _drop(self) -> None:
        self._ended = self._deaf = True
        self._forget_body()
        self._drop_waiting()
        active, self._active = self._active, None
        if active is not None and not active.detached:
            active.cancel()

    def _drop_waiting(self) -> None:
        while self._waiting:
            self._waiting.popleft().release()

    def _forget_body(self) -> None:
        self._phase = _BETWEEN
        self.state.held_bytes -= len(self._body)
        self._body = b""

    # --- time ---

    def check(self, now: float) -> None:
        """Called by the gateway's sweep: end what is idle, slow or stuck."""
        options = self.state.options
        silent = now - self._since - self.state.period
        if self._ended:
            if silent > LINGER_S:
                self._transport.abort()
        elif self._writing_paused:
            unsent = self._transport.get_write_buffer_size()
            if unsent < self._unsent:
                self._unsent, self._since = unsent, now
            elif silent > options.send_timeout_s:
                self.abort()
        elif self._reading_paused or self._deaf:
            return
        elif self._phase == _BETWEEN:
            if silent > (options.keep_alive_s if self._served else options.header_timeout_s):
                self.close_if_idle()
        elif silent > (options.header_timeout_s if self._phase == _HEAD else options.body_timeout_s):
            self._refuse(text_answer(408, "The request did not arrive in time. Send it again."))


def _turned_away(why: str) -> Answer:
    return text_answer(503, f"The gateway {why}. Try again later.", ((b"retry-after", b"1"),))


def _address(name: object) -> tuple[str, int] | None:
    """Host and port of a socket name; Unix sockets have none."""
    if isinstance(name, tuple) and len(name) >= 2:
        return str(name[0]), int(name[1])
    return None
