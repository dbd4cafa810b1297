"""Requests in their thousands: bare HTTP connections, and what a system holds before and after."""

from __future__ import annotations

import asyncio
import contextlib
import time
from urllib.parse import urlsplit

from benchmarks.soak_look import changes, held_by, processes, settled
from kernelserve.cluster.session import Session

Counts = dict[str, dict[str, int]]

WAIT_S = 60.0


class Holdings:
    """What a system holds while no request is on its way; `check` fails if that has changed.

    The deployments of the app have a method `counts`.
    """

    def __init__(self, session: Session, app: str, *deployments: str) -> None:
        self.session = session
        self.app = app
        self.deployments = deployments
        self.counts: Counts = {}
        self.fds: dict[str, int] = {}

    async def remember(self) -> None:
        """Take what there is now as the measure."""
        self.counts = await settled(self.app, self.deployments)
        self.fds = self._fds()

    async def check(self) -> None:
        """Tasks, queue entries, live requests, connections, bytes, objects of requests: as before; no more files."""
        changed = changes(self.counts, await settled(self.app, self.deployments, self.counts))
        assert not changed, changed
        end = time.monotonic() + WAIT_S
        while any(fds > self.fds[part] for part, fds in self._fds().items()):
            assert time.monotonic() < end, f"descriptors were {self.fds}, and are {self._fds()}"
            await asyncio.sleep(0.1)
        held = {part: held_by(pid) for part, pid in processes(self.session, self.app).items()}
        assert not any(one.memfds for one in held.values()), held

    async def gateway_has(self, name: str, count: int) -> None:
        """Wait until a count of the gateway is at least that."""
        end = time.monotonic() + WAIT_S
        while True:
            found = await asyncio.to_thread(self.session.gateway_counts)
            if found[name] >= count:
                return
            assert time.monotonic() < end, f"{name} is not {count}: {found}"
            await asyncio.sleep(0.05)

    def _fds(self) -> dict[str, int]:
        return {part: held_by(pid).fds for part, pid in processes(self.session, self.app).items()}


class Client:
    """One HTTP connection with one request sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def get(cls, url: str, headers: str = "", method: str = "GET", body: bytes = b"") -> Client:
        """Connect and send a request; `body` follows the head as it is."""
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(f"{method} {path} HTTP/1.1\r\nhost: test\r\n{headers}\r\n".encode("ascii") + body)
        return cls(reader, writer)

    async def head(self) -> str:
        return (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()

    async def rest(self) -> bytes:
        """All that comes until the connection ends, in whatever way."""
        with contextlib.suppress(ConnectionError):
            return await self.reader.read()
        return b""

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()
