"""A shadow: copies of requests for a revision on trial, which nobody waits for and nobody notices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from gateway_helpers import (
    Door,
    ScriptedRouter,
    answer,
    channel_of,
    chunk,
    echo,
    end,
    fail,
    get,
    push_trial,
    request_in,
    start,
    until,
)

from kernelserve.gateway.mirror import IN_FLIGHT
from kernelserve.observe.journal import Journal
from kernelserve.observe.record import BODY_BYTES
from kernelserve.routing.call import Call
from kernelserve.routing.router import Router
from kernelserve.transport.messages import Trial
from kernelserve.types import DeploymentID

MakeDoor = Callable[..., Awaitable[Door]]
SHADOW = Trial(2, 0.0, mirror=True)


def held_copies(router: ScriptedRouter, call: Call) -> None:
    """Answer real requests, and leave copies to the test."""
    if call.revision == 1:
        echo(router, call)


async def open_nothing(*_: Any) -> Any:
    raise AssertionError("There is no replica to connect to.")


def copies(door: Door) -> list[Call]:
    return [call for call in door.router.calls if call.revision == 2]


@pytest.mark.asyncio
async def test_each_request_has_a_copy_with_an_answer_that_only_the_journal_sees(door: MakeDoor) -> None:
    journal = Journal()
    opened = await door(held_copies, journals={"app": journal})
    push_trial(opened, SHADOW)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        for number in range(3):
            reply = await client.post(
                f"/{number}%2Fx?q=1", content=b"body", headers={"x-request-id": f"id{number}", "x-session-id": "s"}
            )
            assert reply.text == f"/{number}/x|body"
        await until(lambda: len(copies(opened)) == 3)
    assert (opened.live, opened.gateway.mirror_counts["mirroring"]) == (3, 3)
    whole, streamed, broken = copies(opened)
    meta, body = request_in(whole)
    assert (meta.request_id, meta.raw_path, meta.query, body) == ("id0-shadow", b"/0%2Fx", b"q=1", b"body")
    assert whole.session_id == "s"
    answer(whole, b"better")
    start(streamed)
    before = channel_of(streamed).credit
    chunk(streamed, b"a piece")
    assert channel_of(streamed).credit == before, "all is taken at once"
    end(streamed, b"")
    fail(broken, "user")
    assert opened.live == 0
    kept = {record.id: record for record in journal.records()}
    assert [(id, kept[id].shadow, kept[id].revision, kept[id].status) for id in sorted(kept)] == [
        ("id0", False, 1, 200), ("id0-shadow", True, 2, 200),
        ("id1", False, 1, 200), ("id1-shadow", True, 2, 200),
        ("id2", False, 1, 200), ("id2-shadow", True, 2, 500),
    ]  # fmt: skip
    said = [kept[f"id{number}-shadow"].answer for number in range(2)]
    assert [preview.body if preview is not None else None for preview in said] == [b"better", b"a piece"]
    real = kept["id0"]
    assert (real.path, real.target, real.redacted) == ("/0/x?q=1", "/0%2Fx?q=1", False), "it can be sent again"
    assert (b"x-session-id", b"s") in real.headers and b"connection" not in dict(real.headers)
    error = kept["id2-shadow"].error
    assert error is not None and error.message == "broken"


@pytest.mark.asyncio
async def test_copies_are_bounded_and_what_has_none_is_counted(door: MakeDoor) -> None:
    opened = await door(held_copies)
    push_trial(opened, SHADOW)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        assert (await client.post("/", content=b"x" * (BODY_BYTES + 1))).status_code == 200
        assert (await client.get("/", headers={"x-kernelserve-revision": "1"})).status_code == 200
        for _ in range(IN_FLIGHT + 3):
            assert (await client.post("/", content=b"x" * 10)).status_code == 200
    counts = opened.gateway.mirror_counts
    assert counts == {
        "mirroring": IN_FLIGHT, "mirrored": IN_FLIGHT, "mirrors_dropped": 3, "mirrors_skipped": 1,
    }  # fmt: skip
    assert len(copies(opened)) == IN_FLIGHT, "one that asks for its revision has no copy, either"
    for call in copies(opened):
        answer(call)
    assert opened.live == 0


@pytest.mark.asyncio
async def test_a_copy_outlives_its_client_and_its_trial(door: MakeDoor) -> None:
    opened = await door(lambda router, call: None)
    push_trial(opened, SHADOW)
    raw = await opened.connect()
    await raw.send(get())
    await until(lambda: len(copies(opened)) == 1)
    (real,) = [call for call in opened.router.calls if call.revision == 1]
    raw.writer.close()
    await until(lambda: opened.router.cancelled == [real])
    push_trial(opened, None)
    assert opened.directory.apps["app"].live == {2: 1}
    answer(copies(opened)[0])
    assert opened.live == 0


@pytest.mark.asyncio
async def test_a_gateway_that_closes_gives_its_copies_up(door: MakeDoor) -> None:
    opened = await door(held_copies)
    push_trial(opened, SHADOW)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        await client.get("/")
    await until(lambda: len(copies(opened)) == 1)
    await opened.gateway.close(timeout=0)
    assert opened.router.cancelled == copies(opened)
    assert opened.live == 0


@pytest.mark.asyncio
async def test_a_copy_that_finds_no_replica_is_dropped_in_the_end(door: MakeDoor) -> None:
    """A shadow whose replicas are not reached: copies wait in its own router, real requests do not notice."""
    journal = Journal()
    opened = await door(held_copies, journals={"app": journal})
    opened.directory.app("app").router("In")  # That of the real requests is the scripted one.
    waiting = Router(DeploymentID("app", "In"), open_nothing, asyncio.get_running_loop())
    opened.directory.make_router = lambda deployment: waiting  # type: ignore[method-assign]
    push_trial(opened, SHADOW)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        for _ in range(2):
            assert (await client.get("/", headers={"x-request-timeout-seconds": "30"})).status_code == 200
    await until(lambda: waiting.queued == 2)
    assert opened.gateway.mirror_counts["mirrored"] == 2
    mirror = next(iter(opened.gateway._state.mirrors.by_app.values()))  # type: ignore[union-attr]
    next(iter(mirror.running)).give_up()
    assert (mirror.counts.sent, mirror.counts.dropped, waiting.queued, opened.live) == (1, 1, 1, 1)
    push_trial(opened, None)
    assert (mirror.counts.sent, mirror.counts.dropped, opened.live) == (0, 2, 0)
    assert not any(record.shadow for record in journal.records())
