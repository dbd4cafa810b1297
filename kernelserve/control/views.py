"""What people see of an app, as plain data: the answer to `GetGraph`, and the `view` of `AppNews`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernelserve.control.app import App, Revision, Rollout
from kernelserve.control.pool import Pool
from kernelserve.control.status import app_status, replica_view
from kernelserve.graph.model import Node
from kernelserve.types import Action


def app_view(app: App) -> dict[str, Any]:
    """The graph of the running revision (or of the one in prepare, before the first) and the app's history.

    A node has, beside what it is made of: `last_action` and `reason` of the plan that made the running revision;
    `next_action`, `next_reason`, `stage` and `stage_since` of the plan under way (else "" and None); `target`, the
    number of replicas that it should have; `replicas` of the running revision, and `others`, which another revision
    starts or has left; `batching`, the settings of its `serve.batch` methods. `coming` has those nodes that the plan
    under way adds.

    Example:
        >>> view = app_view(app)                              # doctest: +SKIP
        >>> view["nodes"][0]["name"], view["nodes"][0]["last_action"]   # doctest: +SKIP
        ('Embedder', 'keep')
    """
    rollout = app.rollout
    shown = app.current_revision or (rollout.revision if rollout else None)
    status = app_status(app)
    pools: dict[str, list[Pool]] = {}
    for (name, _), pool in app.pools.items():
        pools.setdefault(name, []).append(pool)

    def views(nodes: Iterable[Node], revision: Revision) -> list[dict[str, Any]]:
        deployments = status["deployments"]
        return [
            _node_view(node, revision, rollout, pools.get(node.name, []), deployments.get(node.name, {}))
            for node in nodes
        ]

    return {
        "app": app.name,
        "revision": app.current,
        "deploying": rollout.revision.number if rollout else None,
        "status": status["status"],
        "message": status["message"],
        "ingress": shown.graph.ingress if shown else "",
        "route_prefix": shown.graph.route_prefix if shown else None,
        "nodes": views(shown.graph.nodes.values(), shown) if shown else [],
        "coming": views(_coming(shown, rollout), rollout.revision) if rollout else [],
        "edges": [list(edge) for edge in shown.graph.edges()] if shown else [],
        "draining": [number for number in app.live if app.state_of(number) == "draining"],
        "trial": status["trial"],
        "revisions": [revision_view(revision) for revision in app.revisions],
    }


def _coming(shown: Revision | None, rollout: Rollout) -> list[Node]:
    there = shown.graph.nodes if shown is not None else {}
    return [node for node in rollout.revision.graph.nodes.values() if node.name not in there]


def _node_view(
    node: Node, revision: Revision, rollout: Rollout | None, pools: list[Pool], status: dict[str, Any]
) -> dict[str, Any]:
    pool = revision.pools.get(node.name)
    step = revision.steps.get(node.name)
    return {
        "name": node.name,
        "kind": node.kind,
        "definition": node.definition,
        "options": dict(node.options),
        "children": list(node.children),
        "init": list(node.init),
        "serve": list(node.serve),
        "assumptions": list(node.assumptions),
        "batching": _batching(node),
        "last_action": step.action.value if step else "",
        "reason": step.reason if step else "",
        **_plan_view(rollout, node.name),
        "built_in": pool.born if pool else revision.number,
        "version": pool.version_for(revision.number) if pool else revision.number,
        "status": status.get("status", ""),
        "message": status.get("message", ""),
        "target": pool.target if pool else 0,
        "replicas": [replica_view(replica) for replica in pool.replicas.values()] if pool else [],
        "others": [replica_view(one) for other in pools if other is not pool for one in other.replicas.values()],
    }


def _plan_view(rollout: Rollout | None, name: str) -> dict[str, Any]:
    """What the plan under way does to the deployment. A trial is no plan any more."""
    step = rollout.revision.steps.get(name) if rollout is not None and not rollout.on_trial else None
    if rollout is None or step is None:
        return {"next_action": "", "next_reason": "", "stage": "", "stage_since": None}
    return {
        "next_action": step.action.value,
        "next_reason": step.reason,
        "stage": rollout.stages.get(name, ""),
        "stage_since": rollout.started + rollout.finished.get(name, 0.0),
    }


def _batching(node: Node) -> dict[str, dict[str, Any]]:
    changed = node.options.get("batching", {})
    return {method: {**asked, **changed.get(method, {})} for method, asked in node.batching.items()}


def revision_view(revision: Revision) -> dict[str, Any]:
    """One deploy of the history; its steps without those that keep a deployment."""
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
            if step.action is not Action.KEEP
        ],
    }
