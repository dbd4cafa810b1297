"""Control calls over a channel: a message there, an answer back, both ways on one channel."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable

import msgspec

from kernelserve.exceptions import ChannelClosedError, ControlCallError, ProtocolError
from kernelserve.transport.base import Buffer, Channel, FrameKind
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import ControlMessage, ErrorMeta, Message, Ok

Handler = Callable[[Message], Awaitable[Message | None]]

FIRST_STREAM = 2**31
"""Control calls number their exchanges from here, data calls from 1: one side's never collide."""
_LAST_STREAM = 2**32 - 1

_log = logging.getLogger(__name__)
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[ControlMessage] = msgspec.msgpack.Decoder(ControlMessage)
_error_decoder = msgspec.msgpack.Decoder(ErrorMeta)


def is_control_frame(kind: int, stream: int) -> bool:
    """Whether a received frame belongs to an `Rpc` on the channel, and not to the data plane."""
    return kind >= FrameKind.REQUEST or (kind == FrameKind.ERROR and stream >= FIRST_STREAM)


class Rpc:
    """One side of the control calls on a channel; the channel's receiver, or a part of it.

    Each message from the peer is handled in a task of its own; tasks start in the order in which the
    messages came, and before a `call` returns whose answer came after them. A handler that runs when
    the channel is lost goes on, and its answer is dropped: whether work outlives its caller is for
    `on_lost` to decide.

    Args:
        handler: gets each REQUEST and NOTIFY; what it returns is the reply (None: `Ok`), what it raises
            is raised at the caller as `ControlCallError`.
        channel: may be given later by `attach`.

    Attributes:
        on_lost: called once when the channel is lost, after pending calls have failed.

    Example:
        >>> rpc = Rpc(handler)  # doctest: +SKIP
        >>> rpc.attach(await connect(address, rpc, role="client", secret=secret))  # doctest: +SKIP
        >>> status = await rpc.call(GetStatus(), timeout_s=5)  # doctest: +SKIP
    """

    def __init__(self, handler: Handler, channel: Channel | None = None) -> None:
        self.on_lost: Callable[[Exception | None], None] | None = None
        self._handler = handler
        self._channel = channel
        self._pending: dict[int, asyncio.Future[Message]] = {}
        self._next_stream = FIRST_STREAM
        self._tasks: set[asyncio.Task[None]] = set()
        self._lost = False

    @property
    def channel(self) -> Channel | None:
        """The channel, once attached."""
        return self._channel

    @property
    def closed(self) -> bool:
        """Whether calls can no longer be made: not attached, closed or lost."""
        return self._lost or self._channel is None or self._channel.closed

    def attach(self, channel: Channel) -> Rpc:
        """Call over this channel from now on; returns itself, so that `listen` can accept with it."""
        self._channel = channel
        return self

    async def call(self, message: Message, timeout_s: float | None = None) -> Message:
        """Send a message and wait for its answer.

        Raises:
            ControlCallError: the peer's handler raised, or could not read the message.
            ChannelClosedError: the channel is closed, or was lost before the answer.
            TimeoutError: no answer within `timeout_s`; one that comes later is dropped.
        """
        channel = self._open_channel(message)
        stream = self._new_stream()
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._pending[stream] = future
        try:
            channel.send(FrameKind.REQUEST, stream, (_encoder.encode(message),))
            async with asyncio.timeout(timeout_s):
                return await future
        finally:
            self._pending.pop(stream, None)

    def notify(self, message: Message) -> None:
        """Send a message that has no answer; on a closed channel it is dropped."""
        if self._channel is not None:
            self._channel.send(FrameKind.NOTIFY, self._new_stream(), (_encoder.encode(message),))

    def _open_channel(self, message: Message) -> Channel:
        if self._lost or self._channel is None or self._channel.closed:
            raise ChannelClosedError(
                f"The control call {type(message).__name__} was not sent: the channel is closed. Connect again."
            )
        return self._channel

    def _new_stream(self) -> int:
        stream = self._next_stream
        while stream in self._pending:
            stream = stream + 1 if stream < _LAST_STREAM else FIRST_STREAM
        self._next_stream = stream + 1 if stream < _LAST_STREAM else FIRST_STREAM
        return stream

    # --- Receiver

    def frame_received(
        self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
    ) -> None:
        """Take a control frame; an outer receiver passes on those that `is_control_frame` names."""
        if self._channel is None:
            self._channel = channel
        match kind:
            case FrameKind.REQUEST | FrameKind.NOTIFY:
                self._start(channel, kind, stream, payload)
            case FrameKind.REPLY:
                self._settle_reply(stream, payload)
            case FrameKind.ERROR:
                self._settle_error(stream, payload)
            case _:
                _log.warning("A frame of kind %d came on a control channel and was dropped.", kind)

    def channel_lost(self, channel: Channel, error: Exception | None) -> None:
        """Fail what waits for an answer, then tell `on_lost`."""
        if self._lost:
            return
        self._lost = True
        for future in self._pending.values():
            if not future.done():
                lost = ChannelClosedError(
                    f"The channel to the {channel.role} was lost before the answer came: {error or 'it was closed'}. "
                    "Connect again; the call may or may not have been carried out."
                )
                lost.__cause__ = error
                future.set_exception(lost)
        if self.on_lost is not None:
            self.on_lost(error)

    # --- the peer's calls

    def _start(self, channel: Channel, kind: int, stream: int, payload: Buffer) -> None:
        try:
            message = _decoder.decode(payload)
        except msgspec.DecodeError as error:
            self._refuse(channel, kind, stream, error)
            return
        task = asyncio.get_running_loop().create_task(self._handle(channel, kind, stream, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, channel: Channel, kind: int, stream: int, message: Message) -> None:
        try:
            reply = await self._handler(message)
        except asyncio.CancelledError:
            if kind == FrameKind.REQUEST:
                name = type(message).__name__
                _send_error(channel, stream, ErrorMeta("cancelled", "CancelledError", f"{name} was cancelled."))
            raise
        except Exception as error:  # boundary of the handler: the caller gets it, the channel stays
            self._report(channel, kind, stream, message, error)
            return
        if kind == FrameKind.REQUEST:
            channel.send(FrameKind.REPLY, stream, (_encoder.encode(Ok() if reply is None else reply),))

    def _report(self, channel: Channel, kind: int, stream: int, message: Message, error: Exception) -> None:
        if kind == FrameKind.NOTIFY:
            _log.error("The handler of %s raised.", type(message).__name__, exc_info=error)
            return
        text = "".join(traceback.format_exception(error))
        _send_error(channel, stream, ErrorMeta("internal", type(error).__name__, str(error), text))

    def _refuse(self, channel: Channel, kind: int, stream: int, error: msgspec.DecodeError) -> None:
        text = f"The control message cannot be read: {error}. Run the same version of kernelserve on both sides."
        if kind == FrameKind.NOTIFY:
            _log.warning("%s", text)
            return
        _send_error(channel, stream, ErrorMeta("bad_request", type(error).__name__, text))

    # --- answers to our calls

    def _settle_reply(self, stream: int, payload: Buffer) -> None:
        future = self._pending.get(stream)
        if future is None or future.done():
            return
        try:
            future.set_result(_decoder.decode(payload))
        except msgspec.DecodeError as error:
            future.set_exception(_unreadable(error))

    def _settle_error(self, stream: int, payload: Buffer) -> None:
        future = self._pending.get(stream)
        if future is None or future.done():
            return
        try:
            meta = _error_decoder.decode(split_parts(payload)[0])
        except (msgspec.DecodeError, ProtocolError, IndexError) as error:
            future.set_exception(_unreadable(error))
            return
        future.set_exception(ControlCallError(meta.type_name, meta.message, meta.traceback))


def _send_error(channel: Channel, stream: int, meta: ErrorMeta) -> None:
    channel.send(FrameKind.ERROR, stream, join_parts((_encoder.encode(meta), b"")))


def _unreadable(error: Exception) -> ProtocolError:
    unreadable = ProtocolError(
        f"The answer to a control call cannot be read: {error}. Run the same version of kernelserve on both sides."
    )
    unreadable.__cause__ = error
    return unreadable
