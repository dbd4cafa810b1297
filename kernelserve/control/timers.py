"""What is due when. A timer is never cancelled: whoever it fires for looks whether it still matters."""

from __future__ import annotations

import enum
import heapq
import itertools
from typing import NamedTuple


class Due(enum.Enum):
    """What a timer is for, and what `Timer.key` names."""

    HEALTH = "health"  # replica: next health check
    RECOVERY = "recovery"  # replica: was not found again in time
    STOPPING = "stopping"  # replica: did not end in time
    PREPARING = "preparing"  # replica: did not answer in time; `number` is the revision
    RESTART = "restart"  # app: a pool's delayed restart; `deployment`, `number` is the pool's birth
    DEPLOY = "deploy"  # app: a deploy's timeout; `number` is its revision
    DRAIN = "drain"  # app: a revision's drain timeout; `number` is the revision
    LEASE = "lease"  # owner: did not come back


class Timer(NamedTuple):
    """One thing that is due."""

    due: Due
    key: str
    number: int = 0
    deployment: str = ""
    attempt: int = 0


class Timers:
    """A heap of timers, in the order in which they were set where times are equal."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def set(self, at: float, timer: Timer) -> None:
        """Fire `timer` at the first `pop` at or after `at`."""
        heapq.heappush(self._heap, (at, next(self._order), timer))

    def pop(self, now: float) -> Timer | None:
        """The next timer that is due, or None."""
        if not self._heap or self._heap[0][0] > now:
            return None
        return heapq.heappop(self._heap)[2]

    def next_due(self) -> float | None:
        """When the next one fires, or None."""
        return self._heap[0][0] if self._heap else None
