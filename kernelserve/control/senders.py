"""The senders that the controller pushes to: who is there, what they have acknowledged, what is idle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kernelserve.exceptions import ControlCallError, TransportError
from kernelserve.transport.messages import Hello, Routing
from kernelserve.transport.rpc import Rpc

PUSH_TIMEOUT_S = 10.0
"""A sender that does not take a push for so long is cut off; it connects anew and gets the present state."""


class Sender:
    """One connected sender, after its hello."""

    def __init__(self, rpc: Rpc, hello: Hello, role: str) -> None:
        self.rpc = rpc
        self.hello = hello
        self.role = role
        self.apps: set[str] = set()
        self.acked: dict[str, int] = {}
        self.idle: dict[str, set[int]] = {}

    def follows(self, app: str) -> bool:
        return app in self.apps or "*" in self.apps


class Senders:
    """All connected senders.

    Args:
        on_acked: told (app, version) when every follower of the app has that version or a later one.
        on_idle: told (app, revision) when every entry point reports that revision idle.
    """

    def __init__(self, on_acked: Callable[[str, int], None], on_idle: Callable[[str, int], None]) -> None:
        self.all: set[Sender] = set()
        self._on_acked = on_acked
        self._on_idle = on_idle
        self._latest: dict[str, Routing] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, sender: Sender) -> None:
        self.all.add(sender)

    def remove(self, sender: Sender) -> None:
        """A sender's channel is lost: nobody waits for it any more."""
        self.all.discard(sender)
        for app in list(self._latest):
            if sender.follows(app):
                self._settle(app)

    def drop(self, replica_id: str) -> None:
        """Cut off a replica that is being killed: its constructor may block it, and nobody shall wait for its acks."""
        for sender in [one for one in self.all if one.role == "replica" and one.hello.name == replica_id]:
            if sender.rpc.channel is not None:
                sender.rpc.channel.abort()

    async def subscribe(self, sender: Sender, apps: list[str]) -> None:
        """Push the present routing of these apps to it, and all that follows."""
        new = set(apps) - sender.apps
        sender.apps |= new
        wanted = [routing for app, routing in self._latest.items() if app in new or "*" in new]
        await asyncio.gather(*(self._push(sender, routing) for routing in wanted))

    def push(self, routing: Routing) -> None:
        """Send a routing to every follower; `on_acked` comes when all have it."""
        self._latest[routing.app] = routing
        followers = [sender for sender in self.all if sender.follows(routing.app)]
        for sender in followers:
            task = asyncio.get_running_loop().create_task(self._push(sender, routing))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not followers:
            # Not at once: the machine that asked for the push is still handling its event.
            asyncio.get_running_loop().call_soon(self._settle, routing.app)

    def forget(self, app: str) -> None:
        """The app is gone and its farewell was pushed."""
        self._latest.pop(app, None)
        for sender in self.all:
            sender.acked.pop(app, None)
            sender.idle.pop(app, None)

    def idle(self, sender: Sender, app: str, revision: int) -> None:
        """An entry point reports a revision idle."""
        sender.idle.setdefault(app, set()).add(revision)
        self._settle(app)

    async def _push(self, sender: Sender, routing: Routing) -> None:
        try:
            await sender.rpc.call(routing, timeout_s=PUSH_TIMEOUT_S)
        except (TransportError, ControlCallError, TimeoutError):
            if sender.rpc.channel is not None:
                sender.rpc.channel.abort()
            return
        sender.acked[routing.app] = max(routing.version, sender.acked.get(routing.app, 0))
        self._settle(routing.app)

    def _settle(self, app: str) -> None:
        routing = self._latest.get(app)
        if routing is None:
            return
        followers = [sender for sender in self.all if sender.follows(app)]
        version = min((sender.acked.get(app, 0) for sender in followers), default=routing.version)
        if version:
            self._on_acked(app, version)
        if version < routing.version:
            return
        entries = [sender for sender in followers if sender.hello.entry]
        for revision in sorted(routing.sets):
            entered = revision == routing.current or (routing.trial is not None and revision == routing.trial.revision)
            if not entered and all(revision in sender.idle.get(app, ()) for sender in entries):
                self._on_idle(app, revision)
