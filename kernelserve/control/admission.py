"""What becomes of a request to deploy: refused, answered, queued, or begun."""

from __future__ import annotations

from kernelserve.control import answers, trial
from kernelserve.control import rollout as rollouts
from kernelserve.control.app import App
from kernelserve.control.events import DeployRequested
from kernelserve.control.instructions import FinishDeploy
from kernelserve.control.turn import Turn
from kernelserve.graph.model import AppGraph, Plan
from kernelserve.transport.messages import Deployed, StepView


def admit(request: DeployRequested, turn: Turn) -> None:
    """Take up a request. Exactly one `FinishDeploy` follows, now or later."""
    name = request.graph.name
    app = turn.world.apps.get(name)
    problem = _taken(app, request, turn) or _route_taken(request.graph, turn)
    if problem:
        _answer(request, "failed", problem, app, turn)
    elif request.dry_run:
        _answer_dry_run(request, app, turn)
    elif app is not None and _must_wait(app):
        _queue(app, request, turn)
    else:
        _begin(app, request, turn)


def _begin(app: App | None, request: DeployRequested, turn: Turn) -> None:
    plan, problem = _plan(app, request, turn)
    if problem:
        _answer(request, "failed", problem, app, turn)
        return
    if app is not None and app.rollout is not None:
        rollouts.abort(app, turn, "superseded", answers.superseded(request))
    if app is not None and app.current and plan.unchanged:
        app.owner, app.leased = request.owner, request.leased
        app.last_failure = ""
        turn.persist(app)
        _answer(request, "unchanged", "", app, turn, plan)
        return
    if app is None:
        name = request.graph.name
        app = App(name, request.owner, request.leased, last_number=turn.world.numbers.get(name, 0))
        turn.world.apps[app.name] = app
    if request.owner:
        turn.world.owners.setdefault(request.owner, None)
    rollouts.begin(app, request, plan, turn)


def _must_wait(app: App) -> bool:
    """A commit is on its way to the senders, a trial has to end, or the app of that name is being deleted."""
    return bool(app.deleted_reason) or (app.rollout is not None and not app.rollout.preparing)


def _queue(app: App, request: DeployRequested, turn: Turn) -> None:
    tries = app.rollout is not None and app.rollout.trial is not None
    _, problem = _plan(app, request, turn) if tries else (None, "")
    if problem:
        _answer(request, "failed", problem, app, turn)
        return
    if app.queued is not None:
        _answer(app.queued, "superseded", answers.superseded(request), app, turn)
    app.queued = request
    if tries:
        trial.take_back(app, turn, "superseded", answers.superseded(request))


def _plan(app: App | None, request: DeployRequested, turn: Turn) -> tuple[Plan, str]:
    """The plan, and why it cannot be carried out, or ""."""
    current = app.current_revision if app is not None and not app.deleted_reason else None
    old = current.graph if current else None
    plan = turn.world.diff(old, request.graph, force_replace=request.force_replace)
    if request.trial is None:
        return plan, ""
    problem = trial.problem(old, request, plan)
    return plan if problem or old is None else trial.adapt(plan, old, request.graph, request.trial), problem


def _taken(app: App | None, request: DeployRequested, turn: Turn) -> str:
    if app is None or not app.leased or app.owner == request.owner or request.take or app.deleted_reason:
        return ""
    if turn.world.owners.get(app.owner) is not None:
        return ""  # its owner is lost: whoever asks may have it
    return (
        f"Application {app.name!r} belongs to another live notebook or script ({app.owner}). "
        "Choose another name, stop it there, or take it with take=True."
    )


def _route_taken(graph: AppGraph, turn: Turn) -> str:
    prefix = graph.route_prefix
    if prefix is None:
        return ""
    for other in turn.world.apps.values():
        if other.name != graph.name and prefix in _prefixes(other):
            return (
                f"Route prefix {prefix!r} of application {graph.name!r} is used by application {other.name!r}. "
                f"Give one of them another prefix, or delete {other.name!r}."
            )
    return ""


def _prefixes(app: App) -> set[str | None]:
    """The routes that the app has, or is about to have."""
    if app.deleted_reason:
        return set()
    revisions = [revision for number, revision in app.live.items() if number >= app.current]
    return {revision.graph.route_prefix for revision in revisions}


def _answer_dry_run(request: DeployRequested, app: App | None, turn: Turn) -> None:
    plan, problem = _plan(app, request, turn)
    _answer(request, "failed" if problem else "dry_run", problem, app, turn, plan)


def _answer(
    request: DeployRequested, outcome: str, error: str, app: App | None, turn: Turn, plan: Plan | None = None
) -> None:
    steps = plan.steps if plan else ()
    answer = Deployed(
        outcome=outcome,
        app=request.graph.name,
        revision=app.current if app else 0,
        steps=[StepView(deployment=s.deployment, action=s.action.value, reason=s.reason) for s in steps],
        duration_s=turn.now - request.now,
        error=error,
    )
    turn.emit(FinishDeploy(request.request_id, answer, cause=turn.cause))


def give_up(request_id: str, outcome: str, reason: str, turn: Turn) -> None:
    """Abort the deploy of that id, unless it is committed already or not known."""
    for app in turn.world.apps.values():
        if app.queued is not None and app.queued.request_id == request_id:
            request, app.queued = app.queued, None
            _answer(request, outcome, reason, app, turn)
            return
        if app.rollout is not None and app.rollout.request_id == request_id and app.rollout.preparing:
            rollouts.abort(app, turn, outcome, reason)
            return
