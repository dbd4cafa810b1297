"""Handles against running replicas, on both placements: streams, models, cycles, deadlines, chosen replicas."""

from __future__ import annotations

import asyncio

import pytest
from system_helpers import Cells, wait_for

import kernelserve as serve
from kernelserve.exceptions import CallCycleError, RequestCancelledError

STREAMS = """
import asyncio

@serve.deployment(max_ongoing_requests=50)
class Numbers:
    def __init__(self):
        self.made = self.closed = 0

    async def count(self, n, size=0):
        try:
            for number in range(n):
                self.made = number + 1
                yield number, bytes(size)
        finally:
            self.closed += 1

    def in_thread(self, n):
        for number in range(n):
            yield number

    async def breaks(self):
        yield "a"
        yield "b"
        raise LookupError("no third")

    async def plain(self):
        return 1

    async def state(self):
        return self.made, self.closed

@serve.deployment(max_ongoing_requests=50)
class Front:
    def __init__(self, numbers):
        self.numbers = numbers.options(stream=True)
        self.plain = numbers

    async def doubled(self, n):
        async for number, _ in self.numbers.count.remote(n):
            yield 2 * number

    def doubled_in_thread(self, n):
        for number in self.numbers.in_thread.remote(n):
            yield 2 * number

    async def start_and_wait(self):
        self.stream = self.numbers.count.remote(10**9, 1000)  # Nobody awaits it when the request is cancelled.
        await self.stream.__anext__()
        await asyncio.sleep(60)

app = Front.bind(Numbers.bind())
"""


def test_streams_through_two_deployments_and_both_kinds_of_generators(cells: Cells, name: str) -> None:
    cells.serve(STREAMS, name)
    front = serve.get_app_handle(name).options(stream=True)
    assert list(front.doubled.remote(1000)) == [2 * number for number in range(1000)]
    assert list(front.doubled_in_thread.remote(100)) == [2 * number for number in range(100)]

    async def read() -> list[int]:
        return [item async for item in front.doubled.remote(500)]

    assert asyncio.run(read()) == [2 * number for number in range(500)]


def test_items_come_before_the_error_and_wrong_kinds_of_calls_say_what_to_do(cells: Cells, name: str) -> None:
    cells.serve(STREAMS, name)
    numbers = serve.get_deployment_handle("Numbers", name)
    seen = []
    with pytest.raises(LookupError, match="no third") as caught:
        for item in numbers.options(stream=True).breaks.remote():
            seen.append(item)  # noqa: PERF402  # what came before the error counts
    assert seen == ["a", "b"]
    assert 'raise LookupError("no third")' in str(caught.value.__cause__)
    with pytest.raises(TypeError, match="stream=True"):
        numbers.count.remote(3).result(timeout_s=10)
    with pytest.raises(TypeError, match="stream"):
        list(numbers.options(stream=True).plain.remote())


def test_a_reader_that_stops_stops_the_generator_and_closing_ends_it(cells: Cells, name: str) -> None:
    cells.serve(STREAMS, name)
    numbers = serve.get_deployment_handle("Numbers", name)
    stream = numbers.options(stream=True).count.remote(10**6, 1000)
    next(stream)
    ahead = wait_for(lambda: _stable(numbers), "the generator waits")
    assert ahead <= 270, "a window of 256 KiB, in items of 1 kB"
    stream.close()
    wait_for(lambda: numbers.state.remote().result(timeout_s=10)[1] == 1, "it is closed")


def _stable(numbers: serve.handle.DeploymentHandle[object]) -> int:
    first, second = (numbers.state.remote().result(timeout_s=10)[0] for _ in range(2))
    return int(first) if first == second and first > 100 else 0


def test_cancelling_a_request_cancels_the_stream_that_it_reads(cells: Cells, name: str) -> None:
    cells.serve(STREAMS, name)
    response = serve.get_app_handle(name).start_and_wait.remote()
    numbers = serve.get_deployment_handle("Numbers", name)
    wait_for(lambda: numbers.state.remote().result(timeout_s=10)[0] > 100, "the inner stream runs")
    response.cancel()
    with pytest.raises(RequestCancelledError):
        response.result(timeout_s=10)
    wait_for(lambda: numbers.state.remote().result(timeout_s=10)[1] == 1, "the inner generator is closed")


def test_deployments_that_call_each_other_for_ever_are_told_so(cells: Cells, name: str) -> None:
    cells.serve(
        """
        @serve.deployment(max_ongoing_requests=2)
        class Loop:
            async def __call__(self, depth):
                if depth == 0:
                    return "bottom"
                return await serve.get_deployment_handle("Loop", serve.get_replica_context().app_name).remote(depth - 1)

        app = Loop.bind()
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    assert handle.remote(1).result(timeout_s=10) == "bottom"
    with pytest.raises(CallCycleError, match=f"{name}#Loop → {name}#Loop → {name}#Loop can never run"):
        handle.remote(5).result(timeout_s=10)
    assert handle.remote(1).result(timeout_s=10) == "bottom", "the replica lives on"


def test_broadcast_and_chosen_replicas(cells: Cells, name: str) -> None:
    cells.serve(
        """
        @serve.deployment(num_replicas=2)
        class Part:
            async def where(self):
                return serve.get_replica_context().replica_id

        app = Part.bind()
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    everywhere = handle.broadcast("where").results(timeout_s=10)
    assert len(set(everywhere)) == 2

    async def choose() -> tuple[str, str]:
        async with handle.where.choose_replica() as selection:
            return selection.replica_id, await handle.where.dispatch(selection)

    chosen, ran = asyncio.run(choose())
    assert chosen == ran
    assert chosen in everywhere
