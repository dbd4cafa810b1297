"""Tests of applications: `serve.testing.client(app)` runs an app without Ray and gives an HTTP client of it.

Needs httpx (``pip install httpx``), which is imported by the first client. With pytest, the fixture ``serve_client``
does the same and closes what it opened (`pytest_kernelserve`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from kernelserve.deployment import Application
from kernelserve.testing.apps import FREE_PREFIX, close_app, open_app

if TYPE_CHECKING:
    from kernelserve.testing.clients import AsyncClient, Client

__all__ = ["AsyncClient", "Client", "async_client", "client"]


@contextlib.contextmanager
def client(
    target: Application[Any], *, name: str | None = None, route_prefix: str | None = FREE_PREFIX, **options: Any
) -> Iterator[Client]:
    """Run an application in this process, as the `local` placement, and give an HTTP client of it.

    The application is real: replicas, limits, the HTTP front door on a free port. Only Ray is missing. The first
    client of a process starts the system, and the last one that closes ends it; clients may be nested, and used by
    several threads.

    Args:
        target: what `Deployment.bind` returned.
        name: of the app; by default one that is free.
        route_prefix: by default ``/``, or the app's name where another app has ``/``. The client's paths start below
            it in any case. None is an app without HTTP, for its handles.
        options: of `httpx.Client`: ``headers``, ``cookies``, ``timeout`` (60 s here), ``follow_redirects`` …

    Yields:
        An `httpx.Client` that also has ``handle`` (of the ingress), ``live`` (the `LiveApp`) and ``websocket(path)``.

    Raises:
        DeployError: a replica failed to start, as in `run`.
        RayServeException: a system on Ray runs in this process; `shutdown` ends it.
        ImportError: httpx is missing.

    Example:
        >>> import kernelserve as serve
        >>> @serve.deployment
        ... class Greeter:
        ...     async def __call__(self, request):
        ...         return f"hello {request.query_params['name']}"
        ...     def greet(self, name):
        ...         return f"hi {name}"
        >>> with serve.testing.client(Greeter.bind()) as c:
        ...     c.get("/", params={"name": "Ada"}).text, c.handle.greet.remote("Bob").result()
        ('hello Ada', 'hi Bob')
    """
    made = _clients().Client
    live = open_app(target, name, route_prefix)
    try:
        with made(live, **options) as opened:
            yield opened
    finally:
        close_app(live.name)


@contextlib.asynccontextmanager
async def async_client(
    target: Application[Any], *, name: str | None = None, route_prefix: str | None = FREE_PREFIX, **options: Any
) -> AsyncIterator[AsyncClient]:
    """As `client`, with an `httpx.AsyncClient`; starting and ending leave the event loop free.

    Example:
        >>> async def test_greeting():                                       # doctest: +SKIP
        ...     async with serve.testing.async_client(Greeter.bind()) as c:
        ...         assert (await c.get("/", params={"name": "Ada"})).text == "hello Ada"
        ...         assert await c.handle.greet.remote("Bob") == "hi Bob"
    """
    made = _clients().AsyncClient
    live = await asyncio.to_thread(open_app, target, name, route_prefix)
    try:
        async with made(live, **options) as opened:
            yield opened
    finally:
        await asyncio.to_thread(close_app, live.name)


def _clients() -> Any:
    try:
        from kernelserve.testing import clients  # Late: httpx is not needed to serve, and takes its time to import.
    except ModuleNotFoundError as error:
        if error.name != "httpx":
            raise
        raise ImportError(
            "serve.testing needs httpx, which is not installed here. Run: pip install httpx.", name="httpx"
        ) from None
    return clients


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in ("AsyncClient", "Client"):
            return getattr(_clients(), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
