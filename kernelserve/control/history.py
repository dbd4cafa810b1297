"""The revisions of an app that are on record: what people see of them, and which can be gone back to."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from kernelserve.control.app import KEPT_REVISIONS, App, Revision
from kernelserve.exceptions import RayServeException
from kernelserve.graph.keep import HELD_BYTES
from kernelserve.graph.model import AppGraph, Node
from kernelserve.transport.messages import RevisionView, StepView

APPLIED = "applied"
T = TypeVar("T")


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


def known_units(app: App) -> dict[str, bytes]:
    """All code and data of the app's revisions, by unit id."""
    units: dict[str, bytes] = {}
    for revision in (*app.revisions, *app.live.values()):
        units |= revision.graph.units
    return units


def shared(app: App, graph: AppGraph) -> AppGraph:
    """The graph, with what an earlier revision has too (units, nodes, texts of cells) held once in memory.

    Fifty revisions of an app with a large array in a cell would hold the array fifty times otherwise.
    """
    units, sources, nodes = known_units(app), dict[str, str](), dict[str, Node]()
    for revision in (*app.revisions, *app.live.values()):
        sources |= revision.graph.sources
        nodes |= revision.graph.nodes
    return msgspec.structs.replace(
        graph,
        units={uid: units.get(uid, data) for uid, data in graph.units.items()},
        sources={file: _same(sources.get(file), text) for file, text in graph.sources.items()},
        nodes={name: _same(nodes.get(name), node) for name, node in graph.nodes.items()},
    )


def _same(old: T | None, new: T) -> T:
    return old if old is not None and old == new else new
