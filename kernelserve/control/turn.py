"""One event's handling: what is known during it, and the instructions that come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from kernelserve.control.app import App
from kernelserve.control.events import DeployRequested
from kernelserve.control.instructions import ForgetApp, Instruction, PersistApp, PushRouting
from kernelserve.control.pool import Pool
from kernelserve.control.replica import Replica, Signal
from kernelserve.control.timers import Timer, Timers
from kernelserve.exceptions import KernelServeError
from kernelserve.graph.model import AppGraph, Plan
from kernelserve.types import DeploymentID

CEILING = 200_000
"""Transitions of replicas in one event. More than any real system needs: a loop in the rules."""


class TransitionCeilingError(KernelServeError):
    """One event caused transitions without end."""


class Diff(Protocol):
    """The shape of `graph.diff.diff`."""

    def __call__(self, old: AppGraph | None, new: AppGraph, *, force_replace: bool = False) -> Plan: ...


@dataclass(slots=True)
class World:
    """What outlives a turn: all that the controller knows."""

    epoch: int
    new_id: Callable[[DeploymentID], str]
    diff: Diff
    apps: dict[str, App] = field(default_factory=dict)
    owners: dict[str, float | None] = field(default_factory=dict)
    """Owner → when it was lost, None while it is connected."""
    replicas: dict[str, tuple[App, Pool, Replica]] = field(default_factory=dict)
    timers: Timers = field(default_factory=Timers)
    version: int = 0
    """Of the last routing pushed for any app: one counter for all, so that a name used again never goes back."""
    transitions: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    """Last revision of apps that are gone: a name used again goes on, so that old timers and acks mean nothing."""


class Turn:
    """Collects what an event causes; records and routings that changed are written once, at the end."""

    def __init__(self, world: World, now: float, cause: str) -> None:
        self.world = world
        self.now = now
        self.cause = cause
        self.requests: list[DeployRequested] = []
        self._instructions: list[Instruction] = []
        self._farewells: list[Instruction] = []
        self._records: dict[str, None] = {}
        self._routings: dict[str, None] = {}
        self._transitions = 0

    def emit(self, instruction: Instruction) -> None:
        """Have the driver do that."""
        self._instructions.append(instruction)

    def persist(self, app: App) -> None:
        """The app's record changed: it is written before anything else of this turn is done."""
        self._records[app.name] = None

    def push(self, app: App) -> None:
        """The app's routing changed: senders get it after all else of this turn."""
        self._routings[app.name] = None

    def forget(self, app: App) -> None:
        """The app is gone. Done first of all: a new app of that name may be put on record in the same turn."""
        self._records.pop(app.name, None)
        if self._routings.pop(app.name, 0) is None:
            self._farewells.append(self._push(app))
        self._farewells.append(ForgetApp(app.name, cause=self.cause))

    def follow(self, request: DeployRequested) -> None:
        """Take up that request when the present event is dealt with."""
        self.requests.append(request)

    def timer(self, delay_s: float, timer: Timer) -> None:
        """Set a timer from now."""
        self.world.timers.set(self.now + delay_s, timer)

    def advance(self, replica: Replica, signal: Signal) -> None:
        """Move the replica on, and count."""
        self._transitions += 1
        self.world.transitions += 1
        if self._transitions > CEILING:
            raise TransitionCeilingError(
                f"One event ({self.cause or 'no cause'}) moved replicas more than {CEILING} times, at last "
                f"{replica.replica_id}. This is a loop in the controller's rules: report it with the event."
            )
        replica.advance(signal, self.now, self.cause)

    def finish(self) -> list[Instruction]:
        """The instructions: apps that are gone, records, what is to be done, routings."""
        records: list[Instruction] = [PersistApp(name, cause=self.cause) for name in self._records]
        pushes: list[Instruction] = [self._push(self.world.apps[name]) for name in self._routings]
        return self._farewells + records + self._instructions + pushes

    def _push(self, app: App) -> PushRouting:
        self.world.version += 1
        app.version = self.world.version
        rollout = app.rollout
        if rollout is not None and not rollout.preparing and rollout.awaiting is None:
            rollout.awaiting = app.version
        return PushRouting(app.name, app.version, app.routing(self.world.epoch), cause=self.cause)
