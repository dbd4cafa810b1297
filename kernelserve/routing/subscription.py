"""Keeps a sender in touch with the controller: takes pushes, acknowledges, reports idle revisions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from kernelserve.exceptions import ChannelClosedError, ControlCallError, TransportError
from kernelserve.routing.directory import Directory
from kernelserve.transport.base import Channel, Receiver
from kernelserve.transport.connect import connect
from kernelserve.transport.messages import (
    Counted,
    GetRequests,
    Hello,
    Message,
    Ok,
    RequestsFound,
    RevisionIdle,
    Routing,
    Subscribe,
)
from kernelserve.transport.observed import Series
from kernelserve.transport.rpc import Rpc

RETRY_FIRST_S = 0.05
RETRY_MAX_S = 1.0
COUNTED_PERIOD_S = 1.0
"""The controller is told this often at most what was counted; nothing is sent while nothing changes."""


class RequestSource(Protocol):
    """What an entry point keeps of requests; `observe.journals.Journals` does."""

    def follow(self, routing: Routing) -> None:
        """An app's routing was taken: it says how the app's requests are kept."""

    def find(self, query: GetRequests) -> RequestsFound: ...


class Subscription:
    """One process's link to the controller; reconnects for ever, and says hello again each time.

    Requests never pass here: while the controller is away, the last pushed routing goes on working.

    Args:
        address: the controller's address.
        hello: what to say of this sender.
        on_notify: gets messages that are not routing (a client's deploy progress).
        journals: answers for the requests that entered here.
        counted: gives all that this process counts (`observe.metrics.Registry.series`); asked on the event loop.
        on_connected: called each time that the controller can be asked (again).
    """

    def __init__(
        self,
        address: str,
        *,
        role: str,
        secret: bytes,
        hello: Hello,
        on_notify: Callable[[Message], None] | None = None,
        journals: RequestSource | None = None,
        counted: Callable[[], list[Series]] | None = None,
        on_connected: Callable[[], None] | None = None,
    ) -> None:
        self._address = address
        self.role = role
        self.secret = secret
        self.hello = hello
        self._on_notify = on_notify
        self._journals = journals
        self._counted = counted
        self._on_connected = on_connected
        self._told: list[Series] = []
        self._apps: set[str] = set()
        self._idle: set[tuple[str, int]] = set()
        self._rpc: Rpc | None = None
        self._ready = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.directory: Directory | None = None

    def start(self) -> None:
        """Begin to connect; call on the event loop."""
        loop = asyncio.get_running_loop()
        self._tasks.append(loop.create_task(self._run()))
        if self._counted is not None:
            self._tasks.append(loop.create_task(self._keep_telling()))

    @property
    def connected(self) -> bool:
        return self._ready.is_set()

    async def close(self) -> None:
        tasks, self._tasks = self._tasks, []
        if tasks:
            self.tell_counted()  # What was counted since the last time.
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        _close(self._rpc)

    async def subscribe(self, app: str) -> None:
        """Have an app's routing pushed from now on; returns when the present one is here."""
        if app in self._apps or "*" in self._apps:
            return
        self._apps.add(app)
        await self.call(Subscribe(apps=[app]))

    async def call(self, message: Message, timeout_s: float | None = None) -> Message:
        """Ask the controller; waits while it is away.

        Raises:
            ControlCallError: the controller refused.
            ChannelClosedError: it went away while it worked on this.
            TimeoutError: not answered in `timeout_s`.
        """
        async with asyncio.timeout(timeout_s):
            await self._ready.wait()
            assert self._rpc is not None
            return await self._rpc.call(message)

    def report_idle(self, app: str, revision: int) -> None:
        """Tell the controller that a revision has no live request here; repeated after a reconnect."""
        self._idle.add((app, revision))
        if self._rpc is not None and self._ready.is_set():
            self._rpc.notify(RevisionIdle(app=app, revision=revision))

    def tell_counted(self) -> None:
        """Tell the controller now what was counted, if that is news to it."""
        if self._counted is None or self._rpc is None or not self._ready.is_set():
            return
        series = self._counted()
        if series != self._told:
            self._told = series
            self._rpc.notify(Counted(series=series))

    async def _keep_telling(self) -> None:
        while True:
            await asyncio.sleep(COUNTED_PERIOD_S)
            self.tell_counted()

    async def _run(self) -> None:
        delay = RETRY_FIRST_S
        while True:
            lost = asyncio.Event()
            rpc = Rpc(self._handle)
            rpc.on_lost = lambda error, lost=lost: lost.set()
            try:
                rpc.attach(await connect(self._address, rpc, role=self.role, secret=self.secret))
                self._rpc = rpc
                await rpc.call(self.hello, timeout_s=10)
                if self._apps:
                    await rpc.call(Subscribe(apps=sorted(self._apps)), timeout_s=10)
                for app, revision in self._idle:
                    rpc.notify(RevisionIdle(app=app, revision=revision))
            except (TransportError, ControlCallError, ChannelClosedError, TimeoutError):
                _close(rpc)
                await asyncio.sleep(delay)
                delay = min(delay * 2, RETRY_MAX_S)
                continue
            if self._counted is not None:
                # This controller may be a new one: it hears at once where the counters stand, also if nowhere.
                self._told = self._counted()
                rpc.notify(Counted(series=self._told))
            self._ready.set()
            if self._on_connected is not None:
                self._on_connected()
            delay = RETRY_FIRST_S
            try:
                await lost.wait()
            finally:
                self._ready.clear()

    async def _handle(self, message: Message) -> Message | None:
        if isinstance(message, Routing):
            if self.directory is not None:
                if self.directory.apply(message) and self._journals is not None:
                    self._journals.follow(message)
                self._idle = {(a, r) for a, r in self._idle if a != message.app or r in message.sets}
                for app, revision in self._idle:
                    if app == message.app and self._rpc is not None:
                        self._rpc.notify(RevisionIdle(app=app, revision=revision))
            return Ok()
        if isinstance(message, GetRequests):
            return RequestsFound() if self._journals is None else self._journals.find(message)
        if self._on_notify is not None:
            self._on_notify(message)
        return None


def _close(rpc: Rpc | None) -> None:
    if rpc is not None and rpc.channel is not None:
        rpc.channel.close()


def make_directory(subscription: Subscription, loop: asyncio.AbstractEventLoop) -> Directory:
    """A directory that is fed by a subscription, and reaches replicas in its role."""
    role, secret = subscription.role, subscription.secret

    def open_channel(address: str, receiver: Receiver) -> Awaitable[Channel]:
        return connect(address, receiver, role=role, secret=secret)

    entry = subscription.hello.entry
    directory = Directory(loop, open_channel, subscription.report_idle, entry)
    subscription.directory = directory
    return directory
