"""The far side of a peer: commands on standard input, one JSON answer a line on standard output.

A peer module makes an object of `System` and calls `main` with it. Commands and answers::

    deploy APP VARIANT REPLICAS   {"url": …}     APP: noop, chain, echo, embed
    edit KIND              {"called": …, "returned": …, "version": …}   redeploys embed, edited; monotonic times
    calls SECONDS          {"per_s": …, "p50_ms": …}   sync handle calls to echo
    stop                   {}                    removes the application
    quit                   {}                    and the process ends
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import IO, Any, Protocol

from benchmarks.cells import EDITED


class System(Protocol):
    """One way of serving the cells."""

    def deploy(self, app: str, numbers: dict[str, int], variant: str, replicas: int) -> str:
        """Serve the app and return its URL, "" where it has none; an app of that name is replaced.

        Args:
            numbers: for `cells.run_cell`.
        """

    def caller(self) -> Callable[[int], Any]:
        """A function that sends a number through the handle of echo and waits for it."""

    def stop(self) -> None:
        """Remove the running application."""

    def close(self) -> None:
        """Stop everything."""


def main(make: Callable[[], System]) -> None:
    """Answer commands until quit or end of input. Other output of this process goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    system = make()
    try:
        _answer(answers, {"ready": True})
        _serve(system, answers)
    finally:
        system.close()
    _answer(answers, {})


def _serve(system: System, answers: IO[str]) -> None:
    version, numbers, given = 1, dict.fromkeys(EDITED.values(), 1), ("", 1)
    for line in sys.stdin:
        command = json.loads(line)
        match command["do"]:
            case "deploy":
                given = command.get("variant", "plain"), command.get("replicas", 1)
                _answer(answers, {"url": system.deploy(command["app"], numbers, *given)})
            case "edit":
                version += 1
                numbers[EDITED[command["kind"]]] = version
                called = time.monotonic()
                system.deploy("embed", numbers, *given)
                _answer(answers, {"called": called, "returned": time.monotonic(), "version": version})
            case "calls":
                _answer(answers, time_calls(system.caller(), command["seconds"]))
            case "stop":
                system.stop()
                _answer(answers, {})
            case "quit":
                return


def time_calls(call: Callable[[int], Any], seconds: float) -> dict[str, float]:
    """Round trips one after the other, after as many to warm up as fit in half a second."""
    _round_trips(call, 0.5)
    took, latencies = _round_trips(call, seconds)
    latencies.sort()
    return {
        "per_s": len(latencies) / took,
        "p50_ms": latencies[len(latencies) // 2] * 1e3,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1e3,
        "failures": 0,
    }


def _round_trips(call: Callable[[int], Any], seconds: float) -> tuple[float, list[float]]:
    latencies: list[float] = []
    start = now = time.perf_counter()
    number = 0
    while now - start < seconds:
        if call(number) != number:
            raise RuntimeError(f"The echo of {number} is another number.")
        number += 1
        before, now = now, time.perf_counter()
        latencies.append(now - before)
    return now - start, latencies


def _answer(answers: IO[str], value: dict[str, Any]) -> None:
    print(json.dumps(value), file=answers, flush=True)
