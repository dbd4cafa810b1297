"""Performs what the state machine decides. The only place where `machine.Controller` is touched."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections import deque
from collections.abc import Callable

from kernelserve.control import events
from kernelserve.control import instructions as do
from kernelserve.control.events import Event
from kernelserve.control.machine import Controller
from kernelserve.control.replicas import Replicas
from kernelserve.control.senders import Senders
from kernelserve.control.storage import Storage
from kernelserve.graph.keep import LARGE_UNIT
from kernelserve.graph.model import Node, encode
from kernelserve.placement.base import Placement, ReplicaSpec
from kernelserve.transport.messages import Deployed, Prepare, StepView

log = logging.getLogger("kernelserve.control")


class Driver:
    """Feeds events to the machine, one at a time, and performs its instructions in order.

    Args:
        controller: the machine; owned here.
        address: the controller's own address, for replicas to report to.
        on_progress / on_finished: a deploy's steps and its outcome.
        on_forgotten: an app of which nothing is left.
        on_changed: events were handled: anything may be another than before.

    Attributes:
        replicas: its hands on replicas.
    """

    def __init__(
        self,
        controller: Controller,
        *,
        placement: Placement,
        secret: bytes,
        storage: Storage,
        address: str,
        on_progress: Callable[[str, StepView], None],
        on_finished: Callable[[str, Deployed], None],
        on_forgotten: Callable[[str], None],
        on_changed: Callable[[], None],
    ) -> None:
        self.controller = controller
        self.senders = Senders(self._acked, self._idle)
        self._placement = placement
        self._storage = storage
        self._address = address
        self._on_progress = on_progress
        self._on_finished = on_finished
        self._on_forgotten = on_forgotten
        self._on_changed = on_changed
        self.replicas = Replicas(placement, secret, self.post, self.now)
        self._events: deque[Event] = deque()
        self._busy = False
        self._timer: asyncio.TimerHandle | None = None

    @staticmethod
    def now() -> float:
        """Wall clock: it goes on over a restart of the controller."""
        return time.time()

    def post(self, event: Event) -> None:
        """Handle an event now, or after the one that is being handled."""
        self._events.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._events:
                self.perform(self.controller.handle(self._events.popleft()))
        finally:
            self._busy = False
        self._arm()
        self._on_changed()

    def resume(self, instructions: list[do.Instruction]) -> None:
        """Perform what a restored controller wants first."""
        self.perform(instructions)
        self._arm()
        self._on_changed()

    def perform(self, instructions: list[do.Instruction]) -> None:
        for instruction in instructions:
            self._perform(instruction)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await self.replicas.close()

    def _perform(self, instruction: do.Instruction) -> None:
        replicas = self.replicas
        cause = instruction.cause
        match instruction:
            case do.StartReplica():
                replicas.start(self._spec(instruction), cause)
            case do.RecoverReplica(replica_id=replica_id, address=address):
                replicas.recover(replica_id, address, cause)
            case do.StopReplica(replica_id=replica_id, graceful_timeout_s=timeout_s):
                replicas.stop(replica_id, timeout_s, cause)
            case do.KillReplica(replica_id=replica_id):
                self.senders.drop(replica_id)
                replicas.stop(replica_id, 0.0, cause)
            case do.PrepareReplica(replica_id=replica_id):
                replicas.prepare(replica_id, self._prepare_message(instruction), cause)
            case do.AbortPrepare(replica_id=replica_id, revision=revision):
                replicas.abort_prepare(replica_id, revision)
            case do.RetireOnReplica(replica_id=replica_id, revision=revision, overdue=overdue):
                replicas.retire(replica_id, revision, overdue)
            case do.CheckHealthOf(replica_id=replica_id, timeout_s=timeout_s):
                replicas.check_health(replica_id, timeout_s, cause)
            case do.PushRouting(routing=routing):
                self.senders.push(routing)
            case do.PersistApp(app=app):
                self._storage.write(app, functools.partial(self.controller.snapshot_app, app))
            case do.ForgetApp(app=app):
                self._storage.remove(app)
                self.senders.forget(app)
                self._on_forgotten(app)
            case do.ReportProgress(request_id=request_id, step=step):
                self._on_progress(request_id, step)
            case do.FinishDeploy(request_id=request_id, outcome=outcome):
                self._on_finished(request_id, outcome)
            case _:
                raise TypeError(f"No way to perform {type(instruction).__name__}. Add it to Driver._perform.")

    def _spec(self, order: do.StartReplica) -> ReplicaSpec:
        graph = self.controller.graph(order.app, order.revision)
        node = graph.nodes[order.deployment]
        return ReplicaSpec(
            replica_id=order.replica_id,
            app=order.app,
            deployment=order.deployment,
            revision=order.revision,
            rank=order.rank,
            node=encode(node),
            units=_units(graph.units, node),
            sources=graph.sources,
            listen=self._placement.listen_address(order.replica_id),
            controller=self._address,
            resources=node.options.get("ray_actor_options", {}),
        )

    def _prepare_message(self, order: do.PrepareReplica) -> Prepare:
        app = order.replica_id.partition("#")[0]
        graph = self.controller.graph(app, order.graph_of)
        node = graph.nodes[order.deployment]
        there = {uid for number in order.beside for uid in self.controller.graph(app, number).nodes[node.name].units}
        units = _units(graph.units, node)
        return Prepare(
            revision=order.revision,
            node=encode(node),
            units={uid: data for uid, data in units.items() if len(data) < LARGE_UNIT or uid not in there},
            sources=graph.sources,
            patch=order.patch,
        )

    def _acked(self, app: str, version: int) -> None:
        self.post(events.RoutingAcked(now=self.now(), app=app, version=version))

    def _idle(self, app: str, revision: int) -> None:
        self.post(events.RevisionIdleEverywhere(now=self.now(), app=app, revision=revision))

    def _arm(self) -> None:
        due = self.controller.next_due()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            delay = max(0.0, due - self.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.post(events.Tick(now=self.now()))


def _units(units: dict[str, bytes], node: Node) -> dict[str, bytes]:
    return {unit: units[unit] for unit in node.units if unit in units}
