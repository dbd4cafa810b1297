"""What a view of each kind shows, from what its feed knows of the apps."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Protocol

from kernelserve.cluster.look import EVERY_APP, Look
from kernelserve.cluster.session import Session
from kernelserve.widget.frames import graph_frame, marks, sampled
from kernelserve.widget.known import Known
from kernelserve.widget.messages import DashboardFrame, Frame, GraphFrame, RequestsFrame

_LATEST_S = 6.0
"""Steps in a frame of a dashboard: frames overlap, as one may be lost."""
_MARKS_S = 900.0
_ROWS = 100


class Drawing(Protocol):
    """Draws a view; keeps what it has shown last."""

    def first(self) -> Frame:
        """What is shown before the feed has begun."""

    def draw(
        self, apps: Mapping[str, Known], now: float, lost_since: float | None, gone: bool, undo: str
    ) -> Frame | None:
        """The present state; None if nothing is known yet. Called with the feed's lock: it must be quick."""


def drawing_of(look: Look) -> Drawing:
    """The drawing for a view; raises what there is to say of an app that is not there."""
    if look.kind == "graph":
        return GraphDrawing(look.session, look.app)
    return DashboardDrawing(look.session, look.app) if look.kind == "dashboard" else RequestsDrawing(look.app)


class GraphDrawing:
    """The graph of an app."""

    def __init__(self, session: Session, app: str) -> None:
        self._session = session
        self._app = app
        self._view: Mapping[str, Any] = {}

    def first(self) -> GraphFrame:
        self._view = view = self._session.graph(self._app)
        return graph_frame(view, [], time.time(), url=self._url(view["route_prefix"]))

    def draw(
        self, apps: Mapping[str, Known], now: float, lost_since: float | None, gone: bool, undo: str
    ) -> GraphFrame | None:
        known = apps.get(self._app) or Known()
        if known.view is not None:
            self._view = known.view
        elif not gone and lost_since is None:
            return None  # The feed begins. One that cannot tells it of the app as it was last.
        url = self._url(self._view["route_prefix"])
        return graph_frame(self._view, known.points, now, url=url, lost_since=lost_since, gone=gone, undo=undo)

    def _url(self, route: str | None) -> str:
        return self._session.url(route) or ""


class DashboardDrawing:
    """The numbers of one app, or of all."""

    def __init__(self, session: Session, app: str) -> None:
        self._session = session
        self._app = app
        self._names = [app]

    def first(self) -> DashboardFrame:
        now = time.time()
        if self._app == EVERY_APP:
            self._names = sorted(self._session.status().applications)
        frame = DashboardFrame(apps=self._names, time=now)
        for name in self._names:
            frame.points += sampled(name, self._session.client.history(name, now - _LATEST_S))
        return frame

    def draw(
        self, apps: Mapping[str, Known], now: float, lost_since: float | None, gone: bool, undo: str
    ) -> DashboardFrame:
        there = {name: known for name, known in apps.items() if not known.gone or name == self._app}
        if apps:  # A feed that begins knows of none.
            self._names = sorted(there)
        frame = DashboardFrame(apps=self._names, time=now, lost_since=lost_since, gone=gone)
        for name, known in there.items():
            newest = known.points[-1].time if known.points else 0.0
            frame.points += sampled(name, [point for point in known.points if point.time > newest - _LATEST_S])
            frame.marks += marks(name, (known.view or {}).get("revisions", ()), now - _MARKS_S)
        return frame


class RequestsDrawing:
    """The latest requests of an app: each frame has those that came since the one before."""

    def __init__(self, app: str) -> None:
        self._app = app
        self._known: Known | None = None
        self._counted = 0

    def first(self) -> RequestsFrame:
        return RequestsFrame(app=self._app, time=time.time())

    def draw(
        self, apps: Mapping[str, Known], now: float, lost_since: float | None, gone: bool, undo: str
    ) -> RequestsFrame:
        frame = RequestsFrame(app=self._app, time=now, lost_since=lost_since, gone=gone)
        known = apps.get(self._app)
        if known is not None:
            if known is not self._known:
                self._known, self._counted = known, 0  # Another feed, which has begun to count.
            frame.rows, frame.skipped = known.rows(self._counted, _ROWS)
            self._counted = known.counted
        return frame
