"""The in-process twin of the socket channels: two event loops, possibly in two threads.

A frame's payload is joined into one buffer when it is sent, which is the receiver's then: the two sides share
nothing that can change, as if a socket lay between them. Large ones can be written into, as those of a socket.
"""

from __future__ import annotations

import asyncio
import contextvars
import hmac
import threading
from collections.abc import Callable, Sequence
from typing import Any

from kernelserve.exceptions import AuthenticationError, ChannelClosedError, TransportError
from kernelserve.transport.base import HEADER_SIZE, MAX_FRAME, Buffer, Channel, Listener, Receiver
from kernelserve.transport.frames import LARGE, Frame, encode_header
from kernelserve.transport.handshake import role_number

_listeners: dict[str, InprocListener] = {}
_lock = threading.Lock()


class InprocChannel(Channel):
    """One end of a pair; every method runs on its own loop, and only `_post` crosses to the peer's.

    Args:
        loop: the loop of this end.
        role: the peer's role.
    """

    _peer: InprocChannel

    def __init__(self, loop: asyncio.AbstractEventLoop, role: str) -> None:
        self.role = role
        self._loop = loop
        self._receiver: Receiver | None = None
        self._out: list[Frame] = []
        self._closed = False
        self._lost = False
        # Bytes ever sent from here, and ever taken here: one writer each, so no lock.
        self._sent = 0
        self._taken = 0
        # What runs here for the peer: context variables (the peer's request, the user's own) do not cross either.
        self._context = contextvars.Context()

    def start(self, receiver: Receiver) -> None:
        """Deliver frames to `receiver` from now on."""
        self._receiver = receiver

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
        payload: Buffer = b"".join(parts) if sum(map(len, parts)) < LARGE else bytearray().join(parts)
        if len(payload) > MAX_FRAME:
            encode_header(kind, stream, len(payload))  # raises the error of every channel
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append((kind, stream, flags, min(load, 0xFFFF), revision, payload))
        self._sent += HEADER_SIZE + len(payload)

    @property
    def unsent_bytes(self) -> int:
        return 0 if self._closed else self._sent - self._peer._taken

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        if not self._closed:
            self._flush()
            self._end(None)

    def abort(self) -> None:
        if not self._closed:
            self._end(ChannelClosedError("The channel was aborted on this side. Open a new one to go on."))

    def _flush(self) -> None:
        if self._out:
            batch, self._out = self._out, []
            self._post(self._peer._deliver, batch)

    def _end(self, error: Exception | None) -> None:
        if self._closed:
            return
        self._closed = True
        self._out.clear()
        self._loop.call_soon(self._lose, error, context=self._context)
        self._post(self._peer._peer_ended)

    def _post(self, callback: Callable[..., None], *args: Any) -> None:
        """Run a method of the peer on the peer's loop, after all that was posted before."""
        loop, context = self._peer._loop, self._peer._context
        if loop is self._loop:
            loop.call_soon(callback, *args, context=context)
            return
        try:
            loop.call_soon_threadsafe(callback, *args, context=context)
        except RuntimeError as cause:  # the peer's loop is closed: what EOF is to a socket
            error = ChannelClosedError(f"The {self.role}'s event loop is closed. Start it again, and connect anew.")
            error.__cause__ = cause
            self._end(error)

    # --- called by the peer, on this end's loop

    def _deliver(self, batch: list[Frame]) -> None:
        receiver = self._receiver
        if receiver is None:
            return
        for kind, stream, flags, load, revision, payload in batch:
            if self._closed:
                return
            self._taken += HEADER_SIZE + len(payload)
            try:
                receiver.frame_received(self, kind, stream, flags, load, revision, payload)
            except Exception as error:  # boundary of the receiver: as asyncio does for a socket's protocol
                self._loop.call_exception_handler({"message": "A channel's receiver raised.", "exception": error})
                self._end(error)

    def _peer_ended(self) -> None:
        if not self._closed:
            self._closed = True
            self._out.clear()
            self._lose(None)

    def _lose(self, error: Exception | None) -> None:
        receiver, self._receiver = self._receiver, None
        if not self._lost and receiver is not None:
            self._lost = True
            receiver.channel_lost(self, error)


class InprocListener(Listener):
    """Accepts in-process channels under a name; `listen_inproc` makes it."""

    def __init__(self, name: str, accept: Callable[[Channel], Receiver], role: str, secret: bytes) -> None:
        self.address = f"inproc://{name}"
        self.role = role
        self._name = name
        self._accept = accept
        self._secret = secret
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def admit(self, role: str, secret: bytes) -> InprocChannel:
        """A new channel for a connector of `role` on the running loop; the other end goes to `accept`."""
        if not hmac.compare_digest(self._secret, secret):
            raise AuthenticationError(
                f"The listener at {self.address} has another secret. "
                "Connect with the secret of the cluster that the address belongs to."
            )
        near = InprocChannel(asyncio.get_running_loop(), self.role)
        far = InprocChannel(self._loop, role)
        near._peer, far._peer = far, near
        try:
            self._loop.call_soon_threadsafe(self._admit_here, far, context=far._context)
        except RuntimeError as cause:
            raise _nobody_listens(self._name) from cause
        return near

    def _admit_here(self, channel: InprocChannel) -> None:
        if self._closed:
            channel.abort()
            return
        try:
            channel.start(self._accept(channel))
        except BaseException:
            channel.abort()
            raise

    async def close(self) -> None:
        self._closed = True
        with _lock:
            if _listeners.get(self._name) is self:
                del _listeners[self._name]


def listen_inproc(name: str, accept: Callable[[Channel], Receiver], *, role: str, secret: bytes) -> InprocListener:
    """Accept channels at ``inproc://name`` on the running loop."""
    role_number(role)
    listener = InprocListener(name, accept, role, secret)
    with _lock:
        if name in _listeners:
            raise TransportError(
                f"The in-process name {name!r} is taken by another listener. Close that one, or take another name."
            )
        _listeners[name] = listener
    return listener


def connect_inproc(name: str, receiver: Receiver, *, role: str, secret: bytes) -> InprocChannel:
    """A channel to the listener of that name in this process."""
    role_number(role)
    with _lock:
        listener = _listeners.get(name)
    if listener is None:
        raise _nobody_listens(name)
    channel = listener.admit(role, secret)
    channel.start(receiver)
    return channel


def _nobody_listens(name: str) -> TransportError:
    return TransportError(
        f"Nothing listens at inproc://{name} in this process. Start the listener first, or check the name."
    )
