"""Which requests a revision on trial gets. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from kernelserve.transport.messages import Trial

_SCALE = 2.0**64


def falls_to_trial(trial: Trial, app: str, session_id: str, random: Callable[[], float]) -> bool:
    """Whether a new request is one of the trial's share.

    A session is on one side for as long as the share is the same, and one that is on the trial's side stays there
    when the share grows. Requests without a session are divided by chance.

    Args:
        random: a number from 0 on, below 1.

    Example:
        >>> sessions = [f"user-{n}" for n in range(1000)]
        >>> sum(falls_to_trial(Trial(2, 0.1), "shop", session, lambda: 0.0) for session in sessions)
        107
    """
    if not session_id:
        return random() < trial.share
    key = f"{app}\0{session_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") < trial.share * _SCALE
