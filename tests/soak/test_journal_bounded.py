"""A journal under load stays within its bytes, whatever the requests are like; on both placements."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from soak_helpers import Client, Holdings
from system_helpers import Cells

import kernelserve as serve
from benchmarks.soak_look import held_by, processes
from kernelserve.cluster.session import Session
from kernelserve.observe.journal import JOURNAL_BYTES

MIB = 2**20
BODY = bytes(60_000)
"""Nearly all of it is kept, of the request and of the answer: a few hundred fill the journal."""
ROUNDS = 4
AT_ONCE = 300
SLACK_MIB = 30.0

ECHO = """
@serve.deployment(max_ongoing_requests=400, ray_actor_options={"num_cpus": 0.1})
class Echo:
    async def __call__(self, request):
        body = await request.body()
        if request.query_params:
            raise ValueError(body[:10])
        return body.decode()

    async def back(self, value):
        return value

app = Echo.bind()
"""


@pytest.fixture
def app(session: Session, name: str) -> Iterator[str]:
    Cells(session).serve(ECHO, name, journal=True)
    yield name
    session.delete(name)


@pytest.mark.timeout(300)
async def test_memory_of_a_full_journal(session: Session, app: str) -> None:
    url = str(serve.app(app).url)
    handle = serve.get_app_handle(app)
    length = f"connection: close\r\ncontent-length: {len(BODY)}\r\n"

    async def one(number: int) -> None:
        client = await Client.get(f"{url}?fail=1" if number % 2 else url, length, "POST", BODY)
        assert (await client.rest())[9:12] == (b"500" if number % 2 else b"200")
        await client.close()
        assert await handle.back.remote(BODY) == BODY

    async def rss() -> dict[str, float]:
        found = await asyncio.to_thread(processes, session, app)
        return {part: held_by(pid).rss_mib for part, pid in found.items()}

    holdings = Holdings(session, app)
    await asyncio.gather(*(one(number) for number in range(AT_ONCE)))
    await holdings.remember()
    full = await rss()
    for _ in range(ROUNDS):
        await asyncio.gather(*(one(number) for number in range(AT_ONCE)))
        await asyncio.sleep(0.5)  # The journal takes so many a second.
    await holdings.check()
    after = await rss()
    # In the local placement there are two in one process: the gateway's and the caller's.
    bar = 2 * JOURNAL_BYTES / MIB + SLACK_MIB
    assert all(after[part] - full[part] < bar for part in after), (full, after)
    frame = await asyncio.to_thread(serve.app(app).requests, last=None)
    assert len(frame) > AT_ONCE / 2
