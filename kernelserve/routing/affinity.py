"""Which replica for a model or a session. Pure.

Rendezvous hashing: D. Thaler, C. Ravishankar, "A name-based mapping scheme for rendezvous" (1996). Each
session belongs to the replica with the highest score for it, so that all senders agree without a word, and a
replica that comes or goes moves only its own sessions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Sequence
from typing import Protocol, TypeVar

from kernelserve.routing.choose import Load, choose


class Holder(Load, Protocol):
    """What a choice by model needs of a replica."""

    @property
    def model_count(self) -> int:
        """Models that are there or on their way."""

    def has_model(self, model_id: str) -> bool:
        """Whether the model is there or on its way."""


R = TypeVar("R", bound=Load)
H = TypeVar("H", bound=Holder)


def choose_for(
    replicas: Sequence[H],
    model_id: str,
    session_id: str,
    random_index: Callable[[int], int],
    excluded: Container[str] = (),
) -> H | None:
    """A usable replica for a request of a model, a session or both; None if none is usable.

    Those that have the model go before others. Among those that are left, the session's own replica goes
    first; then the less loaded of two. A model that nobody usable has goes to the replica with the fewest.

    Args:
        replicas: the endpoint set.
        model_id: multiplexed model id, or "".
        session_id: session id, or "".
        random_index: ``n -> 0 <= i < n``.
        excluded: replica ids that rejected this request.
    """
    if model_id:
        holders = [replica for replica in replicas if replica.has_model(model_id)]
        chosen = _in_session(holders, session_id, random_index, excluded)
        if chosen is not None:
            return chosen
        if not session_id:
            return _fewest_models(replicas, random_index, excluded)
    return _in_session(replicas, session_id, random_index, excluded)


def owner(session_id: str, replicas: Sequence[R]) -> R:
    """The replica that a session belongs to; the same for every sender and every order of the set."""
    key = hashlib.blake2b(session_id.encode("utf-8", "surrogatepass")).digest()
    return max(replicas, key=lambda replica: _score(key, replica.replica_id))


def _score(key: bytes, replica_id: str) -> bytes:
    return hashlib.blake2b(replica_id.encode(), key=key, digest_size=8).digest()


def _in_session(
    replicas: Sequence[R], session_id: str, random_index: Callable[[int], int], excluded: Container[str]
) -> R | None:
    if session_id and replicas:
        own = owner(session_id, replicas)
        if own.usable and own.replica_id not in excluded:
            return own
    return choose(replicas, random_index, excluded)


def _fewest_models(replicas: Sequence[H], random_index: Callable[[int], int], excluded: Container[str]) -> H | None:
    usable = [replica for replica in replicas if replica.usable and replica.replica_id not in excluded]
    if not usable:
        return None
    fewest = min(replica.model_count for replica in usable)
    ties = [replica for replica in usable if replica.model_count == fewest]
    return ties[random_index(len(ties))]
