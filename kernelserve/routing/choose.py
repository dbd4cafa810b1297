"""Which replica: power of two choices on live load. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Protocol, TypeVar


class Load(Protocol):
    """What a choice needs of a replica, as its sender sees it."""

    replica_id: str

    @property
    def usable(self) -> bool:
        """Connected, not draining, and not known to be full."""

    @property
    def load(self) -> int:
        """Requests at the replica: own in flight or its last report, whichever is more."""


R = TypeVar("R", bound=Load)


def choose(replicas: Sequence[R], random_index: Callable[[int], int], excluded: Container[str] = ()) -> R | None:
    """The less loaded of two random replicas, or None if none is usable.

    Costs O(1) while most replicas are usable; only when both picks are not, all are looked at.
    Power of two choices: M. Mitzenmacher, "The power of two choices in randomized load balancing" (2001).

    Args:
        replicas: the endpoint set.
        random_index: ``n -> 0 <= i < n``.
        excluded: replica ids that rejected this request.
    """
    count = len(replicas)
    if count == 1:
        only = replicas[0]
        return only if only.usable and only.replica_id not in excluded else None
    if count == 0:
        return None
    first = random_index(count)
    second = random_index(count - 1)
    if second >= first:
        second += 1
    a, b = replicas[first], replicas[second]
    a_usable = a.usable and a.replica_id not in excluded
    b_usable = b.usable and b.replica_id not in excluded
    if a_usable and b_usable:
        return a if a.load <= b.load else b
    if a_usable:
        return a
    if b_usable:
        return b
    usable = [replica for replica in replicas if replica.usable and replica.replica_id not in excluded]
    return min(usable, key=lambda replica: replica.load) if usable else None
