"""Counts of the requests that enter at a process: one object for each thing that is asked for, kept by who asks."""

from __future__ import annotations

import time
from bisect import bisect_left
from typing import Protocol

from kernelserve.observe.metrics import Registry, Value


class FollowedApp(Protocol):
    """What is asked of a `routing.directory.AppRoutes`."""

    name: str
    deleted_reason: str


class HandleCounts:
    """Handle calls that enter at a client, by deployment. For the event loop of its handles.

    Args:
        registry: counts them.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._deployments: dict[tuple[str, str], HandleEntry] = {}

    def entry(self, app: str, deployment: str) -> HandleEntry:
        """Where calls of a deployment are counted."""
        entry = self._deployments.get((app, deployment))
        if entry is None:
            entry = self._deployments[app, deployment] = HandleEntry(self._registry, app, deployment)
        return entry

    def follow(self, app: FollowedApp) -> None:
        """An app's routing has changed: if the app is gone, so are its series."""
        if app.deleted_reason:
            for key in [key for key in self._deployments if key[0] == app.name]:
                del self._deployments[key]
            self._registry.forget("application", app.name)


class HandleEntry:
    """Handle calls of one deployment."""

    __slots__ = ("_deployment", "_latency", "_registry", "_requests", "_tags")

    def __init__(self, registry: Registry, app: str, deployment: str) -> None:
        self._registry = registry
        self._tags = {"application": app, "deployment": deployment}
        self._latency = registry.histogram("handle_request_latency_ms", **self._tags)
        self._requests: dict[str, Value] = {}

    def ended(self, status: str, began: float) -> None:
        """A call has ended that was sent at `began` (`time.monotonic`)."""
        self._latency.observe((time.monotonic() - began) * 1000)
        requests = self._requests.get(status)
        if requests is None:
            requests = self._registry.counter("num_handle_requests", status=status, **self._tags)
            self._requests[status] = requests
        requests.value += 1


class WireEntry:
    """HTTP or gRPC requests of one route.

    Args:
        protocol: ``http`` or ``grpc``.
        app: the application, "" for what leads to none.
        route: the route prefix, or the gRPC method's path.

    Attributes:
        ongoing: requests that are under way; add one when a request begins, `ended` takes it off.
    """

    __slots__ = ("_errors", "_latency", "_protocol", "_registry", "_requests", "_tags", "ongoing")

    def __init__(self, registry: Registry, protocol: str, app: str, route: str) -> None:
        self._registry = registry
        self._protocol = protocol
        self._tags = {"application": app, "route": route}
        self._latency = registry.histogram(f"{protocol}_request_latency_ms", **self._tags)
        self._requests: dict[tuple[str, str | int], Value] = {}
        self._errors: dict[tuple[str, str | int], Value] = {}
        self.ongoing = registry.gauge(f"num_ongoing_{protocol}_requests", **self._tags)

    def ended(self, method: str, status: str | int, failed: bool, began: float | None) -> None:
        """A request has ended.

        Args:
            status: HTTP status or gRPC code.
            failed: it counts as an error.
            began: `time.monotonic` when it came; None: how long it took says nothing.
        """
        self.ongoing.value -= 1
        if began is not None:
            latency = self._latency
            took_ms = (time.monotonic() - began) * 1000
            # As `observe`, without the call: this is on the path of every request.
            latency.counts[bisect_left(latency.bounds, took_ms)] += 1
            latency.sum += took_ms
        try:
            self._requests[method, status].value += 1
        except KeyError:
            requests = self._requests[method, status] = self._counter("", method, status)
            requests.value += 1
        if failed:
            self._failed(method, status)

    def _failed(self, method: str, status: str | int) -> None:
        errors = self._errors.get((method, status))
        if errors is None:
            errors = self._errors[method, status] = self._counter("error_", method, status)
        errors.value += 1

    def _counter(self, kind: str, method: str, status: str | int) -> Value:
        code = {"error_code" if kind else "status_code": str(status)}
        return self._registry.counter(f"num_{self._protocol}_{kind}requests", method=method, **code, **self._tags)


class WireCounts:
    """HTTP or gRPC requests that enter at a gateway, by application and route. For the gateway's event loop.

    Args:
        registry: counts them.
        protocol: ``http`` or ``grpc``.
    """

    def __init__(self, registry: Registry, protocol: str) -> None:
        self._registry = registry
        self._protocol = protocol
        self._entries: dict[tuple[str, str], WireEntry] = {}

    def entry(self, app: str, route: str) -> WireEntry:
        """Where requests of a route are counted."""
        entry = self._entries.get((app, route))
        if entry is None:
            entry = self._entries[app, route] = WireEntry(self._registry, self._protocol, app, route)
        return entry

    def follow(self, app: FollowedApp) -> None:
        """An app's routing has changed: if the app is gone, so are its series."""
        if app.deleted_reason:
            self._forget(app.name)

    def _forget(self, app: str) -> None:
        for key in [key for key in self._entries if key[0] == app]:
            del self._entries[key]
        self._registry.forget("application", app)
