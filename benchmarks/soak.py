"""Does anything leak? Many mixed requests, and then: memory, tasks, queues, descriptors of every process.

make soak
python -m benchmarks.soak --placement local --requests 20000

Requests are of all kinds: answered, failed, cancelled, timed out, streamed, left in the middle; by HTTP, WebSocket
and handle; also batched, multiplexed and through shared memory. After a warm-up (a tenth, not counted) the
memory of no process may grow by more than the bar, and all counts have to be what they were. Exits with 1 otherwise.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from typing import Any

import uvloop

import kernelserve as serve
from benchmarks.cells import run_cell
from benchmarks.soak_app import SOAK
from benchmarks.soak_look import Held, changes, held_by, processes, settled
from benchmarks.soak_mix import Mix
from kernelserve.cluster.session import Session, require_session

APP = "soak"
DEPLOYMENTS = ("Front", "Inner")
FDS_BAR = 10
"""Descriptors that may be there more than after the warm-up: idle connections of libraries come and go."""


def sample(session: Session, done: int, began: float) -> dict[str, Held]:
    """Look at all processes, and print it."""
    found = {part: held_by(pid) for part, pid in processes(session, APP).items()}
    line = "   ".join(f"{part} {held.rss_mib:.1f} MiB {held.fds} fds" for part, held in found.items())
    print(f"{time.monotonic() - began:6.1f} s {done:8,}   {line}", flush=True)
    return found


def growth(before: dict[str, Held], after: dict[str, Held]) -> dict[str, float]:
    """MiB that each process has grown by; one that was replaced counts whole."""
    return {part: held.rss_mib - (before[part].rss_mib if part in before else 0.0) for part, held in after.items()}


async def soak(given: argparse.Namespace) -> list[str]:
    """Run it; returns what is wrong, a line each."""
    session = require_session()
    began = time.monotonic()
    mix = Mix(str(serve.app(APP).url), serve.get_deployment_handle("Inner", APP))
    warm_up = max(1000, given.requests // 10)
    sample(session, 0, began)
    await mix.run(warm_up, given.workers)
    counts_before = await settled(APP, DEPLOYMENTS)
    before = after = sample(session, warm_up, began)
    for step in range(1, given.samples + 1):
        count = given.requests * step // given.samples - given.requests * (step - 1) // given.samples
        await mix.run(count, given.workers)
        after = sample(session, sum(mix.done.values()), began)
    counts_after = await settled(APP, DEPLOYMENTS, counts_before)
    after = sample(session, sum(mix.done.values()), began)
    return report(mix, before, after, changes(counts_before, counts_after), counts_after, given.bar)


def report(
    mix: Mix,
    before: dict[str, Held],
    after: dict[str, Held],
    changed: list[str],
    counts: dict[str, dict[str, int]],
    bar: float,
) -> list[str]:
    """Print the results; returns what is wrong."""
    print("\nrequests: " + ", ".join(f"{name} {count:,}" for name, count in sorted(mix.done.items())))
    for part, values in counts.items():
        print(f"{part}: " + ", ".join(f"{name} {value}" for name, value in values.items()))
    wrong = [f"{name}: {text}" for name, text in mix.unexpected.items()] + changed
    for part, grown in growth(before, after).items():
        print(f"{part}: {grown:+.1f} MiB")
        if grown > bar:
            wrong.append(f"{part} has grown by {grown:.1f} MiB; the bar is {bar:g}")
        if part in before and after[part].fds > before[part].fds + FDS_BAR:
            wrong.append(f"{part} had {before[part].fds} descriptors, and has {after[part].fds}")
        if after[part].memfds:
            wrong.append(f"{part} still holds {after[part].memfds} pieces of shared memory")
    return wrong


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=200_000, help="beside those of the warm-up")
    parser.add_argument("--placement", choices=("local", "ray"), default="ray")
    parser.add_argument("--workers", type=int, default=32, help="requests in flight")
    parser.add_argument("--bar", type=float, default=20.0, help="MiB that a process may grow by")
    parser.add_argument("--samples", type=int, default=10, help="looks at the processes on the way")
    parser.add_argument("--journal", action="store_true", help="keep the app's requests, as notebooks do")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    logging.disable(logging.ERROR)  # Of errors that were asked for, here where replicas are threads.
    options: dict[str, Any] = {"_local_testing_mode": True} if given.placement == "local" else {}
    if given.placement == "ray":
        serve.start(http_options={"port": 0})
    try:
        serve.run(run_cell(SOAK, serve, "soak"), name=APP, route_prefix="/soak", journal=given.journal, **options)
        wrong = uvloop.run(soak(given))
    finally:
        serve.shutdown()
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
