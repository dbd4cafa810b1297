"""What requesters are told: progress, outcomes."""

from __future__ import annotations

from kernelserve.control.app import App, Rollout
from kernelserve.control.events import DeployRequested
from kernelserve.control.instructions import FinishDeploy, ReportProgress
from kernelserve.control.turn import Turn
from kernelserve.transport.messages import Deployed


def tell(app: App, deployment: str, stage: str, turn: Turn) -> None:
    """Report progress, if it is news."""
    rollout = app.rollout
    if rollout is None or rollout.stages.get(deployment) == stage:
        return
    rollout.stages[deployment] = stage
    view = rollout.step_view(rollout.revision.steps[deployment])
    turn.emit(ReportProgress(rollout.request_id, view, cause=turn.cause))


def finish(
    app: App,
    rollout: Rollout,
    turn: Turn,
    outcome: str,
    error: str = "",
    deployment: str = "",
    type_name: str = "",
    traceback: str = "",
) -> None:
    """Put the outcome on record, tell it to whoever waits for it, and go on with a deploy that waits."""
    revision = rollout.revision
    duration_s = turn.now - rollout.started
    if not revision.outcome:
        revision.duration_s = duration_s
        app.remember(revision)
    revision.outcome, revision.error = outcome, error
    answer = Deployed(
        outcome=outcome,
        app=app.name,
        revision=revision.number if outcome in ("applied", "trial") else app.current,
        steps=rollout.step_views(),
        duration_s=duration_s,
        error=error,
        deployment=deployment,
        traceback=traceback,
        type_name=type_name,
    )
    if rollout.request_id:
        turn.emit(FinishDeploy(rollout.request_id, answer, cause=turn.cause))
        rollout.request_id = ""
    go_on(app, turn)


def go_on(app: App, turn: Turn) -> None:
    """Take up the deploy that waits, if there is nothing left to wait for."""
    if app.queued is not None and app.rollout is None and not app.deleted_reason:
        turn.follow(app.queued)
        app.queued = None


def superseded(newer: DeployRequested) -> str:
    """Why another deploy of the app was given up."""
    what = f"A rollback to revision {newer.of}" if newer.of else "A newer deploy"
    return (
        f"{what} of {newer.graph.name!r} took its place, and this one was given up. Deploy again if you want this one."
    )


def not_begun(request: DeployRequested, outcome: str, error: str, revision: int = 0) -> Deployed:
    """The answer to a request that never became a rollout."""
    return Deployed(outcome=outcome, app=request.graph.name, revision=revision, steps=[], error=error)
