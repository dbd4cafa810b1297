"""Registries, the text for Prometheus, and what a process tells the controller: all without a system."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from prometheus_client.parser import text_string_to_metric_families
from system_helpers import until

from kernelserve.observe import metrics
from kernelserve.observe.catalog import METRICS
from kernelserve.observe.entering import WireCounts
from kernelserve.observe.exposition import render
from kernelserve.observe.metrics import LATENCY_BUCKETS_MS, Histogram, Registry
from kernelserve.observe.sending import sender_series
from kernelserve.routing import subscription as subscriptions
from kernelserve.routing.subscription import Subscription
from kernelserve.transport.base import Channel
from kernelserve.transport.connect import listen
from kernelserve.transport.messages import Counted, Hello, Message, Ok
from kernelserve.transport.observed import Series
from kernelserve.transport.rpc import Rpc
from kernelserve.types import DeploymentID

BATCH = {"application": "a", "deployment": "d", "replica": "r", "method": "m"}


def samples(page: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What a Prometheus reads in a page: (name, labels) → value."""
    families = text_string_to_metric_families(page.decode())
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def value(page: bytes, name: str, **labels: str) -> float:
    return samples(page)[f"kernelserve_{name}", tuple(sorted(labels.items()))]


def test_a_bound_belongs_to_the_bucket_below_it() -> None:
    histogram = Histogram((1.0, 10.0))
    for observed in (0.0, 1.0, 1.5, 10.0, 11.0):
        histogram.observe(observed)
    assert histogram.counts == [2, 2, 1]
    assert histogram.sum == 23.5


def test_series_are_what_was_counted() -> None:
    registry = Registry()
    registry.counter("batches_processed", **BATCH).value += 2
    registry.histogram("actual_batch_size", **BATCH).observe(3)
    registry.gauge_of("batch_queue_length", lambda: 7, **BATCH)
    found = {one.name: one for one in registry.series()}
    assert found["batches_processed"].value == 2
    assert found["batch_queue_length"].kind == "gauge" and found["batch_queue_length"].value == 7
    sizes = found["actual_batch_size"]
    assert (sizes.value, sum(sizes.counts)) == (3, 1)
    assert len(sizes.counts) == len(sizes.bounds) + 1
    assert sizes.tags == tuple(sorted(BATCH.items()))


def test_one_cell_for_the_same_tags_in_any_order() -> None:
    registry = Registry()
    other_order = dict(reversed(BATCH.items()))
    assert registry.counter("batches_processed", **BATCH) is registry.counter("batches_processed", **other_order)


def test_what_is_over_the_limit_is_counted_together_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    registry = Registry({"application": "a"}, limit=3)
    with caplog.at_level(logging.WARNING):
        for number in range(10):
            registry.value_of_user("counter", "visits", "", {"user": f"u{number}"}).value += 1
    found = {dict(one.tags)["user"]: one for one in registry.series()}
    assert {user: one.value for user, one in found.items()} == {"u0": 1, "u1": 1, "u2": 1, "other": 7}
    assert dict(found["other"].tags)["application"] == "a"
    assert len(caplog.records) == 1 and "visits" in caplog.text and "'u3'" in caplog.text


def test_series_of_an_app_that_is_gone_are_dropped() -> None:
    @dataclass
    class App:
        name: str
        deleted_reason: str = "deleted"

    registry = Registry()
    counts = WireCounts(registry, "http")
    for app in ("gone", "here"):
        entry = counts.entry(app, "/")
        entry.ongoing.value += 1
        entry.ended("GET", 200, False, None)
    counts.follow(App("gone"))
    assert {dict(one.tags)["application"] for one in registry.series()} == {"here"}
    assert counts.entry("here", "/") is entry


def test_the_latency_buckets_ascend() -> None:
    assert list(LATENCY_BUCKETS_MS) == sorted(set(LATENCY_BUCKETS_MS))
    assert LATENCY_BUCKETS_MS[0] == 0.1 and LATENCY_BUCKETS_MS[-1] == 60_000


def test_a_sender_tells_of_the_deployments_that_it_has_called() -> None:
    @dataclass
    class Router:
        deployment: DeploymentID
        calls: int
        sent: int = 3
        queued: int = 2
        ongoing: int = 1

    @dataclass
    class App:
        routers: list[Router]

    app = App([Router(DeploymentID("a", "called"), 5), Router(DeploymentID("a", "not yet"), 0)])
    found = {one.name: (dict(one.tags), one.value) for one in sender_series({"a": app}, "caller")}
    tags = {"application": "a", "deployment": "called", "caller": "caller"}
    assert found == {
        "handle_request_counter": (tags, 5),
        "num_router_requests": (tags, 3),
        "deployment_queued_queries": (tags, 2),
        "num_ongoing_requests_at_replicas": (tags, 1),
    }


# --- the page ---


@pytest.mark.parametrize("text", ['say "hi"', "two\nlines", "back\\slash", "grüße 🦉", "", "a,b={}"])
def test_any_label_value_comes_through(text: str) -> None:
    page = render([Series("num_http_requests", "counter", (("application", text),), 1)], 0)
    assert value(page, "num_http_requests_total", application=text) == 1


def test_series_of_several_processes_are_added_up() -> None:
    registry = Registry()
    registry.histogram("actual_batch_size", **BATCH).observe(3)
    registry.counter("batches_processed", **BATCH).value = 4
    page = render(registry.series() * 2, 1.5)
    assert value(page, "actual_batch_size_count", **BATCH) == 2
    assert value(page, "actual_batch_size_bucket", le="2.0", **BATCH) == 0
    assert value(page, "actual_batch_size_bucket", le="4.0", **BATCH) == 2
    assert value(page, "actual_batch_size_bucket", le="+Inf", **BATCH) == 2
    assert value(page, "batches_processed_total", **BATCH) == 8
    assert value(page, "scrape_age_seconds") == 1.5


def test_descriptions_are_told_and_names_end_once_in_total() -> None:
    page = render([Series("health_check_failures_total", "counter"), Series("x", "gauge", description="Of x.")], 0)
    assert f"# HELP kernelserve_health_check_failures_total {METRICS['health_check_failures_total'].description}" in (
        page.decode()
    )
    assert "# TYPE kernelserve_health_check_failures_total counter" in page.decode()
    assert "# HELP kernelserve_x Of x." in page.decode()


def test_of_other_buckets_the_newer_count() -> None:
    old = Series("x", "histogram", (), 1.0, (1, 0), (1.0,))
    new = Series("x", "histogram", (), 5.0, (0, 2, 0), (2.0, 4.0))
    assert value(render([old, new], 0), "x_count") == 2


def test_one_name_is_of_one_kind(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        page = render([Series("mixed", "gauge", (), 1), Series("mixed", "counter", (), 2)], 0)
    assert value(page, "mixed") == 1
    assert "mixed" in caplog.text


# --- what is told to the controller ---


@dataclass
class Heard:
    """A controller that only listens."""

    told: list[list[Series]] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)

    async def handle(self, message: Message) -> Message:
        if isinstance(message, Counted):
            self.told.append(message.series)
        return Ok()

    def accept(self, channel: Channel) -> Rpc:
        self.channels.append(channel)
        return Rpc(self.handle, channel)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(subscriptions, "COUNTED_PERIOD_S", 0.01)
    yield


async def test_what_changes_is_told_and_nothing_else(quick: None) -> None:
    heard, looks, registry = Heard(), [], Registry()
    starts = registry.counter("deployment_replica_starts", application="a", deployment="d", replica="r")

    def counted() -> list[Series]:
        looks.append(1)
        return registry.series()

    address = "inproc://controller/test-metrics-told"
    listener = await listen(address, heard.accept, role="controller", secret=b"s" * 32)
    subscription = Subscription(address, role="client", secret=b"s" * 32, hello=Hello(name="x"), counted=counted)
    subscription.start()
    try:
        await until(lambda: heard.told, "told")
        seen = len(looks)
        await until(lambda: len(looks) > seen + 5, "looked at again")
        assert len(heard.told) == 1
        starts.value += 1
        await until(lambda: len(heard.told) == 2, "told of the change")
        assert heard.told[-1] == registry.series()

        heard.channels[-1].close()  # The controller is another one: it is told all again.
        await until(lambda: len(heard.told) == 3, "told after it has connected again")

        starts.value += 1
    finally:
        await subscription.close()
    await until(lambda: heard.told[-1][0].value == 2, "told at the end")
    await listener.close()
    await asyncio.sleep(0)


def test_a_process_has_one_registry() -> None:
    assert metrics.process_registry() is metrics.process_registry()
    assert metrics.present_registry() is None
