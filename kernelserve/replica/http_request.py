"""An HTTP frame → what ASGI code expects: a scope, a receive function, a Starlette request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from kernelserve.transport.base import Buffer
from kernelserve.transport.messages import HttpRequest

if TYPE_CHECKING:
    from starlette.requests import Request


def scope_of(meta: HttpRequest) -> dict[str, Any]:
    """The ASGI scope of a request.

    Example:
        >>> scope_of(HttpRequest("1", "GET", "/a/b", b"/a/b", b"q=1", "/a", []))["root_path"]
        '/a'
    """
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": meta.http_version,
        "method": meta.method,
        "scheme": "http",
        "path": meta.path,
        "raw_path": meta.raw_path,
        "query_string": meta.query,
        "root_path": meta.root_path,
        "headers": meta.headers,
        "client": meta.client,
        "server": meta.server,
        "state": {},
        "extensions": {},
    }


class BodyReceive:
    """An ASGI ``receive``: the whole body once, then nothing until the client disconnects.

    Args:
        body: the request's body.
        disconnected: set when the client is gone; without it no disconnect is ever reported.
    """

    __slots__ = ("_body", "_disconnected")

    def __init__(self, body: Buffer, disconnected: asyncio.Event | None = None) -> None:
        self._body: Buffer | None = body
        self._disconnected = disconnected

    async def __call__(self) -> dict[str, Any]:
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": bytes(body), "more_body": False}
        if self._disconnected is None:
            # Ends only by cancellation, which is how frameworks stop listening for a disconnect.
            self._disconnected = asyncio.Event()
        await self._disconnected.wait()
        return {"type": "http.disconnect"}


def request_of(meta: HttpRequest, body: Buffer, disconnected: asyncio.Event | None = None) -> Request:
    """The Starlette request that a deployment's ``__call__`` gets."""
    from starlette.requests import Request  # Heavy, and not needed by deployments without HTTP.

    return Request(scope_of(meta), BodyReceive(body, disconnected))
