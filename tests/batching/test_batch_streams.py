"""Streaming batches: an async generator that yields a list a step."""

from __future__ import annotations

import asyncio
import gc
import inspect
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from system_helpers import until

from kernelserve.batching import batch, items
from kernelserve.exceptions import RayServeException


class Streams:
    def __init__(self) -> None:
        self.steps = 0
        self.ended = 0
        self.batches: list[list[int]] = []

    @batch(max_batch_size=3, batch_wait_timeout_s=0.01)
    async def count(self, tos: list[int]) -> AsyncGenerator[list[Any], None]:
        """Count from 0 to each."""
        self.batches.append(tos)
        try:
            for step in range(max(tos)):
                self.steps += 1
                yield [step if step < to else StopIteration for to in tos]
                await asyncio.sleep(0)
        finally:
            self.ended += 1


async def collect(stream: AsyncGenerator[Any, None]) -> list[Any]:
    return [element async for element in stream]


async def test_each_caller_gets_its_own_elements() -> None:
    model = Streams()
    assert inspect.isasyncgenfunction(model.count)
    got = await asyncio.gather(*(collect(model.count(to)) for to in (2, 4, 1)))
    assert got == [[0, 1], [0, 1, 2, 3], [0]]
    assert model.batches == [[2, 4, 1]]


@pytest.mark.parametrize("end", [StopIteration, StopAsyncIteration, StopIteration(), StopAsyncIteration()])
async def test_ends(end: Any) -> None:
    @batch(max_batch_size=2)
    async def work(numbers: list[int]) -> AsyncGenerator[list[Any], None]:
        yield numbers
        yield [end, 5]
        yield [end, 6]

    assert await asyncio.gather(collect(work(1)), collect(work(2))) == [[1], [2, 5, 6]]


async def test_streams_made_together_and_read_one_after_the_other_share_a_batch() -> None:
    model = Streams()
    streams = [model.count(to) for to in (1, 2, 3)]
    assert all(inspect.isasyncgen(stream) for stream in streams)
    assert [await collect(stream) for stream in streams] == [[0], [0, 1], [0, 1, 2]]
    assert model.batches == [[1, 2, 3]]


async def test_one_bad_item_ends_that_stream_only() -> None:
    @batch(max_batch_size=2)
    async def work(numbers: list[int]) -> AsyncGenerator[list[Any], None]:
        yield numbers
        yield [ValueError("first"), 4]
        yield [9, 5]

    bad, good = await asyncio.gather(collect(work(1)), collect(work(2)), return_exceptions=True)
    assert isinstance(bad, ValueError)
    assert good == [2, 4, 5]


async def test_an_error_comes_after_what_was_yielded() -> None:
    @batch(max_batch_size=1)
    async def work(numbers: list[int]) -> AsyncGenerator[list[Any], None]:
        yield numbers
        raise KeyError("later")

    stream = work(1)
    assert await anext(stream) == 1
    with pytest.raises(KeyError, match="later"):
        await anext(stream)


async def test_wrong_length() -> None:
    @batch(max_batch_size=2)
    async def work(numbers: list[int]) -> AsyncGenerator[list[Any], None]:
        yield numbers
        yield [1]

    for result in await asyncio.gather(collect(work(1)), collect(work(2)), return_exceptions=True):
        assert isinstance(result, RayServeException)
        assert "must yield a list" in str(result)
        assert "length 2 and the yielded list has length 1" in str(result)


async def test_who_stops_early_does_not_harm_the_others() -> None:
    model = Streams()

    async def first_only(to: int) -> Any:
        stream = model.count(to)
        async for element in stream:
            await stream.aclose()
            return element

    got = await asyncio.gather(first_only(9), collect(model.count(5)), first_only(9))
    assert got == [0, [0, 1, 2, 3, 4], 0]
    await until(lambda: model.ended == 1, "the generator is closed")


async def test_a_cancelled_reader_does_not_harm_the_others() -> None:
    model = Streams()
    readers = [asyncio.create_task(collect(model.count(200))) for _ in range(3)]
    await until(lambda: model.steps > 3, "some steps")
    readers[0].cancel()
    assert await readers[1] == await readers[2] == list(range(200))
    assert readers[0].cancelled()


async def test_without_readers_the_generator_is_closed() -> None:
    model = Streams()
    readers = [asyncio.create_task(collect(model.count(10**9))) for _ in range(3)]
    await until(lambda: model.steps > 3, "some steps")
    for reader in readers:
        reader.cancel()
    await until(lambda: model.ended == 1, "the generator is closed")
    assert await collect(model.count(2)) == [0, 1]


async def test_a_stream_that_nobody_begins_to_read_is_given_up() -> None:
    model = Streams()
    stream = model.count(10**9)
    await until(lambda: model.steps > 3, "some steps")
    del stream
    gc.collect()
    await until(lambda: model.ended == 1, "the generator is closed")


async def test_a_reader_that_stops_holds_up_its_batch_at_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernelserve.batching.running.STREAM_BUFFER", 10)
    model = Streams()
    lazy, quick = model.count(100), model.count(100)
    assert await anext(lazy) == 0
    reader = asyncio.create_task(collect(quick))
    await until(lambda: model.steps == 11, "the bound")
    for _ in range(20):
        await asyncio.sleep(0)
    assert model.steps == 11
    assert not reader.done()
    await lazy.aclose()
    assert await reader == list(range(100))
    assert items.STREAM_BUFFER > 10


def test_an_event_loop_that_ends_in_the_middle_of_a_stream() -> None:
    async def begin(model: Streams) -> Any:
        stream = model.count(10**9)
        await anext(stream)
        return stream

    model = Streams()
    kept = asyncio.run(begin(model))
    assert model.ended == 1
    del kept
    assert asyncio.run(collect_of(model)) == [0, 1]


async def collect_of(model: Streams) -> list[Any]:
    return await collect(model.count(2))
