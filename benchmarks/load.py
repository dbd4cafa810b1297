"""Closed-loop load: N connections, each sends again as soon as it is answered.

python -m benchmarks.load http://127.0.0.1:8000/ --connections 32 --seconds 3
"""

from __future__ import annotations

import argparse
import asyncio
import json
from array import array
from time import perf_counter, process_time

import uvloop

from benchmarks.client import Connection, Target, connect


class Load:
    """Counts what came back while `measuring`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._stopped = False
        self._reconnecting: set[asyncio.Task[None]] = set()
        self._connections: set[Connection] = set()
        self.measuring = False
        self.latencies = array("d")
        self.failures = 0

    async def open(self) -> None:
        connection = await connect(self._target, self._answered)
        self._connections.add(connection)
        connection.send(perf_counter())

    def stop(self) -> None:
        self._stopped = True
        for connection in self._connections:
            connection.close()

    def _answered(self, connection: Connection, status: int, body: bytes) -> None:
        now = perf_counter()
        if self._stopped:
            return
        if self.measuring:
            if status == 200:
                self.latencies.append(now - connection.sent)
            else:
                self.failures += 1
        if status:
            connection.send(now)
        else:
            self._connections.discard(connection)
            task = asyncio.get_running_loop().create_task(self._reopen())
            self._reconnecting.add(task)
            task.add_done_callback(self._reconnecting.discard)

    async def _reopen(self) -> None:
        while not self._stopped:
            try:
                return await self.open()
            except OSError:
                await asyncio.sleep(0.01)


async def measure(url: str, connections: int, seconds: float, warmup: float) -> dict[str, float]:
    """Requests per second, latency percentiles in milliseconds, failures, and the share of a core that this took."""
    load = Load(Target.of(url))
    for _ in range(connections):
        await load.open()
    await asyncio.sleep(warmup)
    load.measuring = True
    start, used = perf_counter(), process_time()
    await asyncio.sleep(seconds)
    load.measuring = False
    took, used = perf_counter() - start, process_time() - used
    load.stop()
    ordered = sorted(load.latencies)
    if not ordered:
        raise SystemExit(f"No answer with status 200 from {url} in {took:.1f} s. Is the application running?")
    return {
        "per_s": len(ordered) / took,
        "p50_ms": ordered[len(ordered) // 2] * 1e3,
        "p99_ms": ordered[len(ordered) * 99 // 100] * 1e3,
        "failures": load.failures,
        "client_cpu": used / took,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--warmup", type=float, default=1.0)
    given = parser.parse_args()
    print(json.dumps(uvloop.run(measure(given.url, given.connections, given.seconds, given.warmup))))


if __name__ == "__main__":
    main()
