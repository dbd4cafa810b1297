"""Flow control between clients and replicas: credit in both directions, and clients that take nothing."""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from typing import TYPE_CHECKING, cast

from kernelserve.transport.base import WINDOW, Buffer, FrameKind, chunk_cost

if TYPE_CHECKING:
    from kernelserve.gateway.state import GatewayState
    from kernelserve.routing.call import Call
    from kernelserve.routing.link import ReplicaLink

_CHUNK = int(FrameKind.CHUNK)
_CREDIT = int(FrameKind.CREDIT)
_amount = struct.Struct("<I")


def amount_in(payload: Buffer) -> int:
    """The amount in a CREDIT frame. Raises `struct.error` if it is malformed."""
    return int(_amount.unpack(payload)[0])


def give_credit(call: Call, amount: int) -> None:
    """Let the call's replica send `amount` more bytes."""
    _link(call).send_more(call, _CREDIT, (_amount.pack(amount),))


def _link(call: Call) -> ReplicaLink:
    return cast("ReplicaLink", call.channel)


class ChunkSender:
    """CHUNKs of one request towards its replica, within the credit that the replica grants.

    What must wait is counted in the gateway's `held_bytes`. Its owner looks at `full` and stops reading.
    """

    __slots__ = ("_call", "_credit", "_dropped", "_held", "_queue", "_state")

    def __init__(self, call: Call, state: GatewayState) -> None:
        self._call = call
        self._state = state
        self._queue: deque[tuple[Buffer, int]] = deque()
        self._credit = 0
        self._held = 0
        self._dropped = False

    @property
    def full(self) -> bool:
        """As much waits as may."""
        return self._held >= WINDOW

    def put(self, payload: Buffer, flags: int) -> None:
        """Send a CHUNK as soon as there is credit."""
        if self._dropped:
            return
        cost = chunk_cost(len(payload))
        self._queue.append((payload, flags))
        self._held += cost
        self._state.held_bytes += cost
        self._send()

    def grant(self, amount: int) -> None:
        """The replica takes `amount` more bytes."""
        self._credit += amount
        self._send()

    def drop(self) -> None:
        """Forget what waits and what comes: the call has ended."""
        self._dropped = True
        self._queue.clear()
        self._state.held_bytes -= self._held
        self._held = 0

    def _send(self) -> None:
        while self._queue and self._credit > 0:
            payload, flags = self._queue.popleft()
            cost = chunk_cost(len(payload))
            self._credit -= cost
            self._held -= cost
            self._state.held_bytes -= cost
            _link(self._call).send_more(self._call, _CHUNK, (payload,), flags)


class Allowance:
    """Credit given back to a replica for what its client has taken, and none while the client takes nothing."""

    __slots__ = ("_call", "_owed", "paused")

    def __init__(self, call: Call, paused: bool) -> None:
        self._call = call
        self._owed = 0
        self.paused = paused

    def took(self, cost: int) -> None:
        """CHUNKs of that cost were written."""
        self._owed += cost
        # Not for each chunk: half a window keeps the replica going, and costs few frames.
        if self._owed >= WINDOW // 2 and not self.paused:
            self._give()

    def resume(self) -> None:
        """The client takes again."""
        self.paused = False
        if self._owed:
            self._give()

    def _give(self) -> None:
        owed, self._owed = self._owed, 0
        give_credit(self._call, owed)


class SendWatch:
    """Whether a client takes anything of what it is sent. Told when writing pauses, and when the last was written."""

    __slots__ = ("_since", "_unsent", "paused")

    def __init__(self) -> None:
        self.paused = False
        self._unsent = 0
        self._since = 0.0

    def pause(self, transport: asyncio.WriteTransport, now: float) -> None:
        self.paused = True
        self.begin(transport, now)

    def begin(self, transport: asyncio.WriteTransport, now: float) -> None:
        """Look from now on."""
        self._unsent = transport.get_write_buffer_size()
        self._since = now

    def resume(self) -> None:
        self.paused = False

    def wrote(self, size: int) -> None:
        """More was queued; it must not hide what the client took."""
        if self.paused:
            self._unsent += size

    def stuck(self, transport: asyncio.WriteTransport, now: float, longest: float) -> bool:
        """The client took nothing for `longest` seconds."""
        unsent = transport.get_write_buffer_size()
        if unsent < self._unsent:
            self._unsent, self._since = unsent, now
        return now - self._since > longest
