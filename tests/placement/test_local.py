"""The local placement: each replica in threads of its own, whatever its start does."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from system_helpers import until

from kernelserve.placement.base import ReplicaSpec, Started, control_address
from kernelserve.placement.local import LocalPlacement

SECRET = b"secret"


class Worker:
    """A replica whose start and stop do what the test says."""

    def __init__(self, encoded: bytes, secret: bytes, start: Callable[[], Any], stop: Callable[[], Any]) -> None:
        self.spec = msgspec.msgpack.decode(encoded, type=ReplicaSpec)
        self.secret = secret
        self.start_thread: threading.Thread | None = None
        self.stops = 0
        self._start = start
        self._stop = stop

    def start(self) -> Started:
        self.start_thread = threading.current_thread()
        self._start()
        return Started(address=self.spec.listen, pid=1)

    def stop(self) -> None:
        self.stops += 1
        self._stop()


class Entry:
    """A replica entry point that keeps what it made."""

    def __init__(self, start: Callable[[], Any] = lambda: None, stop: Callable[[], Any] = lambda: None) -> None:
        self.made: list[Worker] = []
        self._start = start
        self._stop = stop

    def __call__(self, encoded: bytes, secret: bytes) -> Worker:
        self.made.append(Worker(encoded, secret, self._start, self._stop))
        return self.made[-1]


def spec(placement: LocalPlacement, name: str = "app#Model#1") -> ReplicaSpec:
    return ReplicaSpec(
        replica_id=name,
        app="app",
        deployment="Model",
        revision=1,
        node=b"node",
        units={"u": b"unit"},
        sources={},
        listen=placement.listen_address(name),
        controller="inproc://controller",
    )


def not_waiting(text: str) -> None:
    raise AssertionError(f"a thread waits for no resources: {text}")


@pytest.mark.asyncio
async def test_a_replica_gets_its_spec_and_the_secret_and_a_thread_of_its_own() -> None:
    entry = Entry()
    placement = LocalPlacement(entry, SECRET)
    wanted = spec(placement)
    started = await placement.start(wanted, not_waiting)
    assert started == Started(address=wanted.listen, pid=1)
    (worker,) = entry.made
    assert (worker.spec, worker.secret) == (wanted, SECRET)
    assert worker.start_thread is not None
    assert worker.start_thread is not threading.current_thread()
    assert worker.start_thread.daemon, "it must not keep the interpreter"


@pytest.mark.asyncio
async def test_each_address_is_new_and_has_a_control_address() -> None:
    placement = LocalPlacement(Entry(), SECRET)
    addresses = {placement.listen_address("app#Model#1") for _ in range(10)}
    assert len(addresses) == 10
    assert all(address.startswith("inproc://") for address in addresses)
    assert len(addresses | {control_address(address) for address in addresses}) == 20


@pytest.mark.asyncio
async def test_a_slow_start_holds_up_neither_the_loop_nor_another_replica() -> None:
    go = threading.Event()
    slow = Entry(start=go.wait)
    placement = LocalPlacement(slow, SECRET)
    first = asyncio.ensure_future(placement.start(spec(placement, "slow"), not_waiting))
    second = asyncio.ensure_future(placement.start(spec(placement, "too"), not_waiting))
    await until(lambda: all(worker.start_thread for worker in slow.made) and len(slow.made) == 2, "both have begun")
    assert not first.done()
    go.set()
    await asyncio.gather(first, second)


@pytest.mark.asyncio
async def test_what_the_start_raises_is_raised() -> None:
    def fail() -> None:
        raise MemoryError("no room")

    placement = LocalPlacement(Entry(start=fail), SECRET)
    with pytest.raises(MemoryError, match="no room"):
        await placement.start(spec(placement), not_waiting)


@pytest.mark.asyncio
async def test_a_start_that_is_given_up_is_stopped() -> None:
    go = threading.Event()
    entry = Entry(start=go.wait)
    placement = LocalPlacement(entry, SECRET)
    starting = asyncio.ensure_future(placement.start(spec(placement, "a"), not_waiting))
    await until(lambda: entry.made and entry.made[0].start_thread, "it has begun")
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await until(lambda: entry.made[0].stops == 1, "it was stopped although its start has not returned")
    assert await placement.find(["a"]) == set()
    go.set()


@pytest.mark.asyncio
async def test_stop_waits_until_it_is_gone_and_unknown_ids_are_fine() -> None:
    go, stopping = threading.Event(), threading.Event()

    def stop() -> None:
        stopping.set()
        go.wait()

    entry = Entry(stop=stop)
    placement = LocalPlacement(entry, SECRET)
    await placement.start(spec(placement, "a"), not_waiting)
    ending = asyncio.ensure_future(placement.stop("a"))
    await until(stopping.is_set, "it is being stopped")
    assert not ending.done()
    go.set()
    await ending
    await placement.stop("a")
    await placement.stop("nobody")
    assert entry.made[0].stops == 1


@pytest.mark.asyncio
async def test_find_tells_which_of_these_run() -> None:
    placement = LocalPlacement(Entry(), SECRET)
    for name in ("a", "b"):
        await placement.start(spec(placement, name), not_waiting)
    assert await placement.find(["a", "c"]) == {"a"}
    await placement.stop("a")
    assert await placement.find(["a", "b"]) == {"b"}


@pytest.mark.asyncio
async def test_close_ends_all() -> None:
    entry = Entry()
    placement = LocalPlacement(entry, SECRET)
    for name in ("a", "b", "c"):
        await placement.start(spec(placement, name), not_waiting)
    await placement.close()
    assert [worker.stops for worker in entry.made] == [1, 1, 1]
    assert await placement.find(["a", "b", "c"]) == set()


HANGING_START = """
import asyncio, threading
from test_local import Entry, LocalPlacement, spec

async def main():
    entry = Entry(start=threading.Event().wait)
    placement = LocalPlacement(entry, b"")
    starting = asyncio.ensure_future(placement.start(spec(placement), print))
    while not (entry.made and entry.made[0].start_thread):
        await asyncio.sleep(0.01)
    starting.cancel()

asyncio.run(main())
print("ended")
"""


def test_a_constructor_that_never_returns_does_not_keep_the_interpreter() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{HANGING_START}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
