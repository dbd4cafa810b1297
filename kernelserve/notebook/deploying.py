"""From an order of the notebook to a plan that is applied, or to the error that the cell shows."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kernelserve.cluster.app import SUCCEEDED
from kernelserve.cluster.session import Session
from kernelserve.cluster.words import done
from kernelserve.deployment import Application
from kernelserve.exceptions import DeployError, RayServeException
from kernelserve.graph import picture
from kernelserve.notebook import addresses, revisions
from kernelserve.notebook.desk import Desk
from kernelserve.notebook.display import DeployReport
from kernelserve.notebook.errors import shown
from kernelserve.notebook.live_views import new_picture_id
from kernelserve.notebook.progress import Progress
from kernelserve.notebook.tracebacks import traceback_lines
from kernelserve.transport.messages import Deployed, StepView, Trial
from kernelserve.types import Action

_AGAIN = "Change the cell and run it again."


@dataclass(frozen=True)
class Order:
    """What a `%%serve` line asks for."""

    name: str
    route: str | None
    replace: bool = False
    dry_run: bool = False
    timeout_s: float | None = None
    take: bool = False
    trial: Trial | None = None


def deploy(
    desk: Desk, session: Session, order: Order, app: Application[Any], progress: Progress, source: str
) -> DeployReport:
    """Deploy an app that the notebook's cells have made.

    Raises:
        DeployError: the plan was not applied; shown with the replica's traceback.
        KeyboardInterrupt: the user gave it up.
    """
    outcome = settled(
        desk,
        session,
        order.name,
        lambda: session.deploy(
            app,
            name=order.name,
            route_prefix=order.route,
            source=source,
            force_replace=order.replace,
            dry_run=order.dry_run,
            timeout_s=order.timeout_s,
            take=order.take,
            trial=order.trial,
            on_progress=progress.step,
        ),
    )
    notes = [*_trial_notes(session, outcome, order.trial), *(_assumed(session, order, app) if order.dry_run else [])]
    return _report(session, outcome, app, notes)


def rollback(
    desk: Desk, session: Session, order: Order, revision: int, progress: Progress, notes: Sequence[str]
) -> DeployReport:
    """Go back to an earlier revision; raises as `deploy`.

    Args:
        notes: what the report says below the table.
    """
    outcome = settled(
        desk,
        session,
        order.name,
        lambda: session.rollback(
            order.name,
            revision,
            dry_run=order.dry_run,
            force_replace=order.replace,
            timeout_s=order.timeout_s,
            on_progress=progress.step,
        ),
    )
    return _report(session, outcome, None, notes)


def end_trial(desk: Desk, session: Session, name: str, accept: bool, timeout_s: float | None) -> DeployReport:
    """Make the revision on trial current, or take it back; raises as `deploy`."""
    outcome = settled(desk, session, name, lambda: session.end_trial(name, accept, timeout_s))
    # Taken back, it has done nothing to what runs.
    return _report(session, outcome if accept else msgspec.structs.replace(outcome, steps=[]), None, [])


def settled(desk: Desk, session: Session, name: str, change: Callable[[], Deployed]) -> Deployed:
    """The outcome of a change that was applied; raises as `deploy`."""
    try:
        outcome = change()
    except KeyboardInterrupt as interrupt:
        still = _still(name, _revision(session, name))
        raise shown(interrupt, [f"KeyboardInterrupt: the deploy of {name!r} was given up. {still}"]) from None
    if outcome.outcome not in SUCCEEDED:
        raise failure(desk, outcome)
    return outcome


def failure(desk: Desk, outcome: Deployed) -> DeployError:
    """The error of a plan that was not applied: what, the replica's traceback, what to do."""
    verb = "failed" if outcome.outcome == "failed" else f"was {outcome.outcome}"
    where = f" at {outcome.deployment}" if outcome.deployment else ""
    kind = f"{outcome.type_name}: " if outcome.type_name and not outcome.error.startswith(outcome.type_name) else ""
    head = f"The deploy of {outcome.app!r} {verb}{where}: {kind}{outcome.error or 'no reason was given'}"
    lines = traceback_lines(desk.shell, outcome.traceback.rstrip()) if outcome.traceback else []
    still = _still(outcome.app, outcome.revision)
    advice = "The deploy that came after it goes on." if outcome.outcome == "superseded" else f"{still} {_AGAIN}"
    error = DeployError(head, outcome.deployment or None, outcome.traceback)
    return shown(error, [f"DeployError: {head}", *lines, advice])


def _still(app: str, revision: int) -> str:
    return f"Revision {revision} of {app!r} still answers." if revision else f"Nothing of {app!r} is running."


def _revision(session: Session, name: str) -> int:
    """The running revision, 0 if there is none."""
    try:
        return int(session.graph(name)["revision"])
    except RayServeException:
        return 0


def _assumed(session: Session, order: Order, app: Application[Any]) -> list[str]:
    """How much of the code a plan could not follow."""
    graph = session.client.build(app, name=order.name, route_prefix=order.route, sources={})
    counts = [f"{node.name} {len(node.assumptions)}" for node in graph.nodes.values() if node.assumptions]
    return [f"Assumptions about code that could not be followed: {', '.join(counts) or 'none'}."]


def _trial_notes(session: Session, outcome: Deployed, trial: Trial | None) -> list[str]:
    """What is tried, what it shares with the revision that answers, and how to go on."""
    if trial is None:
        return []
    shared = ", ".join(step.deployment for step in outcome.steps if step.action == Action.PATCH)
    sharing = f"Patched, so both revisions work on the state of the same replicas: {shared}." if shared else ""
    if outcome.outcome != "trial":
        return [sharing] if sharing else []
    name, views = outcome.app, session.revisions(outcome.app)
    live, tried = revisions.current(views), revisions.on_trial(views)
    old, new = (f"r{view.number}" if view else "?" for view in (live, tried))
    if trial.mirror:
        said = f"{new} gets copies of the HTTP requests, on replicas of its own, and {old} answers."
    else:
        share = f"{trial.share * 100:.3g} %"
        said = f"{new} answers {share} of the new requests, {old} the others. A session stays with one of them."
    goes_on = f"Next: %serve compare {old} {new} {name}, then %serve accept {name} or %serve reject {name}"
    return [said, *filter(None, [sharing]), goes_on]


def _report(session: Session, outcome: Deployed, app: Application[Any] | None, notes: Sequence[str]) -> DeployReport:
    name, runs = outcome.app, outcome.outcome not in ("dry_run", "trial")
    view = session.graph(name) if runs else None
    url = (session.url(view["route_prefix"]) or "") if view else ""
    edges, captions = _drawn(view, outcome.steps) if view else ([], {})
    return DeployReport(
        app=name,
        revision=outcome.revision,
        outcome=outcome.outcome,
        steps=outcome.steps,
        url=url,
        proxy_url=addresses.proxy_url(url, os.environ) if url else "",
        curl=addresses.curl_line(url, app) if url and app is not None else "",
        notices=list(session.notices),
        notes=notes,
        picture_text=picture.text(edges, captions) if edges else "",
        picture_svg=picture.svg(edges, captions) if captions else "",
        picture_id=new_picture_id() if captions else "",
    )


def _drawn(view: dict[str, Any], steps: list[StepView]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Edges, and node → caption, of the running app."""
    happened = {step.deployment: done(step) for step in steps}
    captions = {node["name"]: happened.get(node["name"], "") for node in view["nodes"]}
    return [(caller, callee) for caller, callee in view["edges"]], captions
