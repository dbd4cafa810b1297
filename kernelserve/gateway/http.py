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

from kernelserve.gateway.answer_stream import AnswerStream
from kernelserve.gateway.answers import Answer, Head, not_found, text_answer
from kernelserve.gateway.body import Body
from kernelserve.gateway.exchange import HttpCall, Ready, render, render_start
from kernelserve.gateway.flow import ChunkSender, SendWatch, give_credit
from kernelserve.gateway.refusals import Refused, head_too_large, too_slow, turned_away
from kernelserve.gateway.request_head import SPECIAL_HEADERS, Address, RequestHead, method_of
from kernelserve.gateway.sockets import address_of, has_left, reset
from kernelserve.gateway.state import GatewayState
from kernelserve.gateway.websocket import WebSocketProtocol
from kernelserve.transport.base import FLAG_MORE, Buffer, chunk_cost
from kernelserve.transport.frames import join_parts

_log = logging.getLogger(__name__)

_BETWEEN, _HEAD, _BODY = range(3)
# After a refusal we read and drop for this long: closing with unread bytes resets the connection, which
# could take the refusal away from the client.
LINGER_S = 2.0
# From this size on a body is written beside its head instead of being copied behind it.
_LARGE_BODY = 65536
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class HttpProtocol(asyncio.Protocol):
    """One connection; a protocol factory for `loop.create_server` is ``lambda: HttpProtocol(state)``."""

    def __init__(self, state: GatewayState) -> None:
        self.state = state
        self._transport = cast(asyncio.Transport, None)
        self._parser = httptools.HttpRequestParser(self)
        self._client: Address = None
        self._server: Address = None
        # The request being read. `_uploading` is its call, if that began before its body was complete.
        self._phase = _BETWEEN
        self._request = RequestHead()
        self._body = Body(state)
        self._uploading: HttpCall | None = None
        self._fed = 0
        self._quiet_bytes = 0
        self._head_is_large = False
        self._owes_continue = False
        # The requests being answered.
        self._active: HttpCall | None = None
        self._stream: AnswerStream | None = None
        self._keep_alive = True
        self._waiting: deque[HttpCall | Ready | WebSocketProtocol] = deque()
        self._advancing = False
        # The connection.
        self._successor: WebSocketProtocol | None = None
        self._since = state.now
        self._served = False
        self._reading_paused = False
        self._sending = SendWatch()
        self._deaf = False
        self._lingering = False
        self._ended = False

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, or turn it away."""
        self._transport = cast(asyncio.Transport, transport)
        self._client = address_of(transport.get_extra_info("peername"))
        self._server = address_of(transport.get_extra_info("sockname"))
        state = self.state
        self._since = state.loop.time()  # Not `state.now`: it stands still while there is no connection.
        if len(state.connections) >= state.options.max_connections:
            # Not kept for a moment as other refusals are: that would be one more connection.
            self._refuse(turned_away(f"has {state.options.max_connections} connections open"), linger=False)
            return
        state.joined(self)
        if state.closing:
            self._refuse(turned_away("is closing"))

    def data_received(self, data: bytes) -> None:
        """Feed the parser; whatever it objects to ends the connection after an answer."""
        if self._deaf:
            if self._successor is not None:
                self._successor.data_received(data)
            return
        self._fed = size = len(data)
        self._head_is_large = self._phase == _HEAD or size > self.state.options.max_header_bytes
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # For a WebSocket the bytes behind the request are its own. Other upgrades may be ignored: then
            # what follows is HTTP still.
            rest = data[upgrade.args[0] :]
            if rest and (len(rest) < size or self._deaf):
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
            if self._uploading is not None:
                self._body.flush()
                self._pause_if_full()
            self._count_quiet(size)

    def eof_received(self) -> bool:
        """The client has closed its side, which counts as gone unless it asked us to answer even so."""
        active = self._active
        if active is not None and active.request.detached and active is not self._uploading and not self._ended:
            self._deaf = True
            active.request.keep_alive = self._keep_alive = False
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
        self._sending.pause(self._transport, self.state.now)
        if self._stream is not None:
            self._stream.allowance.paused = True

    def resume_writing(self) -> None:
        """The client caught up."""
        self._sending.resume()
        self._since = self.state.now
        if self._stream is not None:
            self._stream.allowance.resume()
        self._advance()

    # --- callbacks of the parser ---

    def on_message_begin(self) -> None:
        self._phase = _HEAD
        self._since = self.state.now
        self._request = RequestHead(self.state.options.request_timeout_s)
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
        if self._ended:
            return  # Answered and over, in the middle of what the parser was given.
        self._phase = _BODY
        parser = self._parser
        state = self.state
        request = self._request
        request.method = method_of(parser.get_method())
        request.version = parser.get_http_version()
        request.keep_alive = parser.should_keep_alive()
        if self._head_is_large:
            request.check_size(state.options.max_header_bytes)
        raw, _, request.query = request.url.partition(b"?")
        target = request.target = state.targets.get(raw) or state.resolve(raw)
        if request.special or request.version != "1.1" or request.method.name == "CONNECT":
            request.check_unusual(parser.should_upgrade())
        if target.route is None:
            request.early = state.internal_answer(target.path) or not_found(target.path)
        self._body.begin(request.length, request.early is not None)
        if request.special and b"expect" in request.special and request.version == "1.1":
            self._check_expect(request.special[b"expect"])

    def on_body(self, chunk: bytes) -> None:
        if self._ended:
            return
        self._quiet_bytes = -self._fed
        body = self._body
        body.add(chunk)
        if body.outgrown:
            self._stream_body()

    def on_message_complete(self) -> None:
        if self._ended:
            return
        self._phase = _BETWEEN
        self._owes_continue = False
        request = self._request
        if not request.keep_alive:
            self._deaf = True
        if self._uploading is not None:
            self._uploading = None
            self._body.finish()
        else:
            request.request_id = self.state.ids.accept(request.special.get(b"x-request-id"))
            self._waiting.append(self._item(request))
            self._advance()
        if len(self._waiting) >= self.state.options.max_pipelined:
            self._pause_reading()

    def _item(self, request: RequestHead) -> HttpCall | Ready | WebSocketProtocol:
        if request.early is not None:
            return Ready(request, request.early)
        if not request.websocket:
            return self._call(request)
        successor = WebSocketProtocol(self.state, request, self._client, self._server)
        if successor.refusal is not None:
            request.keep_alive = False
            self._deaf = self._lingering = True
            return Ready(request, successor.refusal)
        self._deaf = True
        self._successor = successor
        if self._active is not None:
            self._pause_reading()
        return successor

    def _call(self, request: RequestHead, flags: int = 0) -> HttpCall:
        body = self._body.take()
        parts = join_parts((request.encode(self._client, self._server), body))
        return HttpCall(self, request, parts, len(body), flags)

    # --- large bodies ---

    def _stream_body(self) -> None:
        """Hand the request on with what is there of its body."""
        request = self._request
        request.request_id = self.state.ids.accept(request.special.get(b"x-request-id"))
        call = self._uploading = self._call(request, FLAG_MORE)
        call.upload = ChunkSender(call, self.state)
        self._body.stream_to(call.upload)
        self._waiting.append(call)
        self._advance()

    def _pause_if_full(self) -> None:
        upload = self._uploading.upload if self._uploading is not None else None
        if upload is not None and upload.full:
            self._pause_reading()

    def granted(self, call: HttpCall) -> None:
        """The replica took some of the body that waited for it."""
        if call.upload is not None and not call.upload.full and len(self._waiting) < self.state.options.max_pipelined:
            self._resume_reading()

    def _pause_reading(self) -> None:
        if not self._reading_paused and not self._ended:
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._reading_paused:
            self._reading_paused = False
            self._since = self.state.now
            if not self._transport.is_closing():
                self._transport.resume_reading()

    # --- refusals ---

    def _check_expect(self, expectation: bytes) -> None:
        request = self._request
        if expectation.lower() != b"100-continue":
            raise Refused(417, f"Unknown expectation: {expectation[:80]!r}. Only 100-continue is understood.")
        if request.early is not None:
            # The client may or may not send the body now, so the connection cannot go on.
            self._deaf = self._lingering = True
            request.request_id = self.state.ids.accept(request.special.get(b"x-request-id"))
            request.keep_alive = False
            self._waiting.append(Ready(request, request.early))
            self._phase = _BETWEEN
            self._advance()
            raise Refused(417, "")
        self._owes_continue = True
        self._advance()

    def _callback_failed(self, error: httptools.HttpParserCallbackError) -> None:
        cause = error.__context__
        if isinstance(cause, Refused):
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
        limit = self.state.options.max_header_bytes
        if self._quiet_bytes > limit:
            self._refuse(head_too_large(self._quiet_bytes, limit).answer)

    def _refuse(self, answer: Answer, linger: bool = True) -> None:
        """Answer after what came before, then close; nothing more is read."""
        self._deaf = True
        self._lingering = linger
        self._phase = _BETWEEN
        self._body.drop()
        uploading, self._uploading = self._uploading, None
        if uploading is not None and self._withdraw(uploading):
            return
        request = RequestHead()
        request.keep_alive = False
        request.request_id = uploading.request_id if uploading is not None else self.state.ids.new()
        self._waiting.append(Ready(request, answer))
        self._resume_reading()
        self._advance()

    def _withdraw(self, call: HttpCall) -> bool:
        """Take back a call whose body will not be complete; True if its answer had begun, which ends all."""
        if self._active is not call:
            self._waiting.remove(call)
            call.release()
            return False
        call.cancel()
        if call.begun:
            self._cut()
            return True
        self._active = None
        return False

    # --- answers ---

    def _advance(self) -> None:
        """Start the next request if the last one is answered."""
        if self._advancing:
            return  # Answered within its own start: the loop below goes on.
        self._advancing = True
        waiting = self._waiting
        while waiting and self._active is None and not self._sending.paused:
            item = waiting.popleft()
            if isinstance(item, HttpCall):
                self._active = item
                item.start()
            elif isinstance(item, Ready):
                self._write(item.request, item.answer.head, item.answer.body)
            else:
                self._hand_over(item)
        self._advancing = False
        if self._active is None and not waiting and not self._ended:
            if self._owes_continue:
                self._owes_continue = False
                self._transport.write(_CONTINUE)
            self._resume_reading()

    def answered(self, call: HttpCall, head: Head, body: Buffer) -> None:
        """The active request's answer."""
        if self._active is not call:
            return  # It was detached, and the client has gone.
        self._active = None
        if call is self._uploading:
            # Answered before its end: the rest of the body would be taken for the next request.
            call.request.keep_alive = False
            self._lingering = True
        self._write(call.request, head, body)
        if self._waiting or self._owes_continue or self._reading_paused:
            self._advance()

    def _write(self, request: RequestHead, head: Head, body: Buffer) -> None:
        state = self.state
        keep_alive = request.keep_alive and not head.close and not state.closing
        data, body = render(request, head, body, state.common_lines, keep_alive)
        if len(body) < _LARGE_BODY:
            self._transport.write(data + body)
        else:
            self._transport.writelines((data, body))
        self._since = state.now
        self._served = True
        if not keep_alive:
            self._finish()

    def began(self, call: HttpCall, payload: Buffer) -> None:
        """Write the head of a streamed answer."""
        state = self.state
        head = state.heads.get(bytes(payload))
        call.begun = True
        if self._active is not call:
            return
        request = call.request
        # The rest of a body would be taken for the next request if the answer ended before it.
        keep_alive = request.keep_alive and not head.close and not state.closing and call is not self._uploading
        data, framing, self._keep_alive = render_start(request, head, state.common_lines, keep_alive)
        length = int(head.head_length or 0)
        self._stream = AnswerStream(call, self._transport, state.loop, self._sending, data, framing, length)

    def piece(self, call: HttpCall, flags: int, payload: Buffer) -> None:
        """Write a part of a streamed answer."""
        if self._stream is not None and self._active is call:
            self._stream.piece(payload)
        else:
            # It was detached and its client has gone: it may run to its end.
            give_credit(call, chunk_cost(len(payload)))

    def ended(self, call: HttpCall, payload: Buffer) -> None:
        """Write the end of a streamed answer."""
        stream = self._stream
        if stream is None or self._active is not call:
            return
        if not stream.end():
            self._cut()
            return
        self._stream = None
        self._active = None
        self._since = self.state.now
        self._served = True
        if call is self._uploading:
            self._lingering = True
        if not self._keep_alive or self.state.closing:
            self._finish()
        else:
            self._advance()

    def broken(self, call: HttpCall) -> None:
        """End the connection without the end of the answer, so that the client sees that it is broken."""
        if self._active is call:
            self._cut()

    def _cut(self) -> None:
        stream = self._stream
        if stream is not None:
            stream.flush()
            if stream.until_close:
                reset(self._transport)  # A mere close would be the answer's proper end.
        self._drop()
        self._transport.close()

    def _finish(self) -> None:
        self._deaf = True
        self._uploading = None
        self._phase = _BETWEEN
        self._body.drop()
        self._drop_waiting()
        if self._lingering and self._transport.can_write_eof():
            self._ended = True
            self._transport.write_eof()
            self._resume_reading()
        else:
            self._drop()
            self._transport.close()

    def _hand_over(self, successor: WebSocketProtocol) -> None:
        """The connection is a WebSocket from now on."""
        self._ended = True
        self.state.replaced(self, successor)
        self._transport.set_protocol(successor)
        if self._reading_paused:
            self._reading_paused = False
            self._transport.resume_reading()
        successor.take_over(self._transport)

    def close_if_idle(self) -> None:
        """The gateway closes: end now if no request is being read or answered."""
        if self._active is None and not self._waiting and self._phase == _BETWEEN and not self._ended:
            self._drop()
            self._transport.close()

    def abort(self) -> None:
        """End now, whatever runs, detached or not."""
        if self._active is not None:
            self._active.request.detached = False
        self._drop()
        self._transport.abort()

    def _drop(self) -> None:
        self._ended = self._deaf = True
        self._phase = _BETWEEN
        self._body.drop()
        self._drop_waiting()
        active, self._active = self._active, None
        incomplete = active is not None and active is self._uploading
        self._stream = self._uploading = None
        if active is not None and not active.done and (incomplete or not active.request.detached):
            active.cancel()

    def _drop_waiting(self) -> None:
        while self._waiting:
            self._waiting.popleft().release()

    # --- time ---

    def check(self, now: float) -> None:
        """Called by the gateway's sweep: end what is idle, slow or stuck."""
        options = self.state.options
        silent = now - self._since - self.state.period
        if self._ended:
            if silent > LINGER_S:
                self._transport.abort()
        elif self._sending.paused:
            if self._sending.stuck(self._transport, now, options.send_timeout_s + self.state.period):
                self.abort()
        elif self._reading_paused:
            detached = self._active is not None and self._active.request.detached
            if not detached and has_left(self._transport):
                self.abort()
        elif self._deaf:
            return
        elif self._phase == _BETWEEN:
            if silent > (options.keep_alive_s if self._served else options.header_timeout_s):
                self.close_if_idle()
        elif silent > (options.header_timeout_s if self._phase == _HEAD else options.body_timeout_s):
            self._refuse(too_slow())
