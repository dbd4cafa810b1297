"""The controller: events in, instructions out. No I/O, no clock, no threads, no randomness.

`control.driver` performs the instructions and turns what comes of them into the next events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kernelserve.control import admission, commit, history, knobs, leases, overdue, record, rollout, supply, trial
from kernelserve.control import events as ev
from kernelserve.control import validate as invariants
from kernelserve.control.app import App, Revision, Stage
from kernelserve.control.instructions import FinishDeploy, Instruction, KillReplica, RecoverReplica
from kernelserve.control.pool import Pool
from kernelserve.control.record import Saved
from kernelserve.control.replica import Replica, ReplicaState
from kernelserve.control.status import app_status
from kernelserve.control.timers import Due, Timer
from kernelserve.control.turn import Diff, Turn, World
from kernelserve.control.views import app_view
from kernelserve.exceptions import ApplicationNotFoundError
from kernelserve.graph.diff import diff as graph_diff
from kernelserve.graph.model import AppGraph
from kernelserve.transport.messages import Deployed, RevisionView, Routing
from kernelserve.types import DeploymentID, new_replica_id

RECOVERY_S = 30.0


class Controller:
    """All that should run, and how to get there.

    Args:
        epoch: grows with every start of a controller; senders refuse routings of an older one.
        new_id: makes the id of a new replica.
        diff: compares two graphs; another one is for tests.

    Example:
        >>> controller = Controller(epoch=1)                       # doctest: +SKIP
        >>> for instruction in controller.handle(DeployRequested(now=0.0, request_id="r1", graph=graph)):
        ...     perform(instruction)                               # doctest: +SKIP
    """

    def __init__(
        self, epoch: int, new_id: Callable[[DeploymentID], str] = new_replica_id, *, diff: Diff = graph_diff
    ) -> None:
        self._world = World(epoch, new_id, diff)
        self._handlers: dict[type[ev.Event], Callable[[Any, Turn], None]] = {
            ev.DeployRequested: admission.admit,
            ev.AbortRequested: _abort_requested,
            ev.TrialEnded: _trial_ended,
            ev.DeleteRequested: _delete_requested,
            ev.ReplicaStarted: _replica_started,
            ev.ReplicaStartFailed: _replica_start_failed,
            ev.ReplicaWaiting: _replica_waiting,
            ev.ReplicaPrepared: _replica_prepared,
            ev.PatchGivenUp: _patch_given_up,
            ev.ReplicaDied: _replica_died,
            ev.ReplicaUnhealthy: _replica_unhealthy,
            ev.HealthChecked: _health_checked,
            ev.ReplicaStopped: _replica_stopped,
            ev.RoutingAcked: _routing_acked,
            ev.RevisionIdleEverywhere: _revision_idle,
            ev.OwnerLost: lambda event, turn: leases.lost(event.owner, turn),
            ev.OwnerBack: lambda event, turn: leases.back(event.owner, turn),
            ev.Tick: _tick,
        }

    # --- what happens ---------------------------------------------------------------------------

    def handle(self, *events: ev.Event) -> list[Instruction]:
        """What to do about the events. Several at once push each app's routing only once, at the end."""
        if not events:
            return []
        turn = Turn(self._world, events[-1].now, events[-1].cause)
        for event in events:
            turn.now, turn.cause = event.now, event.cause
            self._handlers[type(event)](event, turn)
            while turn.requests:
                admission.admit(turn.requests.pop(0), turn)
        return turn.finish()

    def next_due(self) -> float | None:
        """When the next `Tick` must come, or None. An early one does no harm."""
        return self._world.timers.next_due()

    # --- what is --------------------------------------------------------------------------------

    @property
    def epoch(self) -> int:
        return self._world.epoch

    @property
    def transitions(self) -> int:
        """State changes of replicas so far."""
        return self._world.transitions

    def apps(self) -> list[str]:
        """Names of the apps, those being deleted too."""
        return list(self._world.apps)

    def owned_by(self, owner: str) -> list[str]:
        """Names of the apps of that owner which are not being deleted."""
        return [app.name for app in self._world.apps.values() if app.owner == owner and not app.deleted_reason]

    def routing(self, app: str) -> Routing:
        """All that senders must know of the app; ``current=0`` with a reason if there is none."""
        found = self._world.apps.get(app)
        if found is not None and found.version:
            return found.routing(self.epoch)
        reason = "it is not deployed" if found is None else "its first deploy is not finished"
        return Routing(app=app, epoch=self.epoch, version=self._world.version, current=0, deleted_reason=reason)

    def graph(self, app: str, revision: int) -> AppGraph:
        """The graph of a live or remembered revision.

        Raises:
            ApplicationNotFoundError: there is no such app, or it has no such revision any more.
        """
        found = self._app(app)
        if revision in found.live:
            return found.live[revision].graph
        for tried in found.revisions:
            if tried.number == revision:
                return tried.graph
        known = ", ".join(str(tried.number) for tried in found.revisions) or "none"
        raise ApplicationNotFoundError(f"Application {app!r} has no revision {revision}. It knows these: {known}.")

    def revisions(self, app: str) -> list[RevisionView]:
        """All that was tried and is on record, oldest first; raises `ApplicationNotFoundError` if there is no app."""
        return history.views(self._app(app))

    def applied(self, app: str, revision: int) -> Revision:
        """A revision to go back to.

        Raises:
            ApplicationNotFoundError: there is no such app.
            RayServeException: it is not on record, or was never applied.
        """
        return history.applied(self._app(app), revision)

    def known_units(self, app: str) -> dict[str, bytes]:
        """The code and data of all revisions of the app, by unit id; none if there is no such app."""
        found = self._world.apps.get(app)
        return history.known_units(found) if found is not None else {}

    def draining(self, app: str) -> list[int]:
        """Revisions that wait for `RevisionIdleEverywhere`: replaced ones, and a trial that is taken back."""
        found = self._world.apps.get(app)
        return [number for number in found.live if found.state_of(number) == "draining"] if found else []

    def deployment_of(self, replica_id: str) -> DeploymentID | None:
        """Whose replica it is, or None if it is not (or no longer) known."""
        known = self._world.replicas.get(replica_id)
        return known[1].deployment if known else None

    def status(self) -> dict[str, Any]:
        """Plain data of `schema.ServeStatus`; the gateway's part (`proxies`) is the driver's to fill."""
        applications = {name: app_status(app) for name, app in self._world.apps.items()}
        return {"proxies": {}, "applications": applications, "target_capacity": None}

    def view(self, app: str) -> dict[str, Any]:
        """Plain data for `GetGraph`: see `views.app_view`."""
        return app_view(self._app(app))

    def check_app(self, app: str) -> None:
        """Raise `ApplicationNotFoundError` if there is no such app."""
        self._app(app)

    def serving(self, app: str) -> dict[str, int] | None:
        """Deployment → replicas that requests of the current revision reach; None if there is no such app."""
        found = self._world.apps.get(app)
        if found is None:
            return None
        revision = found.current_revision
        pools = revision.pools if revision is not None else {}
        return {name: len(pool.serving(found.current)) for name, pool in pools.items()}

    def turned(self, app: str, changes: Mapping[str, Mapping[str, Any]]) -> tuple[AppGraph, str]:
        """The app's graph with options (deployment → option → value) changed, and its source; see `knobs.turn`."""
        return knobs.turn(self._app(app), changes)

    def keeps_journal(self, app: str) -> bool:
        """Whether the app's requests are kept; raises `ApplicationNotFoundError` if there is none."""
        revision = self._app(app).current_revision
        return revision is not None and revision.graph.journal is not None

    def validate(self) -> None:
        """Raise `InvariantError` if the state contradicts itself."""
        invariants.validate(self._world)

    def _app(self, name: str) -> App:
        app = self._world.apps.get(name)
        if app is None:
            known = ", ".join(sorted(self._world.apps)) or "none"
            raise ApplicationNotFoundError(f"There is no application {name!r}. Running now: {known}.")
        return app

    # --- restarts -------------------------------------------------------------------------------

    def snapshot(self) -> list[Saved]:
        """The records of all apps."""
        return [record.encode(app) for app in self._world.apps.values()]

    def snapshot_app(self, app: str) -> Saved:
        """The record of one app: what `PersistApp` writes."""
        return record.encode(self._app(app))

    @classmethod
    def restore(
        cls,
        saved: Iterable[Saved],
        epoch: int,
        now: float,
        new_id: Callable[[DeploymentID], str] = new_replica_id,
        *,
        diff: Diff = graph_diff,
        cause: str = "restart",
    ) -> tuple[Controller, list[Instruction]]:
        """A controller that goes on from `snapshot()`, or from what `snapshot_app()` gave for each app.

        Replicas on record are RECOVERING until the driver has found them (`ReplicaStarted`) or not
        (`ReplicaDied`); meanwhile they stay in the routing. A deploy that was not committed is aborted, one that
        was is rolled forward, a trial goes on. Times on record that matter (leases, drains) start anew at `now`.
        """
        controller = cls(epoch, new_id, diff=diff)
        turn = Turn(controller._world, now, cause)
        for part in saved:
            for app in record.decode(part):
                _adopt(app, turn)
        return controller, turn.finish()


# --- handlers: find what the event is about, and hand on ------------------------------------------


def _abort_requested(event: ev.AbortRequested, turn: Turn) -> None:
    admission.give_up(event.request_id, "aborted", event.reason, turn)


def _trial_ended(event: ev.TrialEnded, turn: Turn) -> None:
    app = turn.world.apps.get(event.app)
    if app is not None and app.trial is not None:
        trial.end(app, event.accept, event.request_id, turn)
        return
    answer = Deployed(
        outcome="failed",
        app=event.app,
        revision=app.current if app is not None else 0,
        steps=[],
        error=f"No revision of {event.app!r} is on trial. Deploy one with a trial first.",
    )
    turn.emit(FinishDeploy(event.request_id, answer, cause=turn.cause))


def _delete_requested(event: ev.DeleteRequested, turn: Turn) -> None:
    app = turn.world.apps.get(event.app)
    if app is not None:
        commit.delete(app, event.reason, turn)


def _replica_started(event: ev.ReplicaStarted, turn: Turn) -> None:
    known = turn.world.replicas.get(event.replica_id)
    if known is None:
        turn.emit(KillReplica(event.replica_id, cause=turn.cause))  # nobody's: end it
        return
    app, pool, replica = known
    replica.address, replica.pid = event.address, event.pid
    replica.node_id = event.node_id or replica.node_id
    supply.started(app, pool, replica, turn)
    rollout.review(app, pool, turn)


def _replica_start_failed(event: ev.ReplicaStartFailed, turn: Turn) -> None:
    _lost(event.replica_id, event.error, "REPLICA_STARTUP_FAILED", turn, event)


def _replica_died(event: ev.ReplicaDied, turn: Turn) -> None:
    _lost(event.replica_id, f"{event.replica_id} died: {event.reason}", "INTERNAL_ERROR", turn, None)


def _replica_stopped(event: ev.ReplicaStopped, turn: Turn) -> None:
    _lost(event.replica_id, f"{event.replica_id} ended by itself", "INTERNAL_ERROR", turn, None)


def _lost(replica_id: str, why: str, trigger: str, turn: Turn, failure: ev.ReplicaStartFailed | None) -> None:
    known = turn.world.replicas.get(replica_id)
    if known is None:
        return  # its death was reported before
    app, pool, replica = known
    wanted, never_ran = replica.alive, replica.running_since is None
    supply.remove(app, pool, replica, turn)
    if not wanted:
        return
    if failure is not None:
        rollout.start_failed(app, pool, turn, why, failure.type_name, failure.traceback, failure.retryable)
    elif never_ran or pool.born == _in_prepare(app):
        rollout.start_failed(app, pool, turn, why, "", "", True)
    if not pool.retired:
        supply.make_up(app, pool, replica, turn, why, trigger)
    rollout.review(app, pool, turn)


def _in_prepare(app: App) -> int:
    return app.rollout.revision.number if app.rollout is not None and app.rollout.preparing else -1


def _replica_waiting(event: ev.ReplicaWaiting, turn: Turn) -> None:
    known = turn.world.replicas.get(event.replica_id)
    if known is not None:
        app, pool, replica = known
        replica.waiting_for = event.text
        rollout.review(app, pool, turn)


def _replica_prepared(event: ev.ReplicaPrepared, turn: Turn) -> None:
    known = turn.world.replicas.get(event.replica_id)
    if known is None or known[2].preparing != event.revision:
        return  # it was told to stop, or the deploy was given up, while the answer was on its way
    app, pool, replica = known
    deploy = app.rollout
    tried = deploy is not None and deploy.trial is not None and deploy.revision.number == event.revision
    why_not = event.refused or event.error or (event.barrier if tried else "")
    if not why_not:
        supply.loaded(app, pool, replica, turn)
        rollout.must_be_alone(app, pool, event.barrier)
        rollout.review(app, pool, turn)
    elif tried and event.revision != _in_prepare(app):
        trial.fail(app, turn, f"{event.replica_id} could not load revision {event.revision} beside it: {why_not}")
    elif event.revision != _in_prepare(app):
        _cannot_hold_both(app, pool, replica, why_not, turn)
    elif event.error and not event.refused:
        rollout.abort(
            app, turn, "failed", event.error,
            deployment=pool.name, type_name=event.type_name, traceback=event.traceback,
        )  # fmt: skip
    else:
        rollout.refused(app, pool, why_not, turn)


def _patch_given_up(event: ev.PatchGivenUp, turn: Turn) -> None:
    known = turn.world.replicas.get(event.replica_id)
    if known is not None and not known[0].deleted_reason:
        app, pool, _ = known
        overdue.give_up(app, pool, event.revision, event.reason, turn)


def _cannot_hold_both(app: App, pool: Pool, replica: Replica, why: str, turn: Turn) -> None:
    """A replacement was started with the old revision and cannot load the newer, committed one on top."""
    pool.newest_only = True
    pool.trouble = f"{replica.replica_id} could not load the new revision beside the old one: {why}"
    supply.stop(app, pool, replica, turn)
    supply.reconcile(app, pool, turn, replica.attempt)
    rollout.review(app, pool, turn)


def _replica_unhealthy(event: ev.ReplicaUnhealthy, turn: Turn) -> None:
    known = turn.world.replicas.get(event.replica_id)
    if known is not None and known[2].alive:
        app, pool, replica = known
        supply.replace_unhealthy(app, pool, replica, turn, f"{event.replica_id} is not healthy: {event.error}")
        rollout.review(app, pool, turn)


def _health_checked(event: ev.HealthChecked, turn: Turn) -> None:
    known = turn.world.replicas.get(event.replica_id)
    if known is not None:
        app, pool, replica = known
        supply.checked(app, pool, replica, turn, event.ok, event.error)
        rollout.review(app, pool, turn)


def _routing_acked(event: ev.RoutingAcked, turn: Turn) -> None:
    app = turn.world.apps.get(event.app)
    if app is not None:
        commit.acked(app, event.version, turn)


def _revision_idle(event: ev.RevisionIdleEverywhere, turn: Turn) -> None:
    app = turn.world.apps.get(event.app)
    if app is not None:
        commit.idle(app, event.revision, turn)


# --- time -----------------------------------------------------------------------------------------


def _tick(event: ev.Tick, turn: Turn) -> None:
    while (timer := turn.world.timers.pop(event.now)) is not None:
        if timer.due is Due.LEASE:
            leases.lease_due(timer.key, turn)
        elif timer.due in _OF_APPS:
            _app_due(timer, turn)
        else:
            _replica_due(timer, turn)


_OF_APPS = frozenset({Due.RESTART, Due.DEPLOY, Due.DRAIN})


def _app_due(timer: Timer, turn: Turn) -> None:
    app = turn.world.apps.get(timer.key)
    if app is None:
        return
    if timer.due is Due.DRAIN:
        commit.drain_over(app, timer.number, turn)
    elif timer.due is Due.DEPLOY:
        rollout.timed_out(app, timer.number, turn)
    else:
        pool = supply.restart_due(app, timer, turn)
        if pool is not None:
            rollout.review(app, pool, turn)


def _replica_due(timer: Timer, turn: Turn) -> None:
    known = turn.world.replicas.get(timer.key)
    if known is None:
        return
    app, pool, replica = known
    if timer.due is Due.HEALTH:
        supply.check_due(pool, replica, turn)
    elif timer.due is Due.STOPPING:
        supply.stopping_overdue(replica, turn)
    elif timer.due is Due.RECOVERY and replica.state is ReplicaState.RECOVERING:
        supply.replace_lost(app, pool, replica, turn, f"{timer.key} was not found again in {RECOVERY_S:g} s")
        rollout.review(app, pool, turn)
    elif timer.due is Due.PREPARING and replica.preparing == timer.number:
        late = f"a replica did not answer in {supply.PREPARE_TIMEOUT_S:g} s"
        answer = ev.ReplicaPrepared(
            now=turn.now, cause=turn.cause, replica_id=timer.key, revision=timer.number, refused=late
        )
        _replica_prepared(answer, turn)


# --- restarts -------------------------------------------------------------------------------------


def _adopt(app: App, turn: Turn) -> None:
    turn.world.apps[app.name] = app
    if app.leased and app.owner not in turn.world.owners:
        leases.lost(app.owner, turn)
    turn.persist(app)
    turn.push(app)
    never_came = tuple(range(app.committed + 1, app.last_number + 1))
    for pool in app.pools.values():
        for replica in pool.replicas.values():
            turn.world.replicas[replica.replica_id] = (app, pool, replica)
            _adopt_replica(app, pool, replica, never_came, turn)
    if app.rollout is not None and app.rollout.preparing:
        told = "The controller restarted before the deploy was committed; the running revision is untouched. Try again."
        rollout.abort(app, turn, "aborted", told)
    for pool in list(app.pools.values()):
        supply.settle(app, pool, turn)
    for revision in app.draining:
        commit.start_drain(app, revision, turn)
    if app.rollout is not None and app.rollout.stage is Stage.BACK:
        trial.drain(app, turn)
    if app.deleted_reason and not app.pools:
        supply.forget(app, turn)


def _adopt_replica(app: App, pool: Pool, replica: Replica, never_came: tuple[int, ...], turn: Turn) -> None:
    replica.stale = never_came
    if replica.state is ReplicaState.STOPPING:
        supply.stopping_overdue(replica, turn)
        return
    replica.running_since = turn.now
    turn.emit(RecoverReplica(replica.replica_id, app.name, pool.name, replica.address, cause=turn.cause))
    turn.timer(RECOVERY_S, Timer(Due.RECOVERY, replica.replica_id))
