"""An HTTP frame → what ASGI code expects: a scope, a receive function, a Starlette request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from kernelserve.transport.base import Buffer
from kernelserve.transport.messages import HttpRequest

if TYPE_CHECKING:
    from starlette.requests import Request


def scope_of(meta: HttpRequest, state: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The ASGI scope of a request.

    Args:
        state: what the app's lifespan left; each request gets a copy.

    Example:
        >>> scope_of(HttpRequest("1", "GET", "/a/b", b"/a/b", b"q=1", "/a", []))["root_path"]
        '/a'
    """
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": meta.http_version,
        "method": meta.method,
        "scheme": meta.scheme,
        "path": meta.path,
        "raw_path": meta.raw_path,
        "query_string": meta.query,
        "root_path": meta.root_path,
        "headers": meta.headers,
        "client": meta.client,
        "server": meta.server,
        "state": dict(state) if state else {},
        "extensions": {},
    }


class BodyReceive:
    """An ASGI ``receive``: the whole body once, then nothing.

    A client that disconnects cancels the request, so there is no disconnect to report.
    """

    __slots__ = ("_body",)

    def __init__(self, body: Buffer) -> None:
        self._body: Buffer | None = body

    async def __call__(self) -> dict[str, Any]:
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": bytes(body), "more_body": False}
        # Ends only by cancellation, which is how frameworks stop listening for a disconnect.
        await asyncio.get_running_loop().create_future()
        raise AssertionError("a future that nobody sets was set")


def request_of(meta: HttpRequest, receive: Callable[[], Awaitable[Any]]) -> Request:
    """The Starlette request that a deployment's ``__call__`` gets."""
    from starlette.requests import Request  # Heavy, and not needed by deployments without HTTP.

    return Request(scope_of(meta), receive)
