"""HTTP/1.1 connections: bytes to HTTP frames, and frames to bytes.

The reader's callbacks build one `HttpCall` a request and hand it to the app's router; the router's
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
from kernelserve.gateway.answers import Answer, Head, text_answer
from kernelserve.gateway.exchange import HttpCall, Ready, render, render_start
from kernelserve.gateway.flow import ChunkSender, SendWatch, give_credit
from kernelserve.gateway.metrics_page import NO_BODY, PageCall
from kernelserve.gateway.reader import RequestReader
from kernelserve.gateway.refusals import Refused, turned_away
from kernelserve.gateway.request_head import Address, RequestHead
from kernelserve.gateway.sockets import address_of, has_left, reset
from kernelserve.gateway.state import GatewayState, Target
from kernelserve.gateway.websocket import WebSocketProtocol
from kernelserve.transport.base import FLAG_MORE, Buffer, chunk_cost

_CALLS = (HttpCall, PageCall)
_log = logging.getLogger(__name__)

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
        self._client: Address = None
        self._server: Address = None
        # The requests being read. `_uploading` is a call that began before its body was complete.
        self._reader = RequestReader(state, self)
        self._uploading: HttpCall | None = None
        self._owes_continue = False
        # The requests being answered. `_keep_alive` is what the head of a streamed answer said.
        self._active: HttpCall | PageCall | None = None
        self._stream: AnswerStream | None = None
        self._keep_alive = True
        self._waiting: deque[HttpCall | PageCall | Ready | WebSocketProtocol] = deque()
        self._advancing = False
        # The connection.
        self._successor: WebSocketProtocol | None = None
        self._since = state.now
        self._served = False
        self._reading_paused = False
        self._sending = SendWatch()
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
        """Feed the reader; whatever it objects to ends the connection after an answer."""
        if self._reader.stopped:
            if self._successor is not None:
                self._successor.data_received(data)
            return
        try:
            rest = self._reader.feed(data)
        except Refused as refused:
            if not self._reader.stopped:
                self._refuse(refused.answer)
            return
        except httptools.HttpParserCallbackError as error:
            # A defect of ours must not leave the client waiting, nor take down the other connections.
            _log.error("The gateway failed on a request from %s", self._client, exc_info=error.__context__)
            self._refuse(text_answer(500, "The gateway failed on this request. Its log has the error."))
            return
        if self._uploading is not None:
            self._pause_if_full()
        # For a WebSocket the bytes behind the request are its own. Other upgrades may be ignored: then what
        # follows is HTTP still.
        if rest and (len(rest) < len(data) or self._reader.stopped):
            self.data_received(rest)

    def eof_received(self) -> bool:
        """The client has closed its side, which counts as gone unless it asked us to answer even so."""
        active = self._active
        if active is not None and active.request.detached and active is not self._uploading and not self._ended:
            self._reader.stop()
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

    # --- from the reader ---

    def complete(self, request: RequestHead, body: bytes | bytearray) -> None:
        """A request has come whole: it waits for its turn."""
        self._owes_continue = False
        if self._uploading is not None:
            self._uploading = None
        else:
            request.request_id = self.state.ids.accept(request.special.get(b"x-request-id"))
            plain = request.early is None and not request.websocket
            self._waiting.append(self._call(request, body) if plain else self._special(request))
            self._advance()
        if len(self._waiting) >= self.state.options.max_pipelined:
            self._pause_reading()

    def _special(self, request: RequestHead) -> Ready | PageCall | WebSocketProtocol:
        if request.early is NO_BODY:
            return PageCall(self, request, self.state.page)
        if request.early is not None:
            return self._ready(request, request.early, request.target)
        request.keep_alive = False
        successor = WebSocketProtocol(self.state, request, self._client, self._server)
        if successor.refusal is not None:
            self._lingering = True
            return self._ready(request, successor.refusal, request.target)
        self._successor = successor
        if self._active is not None:
            self._pause_reading()
        return successor

    def _ready(self, request: RequestHead, answer: Answer, target: Target | None) -> Ready:
        self.state.refused(target, request.method.name, answer.status)
        return Ready(request, answer)

    def _call(self, request: RequestHead, body: bytes | bytearray, flags: int = 0) -> HttpCall:
        tracing = self.state.tracing
        if tracing.exporting or b"traceparent" in request.special:
            request.trace(tracing)
        return HttpCall(self, request, request.encode(self._client, self._server), body, flags)

    def expects(self, request: RequestHead) -> None:
        """Send a 100 when it is this request's turn, unless the answer is known without its body."""
        expectation = request.special[b"expect"]
        if expectation.lower() != b"100-continue":
            raise Refused(417, f"Unknown expectation: {expectation[:80]!r}. Only 100-continue is understood.")
        if request.early is not None:
            # The client may or may not send the body now, so the connection cannot go on.
            self._reader.stop()
            self._lingering = True
            request.request_id = self.state.ids.accept(request.special.get(b"x-request-id"))
            request.keep_alive = False
            self._waiting.append(self._ready(request, request.early, request.target))
        else:
            self._owes_continue = True
        self._advance()

    # --- large bodies ---

    def outgrown(self, request: RequestHead) -> None:
        """Hand the request on with what is there of its body."""
        request.request_id = self.state.ids.accept(request.special.get(b"x-request-id"))
        body = self._reader.body
        call = self._uploading = self._call(request, body.take(), FLAG_MORE)
        call.upload = ChunkSender(call, self.state)
        body.stream_to(call.upload)
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
            self._since = self._reader.heard = self.state.now
            if not self._transport.is_closing():
                self._transport.resume_reading()

    # --- refusals ---

    def _refuse(self, answer: Answer, linger: bool = True) -> None:
        """Answer after what came before, then close; nothing more is read."""
        self._reader.stop()
        self._lingering = linger
        uploading, self._uploading = self._uploading, None
        if uploading is not None:
            uploading.status = answer.status
            if self._withdraw(uploading):
                return
        request = RequestHead()
        request.keep_alive = False
        request.request_id = uploading.request_id if uploading is not None else self.state.ids.new()
        self._waiting.append(Ready(request, answer) if uploading is not None else self._ready(request, answer, None))
        self._resume_reading()
        self._advance()

    def _withdraw(self, call: HttpCall) -> bool:
        """Take back a call whose body will not be complete; True if its answer had begun, which ends all."""
        if self._active is not call:
            self._waiting.remove(call)
            call.release()
            return False
        call.cancel(call.status)
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
            if isinstance(item, _CALLS):
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

    def answered(self, call: HttpCall | PageCall, head: Head, body: Buffer) -> None:
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
            self._transport.write(data)  # Not `writelines`: asyncio's own loop may not pause us after it.
            self._transport.write(body)
        self._since = state.now
        self._served = True
        if not keep_alive:
            self._finish()

    def began(self, call: HttpCall, payload: Buffer) -> None:
        """Write the head of a streamed answer."""
        state = self.state
        head = state.heads.get(bytes(payload))
        call.begun = True
        call.status = head.status
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
        self._sending.begin(self._transport, self.state.now)
        self._transport.close()

    def _finish(self) -> None:
        self._reader.stop()
        self._uploading = None
        self._drop_waiting()
        self._sending.begin(self._transport, self.state.now)
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
        if self._active is None and not self._waiting and self._reader.between and not self._ended:
            self._drop()
            self._transport.close()

    def abort(self) -> None:
        """End now, whatever runs, detached or not."""
        if self._active is not None:
            self._active.request.detached = False
        self._drop()
        self._transport.abort()

    def _drop(self) -> None:
        self._ended = True
        self._reader.stop()
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
        silent = now - max(self._since, self._reader.heard) - self.state.period
        if self._ended:
            self._check_end(now, silent)
        elif self._sending.paused:
            if self._sending.stuck(self._transport, now, options.send_timeout_s + self.state.period):
                self.abort()
        elif self._reading_paused:
            detached = self._active is not None and self._active.request.detached
            if not detached and has_left(self._transport):
                self.abort()
        elif self._reader.between:
            idle = options.keep_alive_s if self._served else options.header_timeout_s
            if silent > idle and not self._reader.stopped:
                self.close_if_idle()
        else:
            try:
                self._reader.check(now)
            except Refused as refused:
                self._refuse(refused.answer)

    def _check_end(self, now: float, silent: float) -> None:
        """The last bytes are written: give the client time to take them, but not for ever."""
        if self._transport.get_write_buffer_size():
            self._since = now
            if self._sending.stuck(self._transport, now, self.state.options.send_timeout_s + self.state.period):
                self._transport.abort()
        elif silent > LINGER_S:
            self._transport.abort()
