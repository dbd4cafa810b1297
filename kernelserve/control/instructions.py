"""What is to be done, as values: the only output of `machine.Controller`.

The driver performs them in order. `PersistApp` and `ForgetApp` must be durable before the next one starts: a
replica id is on record before its process exists, so that a restarted controller finds or ends it.
`cause` is the id of the event behind it; it does not count in comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kernelserve.transport.messages import Deployed, Routing, StepView


@dataclass(frozen=True, slots=True)
class Instruction:
    """Base of the instructions."""

    cause: str = field(default="", kw_only=True, compare=False)


@dataclass(frozen=True, slots=True)
class StartReplica(Instruction):
    """Start it with the node `Controller.graph(app, revision).nodes[deployment]`.

    Answered by `ReplicaStarted` or `ReplicaStartFailed`, `ReplicaWaiting` in between.
    """

    replica_id: str
    app: str
    deployment: str
    revision: int
    rank: int = 0


@dataclass(frozen=True, slots=True)
class RecoverReplica(Instruction):
    """After a restart: find this running replica. Answered by `ReplicaStarted` or `ReplicaDied`."""

    replica_id: str
    app: str
    deployment: str
    address: str


@dataclass(frozen=True, slots=True)
class StopReplica(Instruction):
    """Drain at most that long, then end it. Answered by `ReplicaStopped`."""

    replica_id: str
    graceful_timeout_s: float


@dataclass(frozen=True, slots=True)
class KillReplica(Instruction):
    """End it now, also if it is unknown or still starting. Answered by `ReplicaStopped`."""

    replica_id: str


@dataclass(frozen=True, slots=True)
class PrepareReplica(Instruction):
    """Send `Prepare` with the node of that revision. Answered by `ReplicaPrepared`.

    `beside`: the live revisions whose code the replica has. `graph_of`: a live revision that has the node, too.
    """

    replica_id: str
    revision: int
    deployment: str
    patch: bool
    beside: tuple[int, ...] = field(default=(), compare=False)
    graph_of: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AbortPrepare(Instruction):
    """The revision will not come: drop what was prepared for it. No answer."""

    replica_id: str
    revision: int


@dataclass(frozen=True, slots=True)
class RetireOnReplica(Instruction):
    """No request of this revision or an older one will come: end their views. No answer.

    `overdue`: what still runs of them has had its time.
    """

    replica_id: str
    revision: int
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class CheckHealthOf(Instruction):
    """Answered by `HealthChecked`, always, within `timeout_s`."""

    replica_id: str
    timeout_s: float


@dataclass(frozen=True, slots=True)
class PushRouting(Instruction):
    """Send it to every sender subscribed to `app`. Answered by `RoutingAcked`."""

    app: str
    version: int
    routing: Routing


@dataclass(frozen=True, slots=True)
class PersistApp(Instruction):
    """Write `Controller.snapshot_app(app)`, taken when this instruction is performed or later."""

    app: str


@dataclass(frozen=True, slots=True)
class ForgetApp(Instruction):
    """The app is gone: remove what `PersistApp` wrote."""

    app: str


@dataclass(frozen=True, slots=True)
class ReportProgress(Instruction):
    """Tell the requester of a deploy."""

    request_id: str
    step: StepView


@dataclass(frozen=True, slots=True)
class FinishDeploy(Instruction):
    """The answer to `DeployRequested`. An unknown `request_id` (its client is gone) is ignored by the driver."""

    request_id: str
    outcome: Deployed
