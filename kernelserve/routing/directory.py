"""What one sender knows of the apps: endpoint sets, the current revision, live requests per revision."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from kernelserve.exceptions import ApplicationNotFoundError, RevisionNotFoundError
from kernelserve.routing.link import Connect
from kernelserve.routing.router import Router
from kernelserve.routing.trial import falls_to_trial
from kernelserve.transport.messages import DeploymentRoute, Routing, Trial
from kernelserve.types import DeploymentID


class AppRoutes:
    """One app as this process sees it. Made and fed by `Directory`.

    Attributes:
        current: revision for new requests; 0 before the first one is committed, and when the app was
            deleted (`deleted_reason` says why then).
        trial: the revision that is tried beside it, or None; it has the same ingress and route.
        live: requests that entered here and run, by revision.
    """

    def __init__(self, directory: Directory, name: str) -> None:
        self.name = name
        self.current = 0
        self.trial: Trial | None = None
        self.ingress = ""
        self.route_prefix: str | None = None
        self.deleted_reason = ""
        self.live: dict[int, int] = {}
        self.stamp = (0, 0)
        self._directory = directory
        self._routers: dict[str, Router] = {}
        self._sets: dict[int, dict[str, DeploymentRoute]] = {}

    def enter(self, session_id: str = "", deployment: str = "") -> int:
        """The revision for a request that enters here; counted as live until `leave`.

        Args:
            session_id: its requests stay together while a revision is tried; "" for none.
            deployment: what it calls; "" for the ingress. One that is not in the revision on trial enters the current.
        """
        revision = self.current
        trial = self.trial
        if (
            trial is not None
            and (not deployment or deployment in self._sets[trial.revision])
            and falls_to_trial(trial, self.name, session_id, self._directory.random)
        ):
            revision = trial.revision
        self.live[revision] = self.live.get(revision, 0) + 1
        return revision

    def enter_at(self, revision: int) -> int:
        """Let a request enter under the revision that it asks for; as `enter`.

        Raises:
            RevisionNotFoundError: it is neither the current one nor on trial.
        """
        if revision not in self.open_revisions:
            raise RevisionNotFoundError(self._not_there(revision))
        self.live[revision] = self.live.get(revision, 0) + 1
        return revision

    @property
    def open_revisions(self) -> list[int]:
        """The revisions that a request may ask for: the current one, and the one on trial."""
        tried = () if self.trial is None else (self.trial.revision,)
        return [revision for revision in (self.current, *tried) if revision]

    def leave(self, revision: int) -> None:
        """A request that entered under `revision` has been answered."""
        left = self.live[revision] - 1
        if left:
            self.live[revision] = left
        else:
            del self.live[revision]
            if revision != self.current and (self.trial is None or revision != self.trial.revision):
                self._directory.report_idle(self.name, revision)

    def router(self, deployment: str) -> Router:
        """The router to a deployment, made when first asked for."""
        router = self._routers.get(deployment)
        if router is None:
            router = self._routers[deployment] = self._directory.make_router(DeploymentID(self.name, deployment))
            router.set_routes(self._routes_of(deployment))
            if self.deleted_reason:
                router.close(self._why_gone())
        return router

    def own_router(self, deployment: str) -> Router:
        """A router that nobody else uses; its maker feeds and closes it."""
        return self._directory.make_router(DeploymentID(self.name, deployment))

    @property
    def routers(self) -> list[Router]:
        """The routers that were made so far."""
        return list(self._routers.values())

    def route(self, deployment: str, revision: int) -> DeploymentRoute | None:
        """The replicas of a deployment in a revision, if it is there."""
        return self._sets.get(revision, {}).get(deployment)

    def retry_on_replica_failure(self, deployment: str, revision: int) -> bool:
        route = self.route(deployment, revision)
        return route is not None and route.retry_on_replica_failure

    def replica_ids(self, deployment: str, revision: int) -> list[str]:
        """The replicas that serve a deployment in a revision."""
        route = self.route(deployment, revision)
        return [endpoint.replica_id for endpoint in route.endpoints] if route is not None else []

    def slots(self, deployment: str, revision: int) -> int:
        """Requests that the replicas of a deployment run at once in a revision; 0 if none is known."""
        route = self.route(deployment, revision)
        return sum(endpoint.max_ongoing_requests for endpoint in route.endpoints) if route is not None else 0

    def has_deployment(self, deployment: str) -> bool:
        return any(deployment in routes for routes in self._sets.values())

    def deployments(self, revision: int = 0) -> list[str]:
        """The deployments of a revision, or with 0 of all."""
        sets = [self._sets.get(revision, {})] if revision else self._sets.values()
        return sorted({name for routes in sets for name in routes})

    def apply(self, routing: Routing) -> None:
        """Take a push from control. Idle revisions that requests may not enter any more are reported."""
        before = self.open_revisions
        self._sets = routing.sets
        self.stamp = (routing.epoch, routing.version)
        self.current = routing.current
        trial = routing.trial
        self.trial = trial if trial is not None and trial.revision in routing.sets else None
        self.ingress = routing.ingress
        self.route_prefix = routing.route_prefix
        self.deleted_reason = routing.deleted_reason
        if routing.deleted_reason:
            for router in self._routers.values():
                router.close(self._why_gone())
            self._routers.clear()
        else:
            for deployment, router in list(self._routers.items()):
                routes = self._routes_of(deployment)
                if routes:
                    router.set_routes(routes)
                else:
                    router.close(f"Deployment {deployment!r} of app {self.name!r} was removed. Call one that is there.")
                    del self._routers[deployment]
        if self.current and self._directory.entry:
            self.router(self.ingress)  # Connects now, so that the first request finds a channel.
        if self.current:
            # A later one that nothing has entered is being prepared; one that was entered was taken back.
            older = (revision for revision in routing.sets if revision < self.current)
            for revision in {*before, *older} - {*self.open_revisions, *self.live}:
                self._directory.report_idle(self.name, revision)

    def close(self) -> None:
        for router in self._routers.values():
            router.close(f"This process has left app {self.name!r}. Connect again with serve.app({self.name!r}).")
        self._routers.clear()

    def _routes_of(self, deployment: str) -> dict[int, DeploymentRoute]:
        return {rev: routes[deployment] for rev, routes in self._sets.items() if deployment in routes}

    def _not_there(self, revision: int) -> str:
        there = " and ".join(f"r{number}" for number in self.open_revisions) or "none"
        return (
            f"Revision r{revision} of app {self.name!r} takes no requests; those that do: {there}. "
            "Ask for one of them, or for none: then the current one answers."
        )

    def _why_gone(self) -> str:
        reason = self.deleted_reason or f"App {self.name!r} was deleted."
        return f"{reason} Deploy it again with serve.run(..., name={self.name!r})."


class Directory:
    """The apps that this process sends requests to; one a sender and event loop.

    Args:
        connect: opens an authenticated channel to a replica.
        on_idle: told when a revision has no live request here any more and is not current.
        entry: requests enter the apps here.
        random: divides requests between the current revision and one on trial; from 0 on, below 1.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        connect: Connect,
        on_idle: Callable[[str, int], None] | None = None,
        entry: bool = False,
        random: Callable[[], float] = random.random,
    ) -> None:
        self.apps: dict[str, AppRoutes] = {}
        self.on_change: list[Callable[[AppRoutes], None]] = []
        self._loop = loop
        self._connect = connect
        self._on_idle = on_idle
        self.entry = entry
        self.random = random

    def app(self, name: str) -> AppRoutes:
        """The app's routes.

        Raises:
            ApplicationNotFoundError: nothing of that name was pushed here.
        """
        routes = self.apps.get(name)
        if routes is None or routes.stamp == (0, 0):
            known = ", ".join(sorted(self.apps)) or "none"
            raise ApplicationNotFoundError(f"No app {name!r} is running. Running: {known}. Deploy it with serve.run.")
        return routes

    def apply(self, routing: Routing) -> bool:
        """Take a push; False if it is older than what is known (a stale controller)."""
        routes = self.apps.get(routing.app)
        if routes is None:
            routes = self.apps[routing.app] = AppRoutes(self, routing.app)
        if (routing.epoch, routing.version) <= routes.stamp:
            return False
        routes.apply(routing)
        for changed in self.on_change:
            changed(routes)
        return True

    def make_router(self, deployment: DeploymentID) -> Router:
        return Router(deployment, self._connect, self._loop)

    def report_idle(self, app: str, revision: int) -> None:
        if self._on_idle is not None:
            self._on_idle(app, revision)

    def counts(self) -> dict[str, int]:
        """What is on its way from here: requests that entered (`live`), calls at replicas, calls that wait."""
        routers = [router for routes in self.apps.values() for router in routes.routers]
        return {
            "live": sum(sum(routes.live.values()) for routes in self.apps.values()),
            "in_flight": sum(router.ongoing for router in routers),
            "queued": sum(router.queued for router in routers),
        }

    def close(self) -> None:
        """Fail what waits and close every channel that is idle."""
        for routes in self.apps.values():
            routes.close()
