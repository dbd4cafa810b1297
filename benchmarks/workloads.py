"""What is measured on one running system. Each function returns numbers by the name of the metric."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks.systems import ROOT, Edits, Peer, System

Numbers = dict[str, float]

CONNECTIONS = (1, 32)
CAPACITY_CONNECTIONS = 4
PACE = 0.5
"""The paced client sends this share of what the system can answer."""

SETTLE_S = 1.5
"""The paced client runs this long before an edit and after it."""

SUMMED = ("loads", "failures", "requests")
"""Numbers of an edit that are added up, where of others the median counts."""

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


def edit(peer: Peer, given: Edits, edits: int) -> dict[str, Numbers]:
    """Edits under a paced load, the model loaded; see `judge` for the numbers."""
    url = peer.do("deploy", app="embed", variant=given.variant, replicas=given.replicas)["url"] + EMBED_QUERY
    rate = PACE * load(url, CAPACITY_CONNECTIONS * given.replicas, 2.0)["per_s"]
    found = {}
    for kind in given.kinds:
        rounds = [_one_edit(peer, kind, url, rate) for _ in range(edits)]
        medians = {key: statistics.median(one[key] for one in rounds) for key in rounds[0] if key not in SUMMED}
        sums = {key: sum(one[key] for one in rounds) for key in SUMMED}
        found[given.metric(kind)] = {**medians, **sums, "rate": rate}
    peer.do("stop")
    return found


def _one_edit(peer: Peer, kind: str, url: str, rate: float) -> Numbers:
    probe = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.probe", url, "--rate", str(rate)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(SETTLE_S + 0.5)  # half a second to start
    edited = peer.do("edit", kind=kind)
    time.sleep(SETTLE_S)
    output, _ = probe.communicate()
    return judge(json.loads(output)["samples"], edited["called"], edited["returned"], edited["version"])


def judge(samples: list[list[float]], called: float, returned: float, version: int) -> Numbers:
    """From the probe's samples to the numbers of one edit.

    - `commit_ms`: the call of `serve.run`, which runs the cell before, until it returns.
    - `over_ms`: from that call to the arrival of the first answer of the new code, less the client's median
      latency before the edit.
    - `beside_ms`: `over_ms` less the seconds that the new replica's constructor took.
    - `loads`: how many models were loaded since that call, and answered; `failures`: requests without a 200.
    """
    good = [sample for sample in samples if sample[2] == 200]
    before = [sample for sample in good if sample[1] < called]
    new = [sample for sample in good if sample[3] == version]
    if not before or not new:
        raise RuntimeError(
            f"The probe saw {len(before)} answers before the edit and {len(new)} of version {version} after it. "
            "It needs both: is the application answering?"
        )
    median = statistics.median(done - sent for sent, done, *_ in before)
    first = min(new, key=lambda sample: sample[1])
    loaded = {sample[4] for sample in new if sample[4] > called * 1e9}
    over_ms = (first[1] - called - median) * 1e3
    return {
        "commit_ms": (returned - called) * 1e3,
        "over_ms": over_ms,
        "beside_ms": over_ms - (first[5] * 1e3 if first[4] in loaded else 0.0),
        "median_ms": median * 1e3,
        "loads": len(loaded),
        "failures": len(samples) - len(good),
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
        for one in system.edits:
            found |= edit(peer, one, edits)
    return found


def _run_module(module: str, *arguments: str) -> str:
    command: list[Any] = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
