"""``kill -9`` while streams, uploads, WebSockets and streaming calls run, on Ray: broken answers, and no leak."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest
from long_requests import LongRequests, cell
from soak_helpers import Client, Holdings
from system_helpers import Cells, wait_for

import kernelserve as serve
from benchmarks.soak_app import COUNTS
from benchmarks.soak_look import processes
from kernelserve.cluster.session import Session, ensure_session
from kernelserve.exceptions import ReplicaUnavailableError

pytestmark = pytest.mark.timeout(300)
COUNT = 8


@pytest.fixture(scope="module")
def ray_session(ray_cluster: None) -> Iterator[Session]:
    yield ensure_session("ray", http_options={"port": 0})
    serve.shutdown(all=True)


@pytest.fixture
def app(ray_session: Session, name: str) -> Iterator[str]:
    Cells(ray_session).serve(COUNTS + cell(replicas=2), name)
    yield name
    ray_session.delete(name)


def _running(name: str) -> set[int]:
    (node,) = serve.app(name).graph()["nodes"]
    return {replica["pid"] for replica in node["replicas"] if replica["state"] == "RUNNING"}


async def _warm(session: Session, app: str) -> Holdings:
    """What the system holds after a first round of all kinds."""
    holdings = Holdings(session, app)
    requests = LongRequests(app)
    await requests.begin(2)
    await requests.finish_uploads()
    await requests.close()
    await holdings.remember()
    return holdings


async def _answers(url: str) -> bool:
    try:
        client = await Client.get(url, "connection: close\r\n")
        answer = await client.rest()
        await client.close()
    except OSError:
        return False
    return b" 200 " in answer[:20]


async def _until_it_answers(url: str) -> None:
    async with asyncio.timeout(60):
        while not await _answers(url):  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.1)


async def test_a_replica(ray_session: Session, app: str) -> None:
    holdings = await _warm(ray_session, app)
    requests = LongRequests(app)
    await requests.begin(COUNT)
    pids = _running(app)
    victim = max(pids, key=lambda pid: len(requests.http.get(pid, [])))
    assert min(len(by_pid.get(victim, [])) for by_pid in (requests.http, requests.calls, requests.sockets)) > 0
    os.kill(victim, signal.SIGKILL)
    await requests.end_broken(victim, ReplicaUnavailableError)
    await requests.go_on(pids - {victim})
    statuses = await requests.finish_uploads()
    assert len(statuses) == COUNT
    assert set(statuses) <= {200, 503}, "an upload is answered, or refused with a reason"
    await asyncio.to_thread(wait_for, lambda: len(_running(app) - {victim}) == 2, "a new replica", 60.0)
    await serve.get_app_handle(app).broadcast("stop").results_async(timeout_s=20)
    await requests.end_whole(pids - {victim})
    await requests.close()
    await holdings.check()
    await Holdings(ray_session, app, "Long").remember()  # Waits until the replicas hold no request.


async def test_the_gateway(ray_session: Session, app: str) -> None:
    await _warm(ray_session, app)
    requests = LongRequests(app)
    await requests.begin(COUNT)
    gateway = processes(ray_session, app)["gateway"]
    os.kill(gateway, signal.SIGKILL)
    for client in [*sum(requests.http.values(), []), *requests.uploads]:  # noqa: RUF017 - a few
        assert not (await client.rest()).endswith(b"0\r\n\r\n")
        await client.close()
    requests.uploads.clear()
    pids = set(requests.calls)
    requests.http.clear()
    requests.sockets.clear()
    await requests.go_on(pids)  # Calls do not pass the gateway.
    await _until_it_answers(f"{requests.url}/version")
    holdings = Holdings(ray_session, app, "Long")
    await serve.get_app_handle(app).broadcast("stop").results_async(timeout_s=20)
    await requests.end_whole(pids)
    await requests.close()
    await holdings.remember()
    held = [part for part, counts in holdings.counts.items() if counts.get("Exchange") or counts["in_flight"]]
    assert not held, holdings.counts


async def test_the_controller(ray_session: Session, app: str) -> None:
    holdings = await _warm(ray_session, app)
    requests = LongRequests(app)
    await requests.begin(COUNT)
    pids = _running(app)
    controller = processes(ray_session, app)["controller"]
    os.kill(controller, signal.SIGKILL)
    await requests.go_on(pids)
    await asyncio.to_thread(wait_for, lambda: _running(app) == pids, "the replicas are adopted", 60.0)
    await requests.go_on(pids)
    assert await requests.finish_uploads() == [200] * COUNT
    await serve.get_app_handle(app).broadcast("stop").results_async(timeout_s=20)
    await requests.end_whole(pids)
    await requests.close()
    await holdings.check()
