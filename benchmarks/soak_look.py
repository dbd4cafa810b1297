"""What the processes of a system hold: memory and descriptors from outside, counts from inside."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from typing import Any, NamedTuple

import kernelserve as serve
from kernelserve.cluster.session import Session, require_session
from kernelserve.handle import DeploymentHandle

MIB = 2**20
SETTLE_S = 30.0
SAME_FOR_S = 0.5


class Held(NamedTuple):
    """One process at one moment."""

    rss_mib: float
    fds: int
    memfds: int


def processes(session: Session, app: str) -> dict[str, int]:
    """Pids by part: the caller, and on Ray gateway, controller and replicas."""
    if session.kind == "local":
        return {"all": os.getpid()}
    # Late: only one of the placements has Ray.
    import ray

    gateway = ray.get_actor("kernelserve-gateway", namespace="kernelserve")
    controller = ray.get_actor("kernelserve-controller", namespace="kernelserve")
    found = {
        "caller": os.getpid(),
        "gateway": int(ray.get(gateway.pid.remote(), timeout=30)),
        "controller": int(ray.get(controller.info.remote(), timeout=30)["pid"]),
    }
    for node in session.graph(app)["nodes"]:
        for number, replica in enumerate(node["replicas"]):
            found[f"{node['name']} {number}"] = int(replica["pid"])
    return found


def held_by(pid: int) -> Held:
    """Memory and descriptors of a process, from the system (``proc(5)``)."""
    with open(f"/proc/{pid}/statm") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    folder = f"/proc/{pid}/fd"
    links = [_link(f"{folder}/{name}") for name in os.listdir(folder)]
    return Held(resident / MIB, len(links), sum(link.startswith("/memfd:") for link in links))


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:  # Closed meanwhile.
        return ""


async def counts(app: str, deployments: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """By part: tasks, live requests, queue entries, calls in flight, held bytes, objects of requests.

    The deployments have a method `counts`; each is asked on all of its replicas.
    """
    session = require_session()
    gc.collect()
    found = {"gateway": await asyncio.to_thread(session.gateway_counts)}
    for deployment in deployments:
        handle: DeploymentHandle[Any] = serve.get_deployment_handle(deployment, app)
        answers = await handle.broadcast("counts").results_async(timeout_s=SETTLE_S)
        for number, answer in enumerate(answers):
            found[f"{deployment} {number}"] = {name: value for name, value in answer.items() if name != "pid"}
    found["caller"] = session.client.runtime.directory.counts()
    return found


async def settled(
    app: str, deployments: tuple[str, ...], expected: dict[str, dict[str, int]] | None = None
) -> dict[str, dict[str, int]]:
    """The counts, when they are as expected (or with None: no request is on its way), or at the end of patience."""
    end = time.monotonic() + SETTLE_S
    before: dict[str, dict[str, int]] = {}
    while True:
        found = await counts(app, deployments)
        # Threads of user code go on after their request: without an expectation, nothing may change any more.
        calm = found == expected if expected is not None else found == before and _calm(found)
        if calm or time.monotonic() > end:
            return found
        before = found
        await asyncio.sleep(0.1 if expected is not None else SAME_FOR_S)


def _calm(found: dict[str, dict[str, int]]) -> bool:
    names = ("live", "in_flight", "queued", "connections", "timed", "held_bytes", "Exchange")
    return not any(part.get(name, 0) for part in found.values() for name in names)


def changes(before: dict[str, dict[str, int]], after: dict[str, dict[str, int]]) -> list[str]:
    """What is not as it was, a line each."""
    return [
        f"{part}: {name} was {before.get(part, {}).get(name)}, and is {value}"
        for part, values in after.items()
        for name, value in values.items()
        if before.get(part, {}).get(name) != value
    ]
