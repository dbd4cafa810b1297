"""The soak of `benchmarks.soak` in short: mixed requests, and then all is as it was."""

from __future__ import annotations

import asyncio

import pytest
from soak_helpers import Holdings
from system_helpers import Cells

import kernelserve as serve
from benchmarks.soak_app import SOAK
from benchmarks.soak_look import held_by, processes
from benchmarks.soak_mix import KINDS, Mix
from kernelserve.cluster.session import Session

REQUESTS = 1_000
MIB_BAR = 20.0


@pytest.mark.timeout(300)
async def test_mixed_requests_leave_nothing(session: Session) -> None:
    await asyncio.to_thread(Cells(session).serve, SOAK, "soak", journal=False)
    mix = Mix(str(serve.app("soak").url), serve.get_deployment_handle("Inner", "soak"))
    holdings = Holdings(session, "soak", "Front", "Inner")
    await mix.run(REQUESTS, workers=16)  # From here on all is warm.
    await holdings.remember()
    before = {part: held_by(pid).rss_mib for part, pid in processes(session, "soak").items()}
    await mix.run(REQUESTS, workers=16)
    await holdings.check()
    after = {part: held_by(pid).rss_mib for part, pid in processes(session, "soak").items()}
    assert not mix.unexpected
    assert set(mix.done) == set(KINDS)
    assert after.keys() == before.keys()
    grown = {part: after[part] - before[part] for part in after}
    assert all(mib < MIB_BAR for mib in grown.values()), grown
    await asyncio.to_thread(session.delete, "soak")
