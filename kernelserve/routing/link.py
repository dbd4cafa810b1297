"""The sender's end of one replica: its channel, the calls in flight on it, and its load as last heard."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from kernelserve.exceptions import TransportError
from kernelserve.routing.call import Call
from kernelserve.transport.base import FLAG_REVISION, Buffer, Channel, FrameKind
from kernelserve.types import Endpoint

if TYPE_CHECKING:
    from kernelserve.routing.router import Router

RECONNECT_FIRST_S = 0.02
RECONNECT_MAX_S = 1.0
FULL_FIRST_S = 0.025
FULL_MAX_S = 0.5

Connect = Callable[[str, "ReplicaLink"], Awaitable[Channel]]

_REJECT = int(FrameKind.REJECT)
_CANCEL = int(FrameKind.CANCEL)
_MODELS = int(FrameKind.MODELS)
_decode_models = msgspec.msgpack.Decoder(frozenset[str]).decode
_STREAMING = frozenset((int(FrameKind.START), int(FrameKind.CHUNK), int(FrameKind.CREDIT)))


class ReplicaLink:
    """One replica as its sender sees it; receives the frames of its channel.

    Lives as long as the replica is in some endpoint set. `router` is told what happens: answers free
    capacity, rejections and losses send calls elsewhere.

    Attributes:
        models: multiplexed model ids that the replica has loaded, as it last told.
        reached: whether there was ever a channel to it.
    """

    __slots__ = ("_asked", "_connect", "_full_backoff_s", "_full_until", "_loop", "_next_stream", "_retired", "_task",
                 "channel", "endpoint", "in_flight", "max_ongoing", "models", "reached", "replica_id", "reported",
                 "router")  # fmt: skip

    def __init__(self, endpoint: Endpoint, router: Router, connect: Connect, loop: asyncio.AbstractEventLoop) -> None:
        self.endpoint = endpoint
        self.replica_id = endpoint.replica_id
        self.max_ongoing = endpoint.max_ongoing_requests
        self.router = router
        self.channel: Channel | None = None
        self.reached = False
        self.in_flight: dict[int, Call] = {}
        self.reported = 0
        self.models: frozenset[str] = frozenset()
        # Calls in flight by the model that they ask for: these will be loaded here in a moment.
        self._asked: dict[str, int] = {}
        self._connect = connect
        self._loop = loop
        self._next_stream = 0
        self._full_until = 0.0
        self._full_backoff_s = FULL_FIRST_S
        self._retired = False
        # The first request to a deployment makes its link, which outlives it: its context must not.
        self._task: asyncio.Task[None] | None = loop.create_task(self._keep_connected(), context=contextvars.Context())

    @property
    def usable(self) -> bool:
        if self.channel is None or len(self.in_flight) >= self.max_ongoing:
            return False
        return self._full_until == 0.0 or self._loop.time() >= self._full_until

    @property
    def load(self) -> int:
        own = len(self.in_flight)
        return own if own > self.reported else self.reported

    def has_model(self, model_id: str) -> bool:
        """Whether the replica has the model, or is loading it for a call that was sent there."""
        return model_id in self.models or model_id in self._asked

    @property
    def model_count(self) -> int:
        """Models that are there or on their way."""
        return len(self.models) + sum(model_id not in self.models for model_id in self._asked)

    def send(self, call: Call) -> None:
        """Send a call; `usable` has been asked before."""
        channel = self.channel
        assert channel is not None
        stream = self._next_stream = self._next_stream % 0x7FFFFFFF + 1
        call.stream = stream
        call.channel = self
        call.replica_id = self.replica_id
        self.in_flight[stream] = call
        if call.multiplexed_model_id:
            self._asked[call.multiplexed_model_id] = self._asked.get(call.multiplexed_model_id, 0) + 1
        if call.kind:
            self.router.sent += 1
            channel.send(call.kind, stream, call.parts, call.flags, 0, call.revision)
        else:
            call.on_held()

    def release(self, call: Call) -> None:
        """Give back the slot of a call of kind `HOLD`; the caller uses it or tells the router that it is free."""
        if self.in_flight.pop(call.stream, None) is not None:
            self._forget_model(call)
            if self._retired and not self.in_flight:
                self._close()

    def cancel(self, call: Call) -> None:
        """Ask the replica to stop the call's work; its ERROR still comes."""
        if self.channel is not None and call.stream in self.in_flight:
            self.channel.send(_CANCEL, call.stream)

    def send_more(self, call: Call, kind: int, parts: Sequence[Buffer], flags: int = 0) -> None:
        """Send a CHUNK or CREDIT of a call in flight here; nothing if it has ended."""
        if self.channel is not None and call.stream in self.in_flight:
            self.channel.send(kind, call.stream, parts, flags, 0, call.revision)

    def update(self, endpoint: Endpoint) -> None:
        """Take changed options of the same replica."""
        self.endpoint = endpoint
        self.max_ongoing = endpoint.max_ongoing_requests

    def retire(self) -> None:
        """No new call will be sent: close as soon as nothing is in flight."""
        self._retired = True
        if not self.in_flight:
            self._close()

    def abort(self) -> None:
        """Drop the channel now; calls in flight fail as if the replica had died."""
        self._retired = True
        channel = self.channel
        self._close()
        if channel is not None:
            channel.abort()

    # --- Receiver ---

    def frame_received(
        self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
    ) -> None:
        if kind in _STREAMING:
            self._streamed(kind, stream, flags, payload)
            return
        if kind == _MODELS:
            self.models = _decode_models(payload)
            if self.models:
                self.router.multiplexed = True
            return
        call = self.in_flight.pop(stream, None)
        if call is None:
            return  # An answer to a call that was given up.
        self.reported = load
        if call.multiplexed_model_id:
            self._forget_model(call)
        if kind == _REJECT and flags & FLAG_REVISION:
            self.router.refused(call, self)
        elif kind == _REJECT:
            self._full_until = self._loop.time() + self._full_backoff_s
            self._full_backoff_s = min(self._full_backoff_s * 2, FULL_MAX_S)
            self.router.rejected(call, self)
        else:
            if self._full_until:
                self._full_until = 0.0
                self._full_backoff_s = FULL_FIRST_S
            if call.multiplexed_model_id and not self.models and self.router.multiplexed is None:
                self.router.multiplexed = False
            call.on_frame(kind, flags, payload)
            self.router.freed()
        if self._retired and not self.in_flight:
            self._close()

    def _streamed(self, kind: int, stream: int, flags: int, payload: Buffer) -> None:
        call = self.in_flight.get(stream)
        if call is not None:
            call.retry_safe = False  # Part of the request or of the answer has gone its way.
            call.on_stream(kind, flags, payload)

    def _forget_model(self, call: Call) -> None:
        model_id = call.multiplexed_model_id
        left = self._asked.get(model_id, 0) - 1
        if left > 0:
            self._asked[model_id] = left
        else:
            self._asked.pop(model_id, None)

    def channel_lost(self, channel: Channel, error: Exception | None) -> None:
        if channel is not self.channel:
            return
        self.channel = None
        calls = list(self.in_flight.values())
        self.in_flight.clear()
        self._asked.clear()
        self.models = frozenset()  # It tells them again when it is connected again.
        self.reported = 0
        if not self._retired:
            self._task = self._loop.create_task(self._keep_connected())
        for call in calls:
            self.router.lost(call, self)

    @property
    def full_wait_s(self) -> float:
        """Seconds until a replica that said it is full may be asked again."""
        return max(0.0, self._full_until - self._loop.time())

    def _close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self.channel is not None:
            self.channel.close()

    async def _keep_connected(self) -> None:
        delay = RECONNECT_FIRST_S
        while not self._retired:
            try:
                channel = await self._connect(self.endpoint.address, self)
            except TransportError:
                # The replica is dying or not there yet; control takes it off the set when it is dead.
                await asyncio.sleep(delay)
                delay = min(delay * 2, RECONNECT_MAX_S)
                continue
            if self._retired:
                channel.close()
                return
            self.channel = channel
            self.reached = True
            self.router.freed()
            return
