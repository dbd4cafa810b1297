"""The first half of a deploy of one app: PREPARE everywhere, up to the decision. `control.commit` has the rest.

Until the decision nothing that serves has changed, and any failure takes back all that was done.
"""

from __future__ import annotations

from kernelserve.control import answers, history, supply
from kernelserve.control.app import LOADED, RENEWED, UNTOUCHED, App, Revision, Rollout, Stage
from kernelserve.control.events import DeployRequested
from kernelserve.control.options import replica_count, retry_limit
from kernelserve.control.pool import Pool
from kernelserve.control.timers import Due, Timer
from kernelserve.control.turn import Turn
from kernelserve.graph.model import Plan, Step
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
    rollout = Rollout(
        request_id=request.request_id,
        revision=revision,
        started=turn.now,
        owner=request.owner,
        leased=request.leased,
        timeout_s=request.timeout_s,
        trial=request.trial,
    )
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
        answers.tell(app, name, _stage_text(rollout, pool), turn)
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
        answers.tell(app, name, _stage_text(rollout, pool), turn)
        return
    if name in rollout.unready:
        del rollout.unready[name]
        rollout.finished[name] = turn.now - rollout.started
        answers.tell(app, name, "ready", turn)
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
    answers.tell(app, pool.name, _stage_text(rollout, fresh), turn)


def must_be_alone(app: App, pool: Pool, why: str) -> None:
    """A patch that is ready has to wait for the requests of older revisions: say so in the plan."""
    rollout = app.rollout_of(pool)
    if rollout is None or not why:
        return
    steps, name = rollout.revision.steps, pool.name
    if why not in steps[name].reason:
        steps[name] = Step(name, steps[name].action, f"{steps[name].reason}; after older requests end: {why}")


def start_failed(app: App, pool: Pool, turn: Turn, error: str, type_name: str, traceback: str, retryable: bool) -> None:
    """A replica of the deploy in prepare did not start, and is removed but not replaced yet."""
    rollout = app.rollout_of(pool)
    if rollout is None or not _starts_for(app, rollout, pool):
        return
    retries = rollout.retries[pool.name] = rollout.retries.get(pool.name, 0) + 1
    limit = retry_limit(rollout.revision.graph.nodes[pool.name])
    if retryable and retries < limit:
        answers.tell(app, pool.name, f"start {retries} of at most {limit} failed, trying again: {error}", turn)
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
    supply.withdraw(app, revision, turn)
    app.last_failure = error
    turn.persist(app)
    answers.finish(app, rollout, turn, outcome, error, deployment, type_name, traceback)


def _commit_if_ready(app: App, turn: Turn) -> None:
    rollout = app.rollout
    if rollout is None or not rollout.preparing or rollout.unready:
        return
    rollout.stage = Stage.SETS
    if rollout.trial is None:
        rollout.revision.rule_pools()
    turn.persist(app)
    turn.push(app)


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
