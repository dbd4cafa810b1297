"""A patch that had to be alone on its replicas, and could not in time: the deployment is replaced after all.

The revision is committed by then, so it rolls forward: it gets a pool of its own, and its requests wait for that. The
old pool goes on for the older revisions until their requests have ended.
"""

from __future__ import annotations

from kernelserve.control import answers, rollout, supply, trial
from kernelserve.control.app import LOADED, App
from kernelserve.control.instructions import AbortPrepare
from kernelserve.control.pool import Pool
from kernelserve.control.replica import Replica, Signal
from kernelserve.control.turn import Turn
from kernelserve.graph.model import Step
from kernelserve.types import Action


def give_up(app: App, pool: Pool, version: int, reason: str, turn: Turn) -> None:
    """The pool will not serve that version."""
    if version == pool.born or version not in pool.versions:
        return  # another replica of the pool has said so before
    deploy = app.rollout
    if deploy is None or deploy.revision.number != version:
        _replace(app, pool, version, reason, turn)
    elif deploy.preparing:
        rollout.refused(app, pool, reason, turn)
    elif deploy.trial is not None:
        trial.fail(app, turn, f"{pool.name} cannot be tried beside the current revision: {reason}")
    else:
        _replace(app, pool, version, reason, turn)


def _replace(app: App, pool: Pool, version: int, reason: str, turn: Turn) -> None:
    name = pool.name
    fresh = _split(app, pool, version)
    for revision in (*app.live.values(), *app.revisions):
        if revision.number == version:
            revision.steps[name] = Step(name, Action.REPLACE, reason)
    for replica in pool.alive():
        _forget_versions(app, pool, replica, version, turn)
    turn.persist(app)
    turn.push(app)
    supply.settle(app, pool, turn)
    supply.settle(app, fresh, turn)
    deploy = app.rollout_of(fresh)
    if deploy is not None and deploy.revision.action(name) in LOADED:
        deploy.unready[name] = None
        answers.tell(app, name, f"waits for its replacement: {reason}", turn)


def _split(app: App, pool: Pool, version: int) -> Pool:
    """Give the revisions from that version on a pool of their own."""
    fresh = app.pools[pool.name, version] = Pool(pool.deployment, version, pool.node, target=0)
    for number in [number for number in app.revisions_using(pool) if number >= version]:
        app.live[number].pools[pool.name] = fresh
    fresh.versions = [one for one in pool.versions if one >= version]
    pool.versions = [one for one in pool.versions if one < version]
    pool.newest_only = False
    pool.changed()
    return fresh


def _forget_versions(app: App, pool: Pool, replica: Replica, version: int, turn: Turn) -> None:
    if replica.preparing is not None and replica.preparing >= version:
        turn.emit(AbortPrepare(replica.replica_id, replica.preparing, cause=turn.cause))
        turn.advance(replica, Signal.PREPARED)
        replica.preparing = None
    replica.loaded = {one for one in replica.loaded if one < version}
    if not replica.loaded:
        supply.stop(app, pool, replica, turn)
