"""What is measured on one running system. Each function returns numbers by the name of the metric."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks.systems import ROOT, Peer, System

Numbers = dict[str, float]

CONNECTIONS = (1, 32)
CAPACITY_CONNECTIONS = 4
PACE = 0.5
"""The paced client sends this share of what the system can answer."""

SETTLE_S = 1.5
"""The paced client runs this long before an edit and after it."""

EMBED_QUERY = "?q=split+a+string+into+words"


def load(url: str, connections: int, seconds: float) -> Numbers:
    """Closed-loop load from a process of its own."""
    numbers: Numbers = json.loads(
        _run_module("benchmarks.load", url, "--connections", str(connections), "--seconds", str(seconds))
    )
    return numbers


def http(peer: Peer, app: str, metric: str, seconds: float) -> dict[str, Numbers]:
    """An app under load on one connection and on many."""
    url = peer.do("deploy", app=app, variant="plain")["url"]
    found = {f"{metric}_{n}": load(url, n, seconds) for n in CONNECTIONS}
    peer.do("stop")
    return found


def handle_call(peer: Peer, seconds: float) -> dict[str, Numbers]:
    """Round trips of `handle.remote(i).result()` from the driver, one after the other."""
    peer.do("deploy", app="echo", variant="plain")
    found = peer.do("calls", seconds=seconds)
    peer.do("stop")
    return {"handle_call": found}


def edit_to_answer(peer: Peer, variant: str, edits: int) -> dict[str, Numbers]:
    """An edited `__call__` under a paced load, the model loaded: time to the first new answer, failed requests.

    The time is from the call of `serve.run` to the arrival of the first answer of the new code, less the median
    latency of the paced client before the edit.
    """
    url = peer.do("deploy", app="embed", variant=variant)["url"] + EMBED_QUERY
    rate = PACE * load(url, CAPACITY_CONNECTIONS, 2.0)["per_s"]
    rounds = [_one_edit(peer, url, rate) for _ in range(edits)]
    peer.do("stop")
    name = "edit_to_answer" if variant == "plain" else f"edit_to_answer_{variant}"
    return {
        name: {
            "over_ms": statistics.median(found["over_ms"] for found in rounds),
            "median_ms": statistics.median(found["median_ms"] for found in rounds),
            "failures": sum(found["failures"] for found in rounds),
            "requests": sum(found["requests"] for found in rounds),
            "rate": rate,
        }
    }


def _one_edit(peer: Peer, url: str, rate: float) -> Numbers:
    probe = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.probe", url, "--rate", str(rate)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(SETTLE_S + 0.5)  # half a second to start
    edit = peer.do("edit")
    time.sleep(SETTLE_S)
    output, _ = probe.communicate()
    return judge(json.loads(output)["samples"], edit["called"], edit["version"])


def judge(samples: list[list[float]], called: float, version: int) -> Numbers:
    """From the probe's samples [sent, done, status, version] to the numbers of one edit."""
    before = [done - sent for sent, done, status, _ in samples if status == 200 and done < called]
    new = [done for _, done, status, seen in samples if status == 200 and seen == version]
    if not before or not new:
        raise RuntimeError(
            f"The probe saw {len(before)} answers before the edit and {len(new)} of version {version} after it. "
            "It needs both: is the application answering?"
        )
    median = statistics.median(before)
    return {
        "over_ms": (min(new) - called - median) * 1e3,
        "median_ms": median * 1e3,
        "failures": sum(status != 200 for _, _, status, _ in samples),
        "requests": len(samples),
    }


def measure(system: System, peer: Peer, seconds: float, edits: int) -> dict[str, Numbers]:
    """Everything that the system can do, one after the other."""
    found: dict[str, Numbers] = {}
    if "noop" in system.apps:
        found |= http(peer, "noop", "http_noop", seconds)
    if "chain" in system.apps:
        found |= http(peer, "chain", "chain", seconds)
    if "echo" in system.apps:
        found |= handle_call(peer, seconds)
    if "embed" in system.apps:
        for variant in system.edits:
            found |= edit_to_answer(peer, variant, edits)
    return found


def _run_module(module: str, *arguments: str) -> str:
    command: list[Any] = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
