"""A replica that a test scripts with coroutines, behind real channels, and a runtime whose handles reach it."""

from __future__ import annotations

import asyncio
import itertools
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from kernelserve.code.store import UnitStore
from kernelserve.handle import DeploymentHandle
from kernelserve.loops import LoopThread
from kernelserve.routing.directory import Directory
from kernelserve.routing.link import ReplicaLink
from kernelserve.routing.payloads import load
from kernelserve.routing.runtime import Runtime
from kernelserve.transport.base import FLAG_UNITS, WINDOW, Buffer, Channel, FrameKind, chunk_cost
from kernelserve.transport.connect import connect, listen
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import CallMeta, DeploymentRoute, ErrorMeta, Routing, Trial
from kernelserve.types import Endpoint

SECRET = b"the secret of the tests of handles"
_numbers = itertools.count(1)


class Asked:
    """One call at a replica; a script answers it.

    Attributes:
        cancelled: set when the caller gives the call up.
        most_ahead: most bytes that were sent beyond what the caller had taken.
    """

    def __init__(self, replica: PlayedReplica, channel: Channel, stream: int, flags: int, payload: Buffer) -> None:
        parts = split_parts(payload)
        self.replica = replica
        self.flags = flags
        self.meta = msgspec.msgpack.decode(parts[0], type=CallMeta)
        self.args, self.kwargs = load(replica.store, (bool(flags & FLAG_UNITS), list(parts[1:])))
        self.cancelled = asyncio.Event()
        self.revision = 0
        self.sent_items = 0
        self.most_ahead = 0
        self._credit = WINDOW
        self._more_credit = asyncio.Event()
        self._channel = channel
        self._stream = stream

    def start(self) -> None:
        self._send(FrameKind.START)

    async def item(self, value: Any) -> None:
        """Send one item, when there is credit as the contract counts it."""
        while self._credit <= 0:
            self._more_credit.clear()
            await self._more_credit.wait()
        by_unit, parts = self.replica.store.dumps(value)
        joined = join_parts(parts)
        self._credit -= chunk_cost(sum(map(len, joined)))
        self.most_ahead = max(self.most_ahead, WINDOW - self._credit)
        self.sent_items += 1
        self._send(FrameKind.CHUNK, joined, FLAG_UNITS if by_unit else 0)

    def granted(self, payload: Buffer) -> None:
        self._credit += struct.unpack("<I", payload)[0]
        assert self._credit <= WINDOW, "nobody grants more than was sent"
        self._more_credit.set()

    def end(self) -> None:
        """The clean end of a stream."""
        self._send(FrameKind.RESULT)

    def result(self, value: Any, spans: bytes | None = None, flags: int = 0) -> None:
        by_unit, parts = self.replica.store.dumps(value)
        more = [spans] if spans is not None else []
        self._send(FrameKind.RESULT, join_parts([*parts, *more]), flags | (FLAG_UNITS if by_unit else 0))

    def error(self, error: BaseException, category: str = "user", traceback: str = "") -> None:
        by_unit, parts = self.replica.store.dumps(error)
        meta = msgspec.msgpack.encode(ErrorMeta(category, type(error).__name__, str(error), traceback))
        self._send(FrameKind.ERROR, join_parts([meta, *parts]), FLAG_UNITS if by_unit else 0)

    def reject(self) -> None:
        self._send(FrameKind.REJECT)

    def _send(self, kind: int, parts: Sequence[Buffer] = (), flags: int = 0) -> None:
        self._channel.send(kind, self._stream, parts, flags)


Script = Callable[[Asked], Awaitable[None]]


class PlayedReplica:
    """Listens as a replica does and runs a coroutine for each call.

    Attributes:
        asked: the calls, in order of arrival.
    """

    def __init__(self, name: str, script: Script, max_ongoing: int = 5) -> None:
        self.endpoint = Endpoint(name, f"inproc://handle-{name}-{next(_numbers)}", max_ongoing)
        self.store = UnitStore()
        self.script = script
        self.asked: list[Asked] = []
        self._by_stream: dict[int, Asked] = {}
        self._channels: list[Channel] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: Any = None

    async def start(self) -> PlayedReplica:
        self._listener = await listen(self.endpoint.address, self._accept, role="replica", secret=SECRET)
        return self

    async def close(self) -> None:
        await self._listener.close()
        for channel in list(self._channels):
            channel.abort()
        for task in self._tasks:
            task.cancel()

    def tell_models(self, *models: str) -> None:
        for channel in self._channels:
            channel.send(FrameKind.MODELS, 0, (msgspec.msgpack.encode(models),))

    @property
    def reached(self) -> bool:
        return bool(self._channels)

    def _accept(self, channel: Channel) -> PlayedReplica:
        self._channels.append(channel)
        return self

    def frame_received(
        self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
    ) -> None:
        if kind == FrameKind.CANCEL:
            self._by_stream[stream].cancelled.set()
        elif kind == FrameKind.CREDIT:
            self._by_stream[stream].granted(payload)
        else:
            asked = self._by_stream[stream] = Asked(self, channel, stream, flags, payload)
            asked.revision = revision
            self.asked.append(asked)
            task = asyncio.get_running_loop().create_task(self.script(asked))  # type: ignore[arg-type]
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def channel_lost(self, channel: Channel, error: Exception | None) -> None:
        self._channels.remove(channel)


class Stage:
    """A runtime on the running loop, an app ``shop`` with the deployment ``Model``, and its replicas."""

    def __init__(self, entry: bool = False) -> None:
        loop = asyncio.get_running_loop()
        self.directory = Directory(loop, self._open, entry=entry)
        self.store = UnitStore()
        self.subscribed: Counter[str] = Counter()
        self.runtime = Runtime(
            loop, threading.get_ident(), self.directory, lambda app: self.store, self._subscribe, entry
        )
        self.replicas: list[PlayedReplica] = []
        self._version = 0

    async def replica(self, script: Script, max_ongoing: int = 5, name: str = "") -> PlayedReplica:
        replica = PlayedReplica(name or f"r{len(self.replicas)}", script, max_ongoing)
        self.replicas.append(await replica.start())
        return replica

    def push(self, *replicas: PlayedReplica, revision: int = 1, trial: Trial | None = None, **options: Any) -> None:
        """What control would tell: these are the replicas of ``Model``, and of ``New`` in a revision on trial."""
        self._version += 1
        route = DeploymentRoute(tuple(one.endpoint for one in replicas or self.replicas), **options)
        sets = {revision: {"Model": route}}
        if trial is not None:
            sets[trial.revision] = {"Model": route, "New": route}
        self.directory.apply(
            Routing(
                app="shop", epoch=1, version=self._version, current=revision, ingress="Model", sets=sets, trial=trial
            )
        )

    async def close(self) -> None:
        self.directory.close()
        for replica in self.replicas:
            await replica.close()
        await asyncio.sleep(0)

    async def _subscribe(self, app: str) -> None:
        self.subscribed[app] += 1

    @staticmethod
    def _open(address: str, link: ReplicaLink) -> Awaitable[Channel]:
        return connect(address, link, role="client", secret=SECRET)


class Elsewhere:
    """The stage on a loop of its own, as a notebook's cells see it."""

    def __init__(self) -> None:
        self.thread = LoopThread("stage")
        self.stage = self.thread.run(self._make())
        self.handle: DeploymentHandle[Any] = DeploymentHandle("Model", "shop")
        self.handle._runtime = self.stage.runtime

    def play(self, script: Script, max_ongoing: int = 5) -> PlayedReplica:
        """Add a replica with the script, and tell the senders."""

        async def add() -> PlayedReplica:
            replica = await self.stage.replica(script, max_ongoing)
            self.stage.push()
            return replica

        return self.thread.run(add())

    async def _make(self) -> Stage:
        return Stage()

    def close(self) -> None:
        self.thread.run(self.stage.close())
        self.thread.stop()
