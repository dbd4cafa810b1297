"""A replica's servable and execution without a system: cells in, frames in, frames out."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import textwrap
from collections.abc import Sequence
from typing import Any

import msgspec
from system_helpers import until

import kernelserve as serve
from kernelserve.code.store import UnitStore
from kernelserve.graph.model import Node
from kernelserve.observe.metrics import Registry
from kernelserve.replica.counts import ReplicaCounts
from kernelserve.replica.execution import Execution
from kernelserve.replica.patch import Verdict
from kernelserve.replica.servable import Servable
from kernelserve.transport.base import FLAG_STREAM, FrameKind
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import CallMeta, ErrorMeta

_cells = itertools.count(1)


class KeptFrames:
    """A channel that keeps what is sent, by stream."""

    def __init__(self) -> None:
        self.frames: dict[int, list[tuple[int, bytes, int]]] = {}

    def send(self, kind: int, stream: int, parts: Sequence[Any] = (), flags: int = 0, *_: int) -> None:
        self.frames.setdefault(stream, []).append((kind, b"".join(bytes(part) for part in parts), flags))


class Live:
    """One replica of the class (or function) `App` of a cell, which edits run again.

    Attributes:
        channel: what its answers are sent on.
        overdue: (revision, reason) of patches that were given up.
        registry: where its requests are counted.
    """

    def __init__(self) -> None:
        self.kernel, self.store = UnitStore(), UnitStore()
        self.namespace: dict[str, Any] = {"__name__": "__main__", "serve": serve}
        self.overdue: list[tuple[int, str]] = []
        self.channel: Any = KeptFrames()
        self.servable = Servable(self.store, lambda *told: self.overdue.append(told))
        self.registry = Registry()
        counts = ReplicaCounts(self.registry, {"application": "app", "deployment": "App", "replica": "1"})
        base = contextvars.Context()
        self.execution = Execution(
            "app", "App", "app#App#1", self.servable, self.store, asyncio.get_running_loop(), base, counts
        )
        self.revision = 0
        self._streams = itertools.count(1)

    async def start(self, source: str, *args: Any, **options: Any) -> None:
        self.revision = 1
        await self.servable.construct(*self._edition(source, args, options))

    async def edit(self, source: str, **options: Any) -> Verdict:
        """Prepare the next revision; it counts if it is not refused."""
        self.revision += 1
        try:
            verdict = await self.servable.prepare(*self._edition(source, (), options), patch=True)
        except BaseException:
            self.revision -= 1
            raise
        if verdict.refusal:
            self.revision -= 1
        return verdict

    def retire(self, overdue: bool = False) -> None:
        """As the controller says it when all older revisions have ended, or must."""
        base = self.servable.view(self.revision).revision
        self.servable.retire(self.revision - 1)
        self.execution.retired(base, overdue)

    async def patched(self, source: str) -> None:
        """An edit from its beginning to its end."""
        verdict = await self.edit(source)
        assert verdict.refusal == ""
        self.retire()
        assert self.servable.gate is None

    # --- requests ---

    def send(self, method: str, *args: Any, revision: int = 0, stream: bool = False) -> int:
        """A call of the newest revision, or an older one; returns its number."""
        number = next(self._streams)
        meta = msgspec.msgpack.encode(CallMeta(f"request-{number}", method))
        _, parts = self.kernel.dumps((args, {}))
        payload = bytes(b"".join(bytes(part) for part in join_parts([meta, *parts])))
        kind, flags = int(FrameKind.CALL), FLAG_STREAM if stream else 0
        self.execution.frame_received(self.channel, kind, number, flags, 0, revision or self.revision, payload)
        return number

    def cancel(self, number: int) -> None:
        self.execution.frame_received(self.channel, int(FrameKind.CANCEL), number, 0, 0, 0, b"")

    async def answer(self, number: int) -> Any:
        """The value of a call, its `ErrorMeta`, or "rejected"."""
        await until(lambda: self.ended(number), f"request {number} is answered")
        kind, payload, flags = self.channel.frames[number][-1]
        if kind == FrameKind.REJECT:
            return f"rejected {flags}"
        parts = split_parts(payload) if payload else []
        if kind == FrameKind.ERROR:
            return msgspec.msgpack.decode(parts[0], type=ErrorMeta)
        return self.store.loads(False, parts) if parts else None

    async def ask(self, method: str, *args: Any, revision: int = 0) -> Any:
        return await self.answer(self.send(method, *args, revision=revision))

    def ended(self, number: int) -> bool:
        ends = (FrameKind.RESULT, FrameKind.ERROR, FrameKind.REJECT)
        return any(kind in ends for kind, *_ in self.channel.frames.get(number, ()))

    # --- cells ---

    def _edition(self, source: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        text = textwrap.dedent(source)
        name = f"/tmp/ipykernel_live/{next(_cells)}.py"
        exec(compile(text, name, "exec"), self.namespace)
        code, bound = self.kernel.pack(self.namespace["App"]), self.kernel.pack((args, {}))
        units = code.units | bound.units
        node = Node(
            name="App", kind="class", options=options, code=code.payload, args=bound.payload, units=tuple(units),
            init={}, serve={},
        )  # fmt: skip
        return node, self.revision, units, {name: text}
