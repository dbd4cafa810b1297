"""What one replica counts."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kernelserve.observe.metrics import Registry, Value


class ReplicaCounts:
    """Cells of a replica's metrics, kept where the requests pass. `ended` is for its event loop.

    Args:
        registry: of this replica.
        tags: application, deployment and replica.
    """

    def __init__(self, registry: Registry, tags: dict[str, str]) -> None:
        self.registry = registry
        self._tags = tags
        self._latency = registry.histogram("deployment_processing_latency_ms", **tags)
        self._requests: dict[str, Value] = {}
        self._errors: dict[tuple[str, str], Value] = {}

    def watch(self, ongoing: Callable[[], int], limit: Callable[[], int]) -> None:
        """Tell of the requests that run whenever somebody looks.

        Args:
            ongoing: gives how many there are.
            limit: gives how many there may be.
        """
        tags = self._tags
        self.registry.gauge_of("replica_processing_queries", ongoing, **tags)
        self.registry.gauge_of("replica_utilization_percent", lambda: 100 * ongoing() / limit(), **tags)

    def ended(self, route: str, error: str, began: float) -> None:
        """A request has ended.

        Args:
            error: type of its error, or "".
            began: `time.monotonic` at its admission.
        """
        latency = self._latency
        took_ms = (time.monotonic() - began) * 1000
        # As `observe`, without the call: this is on the path of every request.
        latency.counts[bisect_left(latency.bounds, took_ms)] += 1
        latency.sum += took_ms
        try:
            self._requests[route].value += 1
        except KeyError:
            requests = self.registry.counter("deployment_request_counter", route=route, **self._tags)
            self._requests[route] = requests
            requests.value += 1
        if error:
            self._failed(route, error)

    def _failed(self, route: str, error: str) -> None:
        errors = self._errors.get((route, error))
        if errors is None:
            errors = self.registry.counter("deployment_error_counter", route=route, exception_type=error, **self._tags)
            self._errors[route, error] = errors
        errors.value += 1

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Observe how long the block takes, if it succeeds, as a metric of the catalog."""
        began = time.monotonic()
        yield
        self.registry.histogram(name, **self._tags).observe((time.monotonic() - began) * 1000)

    def serves(self, began: float) -> None:
        """The replica has come to serve; its start began at `began` (`time.monotonic`)."""
        self.registry.histogram("replica_startup_latency_ms", **self._tags).observe((time.monotonic() - began) * 1000)
        self.registry.counter("deployment_replica_starts", **self._tags).value = 1
        self.registry.gauge("deployment_replica_healthy", **self._tags).value = 1

    def checked(self, began: float, healthy: bool) -> None:
        """A health check has ended that began at `began` (`time.monotonic`)."""
        self.registry.histogram("health_check_latency_ms", **self._tags).observe((time.monotonic() - began) * 1000)
        self.registry.gauge("deployment_replica_healthy", **self._tags).value = int(healthy)
        failures = self.registry.counter("health_check_failures_total", **self._tags)
        failures.value += not healthy
