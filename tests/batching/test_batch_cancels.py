"""A thousand calls with random cancels leave nothing behind."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from system_helpers import until

from kernelserve.batching import batch
from kernelserve.context import RequestContext, current_request


class Model:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    @batch(max_batch_size=7, batch_wait_timeout_s=0.001, max_concurrent_batches=3)
    async def answer(self, items: list[int]) -> list[int]:
        await asyncio.sleep(self.random.choice([0, 0, 0.001, 0.004]))
        if self.random.random() < 0.05:
            raise ValueError("now and then")
        return [2 * item for item in items]

    @batch(max_batch_size=7, batch_wait_timeout_s=0.001, batch_size_fn=len, max_concurrent_batches=3)
    async def stream(self, items: list[int]) -> AsyncGenerator[list[Any], None]:
        for step in range(self.random.randrange(6)):
            await asyncio.sleep(self.random.choice([0, 0.001]))
            yield [2 * item if step < item % 5 else StopIteration for item in items]


async def _answer(model: Model, item: int, model_id: str) -> int:
    current_request.set(RequestContext(str(item), "app", 1, multiplexed_model_id=model_id))
    return await model.answer(item)  # type: ignore[no-any-return]


async def _stream(model: Model, item: int, model_id: str) -> int:
    current_request.set(RequestContext(str(item), "app", 1, multiplexed_model_id=model_id))
    stream = model.stream(item)
    for _ in range(model.random.randrange(4)):
        assert await anext(stream, 2 * item) == 2 * item
    await stream.aclose()
    return 2 * item


@pytest.mark.parametrize("call", [_answer, _stream])
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_thousand_calls_with_random_cancels(call: Any, seed: int) -> None:
    model, before = Model(seed), asyncio.all_tasks()
    chance = random.Random(seed)
    tasks = []
    for item in range(1_000):
        tasks.append(asyncio.create_task(call(model, item, chance.choice(["", "a", "b"]))))
        if chance.random() < 0.5:
            chance.choice(tasks).cancel()
        if chance.random() < 0.05:
            await asyncio.sleep(chance.choice([0, 0.002]))
    results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 60)
    for item, result in enumerate(results):
        assert isinstance(result, ValueError | asyncio.CancelledError) or result == 2 * item
    assert sum(isinstance(one, int) for one in results) > 100
    await until(lambda: asyncio.all_tasks() == before, "no task is left")
    await asyncio.sleep(0)  # A task that has ended tells the queue of it in the next round of the loop.
    for method in (model.answer, model.stream):
        queue = method._state.queue
        if queue is not None:
            assert (len(queue), queue.running, queue._groups, queue._timer) == (0, set(), {}, None)


async def test_a_thousand_at_once_all_cancelled() -> None:
    model, before = Model(4), asyncio.all_tasks()
    tasks = [asyncio.create_task(_answer(model, item, "")) for item in range(1_000)]
    await asyncio.sleep(0.002)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await until(lambda: asyncio.all_tasks() == before, "no task is left")
    await asyncio.sleep(0)  # As above.
    queue = model.answer._state.queue
    assert (len(queue), queue.running, queue._groups, queue._timer) == (0, set(), {}, None)
    assert await model.answer._is_batching_task_alive()
