"""User code outside of requests (constructors, `__reload__`, tasks that these start): where its calls go."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any, TypeVar

from kernelserve import context
from kernelserve.context import RequestContext
from kernelserve.routing.directory import AppRoutes

T = TypeVar("T")


class Outside:
    """Runs such code. Its calls go to the revision that it is made for; what it leaves behind follows the current one.

    Args:
        replica_id: stands in for a request's id.
        app: the replica's own.
        base: context variables that user code sees.
    """

    def __init__(self, replica_id: str, app: str, base: contextvars.Context) -> None:
        self._replica_id = replica_id
        self._app = app
        self._base = base
        self._current = 0
        self._ahead: list[RequestContext] = []

    async def run(self, work: Coroutine[Any, Any, T], revision: int) -> T:
        """Await `work`, made for `revision`."""
        request = RequestContext(self._replica_id, self._app, revision)
        copy = self._base.copy()
        copy.run(context.current_request.set, request)
        try:
            return await asyncio.get_running_loop().create_task(work, context=copy)
        finally:
            self._ahead.append(request)
            self._follow()

    def routing_changed(self, routes: AppRoutes) -> None:
        """Another revision of an app may be the current one."""
        if routes.name == self._app:
            self._current = routes.current
            self._follow()

    def _follow(self) -> None:
        """From its commit on, a revision may be replaced: tasks go on with whatever is current then."""
        for request in self._ahead:
            if request.revision <= self._current:
                request.revision = 0
        self._ahead = [request for request in self._ahead if request.revision]
