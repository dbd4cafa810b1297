"""Statuses of apps and deployments in Ray Serve's words, from what is; nothing here is remembered."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kernelserve.control import trial
from kernelserve.control.app import LOADED, UNTOUCHED, App, Rollout
from kernelserve.control.options import replica_count
from kernelserve.control.pool import Pool
from kernelserve.control.replica import Replica
from kernelserve.graph.model import Node
from kernelserve.schema import ApplicationStatus, DeploymentStatus, DeploymentStatusTrigger

Judged = tuple[DeploymentStatus, DeploymentStatusTrigger, str]
_D, _T = DeploymentStatus, DeploymentStatusTrigger


def app_status(app: App) -> dict[str, Any]:
    """One app as plain data: Ray Serve's fields, and `revision`, `route_prefix`, `owner`, `trial`."""
    deployments = deployment_statuses(app)
    status, message = judge_app(app, [_D(view["status"]) for view in deployments.values()])
    current = app.current_revision
    return {
        "status": status.value,
        "message": message,
        "last_deployed_time_s": current.time if current else 0.0,
        "deployments": deployments,
        "revision": app.current,
        "route_prefix": current.graph.route_prefix if current else None,
        "owner": app.owner if app.leased else "",
        "trial": trial.view(app),
    }


def judge_app(app: App, deployments: list[DeploymentStatus]) -> tuple[ApplicationStatus, str]:
    """The app's status and a message for people."""
    if app.deleted_reason:
        return ApplicationStatus.DELETING, f"Being deleted: {app.deleted_reason}."
    if app.rollout is not None and not app.rollout.on_trial:
        number = app.rollout.revision.number
        return ApplicationStatus.DEPLOYING, f"Revision {number}: {_stages(app.rollout)}"
    if not app.current:
        failed = bool(app.last_failure)
        status = ApplicationStatus.DEPLOY_FAILED if failed else ApplicationStatus.NOT_STARTED
        return status, app.last_failure
    note = f"The last deploy failed, revision {app.current} still runs: {app.last_failure}" if app.last_failure else ""
    note = f"{note} {trial.note(app)}".strip()
    if _D.UNHEALTHY in deployments:
        return ApplicationStatus.UNHEALTHY, note
    return ApplicationStatus.RUNNING, note


def _stages(rollout: Rollout) -> str:
    told = [f"{name} {rollout.stages.get(name, 'waits')}" for name in sorted(rollout.unready)]
    return "; ".join(told) or "telling every sender"


def deployment_statuses(app: App) -> dict[str, dict[str, Any]]:
    """Deployment → plain data with status, trigger, message, replica states, target."""
    pools: dict[str, list[Pool]] = {}
    for pool in app.pools.values():
        pools.setdefault(pool.name, []).append(pool)
    return {name: _deployment_status(app, name, its) for name, its in pools.items()}


def _deployment_status(app: App, name: str, pools: list[Pool]) -> dict[str, Any]:
    status, trigger, message = _judge(app, name)
    replicas = [replica for pool in pools for replica in pool.replicas.values()]
    return {
        "status": status.value,
        "status_trigger": trigger.value,
        "message": message,
        "replica_states": dict(Counter(replica.state.value for replica in replicas)),
        "target_num_replicas": sum(pool.target for pool in pools if not pool.retired),
    }


def _judge(app: App, name: str) -> Judged:
    rollout = app.rollout
    step = rollout.revision.steps.get(name) if rollout is not None else None
    if rollout is not None and not rollout.on_trial and step is not None and step.action not in UNTOUCHED:
        return _judge_step(app, rollout, name)
    tried = app.live.get(app.trial.revision) if app.trial is not None else None
    pools = [revision.pools.get(name) for revision in (app.current_revision, tried) if revision is not None]
    judged = [judge_pool(pool) for pool in pools if pool is not None]
    if not judged:
        return _D.UPDATING, _T.DELETING, "Ending: no revision uses it any more."
    return next((one for one in judged if one[0] is not _D.HEALTHY), judged[0])


def _judge_step(app: App, rollout: Rollout, name: str) -> Judged:
    message = rollout.stages.get(name, "")
    current = app.current_revision
    new = rollout.revision.graph.nodes[name]
    old = current.graph.nodes.get(name) if current else None
    if old is not None and rollout.revision.action(name) in LOADED and _only_scales(old, new):
        grows = replica_count(new) > replica_count(old)
        return (_D.UPSCALING if grows else _D.DOWNSCALING), _T.CONFIG_UPDATE_STARTED, message
    return _D.UPDATING, _T.CONFIG_UPDATE_STARTED, message


def _only_scales(old: Node, new: Node) -> bool:
    def rest(node: Node) -> dict[str, Any]:
        return {name: value for name, value in node.options.items() if name != "num_replicas"}

    same = rest(old) == rest(new) and (old.init, old.serve) == (new.init, new.serve)
    return same and replica_count(old) != replica_count(new)


def judge_pool(pool: Pool) -> Judged:
    """A deployment outside of a deploy: has it the replicas that it should have?"""
    alive = pool.alive()
    running = sum(replica.routable for replica in alive)
    if running < pool.target:
        waits = next((replica.waiting_for for replica in alive if replica.waiting_for), "")
        message = "; ".join(text for text in (pool.trouble, waits) if text)
        return _D.UNHEALTHY, _T(pool.trigger), message or f"{running} of {pool.target} replicas run."
    if running > pool.target:
        return _D.DOWNSCALING, _T.CONFIG_UPDATE_STARTED, ""
    return _D.HEALTHY, _T.CONFIG_UPDATE_COMPLETED, ""


def replica_view(replica: Replica) -> dict[str, Any]:
    """One replica as plain data; `memory` and `gpus` are filled in by whoever asks the replica."""
    return {
        "replica_id": replica.replica_id,
        "state": replica.state.value,
        "node_id": replica.node_id,
        "pid": replica.pid,
        "start_revision": replica.started_with,
        "loaded": sorted(replica.loaded),
        "since": replica.since,
        "waiting_for": replica.waiting_for,
        "failed_checks": replica.failed_checks,
        "memory": None,
        "gpus": [],
    }
