"""What the connections of one gateway share: routes, limits, counters and the one timer."""

from __future__ import annotations

import asyncio
import email.utils
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from kernelserve.gateway.answers import JSON, Answer, HeadCache, text_answer
from kernelserve.gateway.metrics_page import NO_BODY, PATH, MetricsPage
from kernelserve.gateway.mirror import Mirrors
from kernelserve.gateway.options import GatewayOptions
from kernelserve.gateway.request_head import RequestIds, decode_path
from kernelserve.gateway.routes import RouteTable, normal_prefix
from kernelserve.observe.entering import WireCounts, WireEntry
from kernelserve.observe.metrics import Registry

if TYPE_CHECKING:
    from kernelserve.gateway.connection import Connection
    from kernelserve.gateway.exchange import HttpCall
    from kernelserve.observe.journal import Journal
    from kernelserve.observe.tracing import Tracing
    from kernelserve.routing.directory import AppRoutes
    from kernelserve.transport.observed import Series

# How late a request's 408 may be. Only paid while some request in flight has a timeout.
TIMEOUT_PRECISION_S = 0.025
# Idle and slow connections are looked at this often (more often if a limit is shorter).
SWEEP_S = 1.0

# Resolved targets are kept up to this many, and this long.
KEPT_TARGETS = 1024
KEPT_TARGET_BYTES = 256


class Route:
    """An app in the route table, with its root path. Its requests are counted at `entry`."""

    __slots__ = ("app", "entry", "prefix", "root_path")

    def __init__(self, app: AppRoutes, prefix: str, entry: WireEntry) -> None:
        self.app = app
        self.prefix = prefix
        self.entry = entry
        self.root_path = normal_prefix(prefix)

    def __repr__(self) -> str:
        return f"application {self.app.name!r}"


class Target:
    """Where a request's path leads."""

    __slots__ = ("path", "raw_path", "route")

    def __init__(self, path: str, raw_path: bytes, route: Route | None) -> None:
        self.path = path
        self.raw_path = raw_path
        self.route = route


class GatewayState:
    """Shared by the connections of one gateway. All of it belongs to one event loop.

    Args:
        journals: by app, where its requests are kept; an app that is not in it keeps none.
        registry: counts the requests.
        ask: gives what all processes count, or None if the controller cannot be reached.

    Attributes:
        counts: requests by app and route; `page` tells of them.
        held_bytes: bodies, or parts of them, that wait here for a replica or an answer.
        now: loop time of the last sweep: limits are in seconds, so a coarse clock will do.
        closing: answers close their connection from now on.
    """

    def __init__(
        self,
        options: GatewayOptions,
        loop: asyncio.AbstractEventLoop,
        journals: Mapping[str, Journal],
        registry: Registry,
        ask: Callable[[], Awaitable[list[Series] | None]],
        tracing: Tracing,
    ) -> None:
        self.options = options
        self.journals = journals
        self.tracing = tracing
        self.loop = loop
        self.table: RouteTable[Route] = RouteTable()
        self.targets: dict[bytes, Target] = {}
        self.heads = HeadCache()
        self.ids = RequestIds()
        self.connections: set[Connection] = set()
        self.mirrors = Mirrors(self)
        self.counts = WireCounts(registry, "http")
        self.page = MetricsPage(loop, registry.series, ask)
        self.held_bytes = 0
        self.closing = False
        self.show_errors = options.errors_shown
        self.empty = asyncio.Event()
        self.empty.set()
        self.now = loop.time()
        self.common_lines = b""
        self._second = 0
        self._timed: set[HttpCall] = set()
        self._timer: asyncio.TimerHandle | None = None
        shortest = min(
            options.keep_alive_s, options.header_timeout_s, options.body_timeout_s, options.send_timeout_s,
            options.ws_ping_interval_s,
        )  # fmt: skip
        self.period = min(SWEEP_S, shortest / 4)
        self._next_sweep = 0.0

    def set_table(self, table: RouteTable[Route]) -> None:
        """Route by another table from now on."""
        self.table = table
        self.targets.clear()

    def resolve(self, raw: bytes) -> Target:
        """Where a target without its query leads. Look into `targets` first: clients repeat themselves."""
        path, raw_path = decode_path(raw)
        target = Target(path, raw_path, None if path.startswith("/-/") else self.table.match(path))
        if target.route is not None and len(raw) <= KEPT_TARGET_BYTES:
            if len(self.targets) >= KEPT_TARGETS:
                self.targets.clear()
            self.targets[raw] = target
        return target

    def internal_answer(self, path: str) -> Answer | None:
        """The gateway's own pages below ``/-/``."""
        if path == "/-/healthz":
            if self.closing:
                return text_answer(503, "The gateway is closing. Send requests to another one.")
            return text_answer(200, "success")
        if path == "/-/routes":
            routes = {prefix: route.app.name for prefix, route in self.table.items()}
            return Answer(200, msgspec.json.encode(routes), JSON)
        return NO_BODY if path == PATH else None

    def refused(self, target: Target | None, method: str, status: int) -> None:
        """Count a request that the gateway answers by itself, but for its own pages."""
        if target is None or not (target.path.startswith("/-/") and status == 200):
            route = target.route if target is not None else None
            entry = route.entry if route is not None else self.counts.entry("", "")
            entry.ongoing.value += 1
            entry.ended(method, status, True, None)

    def joined(self, connection: Connection) -> None:
        """A connection opened."""
        self.connections.add(connection)
        self.empty.clear()
        if self._timer is None:
            self._tick()

    def replaced(self, connection: Connection, by: Connection) -> None:
        """A connection goes on as another one, with another protocol."""
        self.connections.discard(connection)
        self.connections.add(by)

    def left(self, connection: Connection) -> None:
        """A connection is gone."""
        self.connections.discard(connection)
        if not self.connections:
            self.empty.set()

    def watch(self, call: HttpCall) -> None:
        """Call `call.expire()` when the loop's time has passed `call.deadline`."""
        if not self._timed and self._timer is not None:
            self._timer.cancel()
            self._timer = self.loop.call_later(TIMEOUT_PRECISION_S, self._tick)
        self._timed.add(call)

    @property
    def timed(self) -> int:
        """Calls that are watched."""
        return len(self._timed)

    def unwatch(self, call: HttpCall) -> None:
        """The call is answered."""
        self._timed.discard(call)

    def stop(self) -> None:
        """End the timer and the shadows."""
        self.mirrors.close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        # None while we run: a call that starts because another expired must not arm a second timer.
        self._timer = None
        try:
            now = self.loop.time()
            for call in [call for call in self._timed if call.deadline <= now]:
                call.expire()
            if now >= self._next_sweep:
                self._next_sweep = now + self.period
                self._sweep(now)
        finally:
            if self._timed:
                self._timer = self.loop.call_later(TIMEOUT_PRECISION_S, self._tick)
            elif self.connections:
                self._timer = self.loop.call_at(self._next_sweep, self._tick)

    def _sweep(self, now: float) -> None:
        self.now = now
        self.tracing.look()
        second = int(now)
        if second != self._second:
            self._second = second
            date = email.utils.formatdate(usegmt=True)
            self.common_lines = f"date: {date}\r\nserver: kernelserve\r\n".encode("ascii")
        for connection in list(self.connections):
            connection.check(now)
