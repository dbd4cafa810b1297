"""Paced (open-loop) client: one request every 1/rate seconds until its standard input closes.

It prints JSON: `samples`, a list of [sent, done, status, version, load, took], times on the system's monotonic clock,
so that other processes of this machine can compare them with their own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time

import uvloop

from benchmarks.client import Connection, Target, connect

MAX_CONNECTIONS = 2000
GIVE_UP_S = 60.0
ANSWER = re.compile(rb'"version": ?(\d+), ?"load": ?(\d+), ?"took": ?([\d.e-]+)')

Sample = tuple[float, float, int, int, int, float]
"""Times sent and answered, status, and what the answer says: code version, which load of the model, its seconds."""


class Probe:
    """Sends on a free connection, or opens one: a slow answer does not hold the next request back."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._free: list[Connection] = []
        self._open: set[Connection] = set()
        self.samples: list[Sample] = []
        self.waiting = 0

    async def send(self) -> None:
        self.waiting += 1
        sent = time.monotonic()
        connection = self._take()
        if connection is not None:
            connection.send(sent)
        elif len(self._open) >= MAX_CONNECTIONS:
            self._record(sent, 0, b"")
        else:
            await self._send_on_new(sent)

    def _take(self) -> Connection | None:
        """A free connection; those that the server has closed meanwhile are forgotten, as every client does."""
        while self._free:
            connection = self._free.pop()
            if connection.usable:
                return connection
            self._open.discard(connection)
        return None

    async def _send_on_new(self, sent: float) -> None:
        try:
            connection = await connect(self._target, self._answered)
        except OSError:
            self._record(sent, 0, b"")
            return
        self._open.add(connection)
        connection.send(sent)

    def _answered(self, connection: Connection, status: int, body: bytes) -> None:
        self._record(connection.sent, status, body)
        if status:
            self._free.append(connection)
        else:
            self._open.discard(connection)

    def _record(self, sent: float, status: int, body: bytes) -> None:
        self.waiting -= 1
        found = ANSWER.search(body)
        said = (int(found[1]), int(found[2]), float(found[3])) if found else (-1, -1, 0.0)
        self.samples.append((sent, time.monotonic(), status, *said))

    async def drain(self) -> None:
        """Wait for the answers that are missing; those that do not come count as failed."""
        deadline = time.monotonic() + GIVE_UP_S
        while self.waiting and time.monotonic() < deadline:  # noqa: ASYNC110 - nobody sets an event for less than this
            await asyncio.sleep(0.01)
        for connection in self._open:
            if connection not in self._free:
                self._record(connection.sent, 0, b"")
            connection.close()


async def run(url: str, rate: float) -> list[Sample]:
    probe = Probe(Target.of(url))
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    sends: set[asyncio.Task[None]] = set()
    due = time.monotonic()
    while not ended.done():
        task = asyncio.create_task(probe.send())
        sends.add(task)
        task.add_done_callback(sends.discard)
        due = max(due + 1 / rate, time.monotonic() - 1.0)
        await asyncio.sleep(due - time.monotonic())
    await asyncio.gather(*sends)
    await probe.drain()
    return probe.samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--rate", type=float, required=True)
    given = parser.parse_args()
    print(json.dumps({"samples": uvloop.run(run(given.url, given.rate))}))


if __name__ == "__main__":
    main()
