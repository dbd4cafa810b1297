"""One deploy of one app: PREPARE everywhere → COMMIT (on record, then to senders) → RETIRE what it replaced.

Until the commit nothing that serves has changed, and any failure takes back all that was done. From the commit on
it rolls forward. The deploy is finished when every entry point stamps new requests with the new revision; the
old one drains after that.
"""

from __future__ import annotations

from kernelserve.control import history, supply
from kernelserve.control.app import LOADED, RENEWED, UNTOUCHED, App, Revision, Rollout, Stage
from kernelserve.control.events import DeployRequested
from kernelserve.control.instructions import FinishDeploy, ReportProgress, RetireOnReplica
from kernelserve.control.options import drain_timeout_s, replica_count, retry_limit
from kernelserve.control.pool import Pool
from kernelserve.control.timers import Due, Timer
from kernelserve.control.turn import Turn
from kernelserve.graph.model import Plan, Step
from kernelserve.transport.messages import Deployed
from kernelserve.types import Action, DeploymentID


def begin(app: App, request: DeployRequested, plan: Plan, turn: Turn) -> None:
    """Start to prepare the plan; it may be committed at once if there is nothing to wait for."""
    app.last_number += 1
    revision = Revision(
        number=app.last_number,
        graph=history.shared(app, request.graph),
        steps={step.deployment: step for step in plan.steps},
        time=turn.now,
        source=request.source,
        of=request.of,
    )
    rollout = Rollout(request.request_id, revision, turn.now, request.owner, request.leased, request.timeout_s)
    app.rollout = rollout
    app.live[revision.number] = revision
    for step in plan.steps:
        if step.action is not Action.REMOVE:
            _assign_pool(app, rollout, step.deployment, step.action)
    _tell_ahead(app, rollout, turn)
    if request.timeout_s is not None:
        turn.timer(request.timeout_s, Timer(Due.DEPLOY, app.name, revision.number))
    turn.persist(app)
    for name in list(rollout.unready):
        pool = revision.pools[name]
        supply.settle(app, pool, turn)
        for replica in pool.alive():
            supply.load(app, pool, replica, turn)
        tell(app, name, _stage_text(rollout, pool), turn)
    for name in list(rollout.unready):
        review(app, revision.pools[name], turn)
    _commit_if_ready(app, turn)


def _assign_pool(app: App, rollout: Rollout, name: str, action: Action) -> None:
    revision = rollout.revision
    current = app.current_revision
    shared = current.pools.get(name) if current else None
    if shared is not None and action not in RENEWED and _hopeless(shared, action):
        revision.steps[name] = Step(name, Action.REPLACE, "no replica of it is running")
        action = Action.REPLACE
    if shared is None or action in RENEWED:
        _new_pool(app, revision, name)
    else:
        revision.pools[name] = shared
        if action in LOADED:
            shared.versions.append(revision.number)
    if action not in UNTOUCHED:
        rollout.unready[name] = None


def _tell_ahead(app: App, rollout: Rollout, turn: Turn) -> None:
    """Senders get the sets of a revision in prepare if constructors may call into it; requests never go there."""
    revision = rollout.revision
    if not rollout.constructs_callers:
        nodes = revision.graph.nodes.values()
        rollout.constructs_callers = any(node.children and revision.action(node.name) in RENEWED for node in nodes)
    if rollout.constructs_callers:
        turn.push(app)


def _hopeless(pool: Pool, action: Action) -> bool:
    """Whether there is no replica to keep or patch, and none to be expected soon."""
    if any(replica.routable for replica in pool.alive()):
        return False
    return action in LOADED or pool.pending > 0


def _new_pool(app: App, revision: Revision, name: str) -> Pool:
    pool = Pool(DeploymentID(app.name, name), revision.number, revision.graph.nodes[name], target=0)
    app.pools[name, pool.born] = pool
    revision.pools[name] = pool
    return pool


def review(app: App, pool: Pool, turn: Turn) -> None:
    """Something happened to the pool: see whether the deploy in prepare (if any) can go on."""
    rollout = app.rollout_of(pool)
    if rollout is None:
        return
    name = pool.name
    if not _ready(app, rollout, pool):
        rollout.unready[name] = None
        tell(app, name, _stage_text(rollout, pool), turn)
        return
    if name in rollout.unready:
        del rollout.unready[name]
        rollout.finished[name] = turn.now - rollout.started
        tell(app, name, "ready", turn)
    _commit_if_ready(app, turn)


def _ready(app: App, rollout: Rollout, pool: Pool) -> bool:
    revision = rollout.revision
    serving = len(pool.serving(revision.number))
    wanted = replica_count(revision.graph.nodes[pool.name])
    if revision.action(pool.name) in RENEWED:
        return serving >= wanted
    if any(replica.routable and pool.version_for(revision.number) not in replica.loaded for replica in pool.alive()):
        return False
    # Replicas that keep dying are not this deploy's fault, and the edit may be the cure.
    struggling = pool.pending + sum(replica.attempt > 1 and not replica.routable for replica in pool.alive())
    return serving > 0 and serving + struggling >= wanted


def _stage_text(rollout: Rollout, pool: Pool) -> str:
    revision = rollout.revision
    ready = len(pool.serving(revision.number))
    wanted = replica_count(revision.graph.nodes[pool.name])
    waits = next((replica.waiting_for for replica in pool.alive() if replica.waiting_for), "")
    verb = "starting" if revision.action(pool.name) in RENEWED else "preparing"
    return f"{verb} ({ready} of {wanted} replicas ready{', ' + waits if waits else ''})"


def tell(app: App, deployment: str, stage: str, turn: Turn) -> None:
    """Report progress, if it is news."""
    rollout = app.rollout
    if rollout is None or rollout.stages.get(deployment) == stage:
        return
    rollout.stages[deployment] = stage
    view = rollout.step_view(rollout.revision.steps[deployment])
    turn.emit(ReportProgress(rollout.request_id, view, cause=turn.cause))


def refused(app: App, pool: Pool, reason: str, turn: Turn) -> None:
    """A replica cannot be patched safely: replace the deployment instead, on all its replicas."""
    rollout = app.rollout_of(pool)
    if rollout is None:
        return
    revision = rollout.revision
    supply.unload(app, pool, revision.number, turn)
    revision.steps[pool.name] = Step(pool.name, Action.REPLACE, reason)
    fresh = _new_pool(app, revision, pool.name)
    _tell_ahead(app, rollout, turn)
    rollout.unready[pool.name] = None
    supply.settle(app, pool, turn)
    supply.settle(app, fresh, turn)
    tell(app, pool.name, _stage_text(rollout, fresh), turn)


def start_failed(app: App, pool: Pool, turn: Turn, error: str, type_name: str, traceback: str, retryable: bool) -> None:
    """A replica of the deploy in prepare did not start, and is removed but not replaced yet."""
    rollout = app.rollout_of(pool)
    if rollout is None or not _starts_for(app, rollout, pool):
        return
    retries = rollout.retries[pool.name] = rollout.retries.get(pool.name, 0) + 1
    limit = retry_limit(rollout.revision.graph.nodes[pool.name])
    if retryable and retries < limit:
        tell(app, pool.name, f"start {retries} of at most {limit} failed, trying again: {error}", turn)
        return
    told = f"{error} (start number {retries} to fail; the limit is {limit})" if retryable and retries > 1 else error
    abort(app, turn, "failed", told, deployment=pool.name, type_name=type_name, traceback=traceback)


def _starts_for(app: App, rollout: Rollout, pool: Pool) -> bool:
    """Whether the deploy makes the pool start replicas: a new pool, or one that grows."""
    current = app.current_revision
    if current is None or current.pools.get(pool.name) is not pool:
        return True
    return replica_count(rollout.revision.graph.nodes[pool.name]) > replica_count(current.graph.nodes[pool.name])


def abort(
    app: App, turn: Turn, outcome: str, error: str, *, deployment: str = "", type_name: str = "", traceback: str = ""
) -> None:
    """Take back all that the deploy in prepare has done; the running revision is untouched."""
    rollout = app.rollout
    assert rollout is not None and rollout.preparing, "only a deploy in prepare can be taken back"
    revision = rollout.revision
    if rollout.constructs_callers:
        turn.push(app)
    app.rollout = None
    del app.live[revision.number]
    for name, pool in revision.pools.items():
        if revision.action(name) in LOADED:
            supply.unload(app, pool, revision.number, turn)
        if revision.action(name) not in UNTOUCHED:
            supply.settle(app, pool, turn)
    revision.pools.clear()
    app.last_failure = error
    turn.persist(app)
    _finish(app, rollout, turn, outcome, error, deployment, type_name, traceback)


def _commit_if_ready(app: App, turn: Turn) -> None:
    rollout = app.rollout
    if rollout is None or not rollout.preparing or rollout.unready:
        return
    revision = rollout.revision
    rollout.stage = Stage.SETS
    for name, pool in revision.pools.items():
        pool.node = revision.graph.nodes[name]
    turn.persist(app)
    turn.push(app)


def acked(app: App, version: int, turn: Turn) -> None:
    """All senders have that routing: the commit goes one stage further, if it waited for it."""
    rollout = app.rollout
    if rollout is None or rollout.preparing or rollout.awaiting is None or version < rollout.awaiting:
        return
    if rollout.stage is Stage.SETS:
        rollout.stage = Stage.CURRENT
        rollout.awaiting = None
        app.current = rollout.revision.number
        turn.push(app)
        return
    _applied(app, rollout, turn)


def _applied(app: App, rollout: Rollout, turn: Turn) -> None:
    app.rollout = None
    app.last_failure = ""
    app.owner, app.leased = rollout.owner, rollout.leased
    for revision in app.draining:
        start_drain(app, revision, turn)
    turn.persist(app)
    _finish(app, rollout, turn, "applied")
    retire_idle(app, turn)


def start_drain(app: App, revision: Revision, turn: Turn) -> None:
    """The revision's requests have that long to end."""
    turn.timer(drain_timeout_s(revision.graph), Timer(Due.DRAIN, app.name, revision.number))


def timed_out(app: App, number: int, turn: Turn) -> None:
    """The deploy of that revision had its time: give it up, and say what still waits."""
    rollout = app.rollout
    if rollout is None or not rollout.preparing or rollout.revision.number != number:
        return
    waits = "; ".join(f"{name}: {rollout.stages.get(name, 'waits')}" for name in sorted(rollout.unready))
    told = (
        f"Revision {number} of {app.name!r} was not ready within {rollout.timeout_s:g} s. Still waiting: {waits}. "
        "Raise the timeout, or free what it waits for."
    )
    abort(app, turn, "failed", told, deployment=min(rollout.unready, default=""))


def _finish(
    app: App,
    rollout: Rollout,
    turn: Turn,
    outcome: str,
    error: str = "",
    deployment: str = "",
    type_name: str = "",
    traceback: str = "",
) -> None:
    revision = rollout.revision
    revision.outcome, revision.error = outcome, error
    revision.duration_s = turn.now - rollout.started
    app.remember(revision)
    outcome_message = Deployed(
        outcome=outcome,
        app=app.name,
        revision=revision.number if outcome == "applied" else app.current,
        steps=rollout.step_views(),
        duration_s=revision.duration_s,
        error=error,
        deployment=deployment,
        traceback=traceback,
        type_name=type_name,
    )
    turn.emit(FinishDeploy(rollout.request_id, outcome_message, cause=turn.cause))
    if app.queued is not None and not app.deleted_reason:
        turn.follow(app.queued)
        app.queued = None


def idle(app: App, number: int, turn: Turn) -> None:
    """No entry point has a request of that revision left, or it may have none any more."""
    revision = app.live.get(number)
    if revision is not None and number < app.current:
        revision.idle = True
        retire_idle(app, turn)


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
    if app.rollout is not None and not app.rollout.preparing:
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
        _retire_views(app, pool, revision.number, turn)
        pool.drained = revision.overdue
        supply.settle(app, pool, turn)
    revision.pools.clear()


def _retire_views(app: App, pool: Pool, number: int, turn: Turn) -> None:
    needed = app.needed_versions(pool)
    if not needed or needed[0] == pool.versions[0]:
        return
    pool.newest_only = False
    pool.versions = [version for version in pool.versions if version >= needed[0]]
    pool.changed()
    for replica in pool.alive():
        if not replica.loaded.isdisjoint(pool.versions) and min(replica.loaded) < needed[0]:
            turn.emit(RetireOnReplica(replica.replica_id, number, cause=turn.cause))
            replica.loaded.intersection_update(pool.versions)


def delete(app: App, reason: str, turn: Turn) -> None:
    """End the app: requests are refused at once, replicas drain."""
    if app.deleted_reason:
        return
    app.deleted_reason = reason
    told = f"Application {app.name!r} was deleted during the deploy ({reason}). Deploy it again."
    rollout = app.rollout
    if app.queued is not None:
        turn.emit(FinishDeploy(app.queued.request_id, not_begun(app.queued, "aborted", told), cause=turn.cause))
        app.queued = None
    if rollout is not None and rollout.preparing:
        abort(app, turn, "aborted", told)
    elif rollout is not None:
        app.rollout = None
        _finish(app, rollout, turn, "aborted", told)
    app.live.clear()
    turn.persist(app)
    turn.push(app)
    for pool in list(app.pools.values()):
        supply.settle(app, pool, turn)
    if not app.pools:
        supply.forget(app, turn)


def not_begun(request: DeployRequested, outcome: str, error: str, revision: int = 0) -> Deployed:
    """The answer to a request that never became a rollout."""
    return Deployed(outcome=outcome, app=request.graph.name, revision=revision, steps=[], error=error)
