"""A patch that must be alone, requests that outlive their revision, and who is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from live_servable import Live
from system_helpers import until

from kernelserve.replica import gate
from kernelserve.transport.base import FLAG_REVISION

TOOL = """
import asyncio, threading, time
class Tool:
    def use(self): return "{TAG}"
class App:
    def __init__(self):
        self.tool, self.open = Tool(), threading.Event()
    def tag(self): return self.tool.use(), "{TAG}"
    async def wait(self):
        while not self.open.is_set():
            await asyncio.sleep(0.001)
        return self.tag()
    def block(self):
        self.open.wait(20)
        return self.tag()
    async def items(self):
        for n in range(100000):
            yield n
            await asyncio.sleep(0.001)
    def let_go(self): self.open.set()
"""


def tool(tag: str) -> str:
    return TOOL.replace("{TAG}", tag)


@pytest_asyncio.fixture
async def live() -> AsyncIterator[Live]:
    live = Live()
    await live.start(tool("old"))
    yield live
    live.servable.original.let_go()
    live.execution.close()
    await live.servable.close()


async def test_requests_of_a_patch_that_must_be_alone_wait_and_see_only_new_code(live: Live) -> None:
    held_tool = live.servable.original.tool
    running = live.send("wait")
    verdict = await live.edit(tool("new"))
    assert verdict.barrier == "self.tool holds a Tool, whose class changed"
    waiting = [live.send("tag") for _ in range(2)]
    assert await live.ask("tag", revision=1) == ("old", "old"), "old requests are served meanwhile"
    live.retire()
    await asyncio.sleep(0.01)
    assert not any(map(live.ended, waiting))
    live.servable.original.let_go()
    assert await live.answer(running) == ("old", "old")
    assert [await live.answer(one) for one in waiting] == [("new", "new")] * 2
    assert live.servable.original.tool is held_tool
    assert live.servable.gate is None
    assert live.overdue == []


async def test_an_idle_replica_takes_such_a_patch_at_once(live: Live) -> None:
    for tag in ("a", "b", "c"):
        await live.patched(tool(tag))
        assert await live.ask("tag") == (tag, tag)


async def test_a_request_that_waits_may_be_cancelled_or_lose_its_sender(live: Live) -> None:
    running = live.send("wait")
    await live.edit(tool("new"))
    cancelled, lost, kept = live.send("tag"), live.send("tag"), live.send("tag")
    live.cancel(cancelled)
    assert (await live.answer(cancelled)).category == "cancelled"
    other, live.channel = live.channel, type(live.channel)()
    elsewhere = live.send("tag")
    live.execution.channel_lost(other, None)
    live.retire()
    assert await live.answer(elsewhere) == ("new", "new"), "the request that ran has lost its sender too"
    assert not {running, lost, kept} & live.channel.frames.keys()


async def test_at_most_half_of_the_slots_are_held(live: Live) -> None:
    await live.edit(tool("new"), max_ongoing_requests=4)
    held = [live.send("tag") for _ in range(2)]
    assert await live.ask("tag") == "rejected 0", "as a full replica does: to be sent again"
    assert await live.ask("tag", revision=1) == ("old", "old")
    live.retire()
    assert [await live.answer(one) for one in held] == [("new", "new")] * 2


async def test_a_patch_that_waits_too_long_is_given_up_and_old_requests_go_on(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "PATIENCE_S", 0.02)
    running = live.send("wait")
    await live.edit(tool("new"))
    assert await live.ask("tag") == f"rejected {FLAG_REVISION}"
    assert live.overdue == [
        (2, "requests of older revisions did not end within 0.02 s, and self.tool holds a Tool, whose class changed")
    ]
    assert await live.ask("tag") == f"rejected {FLAG_REVISION}", "what comes later is turned away at once"
    verdict = await live.edit(tool("next"))
    assert verdict.refusal == "an earlier patch of it still waits for requests of older revisions"
    live.servable.original.let_go()
    assert await live.answer(running) == ("old", "old")
    live.retire()
    assert await live.ask("tag", revision=1) == ("old", "old"), "the classes stay what they were"
    await live.servable.abort(2)
    live.revision = 1
    await live.patched(tool("new"))
    assert await live.ask("tag") == ("new", "new")


async def test_the_next_edit_waits_for_a_patch_that_waits(live: Live) -> None:
    live.send("wait")
    await live.edit(tool("two"))
    live.retire()
    third = asyncio.ensure_future(live.edit(tool("three")))
    await asyncio.sleep(0.01)
    assert not third.done()
    live.servable.original.let_go()
    assert (await third).refusal == ""
    assert await live.ask("tag", revision=2) == ("two", "two")


async def test_what_old_requests_did_to_the_state_meanwhile_may_still_end_it(live: Live) -> None:
    await live.edit(tool("new"))
    waits = live.send("tag")
    live.servable.original.kept = live.servable.original.tag
    live.retire()
    assert await live.answer(waits) == f"rejected {FLAG_REVISION}"
    assert live.overdue == [(2, "self.kept is App.tag, which changed")]
    assert await live.ask("tag", revision=1) == ("old", "old")


async def test_old_requests_are_cut_at_the_drain_time_and_told(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    stream, coroutine, thread = live.send("items", stream=True), live.send("wait"), live.send("block")
    await until(lambda: len(live.channel.frames.get(stream, ())) > 2, "the stream has begun")
    await live.edit(tool("new"))
    newer = live.send("wait")
    with caplog.at_level(logging.WARNING, "kernelserve.replica"):
        live.retire(overdue=True)
        for number in (stream, coroutine, thread):
            meta = await live.answer(number)
            assert (meta.category, meta.type_name) == ("revision_gone", "RevisionGoneError")
            assert "r1 was replaced" in meta.message
    text = caplog.text
    assert all(f"{method} of r1" in text for method in ("items", "wait", "block"))
    assert "app#App#1" in text
    await asyncio.sleep(0.01)
    assert not live.ended(newer), "a thread of the old revision runs still"
    live.servable.original.let_go()
    assert await live.answer(newer) == ("new", "new")


async def test_what_nobody_waits_for_has_the_drain_time_once_its_revision_is_retired(live: Live) -> None:
    running, newer = live.send("wait"), 0
    plain = tool("old").replace('"{TAG}"', "").replace('return self.tool.use(), "old"', "return self.tool.use(), 'new'")
    await live.edit(plain, graceful_shutdown_timeout_s=0.05)
    newer = live.send("wait")
    live.retire()
    await asyncio.sleep(0.01)
    assert not live.ended(running)
    meta = await live.answer(running)
    assert meta.category == "revision_gone"
    live.servable.original.let_go()
    assert await live.answer(newer) == ("old", "new"), "requests of the new code are not touched"
