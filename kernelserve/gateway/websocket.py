"""WebSocket connections: messages of a client to CHUNK frames, and CHUNK frames to messages."""

from __future__ import annotations

import asyncio
import http
from typing import TYPE_CHECKING, cast

import msgspec
from websockets.datastructures import Headers
from websockets.exceptions import ProtocolError as WsProtocolError
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from kernelserve.gateway.answers import InvalidResponseError, render_handshake, text_answer
from kernelserve.gateway.exchange import HttpCall, render
from kernelserve.gateway.flow import Allowance, ChunkSender, SendWatch
from kernelserve.gateway.sockets import has_left
from kernelserve.transport.base import FLAG_MORE, FLAG_TEXT, WINDOW, Buffer, chunk_cost
from kernelserve.transport.messages import HttpResponse, WsClose

if TYPE_CHECKING:
    from kernelserve.gateway.answers import Answer, Head
    from kernelserve.gateway.request_head import Address, RequestHead
    from kernelserve.gateway.state import GatewayState

# After the client has gone or closed, the app may work for this long before it is cancelled.
GRACE_S = 10.0
# A client may take this long to answer our close.
CLOSE_WAIT_S = 5.0
_GOING_AWAY, _VANISHED, _BAD_TEXT, _FAILED, _OVERLOADED = 1001, 1006, 1007, 1011, 1013
_NO_CODE = 1005
_REASON_BYTES = 123

_encode = msgspec.msgpack.Encoder().encode
_decode_response = msgspec.msgpack.Decoder(HttpResponse).decode
_decode_close = msgspec.msgpack.Decoder(WsClose).decode


class WebSocketProtocol(asyncio.Protocol):
    """One WebSocket; takes a connection over from its `HttpProtocol`.

    It stays among the gateway's connections until its call has ended too, so that a client that has gone
    does not leave an app behind.

    Attributes:
        refusal: the answer to a handshake that is not one; it must not take over then.
    """

    def __init__(self, state: GatewayState, request: RequestHead, client: Address, server: Address) -> None:
        self.state = state
        self.refusal: Answer | None = None
        self._key = b""
        self._shake_hands(request)
        self._request = request
        self._transport = cast(asyncio.Transport, None)
        request.trace(state.tracing)
        self._call = HttpCall(self, request, request.encode(client, server), b"", FLAG_MORE)
        self._upload = self._call.upload = ChunkSender(self._call, state)
        self._allowance = Allowance(self._call, paused=False)
        self._sending = SendWatch()
        # None until the app has accepted.
        self._protocol: ServerProtocol | None = None
        # What came before that, or the fragments of a message that is not complete.
        self._partial = bytearray()
        self._partial_is_text = False
        self._unparsed = 0
        self._held = 0
        # The loop's time (that of the last sweep) at which things happened, None for not yet.
        self._heard = self._pinged = state.now
        self._told_at: float | None = None
        self._closed_at: float | None = None
        self._reading_paused = False
        self._taken_over = False
        self._lost = False

    def _shake_hands(self, request: RequestHead) -> None:
        fields = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers)
        response = ServerProtocol().accept(Request(request.url.decode("latin-1"), Headers(fields)))
        if response.status_code == http.HTTPStatus.SWITCHING_PROTOCOLS:
            self._key = response.headers["Sec-WebSocket-Accept"].encode("ascii")
        else:
            text = (response.body or b"").decode("utf-8", "replace").strip()
            upgrade = ((b"sec-websocket-version", b"13"),)
            self.refusal = text_answer(response.status_code, f"{text} Use a WebSocket client.", upgrade)

    def take_over(self, transport: asyncio.Transport) -> None:
        """The connection's turn has come: ask the app."""
        self._transport = transport
        self._taken_over = True
        self._heard = self._pinged = self.state.now
        self._call.start()

    def release(self) -> None:
        """The connection ended before its turn came."""
        self._partial.clear()
        self._hold()

    # --- asyncio.Protocol ---

    def data_received(self, data: bytes) -> None:
        """Pass on the messages that are complete."""
        self._heard = self.state.now
        protocol = self._protocol
        if protocol is None:
            self._early(data)
            return
        protocol.receive_data(data)
        frames = protocol.events_received()
        self._unparsed = 0 if frames else self._unparsed + len(data)
        for frame in frames:
            self._frame(cast(Frame, frame))
        self._hold()
        if self.state.held_bytes > self.state.options.max_held_bytes and protocol.state is State.OPEN:
            protocol.fail(_OVERLOADED, "The gateway holds as many bytes as it may")
            self._hold()
        self._flush()
        if self._upload.full and not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the app, and wait for its end."""
        self._lost = True
        self._partial.clear()
        self._unparsed = 0
        self._hold()
        if not self._call.begun:
            self._call.cancel()
        self._tell(WsClose(_VANISHED))
        self._leave_if_over()

    def pause_writing(self) -> None:
        self._sending.pause(self._transport, self.state.now)
        self._allowance.paused = True

    def resume_writing(self) -> None:
        self._sending.resume()
        if not self._call.done:
            self._allowance.resume()

    # --- from the client ---

    def _early(self, data: bytes) -> None:
        """Keep what comes before the app has accepted, within reason: a client ought to wait."""
        if self._closed_at is not None:
            return
        self._partial += data
        self._hold()
        if len(self._partial) > WINDOW and self._taken_over:
            self.abort()

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT or frame.opcode is Opcode.BINARY:
            self._partial_is_text = frame.opcode is Opcode.TEXT
            if frame.fin:
                self._message(frame.data)
            else:
                self._partial += frame.data
        elif frame.opcode is Opcode.CONT:
            self._partial += frame.data
            if frame.fin:
                message, self._partial = self._partial, bytearray()
                self._message(message)
        elif frame.opcode is Opcode.CLOSE:
            protocol = cast(ServerProtocol, self._protocol)
            received = protocol.close_rcvd
            self._tell(WsClose(received.code, received.reason) if received is not None else WsClose(_NO_CODE))

    def _message(self, data: Buffer) -> None:
        if self._told_at is not None or self._call.done:
            return
        flags = FLAG_MORE
        if self._partial_is_text:
            flags |= FLAG_TEXT
            try:
                str(data, "utf-8")
            except UnicodeDecodeError as error:
                cast(ServerProtocol, self._protocol).fail(_BAD_TEXT, f"{error.reason} at position {error.start}")
                return
        self._upload.put(data, flags)

    def _tell(self, close: WsClose) -> None:
        """Tell the app, once, that no further message comes."""
        if self._told_at is None:
            self._told_at = self.state.loop.time()
            if not self._call.done:
                self._upload.put(_encode(close), 0)

    def _hold(self) -> None:
        if self._protocol is not None and self._protocol.state is not State.OPEN:
            # What comes now is read and dropped.
            self._partial.clear()
            self._unparsed = 0
        held = len(self._partial) + self._unparsed
        self.state.held_bytes += held - self._held
        self._held = held

    def granted(self, call: HttpCall) -> None:
        """The replica took some of the messages that waited."""
        if self._reading_paused and not self._upload.full and not self._lost:
            self._reading_paused = False
            self._heard = self.state.now
            if not self._transport.is_closing():
                self._transport.resume_reading()

    # --- from the app ---

    def began(self, call: HttpCall, payload: Buffer) -> None:
        """The app accepts."""
        response = _decode_response(payload)
        if response.status != http.HTTPStatus.SWITCHING_PROTOCOLS:
            raise InvalidResponseError(
                f"The application answered a WebSocket's handshake with a stream of status {response.status}. "
                "Accept it with status 101, or refuse it with a plain answer."
            )
        head = render_handshake(self._key, response.headers)
        request_id = call.request_id.encode("ascii")
        self._transport.write(b"%b%bx-request-id: %b\r\n\r\n" % (head, self.state.common_lines, request_id))
        call.begun = True
        call.status, call.came = response.status, None
        if self._request.timeout_s is not None:
            self.state.unwatch(call)
        self._protocol = ServerProtocol(state=State.OPEN, max_size=self.state.options.ws_max_message_bytes)
        early = bytes(self._partial)
        self._partial.clear()
        if early:
            self.data_received(early)

    def piece(self, call: HttpCall, flags: int, payload: Buffer) -> None:
        """Send a message, or drop it if nobody takes it any more."""
        protocol = self._protocol
        if protocol is not None and protocol.state is State.OPEN and not self._lost:
            if flags & FLAG_TEXT:
                protocol.send_text(payload)
            else:
                protocol.send_binary(payload)
            self._flush()
        self._allowance.took(chunk_cost(len(payload)))

    def ended(self, call: HttpCall, payload: Buffer) -> None:
        """The app closes."""
        try:
            close = _decode_close(payload) if len(payload) else WsClose()
        except msgspec.MsgspecError:
            close = WsClose(_FAILED, "Internal error")
        self._close(close)
        self._leave_if_over()

    def broken(self, call: HttpCall) -> None:
        """The app failed."""
        self._close(WsClose(_FAILED, "Internal error"))
        self._leave_if_over()

    def answered(self, call: HttpCall, head: Head, body: Buffer) -> None:
        """The app refuses."""
        if not self._lost and not self._transport.is_closing():
            self._request.keep_alive = False
            data, body = render(self._request, head, body, self.state.common_lines, keep_alive=False)
            self._transport.write(data)  # Not `writelines`: asyncio's own loop may not pause us after it.
            self._transport.write(body)
            self._end_writing()
        self._leave_if_over()

    def _close(self, close: WsClose) -> None:
        protocol = self._protocol
        if protocol is None or protocol.state is not State.OPEN or self._lost:
            return
        reason = close.reason.encode("utf-8")[:_REASON_BYTES].decode("utf-8", "ignore")
        try:
            protocol.send_close(
                None if close.code == _NO_CODE else close.code, "" if close.code == _NO_CODE else reason
            )
        except WsProtocolError:
            protocol.send_close(_FAILED, "The application closed with an invalid code")
        self._closed_at = self.state.loop.time()
        if self._reading_paused:
            self._reading_paused = False
            self._transport.resume_reading()
        self._flush()

    # --- both ---

    def _flush(self) -> None:
        """Write what the protocol has for the client."""
        protocol = cast(ServerProtocol, self._protocol)
        for data in protocol.data_to_send():
            if self._lost or self._transport.is_closing():
                return
            if data:
                self._sending.wrote(len(data))
                self._transport.write(data)
            else:
                self._end_writing()
        if protocol.state is not State.OPEN and protocol.close_sent is not None:
            # Closed by us for what the client did, or answered: there will be no further message.
            self._tell(WsClose(protocol.close_sent.code, protocol.close_sent.reason))

    def _end_writing(self) -> None:
        """Half-close, and drop what still comes: closing with unread bytes could take our last ones away."""
        if self._closed_at is None:
            self._closed_at = self.state.loop.time()
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _leave_if_over(self) -> None:
        if self._lost and self._call.done:
            self.state.left(self)

    def check(self, now: float) -> None:
        """Ping, and end what is silent, stuck or over."""
        options = self.state.options
        if self._told_at is not None and now - self._told_at > GRACE_S and not self._request.detached:
            self._call.cancel()
            self._leave_if_over()
        if self._lost:
            return
        if self._sending.paused:
            if self._closed_at is not None:
                self._closed_at = now  # It may take its last messages before it answers our close.
            if self._sending.stuck(self._transport, now, options.send_timeout_s + self.state.period):
                self._transport.abort()
        elif self._closed_at is not None:
            if now - self._closed_at > CLOSE_WAIT_S:
                self._transport.abort()
        elif self._reading_paused and has_left(self._transport):
            self._transport.abort()
        elif self._protocol is not None and now - self._pinged >= options.ws_ping_interval_s:
            self._ping(self._protocol, now)

    def _ping(self, protocol: ServerProtocol, now: float) -> None:
        if protocol.state is not State.OPEN:
            return
        if self._heard < self._pinged and not self._reading_paused:
            self._transport.abort()
            return
        self._pinged = now
        protocol.send_ping(b"")
        self._flush()

    def close_if_idle(self) -> None:
        """The gateway closes: so does every WebSocket."""
        self._close(WsClose(_GOING_AWAY, "The gateway is closing"))

    def abort(self) -> None:
        """End now, whatever runs."""
        self._call.cancel()
        if self._lost:
            self._leave_if_over()
        else:
            self._transport.abort()
