"""Replicas as threads of this process: the `local` placement. Threads cannot be killed, only left."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import threading
from collections.abc import Callable
from typing import TypeVar

import msgspec

from kernelserve.placement.base import ReplicaEntry, ReplicaSpec, RunningReplica, Started

T = TypeVar("T")

_numbers = itertools.count(1)


class LocalPlacement:
    """Runs each replica in threads of its own in this process.

    Args:
        entry: makes a replica from its spec.
        secret: what the replica's channels authenticate with.
        logs: the folder of the system's logs.
    """

    def __init__(self, entry: ReplicaEntry, secret: bytes, logs: str = "") -> None:
        self._entry = entry
        self._secret = secret
        self._logs = logs
        self._replicas: dict[str, RunningReplica] = {}

    def listen_address(self, replica_id: str) -> str:
        return f"inproc://{replica_id}/{next(_numbers)}"

    async def start(self, spec: ReplicaSpec, on_waiting: Callable[[str], None]) -> Started:
        replica = self._entry(msgspec.msgpack.encode(msgspec.structs.replace(spec, logs=self._logs)), self._secret)
        self._replicas[spec.replica_id] = replica
        try:
            return await _in_thread(replica.start, f"start {spec.replica_id}")
        except asyncio.CancelledError:
            self._replicas.pop(spec.replica_id, None)
            threading.Thread(target=replica.stop, name=f"stop {spec.replica_id}", daemon=True).start()
            raise

    async def stop(self, replica_id: str) -> None:
        replica = self._replicas.pop(replica_id, None)
        if replica is not None:
            await _in_thread(replica.stop, f"stop {replica_id}")

    async def find(self, replica_ids: list[str]) -> set[str]:
        return set(replica_ids) & self._replicas.keys()

    async def close(self) -> None:
        await asyncio.gather(*(self.stop(replica_id) for replica_id in list(self._replicas)))


async def _in_thread(work: Callable[[], T], name: str) -> T:
    """Run blocking work in a daemon thread of its own: a constructor that never returns must not keep
    the interpreter from exiting, as a pool's thread would."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(outcome: Callable[[], None]) -> None:
        if not future.done():
            outcome()

    def main() -> None:
        outcome: Callable[[], None]
        try:
            outcome = functools.partial(future.set_result, work())
        except BaseException as error:  # Handed to the waiting task, whatever it is.
            outcome = functools.partial(future.set_exception, error)
        with contextlib.suppress(RuntimeError):  # The loop has ended: nobody waits.
            loop.call_soon_threadsafe(settle, outcome)

    try:
        threading.Thread(target=main, name=name, daemon=True).start()
    except RuntimeError:
        return work()  # The interpreter is ending (Python 3.12 and later): no thread can be had.
    return await future
