"""A small HTTP/1.1 client connection: one request in flight, kept alive, as little work as it can do.

A general client would be slower than the servers that it measures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

Answered = Callable[["Connection", int, bytes], None]
"""Called with the status (0: the connection was lost) and the body."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, and their bytes, made once."""

    host: str
    port: int
    request: bytes

    @classmethod
    def of(cls, url: str) -> Target:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None or parts.port is None:
            raise ValueError(f"Not a URL to measure: {url!r}. Give http://host:port/path.")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"
        return cls(parts.hostname, parts.port, head.encode("ascii"))


class Connection(asyncio.Protocol):
    """One kept-alive connection. `send` may be called again from `answered`."""

    def __init__(self, target: Target, answered: Answered) -> None:
        self._request = target.request
        self._answered = answered
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._waiting = False
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without inheriting from it

    def send(self, now: float) -> None:
        """Send the request; `now` is kept in `sent`."""
        assert self._transport is not None
        self.sent = now
        self._waiting = True
        self._transport.write(self._request)

    @property
    def usable(self) -> bool:
        """False when the server has closed the connection while it was idle."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        self._waiting = False
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        body = body_of(received)
        if body is None:
            self._received = received
            return
        self._received = b""
        self._waiting = False
        self._answered(self, int(received[9:12]), body)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting:
            self._waiting = False
            self._answered(self, 0, b"")


def body_of(received: bytes) -> bytes | None:
    """The body of a whole answer, None while bytes are missing. A chunked body is returned undecoded."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    at = received.find(b"\r\ncontent-length:", 0, end)
    if at < 0:
        at = received[:end].lower().find(b"\r\ncontent-length:")
    if at >= 0:
        length = int(received[at + 17 : received.find(b"\r\n", at + 17)])
        return received[end + 4 :] if len(received) - end - 4 >= length else None
    return received[end + 4 :] if received.endswith(b"0\r\n\r\n") else None


async def connect(target: Target, answered: Answered) -> Connection:
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(lambda: Connection(target, answered), target.host, target.port)
    return protocol
