"""What people see of an app, as plain data: the answer to `GetGraph`."""

from __future__ import annotations

from typing import Any

from kernelserve.control.app import App, Revision
from kernelserve.control.status import app_status, replica_view
from kernelserve.graph.model import Node


def app_view(app: App) -> dict[str, Any]:
    """The graph of the running revision (or of the one in prepare, before the first) and the app's history.

    Example:
        >>> view = app_view(app)                              # doctest: +SKIP
        >>> view["nodes"][0]["name"], view["nodes"][0]["last_action"]   # doctest: +SKIP
        ('Embedder', 'keep')
    """
    shown = app.current_revision or (app.rollout.revision if app.rollout else None)
    status = app_status(app)
    nodes = list(shown.graph.nodes.values()) if shown else []
    return {
        "app": app.name,
        "revision": app.current,
        "deploying": app.rollout.revision.number if app.rollout else None,
        "status": status["status"],
        "message": status["message"],
        "ingress": shown.graph.ingress if shown else "",
        "route_prefix": shown.graph.route_prefix if shown else None,
        "nodes": [_node_view(node, shown, status["deployments"]) for node in nodes if shown],
        "edges": [list(edge) for edge in shown.graph.edges()] if shown else [],
        "draining": [number for number in app.live if app.state_of(number) == "draining"],
        "trial": status["trial"],
        "revisions": [revision_view(revision) for revision in app.revisions],
    }


def _node_view(node: Node, revision: Revision, statuses: dict[str, Any]) -> dict[str, Any]:
    pool = revision.pools.get(node.name)
    step = revision.steps.get(node.name)
    status = statuses.get(node.name, {})
    return {
        "name": node.name,
        "kind": node.kind,
        "options": dict(node.options),
        "children": list(node.children),
        "init": list(node.init),
        "serve": list(node.serve),
        "assumptions": list(node.assumptions),
        "last_action": step.action.value if step else "",
        "reason": step.reason if step else "",
        "built_in": pool.born if pool else revision.number,
        "version": pool.version_for(revision.number) if pool else revision.number,
        "status": status.get("status", ""),
        "message": status.get("message", ""),
        "replicas": [replica_view(replica) for replica in pool.replicas.values()] if pool else [],
    }


def revision_view(revision: Revision) -> dict[str, Any]:
    """One deploy of the history."""
    return {
        "number": revision.number,
        "time": revision.time,
        "duration_s": revision.duration_s,
        "outcome": revision.outcome,
        "error": revision.error,
        "source": revision.source,
        "steps": [
            {"deployment": step.deployment, "action": step.action.value, "reason": step.reason}
            for step in revision.steps.values()
        ],
    }
