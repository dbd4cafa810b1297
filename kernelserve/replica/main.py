"""One replica: its threads, its sending side, its listener, and the user's object. The entry point."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import hashlib
import logging
import os
import threading
import time
from collections.abc import Coroutine, Mapping
from typing import Any

import msgspec

from kernelserve import context
from kernelserve.code.store import UnitStore
from kernelserve.config import DeploymentOptions, load_options
from kernelserve.context import ReplicaContext, ReplicaRank
from kernelserve.exceptions import ChannelClosedError, ControlCallError, RayServeException
from kernelserve.graph.model import Node, decode_node
from kernelserve.loops import LoopThread
from kernelserve.multiplex import unload_models
from kernelserve.observe.log_replica import ReplicaLog
from kernelserve.observe.metrics import Registry, process_registry
from kernelserve.observe.sending import sender_series
from kernelserve.placement.base import ReplicaSpec, Started
from kernelserve.replica.access import AccessLog
from kernelserve.replica.counts import ReplicaCounts
from kernelserve.replica.execution import Execution
from kernelserve.replica.failure import user_traceback
from kernelserve.replica.outside import Outside
from kernelserve.replica.patch import Verdict
from kernelserve.replica.servable import Servable
from kernelserve.replica.side import SideThread
from kernelserve.replica.warned import ForwardWarnings
from kernelserve.routing.directory import AppRoutes
from kernelserve.routing.runtime import Runtime
from kernelserve.routing.subscription import Subscription, make_directory
from kernelserve.transport.base import Channel, FrameKind, Listener
from kernelserve.transport.connect import listen
from kernelserve.transport.messages import Hello, Message, PatchOverdue, Warned

log = logging.getLogger("kernelserve.replica")


class Replica:
    """A replica of a deployment, in threads of its own; `start` returns when it serves.

    Args:
        encoded_spec: a `ReplicaSpec`.
        secret: what channels authenticate with.
    """

    def __init__(self, encoded_spec: bytes, secret: bytes) -> None:
        self.spec = msgspec.msgpack.decode(encoded_spec, type=ReplicaSpec)
        self._secret = secret
        self.thread = LoopThread(f"replica {self.spec.replica_id}")
        self._stores: dict[str, UnitStore] = {}
        self.servable = Servable(self._store(self.spec.app), self._patch_overdue)
        self._base = contextvars.Context()
        self._outside = Outside(self.spec.replica_id, self.spec.app, self._base)
        # In a process of its own it is the process's, so that threads of user code, which have no context, find it.
        self._registry = process_registry() if self.spec.own_process else Registry()
        self._registry.tags = self._tags()
        self.counts = ReplicaCounts(self._registry, self._registry.tags)
        self.execution = Execution(
            self.spec.app,
            self.spec.deployment,
            self.spec.replica_id,
            self.servable,
            self._store(self.spec.app),
            self.thread.loop,
            self._base,
            self.counts,
        )
        self._log = ReplicaLog(
            self.spec.logs,
            self.spec.app,
            self.spec.deployment,
            self.spec.replica_id.rpartition("#")[2],
            self.spec.own_process,
        )
        self._log.enter(self._base)
        self._side: SideThread | None = None
        self._listener: Listener | None = None
        self._channels: set[Channel] = set()
        self._models: frozenset[str] = frozenset()
        self._subscription: Subscription | None = None
        self._runtime: Runtime | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False

    def start(self) -> Started:
        """Construct the user's object and begin to listen; blocks until then."""
        began = time.monotonic()
        if self.spec.own_process:
            logging.getLogger("kernelserve").addHandler(ForwardWarnings(self.warn))
        try:
            self.thread.run(self._connect())
            self.thread.run(self._construct())
            if not self._stopped:
                self._side = SideThread(self, self._secret)
                self._side.start()
                self.thread.run(self._listen())
        except Exception as error:  # The start boundary: a constructor may raise anything; control is told.
            traceback = user_traceback(error)  # Before the end, while the lines of the cells are at hand.
            self.stop()
            return Started(error=str(error) or repr(error), type_name=type(error).__name__, traceback=traceback)
        if self._stopped:
            self.stop()  # Again, for what began while it was at work.
            return Started(error="The replica was given up while it started.", type_name="Cancelled")
        self.counts.serves(began)
        return Started(address=self.spec.listen, pid=os.getpid())

    def stop(self) -> None:
        """Close channels, drop the user's object (its finalizers run), end the threads. Idempotent."""
        side, self._side = self._side, None
        if side is not None:
            side.stop()
        if self._stopped:
            return
        self._stopped = True
        # User code may block the loop: then the thread is left; in a process of its own it dies with it.
        with contextlib.suppress(TimeoutError, RuntimeError):
            self.thread.run(self._close(), timeout_s=2.0)
        self.thread.stop(timeout_s=0.5)
        self._log.close()

    async def prepare(
        self, node: Node, revision: int, units: Mapping[str, bytes], sources: Mapping[str, str], patch: bool
    ) -> Verdict:
        """Get ready for a revision, in the context of user code; see `Servable.prepare`."""
        work = self.servable.prepare(node, revision, units, sources, patch)
        try:
            with self.counts.timed("replica_reconfigure_latency_ms"):
                return await self._outside.run(work, revision)
        finally:
            self._follow_config(self.servable.options)

    async def abort(self, revision: int) -> None:
        """Undo `prepare`."""
        await self.servable.abort(revision)
        self._follow_config(self.servable.options)

    def retire(self, revision: int, overdue: bool) -> None:
        """Revisions up to `revision` have ended, or must (`overdue`); see `Servable.retire`."""
        base = self.servable.view(revision + 1).revision
        self.servable.retire(revision)
        self.execution.retired(base, overdue)
        # The user's object and its options may be other ones.
        self._set_replica_context(self.servable.node or self._node, self.servable.original)

    @property
    def connected(self) -> bool:
        """Whether it is in touch with the controller."""
        return self._subscription is not None and self._subscription.connected

    def info(self) -> dict[str, Any]:
        """Plain data for the controller."""
        return {
            "ongoing": self.execution.ongoing,
            "revisions": self.servable.revisions,
            "address": self.spec.listen,
        }

    def warn(self, text: str) -> None:
        """Have a warning shown to those who work with the app; from any thread."""

        def tell() -> None:
            self._spawn(self._warn(Warned(app=self.spec.app, text=text)))

        with contextlib.suppress(RuntimeError):  # The loop has ended: nobody is there to tell it.
            self.thread.loop.call_soon_threadsafe(tell, context=contextvars.Context())

    async def _warn(self, message: Warned) -> None:
        """Tried once: a failure must not be logged, for that would be another warning to tell."""
        if self._subscription is not None:
            with contextlib.suppress(ChannelClosedError, ControlCallError):
                await self._subscription.call(message)

    def _patch_overdue(self, revision: int, reason: str) -> None:
        spec = self.spec
        log.warning(
            "%s: the patch of r%d is given up: %s. The deployment is replaced.", spec.replica_id, revision, reason
        )
        message = PatchOverdue(app=spec.app, replica_id=spec.replica_id, revision=revision, reason=reason)
        self._spawn(self._tell_controller(message))

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self.thread.loop.create_task(coroutine, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_controller(self, message: Message) -> None:
        """As a call, so that it is known to have come; a controller that goes away meanwhile is told again."""
        while self._subscription is not None:
            try:
                await self._subscription.call(message)
                return
            except ChannelClosedError:
                continue
            except ControlCallError as error:
                log.error("%s: %s was refused: %s", self.spec.replica_id, type(message).__name__, error)
                return

    # --- on the main loop ---

    async def _connect(self) -> None:
        spec = self.spec
        hello = Hello(name=spec.replica_id)
        self._subscription = Subscription(
            spec.controller, role="replica", secret=self._secret, hello=hello, counted=self._registry.series
        )
        directory = make_directory(self._subscription, asyncio.get_running_loop())
        directory.on_change.append(self._routing_changed)
        self._registry.add_source(lambda: sender_series(directory.apps, spec.deployment))
        self._runtime = Runtime(
            asyncio.get_running_loop(),
            self.thread.ident,
            directory,
            self._store,
            self._subscription.subscribe,
            entry=False,
        )
        self._base.run(context.current_runtime.set, self._runtime)
        self._base.run(context.model_reporter.set, self._report_models)
        self._base.run(context.current_store.set, self._store(spec.app))
        self._base.run(context.current_registry.set, self._registry)
        self._set_replica_context(decode_node(spec.node), None)
        self._subscription.start()
        await self._subscription.subscribe(spec.app)

    async def _construct(self) -> None:
        spec = self.spec
        node = decode_node(spec.node)
        self._log.revision_is(spec.revision)
        self._follow_config(load_options(node.options))
        work = self.servable.construct(node, spec.revision, spec.units, spec.sources)
        with self.counts.timed("replica_initialization_latency_ms"):
            await self._outside.run(work, spec.revision)
        self._set_replica_context(node, self.servable.original)

    def _follow_config(self, options: DeploymentOptions) -> None:
        self._log.configure(options.logging_config)
        self.execution.access_log = AccessLog(self._base) if self._log.access_log else None

    def _routing_changed(self, routes: AppRoutes) -> None:
        self._outside.routing_changed(routes)
        if routes.name == self.spec.app and routes.current:
            self._log.revision_is(routes.current)

    async def _listen(self) -> None:
        self._listener = await listen(self.spec.listen, self._accept, role="replica", secret=self._secret)

    def _accept(self, channel: Channel) -> Replica:
        self._channels.add(channel)
        if self._models:
            self._tell_models([channel])
        return self

    def _report_models(self, models: frozenset[str]) -> None:
        """Multiplexed models were loaded or dropped (in any thread): whoever sends here shall know."""

        def tell() -> None:
            self._models = models
            self._tell_models(list(self._channels))

        if threading.get_ident() == self.thread.ident:
            tell()  # Now, so that it leaves before the answer of the request that loaded the model.
        else:
            self.thread.loop.call_soon_threadsafe(tell)

    def _tell_models(self, channels: list[Channel]) -> None:
        payload = msgspec.msgpack.encode(sorted(self._models))
        for channel in channels:
            channel.send(FrameKind.MODELS, 0, (payload,))

    async def _close(self) -> None:
        if self._listener is not None:
            await self._listener.close()
        for task in self._tasks:
            task.cancel()
        self.execution.close()
        await asyncio.get_running_loop().create_task(unload_models(), context=self._base.copy())
        await self.servable.close()
        self._base.run(context.current_replica.set, None)
        await asyncio.sleep(0)
        for channel in list(self._channels):
            channel.close()
        if self._runtime is not None:
            self._runtime.directory.close()
        if self._subscription is not None:
            await self._subscription.close()

    # --- Receiver of data channels ---

    def frame_received(self, channel: Channel, *frame: Any) -> None:
        self.execution.frame_received(channel, *frame)

    def channel_lost(self, channel: Channel, error: Exception | None) -> None:
        self._channels.discard(channel)
        self.execution.channel_lost(channel, error)

    # --- contexts ---

    def _tags(self) -> dict[str, str]:
        spec = self.spec
        return {"application": spec.app, "deployment": spec.deployment, "replica": spec.replica_id.rpartition("#")[2]}

    def _set_replica_context(self, node: Node, servable: Any) -> None:
        spec = self.spec
        self._node = node
        replica_context = ReplicaContext(
            spec.app,
            spec.deployment,
            spec.replica_id.rpartition("#")[2],
            spec.replica_id,
            servable,
            node.options.get("num_replicas", 1),
            ReplicaRank(spec.rank, 0, spec.rank),  # One node, so far.
            max_ongoing_requests=self.servable.options.max_ongoing_requests,
            code_version=_code_version(node),
        )
        self._base.run(context.current_replica.set, replica_context)

    def _store(self, app: str) -> UnitStore:
        store = self._stores.get(app)
        if store is None:
            store = self._stores[app] = UnitStore()
        return store


def _code_version(node: Node) -> str:
    """Changes with the code of the deployment, and only then."""
    digests = [f"{part}={digest}" for half in (node.init, node.serve) for part, digest in sorted(half.items())]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:12]


def make_replica(encoded_spec: bytes, secret: bytes) -> Replica:
    """The replica entry point (`placement.base.ReplicaEntry`).

    Raises:
        RayServeException: the spec cannot be read.
    """
    try:
        return Replica(encoded_spec, secret)
    except msgspec.DecodeError as error:
        raise RayServeException(
            f"The replica's spec cannot be read ({error}; {len(encoded_spec)} bytes). "
            "Use the same kernelserve version in every process of the cluster."
        ) from error
