"""Keeps each pool at its target: starts, loads, stops and replaces replicas."""

from __future__ import annotations

import itertools
import zlib

from kernelserve.control.app import LOADED, UNTOUCHED, App, Revision
from kernelserve.control.instructions import (
    AbortPrepare,
    CheckHealthOf,
    KillReplica,
    PrepareReplica,
    StartReplica,
    StopReplica,
)
from kernelserve.control.options import option, replica_count
from kernelserve.control.pool import Pool
from kernelserve.control.replica import Replica, ReplicaState, Signal
from kernelserve.control.timers import Due, Timer
from kernelserve.control.turn import Turn
from kernelserve.types import Action

STOP_MARGIN_S = 5.0
PREPARE_TIMEOUT_S = 60.0
STABLE_S = 60.0
"""A replica that ran this long and dies did not die of its start: the backoff begins anew."""
MAX_BACKOFF_S = 60.0
FAILED_CHECKS = 3


def backoff_s(attempt: int) -> float:
    """Delay before the n-th replacement in a row: 0, 1, 2, 4, … seconds."""
    return 0.0 if attempt <= 1 else min(2.0 ** min(attempt - 2, 16), MAX_BACKOFF_S)


def settle(app: App, pool: Pool, turn: Turn) -> None:
    """Set the target from the live revisions that use the pool, and reconcile."""
    users = list(app.revisions_using(pool))
    pool.retired = not users
    pool.target = max((replica_count(app.live[number].graph.nodes[pool.name]) for number in users), default=0)
    reconcile(app, pool, turn)


def reconcile(app: App, pool: Pool, turn: Turn, attempt: int = 0) -> None:
    """Start what is missing, stop what is too many (the highest ranks first)."""
    alive = pool.alive()
    missing = pool.target - len(alive) - pool.pending
    if missing > 0:
        taken = {replica.rank for replica in alive}
        free = (rank for rank in itertools.count() if rank not in taken)
        for rank in itertools.islice(free, missing):
            _start(app, pool, turn, attempt, rank)
    surplus = max(0, len(alive) - pool.target)
    for replica in sorted(alive, key=lambda one: one.rank, reverse=True)[:surplus]:
        stop(app, pool, replica, turn)
    _drop_if_empty(app, pool, turn)


def _start(app: App, pool: Pool, turn: Turn, attempt: int, rank: int) -> None:
    revision = _revision_to_start_with(app, pool)
    replica = Replica(
        replica_id=turn.world.new_id(pool.deployment),
        deployment=pool.deployment,
        started_with=revision,
        loaded={pool.version_for(revision)},
        attempt=attempt,
        rank=rank,
        since=turn.now,
    )
    pool.replicas[replica.replica_id] = replica
    turn.world.replicas[replica.replica_id] = (app, pool, replica)
    turn.persist(app)
    turn.emit(StartReplica(replica.replica_id, app.name, pool.name, revision, rank, cause=turn.cause))


def _revision_to_start_with(app: App, pool: Pool) -> int:
    """The oldest live one, so that the replica can load all later ones on top."""
    users = list(app.revisions_using(pool))
    if pool.newest_only:
        return max((number for number in users if number <= app.settled), default=users[0])
    return users[0]


def load(app: App, pool: Pool, replica: Replica, turn: Turn) -> None:
    """Have a running replica prepare the next version that it lacks."""
    if replica.state is not ReplicaState.RUNNING:
        return
    lacking = [version for version in app.needed_versions(pool) if version > max(replica.loaded)]
    if not lacking:
        return
    version = lacking[0]
    turn.advance(replica, Signal.PREPARE)
    replica.preparing = version
    # The revision that made the version may be over, and a later one that keeps the deployment still runs it.
    graph_of = next(number for number in app.revisions_using(pool) if pool.version_for(number) == version)
    made = next((one for one in (*app.live.values(), *app.revisions) if one.number == version), None)
    patch = made is None or made.action(pool.name) is Action.PATCH
    beside = tuple(number for number in app.revisions_using(pool) if pool.version_for(number) in replica.loaded)
    turn.emit(PrepareReplica(replica.replica_id, version, pool.name, patch, beside, graph_of, cause=turn.cause))
    turn.timer(PREPARE_TIMEOUT_S, Timer(Due.PREPARING, replica.replica_id, version))


def loaded(app: App, pool: Pool, replica: Replica, turn: Turn) -> None:
    """The replica has prepared what it was asked to."""
    version = replica.preparing
    assert version is not None, f"{replica.replica_id} was not asked to prepare anything"
    turn.advance(replica, Signal.PREPARED)
    replica.loaded.add(version)
    replica.preparing = None
    pool.changed()
    if any(number <= app.told and pool.version_for(number) == version for number in app.revisions_using(pool)):
        turn.push(app)
    load(app, pool, replica, turn)


def unload(app: App, pool: Pool, version: int, turn: Turn) -> None:
    """The version will not come: have every replica drop what it prepared for it."""
    pool.versions.remove(version)
    for replica in pool.alive():
        if replica.preparing == version:
            turn.advance(replica, Signal.PREPARED)
            replica.preparing = None
        elif version not in replica.loaded:
            continue
        replica.loaded.discard(version)
        turn.emit(AbortPrepare(replica.replica_id, version, cause=turn.cause))
    pool.changed()


def withdraw(app: App, revision: Revision, turn: Turn) -> None:
    """The revision does not come: what was started or loaded for it ends."""
    del app.live[revision.number]
    for name, pool in revision.pools.items():
        if revision.action(name) in LOADED:
            unload(app, pool, revision.number, turn)
        if revision.action(name) not in UNTOUCHED:
            end_use(app, pool, revision, turn)
    revision.pools.clear()


def end_use(app: App, pool: Pool, revision: Revision, turn: Turn) -> None:
    """A revision that is not live any more does not need the pool: settle it."""
    if not any(app.revisions_using(pool)):
        pool.drained = revision.overdue
    settle(app, pool, turn)


def started(app: App, pool: Pool, replica: Replica, turn: Turn) -> None:
    """The replica runs: it gets what it lacks, and senders hear of it if they may use it."""
    turn.advance(replica, Signal.STARTED)
    if replica.state is not ReplicaState.RUNNING:
        return
    for version in replica.stale:
        turn.emit(AbortPrepare(replica.replica_id, version, cause=turn.cause))
    replica.stale = ()
    replica.running_since = turn.now
    replica.waiting_for = ""
    # Spread over the period, so that a thousand replicas started together are not asked together.
    share = zlib.crc32(replica.replica_id.encode()) / 2**32
    period = float(option(pool.node, "health_check_period_s"))
    turn.timer(period * (0.5 + share / 2), Timer(Due.HEALTH, replica.replica_id))
    _routes_changed(app, pool, turn)
    if app.served(pool):
        turn.persist(app)  # with its address, for the next controller
    load(app, pool, replica, turn)
    if not pool.pending and sum(other.routable for other in pool.alive()) >= pool.target:
        pool.trouble = ""


def stop(app: App, pool: Pool, replica: Replica, turn: Turn, *, lost: bool = False) -> None:
    """End the replica: drained, or at once if it never served, is `lost`, or is being looked for and serves nothing."""
    # A revision that was replaced has drained as long before it was retired: not twice.
    patience = 0.0 if pool.retired and pool.drained else float(option(pool.node, "graceful_shutdown_timeout_s"))
    never_served = replica.state is ReplicaState.STARTING
    kill = lost or never_served or (replica.state is ReplicaState.RECOVERING and not app.served(pool))
    turn.advance(replica, Signal.STOP)
    replica.preparing = None
    if kill:
        turn.emit(KillReplica(replica.replica_id, cause=turn.cause))
    else:
        turn.emit(StopReplica(replica.replica_id, patience, cause=turn.cause))
    turn.timer((0.0 if kill else patience) + STOP_MARGIN_S, Timer(Due.STOPPING, replica.replica_id))
    _routes_changed(app, pool, turn)


def stopping_overdue(replica: Replica, turn: Turn) -> None:
    """It should have ended: kill it, again and again."""
    if replica.state is ReplicaState.STOPPING:
        turn.emit(KillReplica(replica.replica_id, cause=turn.cause))
        turn.timer(STOP_MARGIN_S, Timer(Due.STOPPING, replica.replica_id))


def remove(app: App, pool: Pool, replica: Replica, turn: Turn) -> None:
    """Nothing of the replica is left."""
    turn.advance(replica, Signal.GONE)
    del pool.replicas[replica.replica_id]
    del turn.world.replicas[replica.replica_id]
    _routes_changed(app, pool, turn)
    _drop_if_empty(app, pool, turn)


def make_up(app: App, pool: Pool, lost: Replica, turn: Turn, why: str, trigger: str) -> None:
    """Another takes the place of a replica that was not told to stop."""
    pool.trouble, pool.trigger = why, trigger
    _replace(app, pool, lost, turn)


def replace_unhealthy(app: App, pool: Pool, replica: Replica, turn: Turn, why: str) -> None:
    """The replica runs but is not well: start another, and take this one out."""
    stop(app, pool, replica, turn)
    make_up(app, pool, replica, turn, why, "HEALTH_CHECK_FAILED")


def replace_lost(app: App, pool: Pool, replica: Replica, turn: Turn, why: str) -> None:
    """The replica was not found again. It stays on record until it has ended: it may run unseen."""
    stop(app, pool, replica, turn, lost=True)
    make_up(app, pool, replica, turn, why, "INTERNAL_ERROR")


def _replace(app: App, pool: Pool, lost: Replica, turn: Turn) -> None:
    if len(pool.alive()) + pool.pending >= pool.target:
        return
    stable = lost.running_since is not None and turn.now - lost.running_since >= STABLE_S
    attempt = 1 if stable else lost.attempt + 1
    delay = backoff_s(attempt)
    if delay == 0.0:
        reconcile(app, pool, turn, attempt)
        return
    pool.pending += 1
    turn.timer(delay, Timer(Due.RESTART, app.name, pool.born, pool.name, attempt))


def restart_due(app: App, timer: Timer, turn: Turn) -> Pool | None:
    """A replacement's delay is over. Returns the pool, or None if it is gone."""
    pool = app.pools.get((timer.deployment, timer.number))
    if pool is not None and pool.pending:
        pool.pending -= 1
        reconcile(app, pool, turn, timer.attempt)
    return pool


def check_due(pool: Pool, replica: Replica, turn: Turn) -> None:
    """Ask for its health, unless the last question is still open or it is on its way out."""
    if not replica.alive:
        return
    turn.timer(float(option(pool.node, "health_check_period_s")), Timer(Due.HEALTH, replica.replica_id))
    if not replica.checking and replica.state is not ReplicaState.RECOVERING:
        replica.checking = True
        timeout_s = float(option(pool.node, "health_check_timeout_s"))
        turn.emit(CheckHealthOf(replica.replica_id, timeout_s, cause=turn.cause))


def checked(app: App, pool: Pool, replica: Replica, turn: Turn, ok: bool, error: str) -> None:
    """Count failures in a row; the third replaces the replica."""
    replica.checking = False
    replica.failed_checks = 0 if ok else replica.failed_checks + 1
    if replica.failed_checks >= FAILED_CHECKS and replica.routable:
        text = f"{replica.replica_id} failed {FAILED_CHECKS} health checks in a row, the last with: {error}"
        replace_unhealthy(app, pool, replica, turn, text)


def _routes_changed(app: App, pool: Pool, turn: Turn) -> None:
    pool.changed()
    if app.in_sets(pool):
        turn.push(app)


def _drop_if_empty(app: App, pool: Pool, turn: Turn) -> None:
    if not pool.retired or pool.replicas or app.pools.pop((pool.name, pool.born), None) is None:
        return
    turn.persist(app)
    if app.deleted_reason and not app.pools:
        forget(app, turn)


def forget(app: App, turn: Turn) -> None:
    """The deletion is complete."""
    if turn.world.apps.get(app.name) is not app:
        return
    turn.forget(app)
    del turn.world.apps[app.name]
    turn.world.numbers[app.name] = app.last_number
    if app.queued is not None:
        turn.follow(app.queued)
        app.queued = None
