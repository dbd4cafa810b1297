"""Holds the requests of a revision whose patch must be alone, until no request of an older one runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import NamedTuple

from kernelserve.replica.exchange import error_answer
from kernelserve.transport.base import FLAG_REVISION, Buffer, Channel, FrameKind
from kernelserve.transport.frames import join_parts

PATIENCE_S = 2.0
"""Requests wait so long at most; then the deployment is to be replaced."""

Key = tuple[int, int]


class Frame(NamedTuple):
    """A request as it came: the arguments of `Receiver.frame_received`."""

    channel: Channel
    kind: int
    stream: int
    flags: int
    load: int
    revision: int
    payload: Buffer

    @property
    def key(self) -> Key:
        """What names the exchange on this replica."""
        return id(self.channel), self.stream

    def reject(self, load: int, flags: int = 0) -> None:
        """Answer that it was not accepted: its sender tries elsewhere, or again."""
        self.channel.send(FrameKind.REJECT, self.stream, (), flags, load)


class Gate:
    """The requests that wait for one patch, on the replica's event loop.

    Args:
        revision: the patch's.
        reason: why it must be alone.
        give_up: called with the reason if the requests have waited for `PATIENCE_S`; closes the gate.

    Attributes:
        retired: no request of an older revision will come any more.
        closed: the patch was given up, so that nothing is held any more and all is turned away.
    """

    def __init__(self, revision: int, reason: str, give_up: Callable[[Gate, str], None]) -> None:
        self.revision = revision
        self.reason = reason
        self.retired = False
        self.closed = False
        self._give_up = give_up
        self._held: dict[Key, tuple[Frame, Callable[..., None]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._settled = asyncio.Event()

    def hold(self, frame: Frame, receive: Callable[..., None], max_ongoing: int, load: int) -> None:
        """A request came: `receive` gets it again when the gate opens.

        At most half of the slots are held, and the rest asked to come again: a sender that has filled all slots
        with waiting requests could not send those of older revisions that they wait for.
        """
        if self.closed:
            frame.reject(load, FLAG_REVISION)
            return
        if self._timer is None:
            why = f"requests of older revisions did not end within {PATIENCE_S:g} s, and {self.reason}"
            self._timer = asyncio.get_running_loop().call_later(PATIENCE_S, self._give_up, self, why)
        if len(self._held) >= max_ongoing // 2:
            frame.reject(load)
        else:
            self._held[frame.key] = (frame, receive)

    def cancel(self, key: Key) -> None:
        """The caller of a request that waits has given it up."""
        found = self._held.pop(key, None)
        if found is not None:
            frame, answer = found[0], error_answer("cancelled", "RequestCancelledError", "The request was cancelled.")
            frame.channel.send(answer.kind, frame.stream, join_parts(answer.parts), 0, 0, frame.revision)

    def channel_lost(self, channel: Channel) -> None:
        """The sender of requests is gone."""
        for key in [key for key in self._held if key[0] == id(channel)]:
            del self._held[key]

    def open(self) -> None:
        """Let those that waited go, in the order in which they came. The view has no gate by now."""
        for frame, receive in self._end():
            receive(*frame)

    def close(self, load: int = 0) -> None:
        """Turn away those that wait, and all that come."""
        self.closed = True
        for frame, _ in self._end():
            frame.reject(load, FLAG_REVISION)

    async def settled(self) -> None:
        """Until it is open or closed, or `PATIENCE_S` are over."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._settled.wait(), PATIENCE_S)

    def _end(self) -> list[tuple[Frame, Callable[..., None]]]:
        if self._timer is not None:
            self._timer.cancel()
        held, self._held = list(self._held.values()), {}
        self._settled.set()
        return held
