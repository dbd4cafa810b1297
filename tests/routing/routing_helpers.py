"""Replicas whose answers a test scripts, behind real in-process channels, and calls that keep their outcome."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

from system_helpers import until

from kernelserve.routing.call import Call
from kernelserve.routing.link import ReplicaLink
from kernelserve.transport.base import FLAG_REVISION, Buffer, Channel, FrameKind
from kernelserve.transport.connect import connect, listen
from kernelserve.transport.messages import DeploymentRoute
from kernelserve.types import Endpoint

SECRET = b"the secret of the routing tests"
_numbers = itertools.count(1)


class ScriptedReplica:
    """Listens as a replica does; the test answers, rejects or ends it.

    Attributes:
        waiting: (payload, revision, stream, channel) of the requests without an answer, in order of arrival.
        cancelled: streams that were cancelled.
    """

    def __init__(self, name: str, max_ongoing: int = 1) -> None:
        self.endpoint = Endpoint(name, f"inproc://routing-{name}-{next(_numbers)}", max_ongoing)
        self.waiting: list[tuple[str, int, int, Channel]] = []
        self.received: list[str] = []
        self.cancelled: list[int] = []
        self.channels: list[Channel] = []
        self.reject_always = False
        self._listener: Any = None

    async def start(self) -> ScriptedReplica:
        self._listener = await listen(self.endpoint.address, self._accept, role="replica", secret=SECRET)
        return self

    async def close(self) -> None:
        await self._listener.close()
        for channel in self.channels:
            channel.abort()

    def _accept(self, channel: Channel) -> ScriptedReplica:
        self.channels.append(channel)
        return self

    def frame_received(
        self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
    ) -> None:
        if kind == FrameKind.CANCEL:
            self.cancelled.append(stream)
            return
        self.received.append(bytes(payload).decode())
        if self.reject_always:
            channel.send(FrameKind.REJECT, stream, (), 0, 9)
        else:
            self.waiting.append((bytes(payload).decode(), revision, stream, channel))

    def channel_lost(self, channel: Channel, error: Exception | None) -> None:
        self.channels.remove(channel)
        self.waiting = [request for request in self.waiting if request[3] is not channel]

    @property
    def texts(self) -> list[str]:
        """What waits here for an answer."""
        return [request[0] for request in self.waiting]

    def answer(self, load: int = 0, kind: int = FrameKind.RESULT, flags: int = 0) -> None:
        """Answer the oldest request with its own text and the replica's name."""
        text, _, stream, channel = self.waiting.pop(0)
        channel.send(kind, stream, (f"{text}@{self.endpoint.replica_id}".encode(),), flags, load)

    def refuse(self) -> None:
        """Answer the oldest request with a refusal of its revision."""
        self.answer(kind=FrameKind.REJECT, flags=FLAG_REVISION)


MakeReplica = Callable[..., Awaitable[ScriptedReplica]]


class KeptCall(Call):
    """A call that keeps its outcome; a second outcome fails the test."""

    __slots__ = ("error", "text")

    def __init__(self, text: str, revision: int = 1, retry_safe: bool = False) -> None:
        super().__init__(FrameKind.CALL, (text.encode(),), revision, retry_safe=retry_safe, request_id=text)
        self.text: str | None = None
        self.error: Exception | None = None

    @property
    def done(self) -> bool:
        return self.text is not None or self.error is not None

    def on_frame(self, kind: int, flags: int, payload: Buffer) -> None:
        assert not self.done, "a call has one outcome"
        self.text = bytes(payload).decode()

    def on_failure(self, error: Exception) -> None:
        assert not self.done, "a call has one outcome"
        self.error = error


def open_channel(address: str, link: ReplicaLink) -> asyncio.Future[Channel]:
    """What a router is given to reach replicas: real channels, authenticated."""
    return asyncio.ensure_future(connect(address, link, role="gateway", secret=SECRET))


def route(*replicas: ScriptedReplica, **options: Any) -> DeploymentRoute:
    return DeploymentRoute(tuple(replica.endpoint for replica in replicas), **options)


async def arrived(replica: ScriptedReplica, *texts: str) -> None:
    """Wait until exactly these requests wait at the replica."""
    await until(lambda: replica.texts == list(texts), f"{texts} wait at {replica.endpoint.replica_id}")


async def ended(*calls: KeptCall) -> None:
    await until(lambda: all(call.done for call in calls), "every call has its outcome")
