"""From a cell that has run to a deployed app, or to the error that the cell shows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernelserve.cluster.session import Session
from kernelserve.deployment import Application
from kernelserve.exceptions import DeployError, RayServeException
from kernelserve.graph import picture
from kernelserve.notebook import addresses
from kernelserve.notebook.cells import RanCell
from kernelserve.notebook.display import DeployReport, done
from kernelserve.notebook.errors import shown, with_cell_names
from kernelserve.notebook.progress import Progress
from kernelserve.transport.messages import Deployed, StepView

SUCCEEDED = ("applied", "unchanged", "dry_run")


@dataclass(frozen=True)
class Order:
    """What a `%%serve` line asks for."""

    name: str
    route: str
    replace: bool = False
    dry_run: bool = False
    timeout_s: float | None = None
    take: bool = False


def deploy(
    session: Session, order: Order, cell: RanCell, app: Application[Any], progress: Progress, cells: Mapping[str, int]
) -> DeployReport:
    """Deploy the app that a cell has made.

    Args:
        cells: file name of a cell → its number, to name cells in tracebacks.

    Raises:
        DeployError: the plan was not applied; shown with the replica's traceback.
        KeyboardInterrupt: the user gave it up.
    """
    try:
        outcome = session.deploy(
            app,
            name=order.name,
            route_prefix=order.route,
            source=cell.text,
            force_replace=order.replace,
            dry_run=order.dry_run,
            timeout_s=order.timeout_s,
            take=order.take,
            on_progress=progress.step,
        )
    except KeyboardInterrupt as interrupt:
        still = _still(order.name, _revision(session, order))
        raise shown(interrupt, [f"KeyboardInterrupt: the deploy of {order.name!r} was given up. {still}"]) from None
    if outcome.outcome not in SUCCEEDED:
        raise failure(outcome, cells)
    return _report(session, order, app, outcome)


def failure(outcome: Deployed, cells: Mapping[str, int]) -> DeployError:
    """The error of a plan that was not applied: what, the replica's traceback, what to do."""
    verb = "failed" if outcome.outcome == "failed" else f"was {outcome.outcome}"
    where = f" at {outcome.deployment}" if outcome.deployment else ""
    kind = f"{outcome.type_name}: " if outcome.type_name and not outcome.error.startswith(outcome.type_name) else ""
    head = f"The deploy of {outcome.app!r} {verb}{where}: {kind}{outcome.error or 'no reason was given'}"
    traceback = with_cell_names(outcome.traceback, cells).rstrip()
    parts = [head, traceback, f"{_still(outcome.app, outcome.revision)} Change the cell and run it again."]
    error = DeployError(head, outcome.deployment or None, outcome.traceback)
    return shown(error, [f"DeployError: {parts[0]}", *filter(None, parts[1:])])


def _still(app: str, revision: int) -> str:
    return f"Revision {revision} of {app!r} still answers." if revision else f"Nothing of {app!r} is running."


def _revision(session: Session, order: Order) -> int:
    """The running revision, 0 if there is none."""
    try:
        return int(session.graph(order.name)["revision"])
    except RayServeException:
        return 0


def _report(session: Session, order: Order, app: Application[Any], outcome: Deployed) -> DeployReport:
    url = "" if order.dry_run else session.url(order.route) or ""
    edges, captions = _drawn(session, order, outcome.steps)
    return DeployReport(
        app=order.name,
        revision=outcome.revision,
        steps=outcome.steps,
        dry_run=order.dry_run,
        url=url,
        proxy_url=addresses.proxy_url(url, os.environ) if url else "",
        curl=addresses.curl_line(url, app) if url else "",
        notices=list(session.notices),
        picture_text=picture.text(edges, captions) if edges else "",
        picture_svg=picture.svg(edges, captions) if captions else "",
    )


def _drawn(session: Session, order: Order, steps: list[StepView]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Edges, and node → caption, of the running app; nothing for a dry run, whose graph does not run."""
    if order.dry_run:
        return [], {}
    view = session.graph(order.name)
    happened = {step.deployment: done(step) for step in steps}
    captions = {node["name"]: happened.get(node["name"], "") for node in view["nodes"]}
    return [(caller, callee) for caller, callee in view["edges"]], captions
