"""httpx's clients of an application under test, with its handle and its WebSockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import require_session
from kernelserve.handle import DeploymentHandle

if TYPE_CHECKING:
    from websockets.asyncio.client import connect
    from websockets.sync.client import ClientConnection

TIMEOUT_S = 60.0
"""A test that waits this long has failed; httpx's own 5 s are too few for a model."""


class Client(httpx.Client):
    """An `httpx.Client` whose paths begin at the application.

    Attributes:
        live: the running application.
        handle: of its ingress.
    """

    def __init__(self, live: LiveApp, **options: Any) -> None:
        super().__init__(**_options(live, options))
        self.live = live
        self.handle: DeploymentHandle[Any] = live.handle

    def websocket(self, path: str, **options: Any) -> ClientConnection:
        """Open a WebSocket; use it with `with`. The options are those of ``websockets.sync.client.connect``."""
        from websockets.sync.client import connect

        connection: ClientConnection = connect(_websocket_url(self.base_url, path), proxy=None, **options)
        return connection


class AsyncClient(httpx.AsyncClient):
    """An `httpx.AsyncClient` whose paths begin at the application; attributes as of `Client`."""

    def __init__(self, live: LiveApp, **options: Any) -> None:
        super().__init__(**_options(live, options))
        self.live = live
        self.handle: DeploymentHandle[Any] = live.handle

    def websocket(self, path: str, **options: Any) -> connect:
        """Open a WebSocket; use it with `async with`. The options are those of ``websockets.connect``."""
        from websockets.asyncio.client import connect

        return connect(_websocket_url(self.base_url, path), proxy=None, **options)


def _options(live: LiveApp, given: dict[str, Any]) -> dict[str, Any]:
    # An app without HTTP is not found by its paths, as anywhere else. A proxy of the environment cannot reach it.
    return {"base_url": live.url or require_session().base_url, "timeout": TIMEOUT_S, "trust_env": False} | given


def _websocket_url(base_url: httpx.URL, path: str) -> str:
    return f"ws{str(base_url).rstrip('/').removeprefix('http')}/{path.removeprefix('/')}"
