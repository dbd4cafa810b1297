"""Trying a revision beside the current one, and what ends it.

It is prepared as any other, and senders learn its sets; then it stays, with a part of the requests (canary) or copies
of them (shadow), until somebody makes it current or takes it back. Taken back, it gets no new request; when those
that it has are over it is withdrawn, as a plan that failed in prepare is.
"""

from __future__ import annotations

from typing import Any

from kernelserve.control import answers, supply
from kernelserve.control.app import RENEWED, App, Stage
from kernelserve.control.events import DeployRequested
from kernelserve.control.options import drain_timeout_s
from kernelserve.control.timers import Due, Timer
from kernelserve.control.turn import Turn
from kernelserve.graph.model import AppGraph, Plan, Step
from kernelserve.transport.messages import Trial
from kernelserve.types import Action

# --- the plan -------------------------------------------------------------------------------------


def problem(old: AppGraph | None, request: DeployRequested, plan: Plan) -> str:
    """Why the graph cannot be tried, or ""."""
    new, name = request.graph, request.graph.name
    if old is None:
        return f"There is nothing to try {name!r} beside: no revision of it runs. Deploy it without a trial first."
    if plan.unchanged:
        return f"There is nothing to try: {name!r} runs exactly so already. Change it, or force its replacement."
    if (old.route_prefix, old.ingress) != (new.route_prefix, new.ingress):
        return (
            f"A trial of {name!r} cannot have another route or ingress than the current revision: that has "
            f"{old.route_prefix!r} and {old.ingress!r}, the new one {new.route_prefix!r} and {new.ingress!r}. "
            "Keep them, or deploy without a trial."
        )
    return ""


def adapt(plan: Plan, old: AppGraph, new: AppGraph, trial: Trial) -> Plan:
    """The plan of a trial: what cannot be shared with the current revision while it runs gets replicas of its own."""
    return Plan(tuple(_adapt(step, old, new, trial) for step in plan.steps), plan.route_changed)


def _adapt(step: Step, old: AppGraph, new: AppGraph, trial: Trial) -> Step:
    name = step.deployment
    if step.action in RENEWED or step.action is Action.REMOVE:
        return step
    if trial.mirror:
        return Step(name, Action.REPLACE, f"shadow, on replicas of its own: {step.reason}")
    for option in ("user_config", "batching"):  # What the instance itself takes over.
        if old.nodes[name].options.get(option) != new.nodes[name].options.get(option):
            return Step(name, Action.REPLACE, f"its {option} is tried on replicas of its own: {step.reason}")
    return step


# --- its course -----------------------------------------------------------------------------------


def start(app: App, turn: Turn) -> None:
    """All senders know the sets: entry points learn of the trial."""
    rollout = app.rollout
    assert rollout is not None and rollout.trial is not None, "only what is to be tried can be tried"
    rollout.stage = Stage.TRIAL
    rollout.awaiting = None
    turn.persist(app)
    turn.push(app)


def begun(app: App, turn: Turn) -> None:
    """All entry points know of the trial: tell whoever asked for it."""
    rollout = app.rollout
    assert rollout is not None and rollout.trial is not None, "no trial runs"
    if not rollout.revision.outcome:
        app.last_failure = ""
        answers.finish(app, rollout, turn, "trial")
        turn.persist(app)


def end(app: App, accept: bool, request_id: str, turn: Turn) -> None:
    """Make the revision on trial current, or take it back."""
    rollout = app.rollout
    assert rollout is not None and rollout.stage is Stage.TRIAL, "no trial runs"
    begun(app, turn)
    rollout.request_id, rollout.started = request_id, turn.now
    if not accept:
        take_back(app, turn, "rejected")
        return
    rollout.trial = None
    rollout.revision.rule_pools()
    rollout.stage = Stage.CURRENT
    rollout.awaiting = None
    app.current = rollout.revision.number
    turn.persist(app)
    turn.push(app)


def take_back(app: App, turn: Turn, outcome: str, error: str = "") -> None:
    """End the trial, also one that has not begun; the current revision stays."""
    rollout = app.rollout
    assert rollout is not None and rollout.trial is not None, "no trial runs"
    if rollout.stage is Stage.BACK:
        return
    begun_yet, rollout.stage = rollout.stage is Stage.TRIAL, Stage.BACK
    answers.finish(app, rollout, turn, outcome, error)
    if not begun_yet:
        withdraw(app, turn)
        return
    turn.persist(app)
    turn.push(app)
    drain(app, turn)


def fail(app: App, turn: Turn, error: str) -> None:
    """The trial cannot go on."""
    rollout = app.rollout
    assert rollout is not None and rollout.trial is not None, "no trial runs"
    if rollout.stage is not Stage.BACK:
        app.last_failure = error
        take_back(app, turn, "failed", error)


def drain(app: App, turn: Turn) -> None:
    """The requests of the revision that is taken back have that long to end."""
    rollout = app.rollout
    assert rollout is not None and rollout.stage is Stage.BACK, "no trial is being taken back"
    revision = rollout.revision
    turn.timer(drain_timeout_s(revision.graph), Timer(Due.DRAIN, app.name, revision.number))


def withdraw(app: App, turn: Turn) -> None:
    """The revision that is taken back has no request any more: all that was prepared for it ends."""
    rollout = app.rollout
    assert rollout is not None and rollout.stage is Stage.BACK, "no trial is being taken back"
    app.rollout = None
    supply.withdraw(app, rollout.revision, turn)
    turn.persist(app)
    turn.push(app)
    answers.go_on(app, turn)


# --- for people -----------------------------------------------------------------------------------


def view(app: App) -> dict[str, Any] | None:
    """The trial that runs as plain data, or None.

    `shares_state` names the patched deployments: their new code works on the state of the current revision's
    instances, so what it does to it is not undone by a reject.
    """
    trial, rollout = app.trial, app.rollout
    if trial is None or rollout is None:
        return None
    steps = rollout.revision.steps.values()
    return {
        "revision": trial.revision,
        "share": trial.share,
        "mirror": trial.mirror,
        "shares_state": [step.deployment for step in steps if step.action is Action.PATCH],
    }


def note(app: App) -> str:
    """The trial in one line, or ""."""
    trial = app.trial
    if trial is None:
        return ""
    part = "copies of the requests" if trial.mirror else f"{100 * trial.share:.3g} % of the requests"
    return f"Revision {trial.revision} is on trial, with {part}."
