"""The second half of a deploy: what was decided is told to senders, becomes current, and what it replaced retires.

From the decision on it rolls forward, whatever happens; only a trial can still be taken back. The deploy is finished
when every entry point stamps new requests with the new revision; the old one drains after that.
"""

from __future__ import annotations

from kernelserve.control import answers, supply, trial
from kernelserve.control.app import App, Revision, Rollout, Stage
from kernelserve.control.instructions import FinishDeploy, RetireOnReplica
from kernelserve.control.options import drain_timeout_s
from kernelserve.control.pool import Pool
from kernelserve.control.rollout import abort
from kernelserve.control.timers import Due, Timer
from kernelserve.control.turn import Turn


def acked(app: App, version: int, turn: Turn) -> None:
    """All senders have that routing: the commit goes one stage further, if it waited for it."""
    rollout = app.rollout
    if rollout is None or rollout.awaiting is None or version < rollout.awaiting:
        return
    if rollout.stage is Stage.SETS and rollout.trial is not None:
        trial.start(app, turn)
        retire_idle(app, turn)
    elif rollout.stage is Stage.SETS:
        rollout.stage = Stage.CURRENT
        rollout.awaiting = None
        app.current = rollout.revision.number
        turn.push(app)
    elif rollout.stage is Stage.CURRENT:
        _applied(app, rollout, turn)
    elif rollout.stage is Stage.TRIAL:
        trial.begun(app, turn)


def _applied(app: App, rollout: Rollout, turn: Turn) -> None:
    app.rollout = None
    app.last_failure = ""
    app.owner, app.leased = rollout.owner, rollout.leased
    for revision in app.draining:
        start_drain(app, revision, turn)
    turn.persist(app)
    answers.finish(app, rollout, turn, "applied")
    retire_idle(app, turn)


def start_drain(app: App, revision: Revision, turn: Turn) -> None:
    """The revision's requests have that long to end."""
    turn.timer(drain_timeout_s(revision.graph), Timer(Due.DRAIN, app.name, revision.number))


def idle(app: App, number: int, turn: Turn) -> None:
    """No entry point has a request of that revision left, or it may have none any more."""
    revision, rollout = app.live.get(number), app.rollout
    if revision is None:
        return
    if number < app.current:
        revision.idle = True
        retire_idle(app, turn)
    elif rollout is not None and rollout.stage is Stage.BACK and rollout.revision is revision:
        trial.withdraw(app, turn)


def drain_over(app: App, number: int, turn: Turn) -> None:
    """The requests of that revision have had their time: what still runs is cut."""
    revision = app.live.get(number)
    if revision is not None:
        revision.overdue = True
    idle(app, number, turn)


def retire_idle(app: App, turn: Turn) -> None:
    """Retire old revisions whose requests have ended, oldest first.

    Not while a commit is on its way to the senders: one that has not heard of it may still start old requests.
    """
    if app.rollout is not None and app.rollout.committing:
        return
    for revision in app.draining:
        if not revision.idle:
            return
        _retire(app, revision, turn)


def _retire(app: App, revision: Revision, turn: Turn) -> None:
    del app.live[revision.number]
    turn.persist(app)
    turn.push(app)
    for pool in revision.pools.values():
        _retire_views(app, pool, revision, turn)
        supply.end_use(app, pool, revision, turn)
    revision.pools.clear()


def _retire_views(app: App, pool: Pool, revision: Revision, turn: Turn) -> None:
    needed = app.needed_versions(pool)
    if not needed or needed[0] == pool.versions[0]:
        return
    pool.newest_only = False
    pool.versions = [version for version in pool.versions if version >= needed[0]]
    pool.changed()
    for replica in pool.alive():
        if not replica.loaded.isdisjoint(pool.versions) and min(replica.loaded) < needed[0]:
            turn.emit(RetireOnReplica(replica.replica_id, revision.number, revision.overdue, cause=turn.cause))
            replica.loaded.intersection_update(pool.versions)


def delete(app: App, reason: str, turn: Turn) -> None:
    """End the app: requests are refused at once, replicas drain."""
    if app.deleted_reason:
        return
    app.deleted_reason = reason
    told = f"Application {app.name!r} was deleted during the deploy ({reason}). Deploy it again."
    rollout = app.rollout
    if app.queued is not None:
        turn.emit(FinishDeploy(app.queued.request_id, answers.not_begun(app.queued, "aborted", told), cause=turn.cause))
        app.queued = None
    if rollout is not None and rollout.preparing:
        abort(app, turn, "aborted", told)
    elif rollout is not None:
        app.rollout = None
        answers.finish(app, rollout, turn, "aborted", told)
    app.live.clear()
    turn.persist(app)
    turn.push(app)
    for pool in list(app.pools.values()):
        supply.settle(app, pool, turn)
    if not app.pools:
        supply.forget(app, turn)
