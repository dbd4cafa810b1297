"""Statuses and settings with Ray Serve's names (plain dataclasses: no heavy import)."""

from __future__ import annotations

import enum
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class EncodingType(enum.StrEnum):
    """How log lines are written."""

    TEXT = "TEXT"
    JSON = "JSON"


@dataclass(frozen=True)
class LoggingConfig:
    """What a replica logs, and how, beside the app's log (`LiveApp.logs`), which has every line in its own form.

    Args:
        encoding: ``"TEXT"``, or ``"JSON"`` for an object a line; of its standard error and of `logs_dir`.
        log_level: records below it are left out everywhere: a name or number of `logging`. Prints are kept.
        logs_dir: a folder for a file a replica, beside all else; None: no such file.
        enable_access_log: a line a request, with method, route, status and time.
        additional_log_standard_attrs: attributes of `logging.LogRecord` that JSON lines have besides.

    Example:
        >>> LoggingConfig(log_level="DEBUG", encoding="JSON").level
        10
    """

    encoding: str = EncodingType.TEXT
    log_level: int | str = "INFO"
    logs_dir: str | None = None
    enable_access_log: bool = True
    additional_log_standard_attrs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.encoding not in set(EncodingType):
            raise ValueError(f"logging_config encoding is {self.encoding!r}. Use 'TEXT' or 'JSON'.")
        level = self.log_level.upper() if isinstance(self.log_level, str) else self.log_level
        known = logging.getLevelNamesMapping()
        if isinstance(level, bool) or not (level in known if isinstance(level, str) else isinstance(level, int)):
            raise ValueError(
                f"logging_config log_level is {self.log_level!r}. Use a number, or one of {', '.join(known)}."
            )
        if self.logs_dir is not None and not isinstance(self.logs_dir, str):
            raise ValueError(f"logging_config logs_dir is {self.logs_dir!r}. Use the path of a folder, or None.")
        if not isinstance(self.enable_access_log, bool):
            raise ValueError(f"logging_config enable_access_log is {self.enable_access_log!r}. Use True or False.")
        attributes = self.additional_log_standard_attrs
        record = logging.makeLogRecord({}).__dict__
        wrong = [attributes] if isinstance(attributes, str) else [name for name in attributes if name not in record]
        if wrong:
            raise ValueError(
                f"logging_config additional_log_standard_attrs has {wrong[0]!r}. Use a list of attributes of log "
                f"records: {', '.join(sorted(record))}."
            )
        # As values that compare equal to what came over the wire.
        object.__setattr__(self, "encoding", str(self.encoding))
        object.__setattr__(self, "log_level", level)
        object.__setattr__(self, "additional_log_standard_attrs", tuple(attributes))

    @property
    def level(self) -> int:
        """`log_level` as a number."""
        return self.log_level if isinstance(self.log_level, int) else logging.getLevelNamesMapping()[self.log_level]

    @classmethod
    def of(cls, value: LoggingConfig | Mapping[str, Any] | None) -> LoggingConfig | None:
        """Accept what ``logging_config=`` accepts: a config, a dict, or None.

        Raises:
            ValueError: an unknown key, or a wrong value.
        """
        if value is None or isinstance(value, LoggingConfig):
            return value
        if not isinstance(value, Mapping):
            raise ValueError(
                f"logging_config is {value!r}. Use a LoggingConfig, or a dict such as {{'log_level': 'DEBUG'}}."
            )
        names = cls.__dataclass_fields__
        for key, item in value.items():
            if key not in names:
                raise ValueError(f"Unknown key {key!r} ({item!r}) in logging_config. Valid keys: {', '.join(names)}.")
        return cls(**value)


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
