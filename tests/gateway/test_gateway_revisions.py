"""Requests while a revision is tried: its share, sessions, and requests that ask for a revision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest
from gateway_helpers import Door, push_trial, request_in

from kernelserve.transport.messages import Trial

MakeDoor = Callable[..., Awaitable[Door]]
REVISION = "x-kernelserve-revision"


@pytest.mark.asyncio
async def test_the_gateway_divides_requests_by_session_or_as_they_ask(door: MakeDoor) -> None:
    opened = await door()
    push_trial(opened, Trial(2, 0.5))
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        for session in "abcdefgh":
            for _ in range(3):
                await client.get(f"/{session}", headers={"x-session-id": session})
        for wanted in ("1", "r2", "2"):
            answer = await client.get(f"/{wanted}", headers={REVISION: wanted})
            assert answer.status_code == 200, answer.text
    served: dict[str, set[int]] = {}
    for call in opened.router.calls:
        served.setdefault(request_in(call)[0].path.lstrip("/"), set()).add(call.revision)
    assert {wanted: served.pop(wanted) for wanted in ("1", "r2", "2")} == {"1": {1}, "r2": {2}, "2": {2}}
    assert all(len(revisions) == 1 for revisions in served.values()), "a session stays on its side"
    assert set.union(*served.values()) == {1, 2}, "and there are sessions on both"


@pytest.mark.asyncio
async def test_a_revision_that_takes_no_requests_is_a_404_and_nonsense_a_400(door: MakeDoor) -> None:
    opened = await door()
    push_trial(opened, Trial(2, 0.0))
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        gone = await client.get("/", headers={REVISION: "7"})
        assert (gone.status_code, "r7" in gone.text, "those that do: r1 and r2" in gone.text) == (404, True, True)
        for nonsense in ("-1", "0", "one", "1.5", "r", "9" * 30):
            answer = await client.get("/", headers={REVISION: nonsense})
            assert answer.status_code == 400, nonsense
    assert opened.router.calls == []
