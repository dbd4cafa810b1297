"""``batch_wait_timeout_s="auto"``: the estimator by properties, then what it does to a queue."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.batching import batch
from kernelserve.batching.adaptive import WaitEstimator, wait_that_pays

seconds = st.floats(min_value=0, max_value=1e4, allow_nan=False)
counts = st.integers(min_value=1, max_value=10_000)


@given(counts, seconds, seconds)
def test_nobody_waits_longer_than_it_can_save(waiting: int, gap: float, fixed: float) -> None:
    wait = wait_that_pays(waiting, gap, fixed)
    assert 0 <= wait * waiting <= fixed * (1 + 1e-9)
    assert wait == 0 or gap < wait


@given(counts, counts, seconds, seconds)
def test_more_who_wait_wait_shorter(one: int, other: int, gap: float, fixed: float) -> None:
    fewer, more = sorted((one, other))
    assert wait_that_pays(more, gap, fixed) <= wait_that_pays(fewer, gap, fixed)


@given(counts, seconds, seconds, seconds)
def test_slower_arrivals_are_never_waited_for_longer(waiting: int, one: float, other: float, fixed: float) -> None:
    quick, slow = sorted((one, other))
    assert wait_that_pays(waiting, slow, fixed) <= wait_that_pays(waiting, quick, fixed)


@given(counts, seconds)
def test_before_anything_is_known_nobody_waits(waiting: int, run: float) -> None:
    estimator = WaitEstimator()
    assert estimator.wait_s(waiting) == 0
    estimator.ran(1, run)
    assert estimator.wait_s(waiting) == 0
    estimator.arrived(5.0)
    assert estimator.wait_s(waiting) == 0


@given(st.lists(st.tuples(st.integers(1, 64), st.floats(1e-6, 1e3)), min_size=1, max_size=50))
def test_the_fixed_part_is_a_part_of_the_runs_seen(runs: list[tuple[int, float]]) -> None:
    estimator = WaitEstimator()
    for size, run in runs:
        estimator.ran(size, run)
    assert 0 <= estimator.fixed_s <= max(run for _, run in runs) * (1 + 1e-6)


@given(st.floats(0, 1), st.floats(0, 0.1), st.lists(st.integers(1, 32), min_size=8, max_size=60))
def test_a_line_is_found(fixed: float, slope: float, sizes: list[int]) -> None:
    estimator = WaitEstimator()
    for size in [*sizes, 1, 33]:
        estimator.ran(size, fixed + slope * size)
    assert estimator.fixed_s == pytest.approx(fixed, abs=1e-6)


@given(st.floats(1e-4, 10), st.integers(2, 100))
def test_the_gap_of_steady_arrivals(gap: float, count: int) -> None:
    estimator = WaitEstimator()
    for tick in range(count):
        estimator.arrived(tick * gap)
    assert estimator.gap_s == pytest.approx(gap, rel=1e-6)


def test_one_size_only_is_half_fixed_and_a_clock_may_stand() -> None:
    estimator = WaitEstimator()
    for _ in range(3):
        estimator.ran(1, 0.5)
        estimator.arrived(1.0)
    assert estimator.fixed_s == pytest.approx(0.25)
    assert estimator.gap_s == 0
    assert estimator.wait_s(2) == pytest.approx(0.125)


async def test_auto_does_not_wait_for_nobody() -> None:
    sizes = []

    @batch(batch_wait_timeout_s="auto")
    async def work(items: list[int]) -> list[int]:
        sizes.append(len(items))
        return items

    for n in range(5):
        assert await work(n) == n
    assert sizes == [1] * 5


async def test_auto_batches_what_comes_while_a_batch_runs() -> None:
    sizes = []

    @batch(batch_wait_timeout_s="auto", max_batch_size=50)
    async def work(items: list[int]) -> list[int]:
        sizes.append(len(items))
        await asyncio.sleep(0.01)
        return items

    async def client() -> None:
        for n in range(10):
            assert await work(n) == n

    await asyncio.gather(*(client() for _ in range(8)))
    assert sum(sizes) == 80
    assert len(sizes) < 40
