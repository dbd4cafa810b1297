"""Replicas as Ray actors: Ray schedules and places them, requests go past it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import msgspec
import ray
from ray.experimental import internal_kv as kv

from kernelserve.placement.base import ReplicaSpec, RunningReplica, Started
from kernelserve.placement.spares import Spares

NAMESPACE = "kernelserve"
WAITING_AFTER_S = 2.0
"""A replica whose process is not there after so long probably waits for resources: look and say so."""
STOP_TIMEOUT_S = 5.0


class ReplicaActor:
    """The Ray actor around one replica. Ray calls it only to start and to end it.

    What it starts lies in Ray's key-value store under the actor's name (see `_Order`), not among its arguments: Ray
    imports for 0.3 s before a process's first argument or answer, and so the replica starts beside that.
    """

    def __init__(self) -> None:
        self._replica: RunningReplica | None = None
        self._started = ThreadPoolExecutor(1, thread_name_prefix="start").submit(self._start)

    def ready(self) -> str:
        """Answers as soon as the process is there, with the id of its node."""
        return str(ray.get_runtime_context().get_node_id())

    def started(self) -> bytes:
        """Answers when the replica is constructed, with an encoded `Started`."""
        return msgspec.msgpack.encode(msgspec.structs.replace(self._started.result(), node_id=self.ready()))

    def stop(self) -> None:
        """Let the user's finalizers run; the process is ended right after."""
        if self._replica is not None:
            self._replica.stop()

    def _start(self) -> Started:
        name = ray.get_runtime_context().get_actor_name()
        order = msgspec.msgpack.decode(kv._internal_kv_get(name, namespace=NAMESPACE), type=_Order)
        module, _, function = order.entry.partition(":")
        with open(order.secret_file, "rb") as file:
            secret = file.read()
        self._replica = cast(RunningReplica, getattr(importlib.import_module(module), function)(order.spec, secret))
        return self._replica.start()


class _Order(msgspec.Struct, frozen=True):
    """What a replica's process needs to know.

    Attributes:
        entry: import path ``module:function`` of the replica's entry point.
        secret_file: where the secret lies; it does not travel through Ray.
        spec: an encoded `ReplicaSpec`.
    """

    entry: str
    secret_file: str
    spec: bytes


class RayPlacement:
    """Runs each replica in a detached, named actor with the resources that its deployment asks for.

    Args:
        entry: import path of the replica's entry point.
        socket: makes the address of a socket from a file name.
        logs: the folder of the system's logs.
    """

    def __init__(self, entry: str, secret_file: str, socket: Callable[[str], str], logs: str = "") -> None:
        self._entry = entry
        self._logs = logs
        self._secret_file = secret_file
        self._socket = socket
        self._actors: dict[str, Any] = {}
        self._spares = Spares()

    def listen_address(self, replica_id: str) -> str:
        # Ids hold names of any length; a socket's path has 107 bytes.
        return self._socket(f"r{hashlib.blake2b(replica_id.encode(), digest_size=6).hexdigest()}")

    async def start(self, spec: ReplicaSpec, on_waiting: Callable[[str], None]) -> Started:
        replica_id = spec.replica_id
        try:
            with self._spares.starting() as on_node:
                actor = await asyncio.to_thread(self._create, spec)
                self._actors[replica_id] = actor
                node_id = await self._wait_for_process(actor, spec.resources, on_waiting)
                if not spec.resources.get("runtime_env"):  # Such a replica has taken no spare process.
                    on_node(node_id)
                return msgspec.msgpack.decode(await _result(actor.started.remote()), type=Started)
        except asyncio.CancelledError:
            await self.stop(replica_id, graceful=False)
            raise
        finally:
            await asyncio.to_thread(_forget, replica_id)

    async def stop(self, replica_id: str, graceful: bool = True) -> None:
        actor = self._actors.pop(replica_id, None)
        if actor is None:
            actor = await asyncio.to_thread(_find, replica_id)
        if actor is None:
            return
        if graceful:
            # It may hang or be dead: it is killed all the same.
            with contextlib.suppress(TimeoutError, ray.exceptions.RayError):
                await asyncio.wait_for(_result(actor.stop.remote()), STOP_TIMEOUT_S)
        await asyncio.to_thread(_kill, actor)

    async def find(self, replica_ids: list[str]) -> set[str]:
        names = await asyncio.to_thread(_names)
        return set(replica_ids) & names

    async def close(self) -> None:
        await self._spares.close()
        await asyncio.gather(*(self.stop(replica_id) for replica_id in list(self._actors)))

    def _create(self, spec: ReplicaSpec) -> Any:
        own = msgspec.structs.replace(spec, own_process=True, logs=self._logs)
        order = _Order(self._entry, self._secret_file, msgspec.msgpack.encode(own))
        kv._internal_kv_put(spec.replica_id, msgspec.msgpack.encode(order), namespace=NAMESPACE)
        options = {"num_cpus": 1, **spec.resources}
        actor = ray.remote(ReplicaActor).options(
            name=spec.replica_id,
            namespace=NAMESPACE,
            lifetime="detached",
            max_restarts=0,
            max_concurrency=2,
            **options,
        )
        return actor.remote()

    async def _wait_for_process(self, actor: Any, resources: dict[str, Any], on_waiting: Callable[[str], None]) -> str:
        """The id of its node."""
        ready = asyncio.ensure_future(_result(actor.ready.remote()))
        said = ""
        try:
            while not ready.done():
                await asyncio.wait([ready], timeout=WAITING_AFTER_S)
                if not ready.done():
                    text = await asyncio.to_thread(_missing, {"num_cpus": 1, **resources})
                    if text != said:
                        on_waiting(text)
                        said = text
            node_id = str(await ready)
        finally:
            ready.cancel()
        if said:
            on_waiting("")
        return node_id


def _result(ref: Any) -> Awaitable[Any]:
    return asyncio.wrap_future(ref.future())


def _forget(replica_id: str) -> None:
    with contextlib.suppress(ray.exceptions.RayError):  # A Ray that does not answer is no failure of the replica.
        kv._internal_kv_del(replica_id, namespace=NAMESPACE)


def _find(replica_id: str) -> Any:
    try:
        return ray.get_actor(replica_id, namespace=NAMESPACE)
    except ValueError:
        return None


def _kill(actor: Any) -> None:
    try:
        ray.kill(actor, no_restart=True)
    except ray.exceptions.RayError:
        return  # Dead already.


def _names() -> set[str]:
    named = ray.util.list_named_actors(all_namespaces=True)
    return {actor["name"] for actor in named if actor["namespace"] == NAMESPACE}


def _missing(request: dict[str, Any]) -> str:
    """In words: which resource of a request is not free, how much of it, and how much there is."""
    free, total = ray.available_resources(), ray.cluster_resources()
    wanted: dict[str, float] = dict(request.get("resources") or {})
    for option, resource in (("num_cpus", "CPU"), ("num_gpus", "GPU"), ("memory", "memory")):
        if request.get(option):
            wanted[resource] = request[option]
    short = [
        f"{amount:g} {name} ({free.get(name, 0):g} free of {total.get(name, 0):g})"
        for name, amount in wanted.items()
        if amount > free.get(name, 0)
    ]
    return f"waiting for resources: {', '.join(short)}" if short else ""
