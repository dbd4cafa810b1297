"""Calls that can never run, because the deployments that wait for them hold every slot. Pure."""

from __future__ import annotations

from collections.abc import Sequence

MAX_CHAIN = 100
"""Deployments that may wait for one another."""


def cycle(chain: Sequence[str], deployment: str, slots: int) -> str:
    """Why a call to `deployment` can never run, or "".

    Args:
        chain: deployments (``app#name``) that wait for the call, outermost first.
        deployment: where it goes.
        slots: requests that all replicas of `deployment` run at once; 0 if unknown.

    Example:
        >>> cycle(("app#A", "app#B"), "app#A", slots=2)
        ''
        >>> cycle(("app#A", "app#B"), "app#A", slots=1).split(":")[0]
        'The call app#A → app#B → app#A can never run'
    """
    if len(chain) >= MAX_CHAIN:
        return (
            f"The call to {deployment} is not made: {len(chain)} calls wait for one another already "
            f"({_path((*chain, deployment))}), and {MAX_CHAIN} is the limit. Do it inside one call."
        )
    held = chain.count(deployment)
    if slots and held >= slots:
        return (
            f"The call {_path((*chain, deployment))} can never run: {held} of the requests that wait for it are at "
            f"{deployment} itself, which runs {slots} at once in all. Call the method directly inside the deployment, "
            "or raise max_ongoing_requests."
        )
    return ""


def _path(names: Sequence[str]) -> str:
    """The way, with the middle of a long one left out."""
    if len(names) > 12:
        names = (*names[:6], "…", *names[-5:])
    return " → ".join(names)
