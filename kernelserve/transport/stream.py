"""Channels over sockets: Unix and TCP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import cast

from kernelserve.exceptions import AuthenticationError, ChannelClosedError, ProtocolError
from kernelserve.transport.base import FLAG_SHARED, HEADER_SIZE, MAX_FRAME, Buffer, Channel, FrameKind, Receiver
from kernelserve.transport.frames import LARGE, FrameParser, encode_header, own_part
from kernelserve.transport.handshake import Handshake
from kernelserve.transport.shared import CLOSE_AFTER_S, SHARED_FROM, SharedMemory, can_share, take

_RELEASE = int(FrameKind.RELEASE)


class StreamChannel(Channel, asyncio.Protocol):
    """A channel over an authenticated asyncio transport; `Greeting` makes it.

    Args:
        transport: the connected transport.
        role: the peer's role, as proven.
        limit: largest payload accepted from the peer.
    """

    def __init__(self, transport: asyncio.Transport, role: str, limit: int = MAX_FRAME) -> None:
        self.role = role
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._parser = FrameParser(limit)
        self._receiver: Receiver | None = None
        self._out: list[Buffer] = []
        self._out_bytes = 0
        self._out_large = False
        self._closed = False
        self._error: Exception | None = None
        self._shares = can_share(transport.get_extra_info("socket"))
        self._shared = SharedMemory()

    def start(self, receiver: Receiver, first: bytes = b"") -> None:
        """Deliver frames to `receiver` from now on, `first` being bytes that came already."""
        self._receiver = receiver
        if first:
            self.data_received(first)

    # --- Channel

    def send(
        self,
        kind: int,
        stream: int,
        parts: Sequence[Buffer] = (),
        flags: int = 0,
        load: int = 0,
        revision: int = 0,
    ) -> None:
        if self._closed:
            return
        size = 0
        owned = []
        for part in parts:
            if type(part) is not bytes:
                part = own_part(part)
            size += len(part)
            owned.append(part)
        if size >= SHARED_FROM and self._shares:
            where = self._shared.put(owned, size)
            if where is not None:
                owned, size, flags = [where], len(where), flags | FLAG_SHARED
        header = encode_header(kind, stream, size, flags, load, revision)
        out = self._out
        if not out:
            self._loop.call_soon(self._flush)
        out.append(header)
        out += owned
        self._out_bytes += HEADER_SIZE + size
        if size >= LARGE:
            self._out_large = True

    @property
    def unsent_bytes(self) -> int:
        return self._out_bytes + self._shared.lent_bytes + self._transport.get_write_buffer_size()

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        if self._closed:
            return
        self._flush()
        self._closed = True
        if self._shared:
            # The peer could not map what we take away now.
            self._loop.call_later(CLOSE_AFTER_S, self._transport.close)
        else:
            self._transport.close()

    def abort(self) -> None:
        if not self._closed:
            self._error = ChannelClosedError("The channel was aborted on this side. Open a new one to go on.")
        self._drop()

    def _flush(self) -> None:
        out = self._out
        if not out:
            return
        self._out = []
        self._out_bytes = 0
        if self._out_large:
            self._out_large = False
            self._write_large(out)
        else:
            self._transport.write(b"".join(out))

    def _write_large(self, out: list[Buffer]) -> None:
        write = self._transport.write
        small: list[Buffer] = []
        for piece in out:
            if len(piece) < LARGE:
                small.append(piece)
                continue
            if small:
                write(b"".join(small))
                small.clear()
            write(piece)
        if small:
            write(b"".join(small))

    def _released(self, payload: Buffer) -> None:
        self._shared.release(payload)
        if self._closed and not self._shared:
            self._transport.close()

    def _drop(self) -> None:
        """Close now, without what is queued; works on a channel that is still closing, too."""
        self._closed = True
        self._out.clear()
        self._out_bytes = 0
        self._transport.abort()

    # --- asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        receiver = self._receiver
        if receiver is None:
            return
        received = receiver.frame_received
        try:
            for kind, stream, flags, load, revision, payload in self._parser.feed(data):
                if kind == _RELEASE:
                    self._released(payload)
                    continue
                if self._closed:
                    return
                if flags & FLAG_SHARED:
                    payload, mapped = take(payload, self._limit)
                    flags -= FLAG_SHARED
                    self.send(_RELEASE, 0, (mapped,))
                received(self, kind, stream, flags, load, revision, payload)
        except ProtocolError as error:
            self._error = error
            self._drop()

    def eof_received(self) -> None:
        # A peer closes both directions at once, so nothing that we still have can reach it.
        if self._parser.inside_frame and not self._closed:
            self._error = ChannelClosedError(
                f"The {self.role} closed the channel in the middle of a frame: it has died, or was killed. See its log."
            )
        self._drop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        self._out.clear()
        self._out_bytes = 0
        self._shared.close()
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.channel_lost(self, self._error or _translate(exc, self.role))


class Greeting(asyncio.Protocol):
    """The first moments of a connection: the handshake, then a `StreamChannel` takes its place.

    Args:
        handshake: this side of the handshake.
        accept: gets the channel of a proven peer and returns its receiver.
        refuse: called with the reason when there will be no channel.
        timeout_s: how long the peer has to prove itself.
        limit: largest payload accepted from the peer afterwards.
    """

    def __init__(
        self,
        handshake: Handshake,
        accept: Callable[[Channel], Receiver],
        refuse: Callable[[Exception], None],
        timeout_s: float,
        limit: int = MAX_FRAME,
    ) -> None:
        self._handshake = handshake
        self._accept = accept
        self._refuse = refuse
        self._timeout_s = timeout_s
        self._limit = limit
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._settled = False

    def abort(self) -> None:
        """Drop the connection, whatever has become of it."""
        self._settled = True
        self._stop_timer()
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._settled:
            self._transport.abort()
            return
        _set_nodelay(self._transport)
        self._timer = asyncio.get_running_loop().call_later(self._timeout_s, self._time_out)
        hello = self._handshake.start()
        if hello:
            self._transport.write(hello)

    def data_received(self, data: bytes) -> None:
        if self._settled or self._transport is None:
            return
        try:
            answer = self._handshake.feed(data)
        except AuthenticationError as error:
            self._fail(error)
            return
        if answer:
            self._transport.write(answer)
        if self._handshake.done:
            self._become_channel(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(
            AuthenticationError(
                "The peer closed the connection during the handshake: it has another secret or another version, "
                "or it died. Check the secret, and the peer's log."
            )
        )

    def _become_channel(self, transport: asyncio.Transport) -> None:
        self._settled = True
        self._stop_timer()
        channel = StreamChannel(transport, self._handshake.peer_role, self._limit)
        transport.set_protocol(channel)
        channel.start(self._accept(channel), self._handshake.leftover)

    def _time_out(self) -> None:
        self._fail(
            AuthenticationError(
                f"The peer did not finish the handshake within {self._timeout_s:g} s. "
                "Check that the address is that of a kernelserve process, and that it is not blocked."
            )
        )

    def _fail(self, error: AuthenticationError) -> None:
        if self._settled:
            return
        self.abort()
        self._refuse(error)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _set_nodelay(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _translate(exc: Exception | None, role: str) -> Exception | None:
    """A system error as ours; what a receiver raised stays as it is."""
    if not isinstance(exc, OSError):
        return exc
    error = ChannelClosedError(f"The connection to the {role} broke: {exc}. It has died, or was killed; see its log.")
    error.__cause__ = exc
    return error
