"""The listening side: a port, the connections behind it, and the route table kept true."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from kernelserve.exceptions import PortTakenError
from kernelserve.gateway.http import HttpProtocol
from kernelserve.gateway.options import GatewayOptions
from kernelserve.gateway.routes import RouteTable
from kernelserve.gateway.state import GatewayState, Route
from kernelserve.observe.metrics import Registry
from kernelserve.observe.tracing import Tracing

if TYPE_CHECKING:
    from kernelserve.observe.journal import Journal
    from kernelserve.routing.directory import AppRoutes, Directory
    from kernelserve.transport.observed import Series

_log = logging.getLogger(__name__)

PORTS_SEARCHED = 100


def bind(host: str, port: int, search: bool = False, backlog: int = 2048) -> socket.socket:
    """A listening socket on `host` at `port`, or with `search` at the next free port up to +100.

    Raises:
        PortTakenError: no port of those is free.
        OSError: the address cannot be bound at all (no such host, no permission).
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    last = min(port + PORTS_SEARCHED, 65535) if search and port else port
    for candidate in range(port, last + 1):
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address[0], candidate, *address[2:]))
            # Listening here, not later: two sockets may be bound to one port as long as neither listens.
            listener.listen(backlog)
            listener.setblocking(False)
            return listener
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise
    tried = f"port {port}" if last == port else f"ports {port} to {last}"
    raise PortTakenError(
        f"The gateway found no free port: {tried} of {host} is in use. "
        "Give another port, 0 for any free one, or stop the program that listens there."
    )


async def _nobody() -> None:
    """Stands for a controller that cannot be asked."""


class Gateway:
    """The HTTP front door of the apps in a directory. Belongs to the event loop that started it.

    Example:
        >>> gateway = Gateway(directory, GatewayOptions(port=0))  # doctest: +SKIP
        >>> await gateway.start()  # doctest: +SKIP
        >>> gateway.url  # doctest: +SKIP
        'http://127.0.0.1:43121'

    Args:
        journals: by app, where its requests are kept (`observe.journals.Journals.by_app`).
        registry: counts the requests; ``/-/metrics`` tells of them.
        ask: gives what all processes count, or None if that cannot be told: then the page has this gateway's own.
        tracing: decides which requests are traced; it is its maker's to close.

    Attributes:
        host, port: where it listens; `port` is the one found when a search was needed.
    """

    def __init__(
        self,
        directory: Directory,
        options: GatewayOptions | None = None,
        journals: Mapping[str, Journal] | None = None,
        registry: Registry | None = None,
        ask: Callable[[], Awaitable[list[Series] | None]] | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self.directory = directory
        self.journals: Mapping[str, Journal] = {} if journals is None else journals
        self.registry = registry or Registry()
        self._ask = ask or _nobody
        self._tracing = tracing or Tracing()
        self.options = options or GatewayOptions()
        self.host = self.options.host
        self.port = self.options.port
        self._state: GatewayState | None = None
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Base URL for a client on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def connections(self) -> int:
        """Open connections."""
        return len(self._state.connections) if self._state is not None else 0

    @property
    def held_bytes(self) -> int:
        """Bytes of request bodies that wait here for a replica or an answer."""
        return self._state.held_bytes if self._state is not None else 0

    @property
    def timed(self) -> int:
        """Requests with a timeout that are not answered yet."""
        return self._state.timed if self._state is not None else 0

    @property
    def mirror_counts(self) -> dict[str, int]:
        """See `Mirrors.counts`."""
        return self._state.mirrors.counts() if self._state is not None else {}

    @property
    def routes(self) -> dict[str, str]:
        """Route prefix → app name."""
        return {prefix: route.app.name for prefix, route in self._state.table.items()} if self._state else {}

    async def start(self) -> None:
        """Bind the port and accept connections. Once per gateway.

        Raises:
            PortTakenError: the port is in use.
        """
        if self._state is not None:
            raise RuntimeError(f"The gateway was started before: {self.url}. Make a new Gateway to start again.")
        loop = asyncio.get_running_loop()
        listener = bind(self.host, self.port, self.options.port_search, self.options.backlog)
        self.port = listener.getsockname()[1]
        state = self._state = GatewayState(self.options, loop, self.journals, self.registry, self._ask, self._tracing)
        self.directory.on_change.append(self._routes_changed)
        for app in self.directory.apps.values():
            state.mirrors.follow(app)
        self._rebuild(state)
        self._server = await loop.create_server(
            lambda: HttpProtocol(state), sock=listener, backlog=self.options.backlog
        )

    async def close(self, timeout: float = 10.0) -> None:
        """Stop accepting, let requests end for up to `timeout` seconds, then cancel what is left. Idempotent."""
        state, server, self._server = self._state, self._server, None
        if state is None or server is None:
            return
        server.close()
        state.closing = True
        for connection in list(state.connections):
            connection.close_if_idle()
        try:
            await asyncio.wait_for(state.empty.wait(), timeout)
        except TimeoutError:
            for connection in list(state.connections):
                connection.abort()
            await state.empty.wait()
        self.directory.on_change.remove(self._routes_changed)
        state.stop()

    def _routes_changed(self, app: AppRoutes) -> None:
        if self._state is not None:
            self._state.mirrors.follow(app)
            self._state.counts.follow(app)
            self._rebuild(self._state)

    def _rebuild(self, state: GatewayState) -> None:
        """Make the table anew: changes are rare, and two apps may swap prefixes in any order of pushes."""
        table: RouteTable[Route] = RouteTable()
        for app in self.directory.apps.values():
            if app.current and app.route_prefix is not None:
                try:
                    entry = state.counts.entry(app.name, app.route_prefix)
                    table.add(app.route_prefix, Route(app, app.route_prefix, entry))
                except ValueError as error:
                    # Control refuses duplicates; here one only shows up between two pushes, or by a defect.
                    _log.warning("Application %r gets no HTTP requests for now. %s", app.name, error)
        state.set_table(table)
