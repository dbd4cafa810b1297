"""The revisions of an app that are on record: what people see of them, and which can be gone back to."""

from __future__ import annotations

from typing import Any

import msgspec

from kernelserve.control.app import KEPT_REVISIONS, App, Revision
from kernelserve.exceptions import RayServeException
from kernelserve.graph.keep import HELD_BYTES
from kernelserve.graph.model import AppGraph
from kernelserve.transport.messages import RevisionView, StepView

APPLIED = "applied"


def views(app: App) -> list[RevisionView]:
    """The revisions for people, oldest first."""
    return [_view(app, revision) for revision in app.revisions]


def _view(app: App, revision: Revision) -> RevisionView:
    graph = revision.graph
    return RevisionView(
        number=revision.number,
        outcome=revision.outcome,
        time=revision.time,
        duration_s=revision.duration_s,
        steps=[
            StepView(deployment=step.deployment, action=step.action.value, reason=step.reason)
            for step in revision.steps.values()
        ],
        source=revision.source,
        error=revision.error,
        route_prefix=graph.route_prefix,
        options={node.name: dict(node.options) for node in graph.nodes.values()},
        of=revision.of,
        state=app.state_of(revision.number),
    )


def applied(app: App, number: int) -> Revision:
    """The revision of that number, if it can be gone back to.

    Raises:
        RayServeException: it is not on record, was never applied, or is too large to be kept.
    """
    known = {revision.number: revision for revision in app.revisions}
    can_be = [str(other.number) for other in known.values() if other.outcome == APPLIED and other.complete]
    advice = f"Choose one of these: {', '.join(can_be) or 'none'}."
    revision = known.get(number)
    if revision is None:
        raise RayServeException(
            f"Application {app.name!r} has no revision {number} on record; the last {KEPT_REVISIONS} are kept. {advice}"
        )
    if revision.outcome != APPLIED:
        raise RayServeException(
            f"Revision {number} of application {app.name!r} was never applied, it was {revision.outcome}. {advice}"
        )
    if not revision.complete:
        raise RayServeException(
            f"The code and data of revision {number} of application {app.name!r} are not kept any more: with those of "
            f"later revisions they are over {HELD_BYTES >> 20} MiB. {advice}"
        )
    return revision


def shared(app: App, graph: AppGraph) -> AppGraph:
    """The graph, with what an earlier revision has too (units, nodes, texts of cells) held once in memory.

    Fifty revisions of an app with a large array in a cell would hold the array fifty times otherwise.
    """
    units: dict[str, bytes] = {}
    sources: dict[str, str] = {}
    nodes: dict[str, Any] = {}
    for revision in {id(one): one for one in (*app.revisions, *app.live.values())}.values():
        units |= revision.graph.units
        sources |= revision.graph.sources
        nodes |= revision.graph.nodes

    def held(known: dict[str, Any], mine: dict[str, Any]) -> dict[str, Any]:
        return {key: known[key] if known.get(key) == value else value for key, value in mine.items()}

    return msgspec.structs.replace(
        graph,
        units=held(units, graph.units),
        sources=held(sources, graph.sources),
        nodes=held(nodes, graph.nodes),
    )
