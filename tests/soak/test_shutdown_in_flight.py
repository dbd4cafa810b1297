"""`serve.shutdown()` of the local placement while all kinds of requests run: no thread, task or wait is left."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from typing import Any

import pytest
from long_requests import LongRequests, cell
from soak_helpers import Client
from system_helpers import Cells, threads_have_ended

import kernelserve as serve
from benchmarks.soak_app import COUNTS
from kernelserve.cluster.session import ensure_session, get_session
from kernelserve.exceptions import RayServeException

BLOCKS = """
import threading
import time

@serve.deployment(max_ongoing_requests=3, graceful_shutdown_timeout_s=0.5)
class Blocks:
    def block(self):
        time.sleep(1.0)

    async def wait(self):
        await asyncio.sleep(1000)

app = Blocks.bind()
"""


async def _round() -> None:
    session = ensure_session("local", http_options={"port": 0})
    await asyncio.to_thread(Cells(session).serve, COUNTS + cell(patience_s=1.0), "long")
    await asyncio.to_thread(Cells(session).serve, COUNTS + BLOCKS, "blocks")
    requests = LongRequests("long")
    await requests.begin(5)
    handle: Any = serve.get_app_handle("blocks")
    calls = [handle.block.remote() for _ in range(3)] + [handle.wait.remote() for _ in range(20)]
    await asyncio.sleep(0.05)
    await asyncio.to_thread(serve.shutdown)
    assert get_session() is None
    outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 20)
    assert all(isinstance(outcome, RayServeException | None) for outcome in outcomes), outcomes
    assert sum(outcome is None for outcome in outcomes) <= 3, "a block may have come to its end"
    (pid,) = requests.http
    await requests.end_broken(pid, RayServeException)
    assert set(await _statuses(requests.uploads)) <= {0, 503}
    await requests.close()


async def _statuses(clients: list[Client]) -> list[int]:
    answers = [await client.rest() for client in clients]
    return [int(answer[9:12]) if answer else 0 for answer in answers]


async def test_nothing_is_left(caplog: pytest.LogCaptureFixture) -> None:
    logging.disable(logging.NOTSET)
    try:
        await _round()  # Threads of libraries, and of the event loop's own pool, are there from now on.
        before = set(threading.enumerate())
        await _round()
        threads_have_ended(before)
        gc.collect()
        told = [record.getMessage() for record in caplog.records if record.name == "asyncio"]
        assert not told, "a task or transport was left"
    finally:
        logging.disable(logging.ERROR)
