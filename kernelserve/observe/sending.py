"""Series of what a process sends: its routers count plain numbers, which are collected here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from kernelserve.observe.catalog import COUNTER, GAUGE
from kernelserve.observe.metrics import tags_of
from kernelserve.transport.observed import Series
from kernelserve.types import DeploymentID


class CountedRouter(Protocol):
    """What is asked of a `routing.router.Router`."""

    deployment: DeploymentID
    calls: int
    sent: int

    @property
    def queued(self) -> int: ...
    @property
    def ongoing(self) -> int: ...


class CountedApp(Protocol):
    """What is asked of a `routing.directory.AppRoutes`."""

    @property
    def routers(self) -> Iterable[CountedRouter]: ...


def sender_series(apps: Mapping[str, CountedApp], caller: str = "") -> Iterator[Series]:
    """What was sent to each deployment.

    Args:
        apps: those of a directory; on its event loop.
        caller: the deployment whose replica sends.
    """
    for app in apps.values():
        for router in app.routers:
            if router.calls:
                yield from _router_series(router, caller)


def _router_series(router: CountedRouter, caller: str) -> Iterator[Series]:
    to = router.deployment
    tags = tags_of({"application": to.app_name, "deployment": to.name, "caller": caller})
    yield Series("handle_request_counter", COUNTER, tags, router.calls)
    yield Series("num_router_requests", COUNTER, tags, router.sent)
    yield Series("deployment_queued_queries", GAUGE, tags, router.queued)
    yield Series("num_ongoing_requests_at_replicas", GAUGE, tags, router.ongoing)
