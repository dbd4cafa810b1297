"""Streams of items: order, flow control, ends, and who is told when nobody reads on."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import pickle
import threading
from typing import Any

import numpy as np
import pytest
from handle_helpers import Asked, Elsewhere, Stage
from system_helpers import until, wait_for

from kernelserve.exceptions import FeatureNotBuiltError, ReplicaUnavailableError, RequestCancelledError, ShipError
from kernelserve.handle import DeploymentHandle, DeploymentResponseGenerator
from kernelserve.transport.base import FLAG_STREAM, WINDOW, chunk_cost

Handle = DeploymentHandle[Any]


async def count(asked: Asked) -> None:
    """A generator method that counts to its argument."""
    asked.start()
    for number in range(asked.args[0]):
        await asked.item(number)
    asked.end()


async def endless(asked: Asked) -> None:
    asked.start()
    number = 0
    while not asked.cancelled.is_set():
        await asked.item(bytes(1000))
        await asyncio.sleep(0)
        number += 1
    asked.error(RequestCancelledError(), "cancelled")


async def silent(asked: Asked) -> None:
    """Gives one item, and waits to be cancelled."""
    asked.start()
    await asked.item("one")
    await asked.cancelled.wait()
    asked.error(RequestCancelledError(), "cancelled")


async def test_items_come_in_order_and_the_frame_asks_for_a_stream(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(count)
    stage.push()
    stream = handle.options(stream=True).numbers.remote(5)
    assert [item async for item in stream] == [0, 1, 2, 3, 4]
    assert replica.asked[0].flags & FLAG_STREAM
    assert replica.asked[0].meta.method == "numbers"
    assert stream.done()
    assert not stream.cancelled()
    with pytest.raises(StopAsyncIteration):
        await stream.__anext__()


def test_for_works_in_any_other_thread_and_async_for_on_any_other_loop(elsewhere: Elsewhere) -> None:
    elsewhere.play(count)
    handle = elsewhere.handle.options(stream=True)
    assert list(handle.remote(300)) == list(range(300))

    async def read() -> list[int]:
        return [item async for item in handle.remote(300)]

    assert asyncio.run(read()) == list(range(300))


async def test_for_on_the_runtimes_own_loop_says_what_to_do(stage: Stage, handle: Handle) -> None:
    await stage.replica(count)
    stage.push()
    stream = handle.options(stream=True).remote(3)
    with pytest.raises(RuntimeError, match="Use `async for`"):
        next(iter(stream))
    assert [item async for item in stream] == [0, 1, 2]


async def test_large_arrays_are_items_too(stage: Stage, handle: Handle) -> None:
    async def arrays(asked: Asked) -> None:
        asked.start()
        for number in range(5):
            await asked.item(np.full(100_000, number))
        asked.end()

    replica = await stage.replica(arrays)
    stage.push()
    seen = [int(item.sum()) async for item in handle.options(stream=True).remote()]
    assert seen == [number * 100_000 for number in range(5)]
    assert replica.asked[0].most_ahead < WINDOW + 900_000, "one item over the window at most"


async def test_a_reader_that_stops_leaves_the_writer_stopped(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(endless)
    stage.push()
    stream = handle.options(stream=True).remote()
    await stream.__anext__()
    asked = replica.asked[0]
    await until(lambda: asked._credit <= 0, "the window is used up")
    sent = asked.sent_items
    for _ in range(20):
        await asyncio.sleep(0)
    assert asked.sent_items == sent
    assert asked.most_ahead <= WINDOW + chunk_cost(1100)
    while asked.sent_items == sent:  # Half a window later it goes on.
        await stream.__anext__()
    await stream.aclose()
    await until(asked.cancelled.is_set, "closing cancels")


def test_ten_windows_pass_through_both_kinds_of_iteration(elsewhere: Elsewhere) -> None:
    async def many(asked: Asked) -> None:
        asked.start()
        for number in range(10 * WINDOW // 5000):
            await asked.item((number, bytes(5000)))
        asked.end()

    replica = elsewhere.play(many)
    handle = elsewhere.handle.options(stream=True)
    assert [number for number, _ in handle.remote()] == list(range(10 * WINDOW // 5000))

    async def read() -> list[int]:
        return [item[0] async for item in handle.remote()]

    assert asyncio.run(read()) == list(range(10 * WINDOW // 5000))
    assert max(asked.most_ahead for asked in replica.asked) <= WINDOW + chunk_cost(5200)


async def test_items_before_an_error_come_first_and_the_error_has_its_type(stage: Stage, handle: Handle) -> None:
    async def broken(asked: Asked) -> None:
        asked.start()
        await asked.item("a")
        await asked.item("b")
        asked.error(KeyError("gone"), traceback="Traceback: line 7 of the cell")

    await stage.replica(broken)
    stage.push()
    stream = handle.options(stream=True).remote()
    await until(stream.done, "all of it has come")
    assert [await stream.__anext__(), await stream.__anext__()] == ["a", "b"]
    with pytest.raises(KeyError, match="gone") as caught:
        await stream.__anext__()
    assert "line 7 of the cell" in str(caught.value.__cause__)
    with pytest.raises(StopAsyncIteration):
        await stream.__anext__()


async def test_an_error_without_a_start_is_raised_at_the_first_item(stage: Stage, handle: Handle) -> None:
    async def refuse(asked: Asked) -> None:
        asked.error(TypeError("Model.plain is no generator: call it without stream=True"))

    await stage.replica(refuse)
    stage.push()
    with pytest.raises(TypeError, match="without stream=True"):
        async for _ in handle.options(stream=True).plain.remote():
            raise AssertionError("no item came")


async def test_a_stream_is_no_single_answer(stage: Stage, handle: Handle) -> None:
    await stage.replica(silent)
    stage.push()
    stream = handle.options(stream=True).remote()
    with pytest.raises(TypeError, match="async for item"):
        await stream  # type: ignore[misc]
    with pytest.raises(TypeError, match="for item in"):
        stream.result()
    with pytest.raises(TypeError, match="pass its items on"):
        pickle.dumps(stream)
    for wrong in (lambda: handle.remote(stream), lambda: handle.remote(key=stream)):
        with pytest.raises(TypeError, match="pass its items on"):
            wrong()
    with pytest.raises(ShipError, match="pass its items on"):
        handle.remote([stream])
    for name in ("_to_object_ref_gen", "_to_object_ref_gen_sync"):
        with pytest.raises(FeatureNotBuiltError, match="not supported"):
            getattr(stream, name)()
    assert stream.by_reference is False
    assert stream.request_id
    assert "pending" in repr(stream)


async def test_a_generator_that_nobody_keeps_cancels_its_request(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(silent)
    stage.push()

    async def first_only() -> str:
        async for item in handle.options(stream=True).remote():
            return str(item)
        raise AssertionError

    assert await first_only() == "one"
    gc.collect()
    await until(replica.asked[0].cancelled.is_set, "it is cancelled")


async def test_aclosing_and_cancel(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(silent)
    stage.push()
    async with contextlib.aclosing(handle.options(stream=True).remote()) as stream:
        assert await stream.__anext__() == "one"
    await until(replica.asked[0].cancelled.is_set, "closed")
    with pytest.raises(StopAsyncIteration):
        await stream.__anext__()

    other = handle.options(stream=True).remote()
    assert await other.__anext__() == "one"
    other.cancel()
    with pytest.raises(RequestCancelledError):
        await other.__anext__()
    assert other.cancelled()


def test_cancelling_from_another_thread_ends_a_blocked_for(elsewhere: Elsewhere) -> None:
    elsewhere.play(silent)
    stream = elsewhere.handle.options(stream=True).remote()
    seen: list[Any] = []

    def read() -> None:
        try:
            seen.extend(stream)
        except RequestCancelledError as error:
            seen.append(type(error))

    reader = threading.Thread(target=read)
    reader.start()
    wait_for(lambda: seen == ["one"], "it blocks at the second item")
    stream.cancel()
    reader.join(10)
    assert seen == ["one", RequestCancelledError]


async def test_a_replica_that_dies_ends_the_stream_without_a_second_run(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(silent)
    stage.push(retry_on_replica_failure=True)
    stream = handle.options(stream=True).remote()
    assert await stream.__anext__() == "one"
    await replica.close()
    with pytest.raises(ReplicaUnavailableError):
        await stream.__anext__()


async def test_a_cancelled_wait_for_an_item_leaves_the_stream(stage: Stage, handle: Handle) -> None:
    go_on = asyncio.Event()

    async def slow(asked: Asked) -> None:
        asked.start()
        await go_on.wait()
        await asked.item("late")
        asked.end()

    await stage.replica(slow)
    stage.push()
    stream: DeploymentResponseGenerator[Any] = handle.options(stream=True).remote()
    waiting = asyncio.ensure_future(stream.__anext__())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    assert [item async for item in stream] == ["late"]
