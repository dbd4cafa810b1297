"""Batching and models in a running system: a patch keeps queue, settings and models."""

from __future__ import annotations

from typing import Any

from system_helpers import Cells, actions, wait_for

import kernelserve as serve

CODE = """
import asyncio
from kernelserve.batching import batch
from kernelserve.multiplex import multiplexed

@serve.deployment(max_ongoing_requests=20)
class Model:
    def __init__(self):
        self.sizes = []
        self.loads = []

    @batch(max_batch_size=4, batch_wait_timeout_s=0.05)
    async def work(self, items):
        self.sizes.append(len(items))
        return [{CALL} for item in items]

    @multiplexed
    async def weights(self, model_id):
        self.loads.append(model_id)
        return len(self.loads)

    async def resize(self, size, wait):
        self.work.set_max_batch_size(size)
        self.work.set_batch_wait_timeout_s(wait)

    async def waiting(self):
        queue = self.work._state.queue
        return len(queue) if queue is not None else 0

    async def seen(self):
        return self.sizes, self.loads, self.work._get_max_batch_size()

    async def __call__(self, item):
        return await self.work(item)

    async def load(self, model_id):
        return await self.weights(model_id)

app = Model.bind()
"""


def code(call: str) -> str:
    return CODE.replace("{CALL}", call)


def results(responses: list[Any]) -> list[Any]:
    return [response.result(timeout_s=20) for response in responses]


def test_calls_of_a_deployment_are_batched(cells: Cells, name: str) -> None:
    cells.serve(code("item + 1"), name)
    handle = serve.get_app_handle(name)
    handle.resize.remote(4, 3600).result(timeout_s=20)
    assert results([handle.remote(n) for n in range(8)]) == list(range(1, 9))
    assert handle.seen.remote().result(timeout_s=20) == ([4, 4], [], 4)


def test_a_patch_keeps_waiting_calls_settings_and_models(cells: Cells, name: str) -> None:
    cells.serve(code("item + 1"), name)
    handle = serve.get_app_handle(name)
    handle.resize.remote(3, 3600).result(timeout_s=20)
    assert handle.load.remote("a").result(timeout_s=20) == 1
    old = [handle.remote(n) for n in range(2)]
    wait_for(lambda: handle.waiting.remote().result(timeout_s=20) == 2, "two calls wait")
    outcome = cells.serve(code("item + 100"), name)
    assert actions(outcome) == {"Model": "patch"}
    new = [handle.remote(n) for n in range(3)]
    assert results(new) == [100, 101, 102]
    handle.resize.remote(3, 0).result(timeout_s=20)
    assert results(old) == [1, 2]
    assert handle.load.remote("a").result(timeout_s=20) == 1
    assert handle.seen.remote().result(timeout_s=20) == ([3, 2], ["a"], 3)


def test_an_edited_loader_loads_anew(cells: Cells, name: str) -> None:
    cells.serve(code("item"), name)
    handle = serve.get_app_handle(name)
    assert [handle.load.remote("a").result(timeout_s=20) for _ in range(2)] == [1, 1]
    outcome = cells.serve(code("item").replace("return len(self.loads)", "return -len(self.loads)"), name)
    assert actions(outcome) == {"Model": "patch"}
    assert [handle.load.remote("a").result(timeout_s=20) for _ in range(2)] == [-2, -2]


def test_a_batched_function_is_a_deployment(cells: Cells, name: str) -> None:
    cells.serve(
        """
        from kernelserve.batching import batch

        @serve.deployment(max_ongoing_requests=20)
        @batch(max_batch_size=3, batch_wait_timeout_s=3600)
        async def sizes(items):
            return [len(items)] * len(items)

        app = sizes.bind()
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    assert results([handle.remote(n) for n in range(6)]) == [3] * 6


def test_a_batched_stream_through_a_handle(cells: Cells, name: str) -> None:
    cells.serve(
        """
        from kernelserve.batching import batch

        @serve.deployment(max_ongoing_requests=20)
        class Counter:
            def __init__(self):
                self.batches = []

            @batch(max_batch_size=3, batch_wait_timeout_s=3600)
            async def count(self, tos):
                self.batches.append(sorted(tos))
                for step in range(max(tos)):
                    yield [step if step < to else StopIteration for to in tos]

            async def seen(self):
                return self.batches

        app = Counter.bind()
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    streams = [handle.options(stream=True).count.remote(to) for to in (3, 1, 2)]
    assert [list(stream) for stream in streams] == [[0, 1, 2], [0], [0, 1]]
    assert handle.seen.remote().result(timeout_s=20) == [[1, 2, 3]]
