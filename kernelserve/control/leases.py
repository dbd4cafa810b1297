"""Apps that end with their owner: a lost owner has some time to come back."""

from __future__ import annotations

from kernelserve.control import commit
from kernelserve.control.timers import Due, Timer
from kernelserve.control.turn import Turn

LEASE_S = 30.0


def lost(owner: str, turn: Turn) -> None:
    """Start the owner's clock, if it does not run yet."""
    if turn.world.owners.get(owner) is None:
        turn.world.owners[owner] = turn.now
        turn.timer(LEASE_S, Timer(Due.LEASE, owner))


def back(owner: str, turn: Turn) -> None:
    """Stop the owner's clock."""
    turn.world.owners[owner] = None


def lease_due(owner: str, turn: Turn) -> None:
    """Delete the apps of an owner that has been lost for the whole time of the lease."""
    since = turn.world.owners.get(owner)
    if since is None or turn.now < since + LEASE_S:
        return  # it is back, or was back and is lost again: a later timer runs for that
    del turn.world.owners[owner]
    for app in list(turn.world.apps.values()):
        if app.leased and app.owner == owner:
            commit.delete(app, f"its owner ({owner}) was gone for {LEASE_S:g} s", turn)
