"""One replica as the controller sees it: its state and the table of what may follow what."""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass, field

from kernelserve.exceptions import KernelServeError
from kernelserve.types import DeploymentID

HISTORY = 12


class ReplicaState(enum.StrEnum):
    """Ray Serve's names. `UPDATING` serves its old revisions while it prepares a new one."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    UPDATING = "UPDATING"
    RECOVERING = "RECOVERING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"


class Signal(enum.StrEnum):
    """What moves a replica from one state to the next."""

    STARTED = "started"
    PREPARE = "prepare"
    PREPARED = "prepared"
    STOP = "stop"
    GONE = "gone"


_S = ReplicaState

TRANSITIONS: dict[tuple[ReplicaState, Signal], ReplicaState] = {
    (_S.STARTING, Signal.STARTED): _S.RUNNING,
    (_S.STARTING, Signal.STOP): _S.STOPPING,
    (_S.STARTING, Signal.GONE): _S.STOPPED,
    (_S.RUNNING, Signal.PREPARE): _S.UPDATING,
    (_S.RUNNING, Signal.STOP): _S.STOPPING,
    (_S.RUNNING, Signal.GONE): _S.STOPPED,
    (_S.UPDATING, Signal.PREPARED): _S.RUNNING,
    (_S.UPDATING, Signal.STOP): _S.STOPPING,
    (_S.UPDATING, Signal.GONE): _S.STOPPED,
    (_S.RECOVERING, Signal.STARTED): _S.RUNNING,
    (_S.RECOVERING, Signal.STOP): _S.STOPPING,
    (_S.RECOVERING, Signal.GONE): _S.STOPPED,
    # Its start was under way when it was told to stop: the stop still comes.
    (_S.STOPPING, Signal.STARTED): _S.STOPPING,
    (_S.STOPPING, Signal.GONE): _S.STOPPED,
}

# A recovering replica runs (only the controller was away), so requests go on reaching it.
ROUTABLE = frozenset({_S.RUNNING, _S.UPDATING, _S.RECOVERING})
ALIVE = ROUTABLE | {_S.STARTING}


class IllegalTransitionError(KernelServeError):
    """An event came that cannot follow from the replica's state: a bug in the driver or here."""


@dataclass(slots=True, eq=False)
class Replica:
    """A replica that was started and is not known to be gone.

    Attributes:
        started_with: the revision that it was started with.
        loaded: the pool versions that it can serve (see `pool.Pool`).
        preparing: the revision of an unanswered `PrepareReplica`, or None.
        rank: among the replicas of its pool, from 0; the lowest free one at its start.
        attempt: 0 for a first start, n for the n-th replacement in a row.
        failed_checks: health checks failed in a row.
        stale: revisions that never came, of which an adopted replica may still hold a view.
    """

    replica_id: str
    deployment: DeploymentID
    started_with: int
    loaded: set[int]
    state: ReplicaState = ReplicaState.STARTING
    preparing: int | None = None
    rank: int = 0
    attempt: int = 0
    address: str = ""
    node_id: str = ""
    pid: int = 0
    since: float = 0.0
    running_since: float | None = None
    checking: bool = False
    failed_checks: int = 0
    waiting_for: str = ""
    stale: tuple[int, ...] = ()
    history: deque[str] = field(default_factory=lambda: deque(maxlen=HISTORY))

    @property
    def alive(self) -> bool:
        return self.state in ALIVE

    @property
    def routable(self) -> bool:
        return self.state in ROUTABLE and bool(self.address)

    def advance(self, signal: Signal, now: float, cause: str) -> None:
        """Move on by the table; a pair that it lacks raises with the replica's last events."""
        after = TRANSITIONS.get((self.state, signal))
        if after is None:
            told = "\n  ".join(self.history) or "(none)"
            raise IllegalTransitionError(
                f"Replica {self.replica_id} is {self.state} and got {signal.value!r}, which cannot happen then. "
                f"Report this with the replica's last events:\n  {told}"
            )
        self.history.append(f"{now:.3f} {self.state} --{signal.value}--> {after} ({cause or 'no cause'})")
        self.state = after
        self.since = now
