"""The controller's hands on replicas: start, control calls, drain, end. Tells what happened as events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from kernelserve.control import events
from kernelserve.control.events import Event
from kernelserve.control.options import FINAL_ERRORS
from kernelserve.exceptions import ControlCallError, TransportError
from kernelserve.placement.base import Placement, ReplicaSpec, control_address
from kernelserve.transport.connect import connect
from kernelserve.transport.messages import (
    AbortPrepare,
    CheckHealth,
    Drain,
    GetReplicaInfo,
    Message,
    Ok,
    Prepare,
    Prepared,
    Retire,
)
from kernelserve.transport.rpc import Rpc

RECOVER_TRIES = 20
RECOVER_WAIT_S = 0.1
INFO_TIMEOUT_S = 5.0

log = logging.getLogger("kernelserve.control")


class Replicas:
    """Performs instructions about replicas.

    Args:
        post: takes the events.
        clock: seconds, for the events' ``now``.
    """

    def __init__(
        self, placement: Placement, secret: bytes, post: Callable[[Event], None], clock: Callable[[], float]
    ) -> None:
        self._placement = placement
        self._secret = secret
        self._post = post
        self._clock = clock
        self._links: dict[str, Rpc] = {}
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._ending: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, spec: ReplicaSpec, cause: str) -> None:
        self._starting[spec.replica_id] = self._spawn(self._start(spec, cause))

    def recover(self, replica_id: str, address: str, cause: str) -> None:
        self._spawn(self._recover(replica_id, address, cause))

    def stop(self, replica_id: str, timeout_s: float, cause: str) -> None:
        self._ending.add(replica_id)
        self._spawn(self._end(replica_id, timeout_s, cause))

    def prepare(self, replica_id: str, message: Prepare, cause: str) -> None:
        self._spawn(self._prepare(replica_id, message, cause))

    def abort_prepare(self, replica_id: str, revision: int) -> None:
        self._spawn(self._tell(replica_id, AbortPrepare(revision=revision)))

    def retire(self, replica_id: str, revision: int, overdue: bool) -> None:
        self._spawn(self._tell(replica_id, Retire(revision=revision, overdue=overdue)))

    def check_health(self, replica_id: str, timeout_s: float, cause: str) -> None:
        self._spawn(self._check_health(replica_id, timeout_s, cause))

    async def info(self, replica_id: str) -> dict[str, Any] | None:
        """What a running replica tells of itself; None if it does not answer soon."""
        try:
            answer = await self._call(replica_id, GetReplicaInfo(), INFO_TIMEOUT_S)
        except (TransportError, ControlCallError, TimeoutError):
            return None
        return dict(answer.value) if isinstance(answer, Ok) else None

    async def close(self) -> None:
        """End what is being done; replicas themselves are the placement's."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks))
        for rpc in list(self._links.values()):
            if rpc.channel is not None:
                rpc.channel.close()

    # --- tasks ---

    async def _start(self, spec: ReplicaSpec, cause: str) -> None:
        replica_id = spec.replica_id

        def waiting(text: str) -> None:
            self._post(events.ReplicaWaiting(now=self._clock(), cause=cause, replica_id=replica_id, text=text))

        try:
            started = await self._placement.start(spec, waiting)
            if started.error:
                again = started.type_name not in FINAL_ERRORS
                self._failed(replica_id, cause, started.error, started.type_name, started.traceback, again)
                return
            await self._link(replica_id, started.address)
        except Exception as error:  # The placement boundary: Ray has many errors of its own.
            log.warning("Replica %s did not start: %s", replica_id, error)
            await self._placement.stop(replica_id)
            self._failed(replica_id, cause, f"{type(error).__name__}: {error}", retryable=True)
            return
        finally:
            self._starting.pop(replica_id, None)
        self._post(
            events.ReplicaStarted(
                now=self._clock(),
                cause=cause,
                replica_id=replica_id,
                address=started.address,
                node_id=started.node_id,
                pid=started.pid,
            )
        )

    def _failed(
        self, replica_id: str, cause: str, error: str, type_name: str = "", traceback: str = "", retryable: bool = False
    ) -> None:
        self._post(
            events.ReplicaStartFailed(
                now=self._clock(),
                cause=cause,
                replica_id=replica_id,
                error=error,
                type_name=type_name,
                traceback=traceback,
                retryable=retryable,
            )
        )

    async def _recover(self, replica_id: str, address: str, cause: str) -> None:
        for _ in range(RECOVER_TRIES):
            try:
                await self._link(replica_id, address)
                info = await self._links[replica_id].call(GetReplicaInfo(), timeout_s=5.0)
            except (TransportError, ControlCallError, TimeoutError):
                if replica_id not in await self._placement.find([replica_id]):
                    break
                await asyncio.sleep(RECOVER_WAIT_S)
                continue
            pid = info.value["pid"] if isinstance(info, Ok) else 0
            self._post(
                events.ReplicaStarted(now=self._clock(), cause=cause, replica_id=replica_id, address=address, pid=pid)
            )
            return
        await self._placement.stop(replica_id)
        self._died(replica_id, "it was not there after the controller's restart")

    async def _end(self, replica_id: str, timeout_s: float, cause: str) -> None:
        starting = self._starting.pop(replica_id, None)
        if starting is not None:
            starting.cancel()
            await asyncio.wait([starting])
        rpc = self._links.get(replica_id)
        if rpc is not None and timeout_s > 0:
            try:
                await rpc.call(Drain(timeout_s=timeout_s), timeout_s=timeout_s + 1.0)
            except (TransportError, ControlCallError, TimeoutError) as error:
                log.info("Replica %s was not drained: %s", replica_id, error)
        await self._placement.stop(replica_id)
        self._links.pop(replica_id, None)
        self._ending.discard(replica_id)
        self._post(events.ReplicaStopped(now=self._clock(), cause=cause, replica_id=replica_id))

    async def _prepare(self, replica_id: str, message: Prepare, cause: str) -> None:
        try:
            answer = await self._call(replica_id, message)
        except TransportError:
            return  # It died: `ReplicaDied` says so, and the machine starts another with both revisions.
        except ControlCallError as error:
            answer = Prepared(error=error.message, type_name=error.type_name, traceback=error.traceback)
        assert isinstance(answer, Prepared)
        self._post(
            events.ReplicaPrepared(
                now=self._clock(),
                cause=cause,
                replica_id=replica_id,
                revision=message.revision,
                refused=answer.refused,
                barrier=answer.barrier,
                error=answer.error,
                type_name=answer.type_name,
                traceback=answer.traceback,
            )
        )

    async def _check_health(self, replica_id: str, timeout_s: float, cause: str) -> None:
        error = ""
        try:
            await self._call(replica_id, CheckHealth(), timeout_s)
        except TimeoutError:
            error = f"no answer within {timeout_s} s"
        except ControlCallError as failure:
            error = f"{failure.type_name}: {failure.message}"
        except TransportError as failure:
            error = str(failure)
        self._post(
            events.HealthChecked(now=self._clock(), cause=cause, replica_id=replica_id, ok=not error, error=error)
        )

    async def _tell(self, replica_id: str, message: Message) -> None:
        try:
            await self._call(replica_id, message, 10.0)
        except (TransportError, ControlCallError, TimeoutError) as error:
            log.warning("%s did not reach replica %s: %s", type(message).__name__, replica_id, error)

    # --- links ---

    async def _call(self, replica_id: str, message: Message, timeout_s: float | None = None) -> Message:
        rpc = self._links.get(replica_id)
        if rpc is None:
            raise TransportError(f"Replica {replica_id} is not connected to the controller. It is being replaced.")
        return await rpc.call(message, timeout_s)

    async def _link(self, replica_id: str, address: str) -> None:
        rpc = Rpc(_refuse)
        rpc.attach(await connect(control_address(address), rpc, role="controller", secret=self._secret))
        rpc.on_lost = lambda error: self._lost(replica_id, rpc)
        self._links[replica_id] = rpc

    def _lost(self, replica_id: str, rpc: Rpc) -> None:
        if self._links.get(replica_id) is not rpc:
            return
        del self._links[replica_id]
        if replica_id in self._ending:
            return
        self._spawn(self._bury(replica_id))

    async def _bury(self, replica_id: str) -> None:
        """Its control channel is gone: make sure that the process is, too, before it is replaced."""
        self._died(replica_id, "its process ended")
        await self._placement.stop(replica_id)

    def _died(self, replica_id: str, reason: str) -> None:
        self._post(events.ReplicaDied(now=self._clock(), replica_id=replica_id, reason=reason))

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _refuse(message: Message) -> Message | None:
    raise ControlCallError("ProtocolError", f"A replica sent {type(message).__name__} to the controller.", "")
