"""The history of apps, from what their processes count."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.observe.history import KEPT_S, AppState, History, quantile
from kernelserve.observe.metrics import LATENCY_BUCKETS_MS
from kernelserve.transport.observed import NodePoint, Series

NODE = (("application", "a"), ("deployment", "d"))
REPLICA = (*NODE, ("replica", "r"))
BUCKETS = LATENCY_BUCKETS_MS


def counter(name: str, value: float, tags: tuple[tuple[str, str], ...] = REPLICA) -> Series:
    return Series(name, "counter", tags, value)


def requests(value: float) -> list[Series]:
    return [counter("deployment_request_counter", value)]


def histogram(name: str, ms: dict[float, int], tags: tuple[tuple[str, str], ...] = REPLICA) -> Series:
    counts = tuple(ms.get(bound, 0) for bound in (*BUCKETS, float("inf")))
    return Series(name, "histogram", tags, sum(b * n for b, n in ms.items()), counts, BUCKETS)


def one_replica(app: str) -> AppState | None:
    return AppState(1, {"d": 1}) if app == "a" else None


@pytest.fixture
def history() -> History:
    history = History()
    history.counted("r", [])
    return history


def test_a_step_has_what_was_counted_in_it_and_gauges_as_they_are(history: History) -> None:
    route = (("application", "a"), ("route", "/a"))
    everything = [
        counter("deployment_request_counter", 3),
        counter("deployment_error_counter", 1),
        histogram("deployment_processing_latency_ms", {2.0: 2, 5.0: 1}),
        histogram("actual_batch_size", {5.0: 2, 1.0: 1}),
        Series("replica_processing_queries", "gauge", REPLICA, 2),
        Series("deployment_queued_queries", "gauge", (*NODE, ("caller", "")), 4),
        counter("handle_request_counter", 3, (*NODE, ("caller", ""))),
        histogram("http_request_latency_ms", {10.0: 2}, route),
        counter("num_http_requests", 2, (*route, ("method", "GET"), ("status_code", "500"))),
        counter("num_http_error_requests", 1, (*route, ("error_code", "500"))),
        histogram("handle_request_latency_ms", {20.0: 1}, NODE),
        counter("num_handle_requests", 1, (*NODE, ("status", "error"))),
        counter("num_handle_requests", 1, (*NODE, ("status", "ok"))),
        counter("of_the_user", 99),
    ]
    history.counted("r", everything)
    assert history.waiting and history.step(100.0, one_replica) == ["a"]
    (point,) = history.points("a")
    assert (point.time, point.seconds, point.revision, point.entered, point.failed) == (100.0, 1.0, 1, 4, 2)
    node = point.nodes["d"]
    assert (node.requests, node.errors, node.ongoing, node.queued, node.replicas) == (3, 1, 2, 4, 1)
    assert (node.batches, node.batched, sum(node.latency), point.calls) == (3, 11, 3, [("", "d", 3)])
    assert quantile(point.bounds, point.latency, 1.0) == 20.0


def test_idle_seconds_add_nothing_but_one_that_ends_the_curve(history: History) -> None:
    history.counted("r", requests(1))
    for second in range(5):
        history.step(100.0 + second, one_replica)
    assert [(p.time, p.nodes["d"].requests) for p in history.points("a")] == [(100.0, 1), (101.0, 0)]
    assert not history.waiting
    history.counted("r", requests(2))
    history.step(160.0, one_replica)
    assert history.points("a", after=101.0)[0].seconds == 1.0
    history.counted("r", requests(6))
    history.step(162.5, one_replica)
    assert history.points("a", after=160.0)[0].seconds == 2.5, "a controller that was late says how long the step is"


def test_changes_of_replicas_and_revision_are_steps_too(history: History) -> None:
    history.touch("a")
    assert history.step(100.0, one_replica) == ["a"]
    history.touch("a")
    assert history.step(101.0, one_replica) == []
    history.touch("a")
    assert history.step(102.0, lambda app: AppState(2, {"d": 3})) == ["a"]
    assert [(p.revision, p.nodes) for p in history.points("a")] == [
        (1, {"d": NodePoint(replicas=1)}),
        (2, {"d": NodePoint(replicas=3)}),
    ]


def test_who_comes_late_or_goes_or_begins_anew_makes_no_giant_step(history: History) -> None:
    history.counted("late", requests(1_000_000))
    history.counted("late", requests(1_000_002))
    history.step(100.0, one_replica)
    history.counted("late", requests(3))  # Began anew.
    history.step(101.0, one_replica)
    history.counted("r", [Series("replica_processing_queries", "gauge", REPLICA, 5)])
    history.step(102.0, one_replica)
    history.left("r")
    history.left("late")
    history.step(103.0, one_replica)
    seen = [(p.nodes["d"].requests, p.nodes["d"].ongoing) for p in history.points("a")]
    assert seen == [(2, 0), (3, 0), (0, 5), (0, 0)]


def test_the_history_is_bounded_and_ends_with_its_app(history: History) -> None:
    for second in range(int(KEPT_S) + 100):
        history.counted("r", requests(second + 1))
        history.step(float(second), one_replica)
    times = [point.time for point in history.points("a")]
    assert times[-1] - times[0] == KEPT_S
    history.forget("a")
    assert history.points("a") == []
    history.counted("r", requests(5000))
    assert history.step(5000.0, lambda app: None) == [] and not history.waiting


@given(st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=4), max_size=30))
def test_nothing_is_lost_and_nothing_is_negative(seconds: list[list[int]]) -> None:
    """Senders report what they like, 0 being a restart: the steps add up to what each has counted."""
    history, totals, told = History(), {}, 0
    for sender in range(4):
        history.counted(sender, [])
        totals[sender] = 0
    for second, more in enumerate(seconds):
        for sender, count in enumerate(more):
            totals[sender] = totals[sender] + count if count else 0
            told += count
            history.counted(sender, requests(totals[sender]))
        history.step(1.0 + second, one_replica)
    points = history.points("a")
    assert sum(point.nodes["d"].requests for point in points) == told
    assert all(point.nodes["d"].requests >= 0 and point.seconds > 0 for point in points)
    assert all(one.time < other.time for one, other in pairwise(points))


@given(st.lists(st.integers(0, 20), min_size=4, max_size=4), st.floats(0, 1), st.floats(0, 1))
def test_quantiles_lie_in_their_buckets_and_grow(counts: list[int], q: float, p: float) -> None:
    bounds = (1.0, 10.0, 100.0)
    low, high = (quantile(bounds, counts, one) for one in sorted((q, p)))
    if not sum(counts):
        assert low is None and high is None
        return
    assert low is not None and high is not None
    assert 0.0 <= low <= high + 1e-9 <= 100.0 + 1e-9
    if sum(counts[:1]) == sum(counts):
        assert high <= 1.0


def test_quantiles_of_no_buckets() -> None:
    assert quantile((), (), 0.5) is None
    assert quantile((1.0,), (0, 7), 0.5) == 1.0, "over the last bound that is all that is known"
