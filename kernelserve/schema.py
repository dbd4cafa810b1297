"""Statuses and their tables, with Ray Serve's names (plain dataclasses: no heavy import)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class ApplicationStatus(enum.StrEnum):
    NOT_STARTED = "NOT_STARTED"
    DEPLOYING = "DEPLOYING"
    DEPLOY_FAILED = "DEPLOY_FAILED"
    RUNNING = "RUNNING"
    UNHEALTHY = "UNHEALTHY"
    DELETING = "DELETING"


class DeploymentStatus(enum.StrEnum):
    UPDATING = "UPDATING"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    DEPLOY_FAILED = "DEPLOY_FAILED"
    UPSCALING = "UPSCALING"
    DOWNSCALING = "DOWNSCALING"


class DeploymentStatusTrigger(enum.StrEnum):
    """Ray Serve's reasons for a deployment's status."""

    UNSPECIFIED = "UNSPECIFIED"
    CONFIG_UPDATE_STARTED = "CONFIG_UPDATE_STARTED"
    CONFIG_UPDATE_COMPLETED = "CONFIG_UPDATE_COMPLETED"
    UPSCALE_COMPLETED = "UPSCALE_COMPLETED"
    DOWNSCALE_COMPLETED = "DOWNSCALE_COMPLETED"
    AUTOSCALING = "AUTOSCALING"
    REPLICA_STARTUP_FAILED = "REPLICA_STARTUP_FAILED"
    DEPLOYMENT_ACTOR_FAILED = "DEPLOYMENT_ACTOR_FAILED"
    HEALTH_CHECK_FAILED = "HEALTH_CHECK_FAILED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    DELETING = "DELETING"


class ReplicaState(enum.StrEnum):
    STARTING = "STARTING"
    UPDATING = "UPDATING"
    RECOVERING = "RECOVERING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"


class ProxyStatus(enum.StrEnum):
    STARTING = "STARTING"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    DRAINING = "DRAINING"
    DRAINED = "DRAINED"


@dataclass
class DeploymentStatusOverview:
    """One deployment: `replica_states` counts replicas by state."""

    status: DeploymentStatus
    status_trigger: str = "UNSPECIFIED"
    replica_states: dict[str, int] = field(default_factory=dict)
    message: str = ""


@dataclass
class ApplicationStatusOverview:
    """One application; `last_deployed_time_s` is Unix time."""

    status: ApplicationStatus
    message: str = ""
    last_deployed_time_s: float = 0.0
    deployments: dict[str, DeploymentStatusOverview] = field(default_factory=dict)


@dataclass
class ServeStatus:
    """What `serve.status()` returns."""

    proxies: dict[str, ProxyStatus] = field(default_factory=dict)
    applications: dict[str, ApplicationStatusOverview] = field(default_factory=dict)
    target_capacity: float | None = None


def status_from_plain(data: Mapping[str, Any]) -> ServeStatus:
    """Build a `ServeStatus` from the plain data that the controller sends."""
    applications = {
        name: ApplicationStatusOverview(
            status=ApplicationStatus(app["status"]),
            message=app.get("message", ""),
            last_deployed_time_s=app.get("last_deployed_time_s", 0.0),
            deployments={
                deployment: DeploymentStatusOverview(
                    status=DeploymentStatus(row["status"]),
                    status_trigger=row.get("status_trigger", "UNSPECIFIED"),
                    replica_states=dict(row.get("replica_states", {})),
                    message=row.get("message", ""),
                )
                for deployment, row in app.get("deployments", {}).items()
            },
        )
        for name, app in data.get("applications", {}).items()
    }
    proxies = {node: ProxyStatus(state) for node, state in data.get("proxies", {}).items()}
    return ServeStatus(proxies=proxies, applications=applications)
