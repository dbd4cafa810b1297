"""`serve.metrics`: as Ray Serve's, with the tags of the replica."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import kernelserve as serve
from kernelserve import context
from kernelserve.observe.metrics import Registry
from kernelserve.transport.observed import Series


@pytest.fixture
def registry() -> Iterator[Registry]:
    """As if the test were a replica's code."""
    registry = Registry({"application": "a", "deployment": "d", "replica": "r"})
    token = context.current_registry.set(registry)
    yield registry
    context.current_registry.reset(token)


def one(registry: Registry) -> Series:
    (found,) = registry.series()
    return found


def test_tags_of_the_replica_and_of_the_call(registry: Registry) -> None:
    counter = serve.metrics.Counter("hits", "Hits.", tag_keys=("model", "kind"))
    assert counter.set_default_tags({"model": "x", "kind": "y"}) is counter
    counter.inc(2, tags={"kind": "z"})
    counter.inc(tags={"kind": "z", "unknown": "left out, as Ray does"})
    found = one(registry)
    assert (found.name, found.kind, found.value, found.description) == ("hits", "counter", 3, "Hits.")
    assert dict(found.tags) == {"application": "a", "deployment": "d", "replica": "r", "model": "x", "kind": "z"}


def test_gauges_and_histograms(registry: Registry) -> None:
    gauge = serve.metrics.Gauge("level")
    gauge.set(3)
    gauge.set(None)
    assert one(registry).value == 3
    sizes = serve.metrics.Histogram("sizes", boundaries=[1, 2])
    sizes.observe(2)
    assert registry.series()[-1].counts == (0, 1, 0)


def test_the_route_is_that_of_the_request(registry: Registry) -> None:
    counter = serve.metrics.Counter("by_route", tag_keys=("route",))
    token = context.current_request.set(context.RequestContext("id", "a", 1, route="/x"))
    counter.inc()
    context.current_request.reset(token)
    assert dict(one(registry).tags)["route"] == "/x"


def test_a_metric_is_pickled_by_its_definition(registry: Registry) -> None:
    counter = serve.metrics.Counter("hits", "Hits.", tag_keys=("model",)).set_default_tags({"model": "x"})
    counter.inc()
    before = pickle.dumps(counter)
    counter.inc()
    assert pickle.dumps(counter) == before  # So counting is no edit of what holds it.
    copy: Any = pickle.loads(before)
    assert copy.info == counter.info
    copy.inc()
    assert one(registry).value == 3
    sizes = serve.metrics.Histogram("sizes", boundaries=[1, 2], tag_keys=("model",))
    assert pickle.loads(pickle.dumps(sizes)).info == sizes.info


def test_threads_count_where_the_metric_was_made_and_lose_nothing(registry: Registry) -> None:
    counter = serve.metrics.Counter("hits")
    threads = [threading.Thread(target=lambda: [counter.inc() for _ in range(2000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one(registry).value == 8000


COUNTER, GAUGE, HISTOGRAM = serve.metrics.Counter, serve.metrics.Gauge, serve.metrics.Histogram


@pytest.mark.parametrize(
    ("wrong", "error", "text"),
    [
        (lambda: COUNTER(""), ValueError, "Empty name is not allowed"),
        (lambda: COUNTER("num_http_requests"), ValueError, "kernelserve itself has a metric"),
        (lambda: COUNTER("c", tag_keys=["model"]), TypeError, "tag_keys should be a tuple"),
        (lambda: COUNTER("c", tag_keys=(1,)), TypeError, "Tag keys must be str"),
        (lambda: GAUGE("c", tag_keys=("replica",)), ValueError, "'replica' tag is reserved"),
        (lambda: COUNTER("c").set_default_tags({"model": "x"}), ValueError, "Unrecognized tag key model"),
        (lambda: COUNTER("c", tag_keys=("m",)).set_default_tags({"m": 1}), TypeError, "Tag values must be str"),
        (lambda: COUNTER("c", tag_keys=("m",)).inc(), ValueError, r"Missing value for tag key\(s\): m"),
        (lambda: COUNTER("c", tag_keys=("m",)).inc(tags={"m": 1}), TypeError, "Tag values must be str"),
        (lambda: COUNTER("c").inc(0), ValueError, "value must be >0, got 0"),
        (lambda: COUNTER("c").inc("1"), TypeError, "value must be int or float"),
        (lambda: GAUGE("g").set("1"), TypeError, "value must be int or float"),
        (lambda: HISTOGRAM("h"), ValueError, "boundaries argument should be provided"),
        (lambda: HISTOGRAM("h", boundaries=[0, 1]), ValueError, "Invalid `boundaries` argument"),
        (lambda: HISTOGRAM("h", boundaries=[2, 1]), ValueError, "Invalid `boundaries` argument"),
        (lambda: HISTOGRAM("h", boundaries=[1]).observe(None), TypeError, "value must be int or float"),
    ],
)
def test_what_is_wrong_is_said(wrong: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        wrong()


def test_an_invalid_name_is_warned_of_and_not_counted(registry: Registry) -> None:
    with pytest.warns(UserWarning, match="Invalid metric name: 1st") as caught:
        counter = serve.metrics.Counter("1st")
    assert caught[0].filename == __file__
    counter.inc()
    assert registry.series() == []
