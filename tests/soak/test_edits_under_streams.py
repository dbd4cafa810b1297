"""Deploys while streams, uploads, WebSockets and streaming calls run: none fails before its revision's time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from long_requests import LongRequests, cell
from soak_helpers import Client, Holdings
from system_helpers import Cells, actions

import kernelserve as serve
from benchmarks.soak_app import COUNTS
from kernelserve.cluster.session import Session
from kernelserve.exceptions import ReplicaUnavailableError

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def app(session: Session, name: str) -> Iterator[str]:
    yield name
    session.delete(name)


async def _deploy(session: Session, name: str, source: str) -> str:
    outcome = await asyncio.to_thread(Cells(session).serve, COUNTS + source, name)
    assert outcome.outcome == "applied", outcome.error
    return actions(outcome)["Long"]


async def _version(name: str) -> str:
    client = await Client.get(f"{serve.app(name).url}/version", "connection: close\r\n")
    answer = (await client.rest()).decode()
    await client.close()
    return answer.rpartition("\r\n\r\n")[2].strip('"')


async def test_a_patch_harms_nothing(session: Session, app: str) -> None:
    await _deploy(session, app, cell())
    holdings = Holdings(session, app, "Long")
    handle = serve.get_app_handle(app)
    assert await _deploy(session, app, cell(patched="once")) == "patch"
    assert "once" in await _version(app)
    await holdings.remember()
    requests = LongRequests(app)
    await requests.begin(5)
    pids = set(requests.http)
    assert await _deploy(session, app, cell(patched="anew")) == "patch"
    assert "anew" in await _version(app)
    await requests.go_on(pids)
    assert await requests.finish_uploads() == [200] * 5
    await handle.stop.remote()
    await requests.end_whole(pids)
    await requests.close()
    await holdings.check()


async def test_what_ran_before_a_replacement_comes_to_its_end(session: Session, app: str) -> None:
    await _deploy(session, app, cell(patience_s=60.0))
    holdings = Holdings(session, app)
    assert "first" in await _version(app)
    await holdings.remember()
    requests = LongRequests(app)
    await requests.begin(5)
    pids = set(requests.http)
    assert await _deploy(session, app, cell(patience_s=60.0, built="second")) == "replace"
    assert "second" in await _version(app)
    await requests.go_on(pids)
    assert await requests.finish_uploads() == [200] * 5
    await requests.stop_by_sockets()
    await requests.end_whole(pids)
    await requests.close()
    await holdings.check()


async def test_what_goes_on_after_its_time_is_cut(session: Session, app: str) -> None:
    await _deploy(session, app, cell(patience_s=1.5))
    holdings = Holdings(session, app)
    assert "first" in await _version(app)
    await holdings.remember()
    requests = LongRequests(app)
    await requests.begin(5)
    (pid,) = set(requests.http)
    assert await _deploy(session, app, cell(patience_s=1.5, built="second")) == "replace"
    await requests.go_on({pid})
    await requests.end_broken(pid, ReplicaUnavailableError)
    assert await requests.finish_uploads() == [503] * 5
    await requests.close()
    assert "second" in await _version(app)
    await holdings.check()
