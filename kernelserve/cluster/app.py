"""`LiveApp`: a running application as its user holds it."""

from __future__ import annotations

from typing import Any

from kernelserve.cluster.session import Session
from kernelserve.exceptions import ApplicationNotFoundError
from kernelserve.handle import DeploymentHandle
from kernelserve.schema import ApplicationStatusOverview


class LiveApp:
    """A running application; made by `kernelserve.app`.

    Example:
        >>> live = serve.app("search")                      # doctest: +SKIP
        >>> await live.handle.search.remote("split text")   # doctest: +SKIP
        >>> live.url                                        # doctest: +SKIP
        'http://127.0.0.1:8000/search'
    """

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self.name = name
        self.graph()  # Raises if there is none.

    @property
    def url(self) -> str | None:
        """Base URL of the app, or None if it has no route."""
        return self._session.url(self.graph()["route_prefix"])

    @property
    def handle(self) -> DeploymentHandle[Any]:
        """Handle to the ingress deployment."""
        return DeploymentHandle(self.graph()["ingress"], self.name)

    @property
    def revision(self) -> int:
        """Number of the running revision."""
        return int(self.graph()["revision"])

    def status(self) -> ApplicationStatusOverview:
        """The app's part of `kernelserve.status`."""
        overview = self._session.status().applications.get(self.name)
        if overview is None:
            raise ApplicationNotFoundError(f"App {self.name!r} is not running any more. Deploy it again.")
        return overview

    def graph(self) -> dict[str, Any]:
        """Plain data: nodes with options, replicas and last action; edges; route; revision."""
        return self._session.graph(self.name)

    def __repr__(self) -> str:
        return f"LiveApp({self.name!r})"
