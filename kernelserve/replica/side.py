"""The side thread of a replica: control calls and health, answered while user code blocks the main loop."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
import traceback
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from kernelserve.exceptions import RayServeException
from kernelserve.graph.model import decode_node
from kernelserve.loops import LoopThread
from kernelserve.placement.base import control_address
from kernelserve.replica.failure import user_traceback
from kernelserve.replica.vitals import vitals
from kernelserve.transport.base import Channel, Listener
from kernelserve.transport.connect import listen
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

if TYPE_CHECKING:
    from kernelserve.replica.main import Replica

T = TypeVar("T")

PING_PERIOD_S = 1.0
BLOCKED_AFTER_S = 1.0
ORPHANED_AFTER_S = 300.0
"""A replica that has not heard from a controller for so long ends itself: nobody would ever stop it."""

log = logging.getLogger("kernelserve.replica")


class SideThread:
    """Listens for the controller on an address and loop of its own, and watches the main loop.

    Args:
        replica: what the messages are for; its methods run on its main loop.
    """

    def __init__(self, replica: Replica, secret: bytes) -> None:
        self._replica = replica
        self._secret = secret
        self._thread = LoopThread(f"side {replica.spec.replica_id}")
        self._listener: Listener | None = None
        self._channels: set[Channel] = set()
        self._watch: asyncio.Task[None] | None = None
        self._heard = time.monotonic()

    def start(self) -> None:
        self._thread.run(self._start())

    def stop(self) -> None:
        try:
            self._thread.run(self._stop(), timeout_s=2.0)
        finally:
            self._thread.stop()

    async def _start(self) -> None:
        address = control_address(self._replica.spec.listen)
        self._listener = await listen(address, self._accept, role="replica", secret=self._secret)
        self._watch = asyncio.get_running_loop().create_task(self._watch_main_loop())

    async def _stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._listener is not None:
            await self._listener.close()
        for channel in list(self._channels):
            channel.close()
        await asyncio.sleep(0)

    def _accept(self, channel: Channel) -> Rpc:
        rpc = Rpc(self._handle)
        rpc.attach(channel)
        self._channels.add(channel)
        rpc.on_lost = lambda _: self._channels.discard(channel)
        return rpc

    async def _handle(self, message: Message) -> Message | None:
        replica = self._replica
        match message:
            case Prepare():
                return await self._on_main(_prepare(replica, message))
            case AbortPrepare():
                await self._on_main(replica.abort(message.revision))
            case Retire():
                await self._on_main(_retire(replica, message))
            case CheckHealth():
                await self._check_health()
            case GetReplicaInfo():
                about = vitals(replica.spec, replica.servable.original)
                return Ok(value=replica.info() | {"pid": os.getpid()} | about)
            case Drain():
                return Ok(value=await self._on_main(replica.execution.drain(message.timeout_s)))
            case _:
                raise RayServeException(
                    f"A replica does not answer {type(message).__name__}. Send it to the controller."
                )
        return Ok()

    async def _on_main(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._replica.thread.loop))

    async def _check_health(self) -> None:
        began, healthy = time.monotonic(), False
        try:
            await self._ask_health()
            healthy = True
        finally:
            self._replica.counts.checked(began, healthy)

    async def _ask_health(self) -> None:
        options = self._replica.servable.options
        try:
            async with asyncio.timeout(options.health_check_timeout_s):
                await self._on_main(asyncio.sleep(0))
                servable = self._replica.servable.original
                if not hasattr(type(servable), "check_health"):  # The class is asked: it may have a __getattr__.
                    return
                check = servable.check_health
                if asyncio.iscoroutinefunction(check):
                    await self._on_main(check())
                else:
                    await asyncio.get_running_loop().run_in_executor(None, check)
        except TimeoutError:
            raise RayServeException(
                f"The health check took more than {options.health_check_timeout_s} s. {self._what_blocks()}"
            ) from None

    async def _watch_main_loop(self) -> None:
        reported = False
        while True:
            await asyncio.sleep(PING_PERIOD_S)
            self._end_if_orphaned()
            sent = time.monotonic()
            pong = asyncio.ensure_future(self._on_main(asyncio.sleep(0)))
            done, _ = await asyncio.wait([pong], timeout=BLOCKED_AFTER_S)
            if done:
                reported = False
                continue
            if not reported:
                log.warning("%s: %s", self._replica.spec.replica_id, self._what_blocks())
                reported = True
            await asyncio.wait([pong])
            log.warning(
                "%s: the event loop was blocked for %.1f s.", self._replica.spec.replica_id, time.monotonic() - sent
            )

    def _end_if_orphaned(self) -> None:
        now = time.monotonic()
        if self._replica.connected:
            self._heard = now
        elif now - self._heard > ORPHANED_AFTER_S and self._replica.spec.own_process:
            log.error("%s: no controller for %.0f s; ending.", self._replica.spec.replica_id, ORPHANED_AFTER_S)
            os._exit(1)

    def _what_blocks(self) -> str:
        frame = sys._current_frames().get(self._replica.thread.ident)
        if frame is None:
            return "The replica's main thread has ended."
        where = traceback.format_stack(frame)[-1].strip()
        return f"The event loop is blocked by code that does not await: {where}. Make the method a plain `def`."


async def _prepare(replica: Replica, message: Prepare) -> Prepared:
    try:
        verdict = await replica.prepare(
            decode_node(message.node), message.revision, message.units, message.sources, message.patch
        )
    except Exception as error:  # User code (a class body, __reload__) may raise anything; the plan is told.
        return Prepared(error=str(error), type_name=type(error).__name__, traceback=user_traceback(error))
    return Prepared(refused=verdict.refusal, barrier=verdict.barrier)


async def _retire(replica: Replica, message: Retire) -> None:
    replica.retire(message.revision, message.overdue)
