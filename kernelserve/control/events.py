"""What happens to the system, as values: the only input of `machine.Controller`.

Every event carries the time at which it happened (`now`, a monotonic or wall clock of the driver's choice, but
always the same one) and the id of what caused it (`cause`), which is passed on to every instruction that follows.
"""

from __future__ import annotations

from dataclasses import dataclass

from kernelserve.graph.model import AppGraph
from kernelserve.transport.messages import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of the events."""

    now: float
    cause: str = ""


# --- from people ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployRequested(Event):
    """Somebody wants `graph` to run. Answered by exactly one `FinishDeploy` of that `request_id`.

    `owner` is the notebook or script; with `leased` the app ends some time after its owner is lost. `take` allows
    taking the app's name from another live owner. `of`: the graph is that of this earlier revision, a rollback. With
    `trial` it is tried beside the current revision, until `TrialEnded`.
    """

    request_id: str
    graph: AppGraph
    force_replace: bool = False
    dry_run: bool = False
    timeout_s: float | None = None
    owner: str = ""
    leased: bool = False
    source: str = ""
    take: bool = False
    of: int = 0
    trial: Trial | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEnded(Event):
    """Make the revision on trial current (`accept`), or take it back. Answered by one `FinishDeploy`."""

    request_id: str
    app: str
    accept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortRequested(Event):
    """Give up that deploy, if it is not committed yet."""

    request_id: str
    reason: str = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRequested(Event):
    """End an app. `ForgetApp` says that nothing of it is left."""

    app: str
    reason: str = "it was deleted"


# --- from replicas --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaStarted(Event):
    """The replica's user code is constructed and it listens at `address`; also: an adopted one answered."""

    replica_id: str
    address: str
    node_id: str = ""
    pid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaStartFailed(Event):
    """The replica never came up, and nothing of it is left. `retryable` is false where another try would not help."""

    replica_id: str
    error: str
    type_name: str = ""
    traceback: str = ""
    retryable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaWaiting(Event):
    """The replica waits for resources; `text` says which, for people ("" when it no longer waits)."""

    replica_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaPrepared(Event):
    """Answer to `PrepareReplica`: ready, or `refused` (reason to replace), or `error` (user code raised).

    `barrier`: ready, but the patch must be alone: its requests wait until those of older revisions have ended.
    """

    replica_id: str
    revision: int
    refused: str = ""
    barrier: str = ""
    error: str = ""
    type_name: str = ""
    traceback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchGivenUp(Event):
    """The patch had to be alone on the replica and could not in time: it will not serve `revision`."""

    replica_id: str
    revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaDied(Event):
    """The replica's process is gone, whatever it was doing."""

    replica_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaUnhealthy(Event):
    """The replica must be replaced now (its watchdog or its channel says so)."""

    replica_id: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChecked(Event):
    """Answer to `CheckHealthOf`; a check without an answer in its time is `ok=False`."""

    replica_id: str
    ok: bool
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaStopped(Event):
    """Answer to `StopReplica` and `KillReplica`: nothing of the replica is left."""

    replica_id: str


# --- from senders and owners ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingAcked(Event):
    """Every live sender subscribed to `app` has that version or a later one (at once if there is none)."""

    app: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionIdleEverywhere(Event):
    """Every entry point has no request of that revision left (at once if there is none)."""

    app: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerLost(Event):
    """The owner's last connection ended without a goodbye."""

    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerBack(Event):
    """The owner is connected (again)."""

    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Event):
    """Time has passed: due at `Controller.next_due()` at the latest."""
