"""The functions of Ray Serve's API, over the process's session."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernelserve import context
from kernelserve.cluster import session as sessions
from kernelserve.cluster.app import LiveApp, raise_unless_applied
from kernelserve.cluster.look import EVERY_APP, Look
from kernelserve.config import HTTPOptions, TracingConfig, gRPCOptions
from kernelserve.deployment import Application, get_application
from kernelserve.exceptions import DeploymentUnavailableError, FeatureNotBuiltError
from kernelserve.handle import DeploymentHandle
from kernelserve.observe.journal import Redact
from kernelserve.schema import LoggingConfig, ServeStatus

log = logging.getLogger("kernelserve")


@dataclass(frozen=True)
class RunTarget:
    """One application for `run_many`; the fields are the arguments of `run`."""

    target: Application[Any]
    name: str = "default"
    route_prefix: str | None = "/"
    logging_config: LoggingConfig | Mapping[str, Any] | None = None
    external_scaler_enabled: bool = False


def run(
    target: Application[Any],
    blocking: bool = False,
    name: str = "default",
    route_prefix: str | None = "/",
    logging_config: LoggingConfig | Mapping[str, Any] | None = None,
    _local_testing_mode: bool = False,
    external_scaler_enabled: bool = False,
    controller_options: Any = None,
    *,
    journal: bool | None = None,
    redact: Redact | None = None,
) -> DeploymentHandle[Any]:
    """Deploy an application and wait until it runs. What did not change is left as it is.

    Args:
        target: what `Deployment.bind` returned.
        blocking: stay here until interrupted, then shut down this process's apps.
        name: of the app; running it again under the same name is an edit of it.
        route_prefix: HTTP prefix, or None for no HTTP.
        logging_config: of the deployments that have none of their own; a `schema.LoggingConfig` or a dict.
        _local_testing_mode: run in this process without Ray (the `local` placement), HTTP included.
        journal: keep the app's requests for `LiveApp.requests`; None is yes in a notebook. Not in Ray Serve.
        redact: gets each record (`observe.record.RequestRecord`) before it is kept, and returns it, a changed one, or
            None to keep nothing of it. Runs in the gateway, so it must be quick. Not in Ray Serve.

    Returns:
        A handle to the ingress deployment.

    Raises:
        DeployError: (a RuntimeError) a replica failed to start; what ran before still runs.

    Example:
        >>> handle = serve.run(Greeter.bind(), name="greeter")     # doctest: +SKIP
        >>> handle.remote("you").result()                          # doctest: +SKIP
    """
    _refuse_unbuilt(external_scaler_enabled, controller_options)
    application = get_application(target)
    logging_config = LoggingConfig.of(logging_config)
    session = _ensure_session("local" if _local_testing_mode else None)
    session.set_logging(name, logging_config)
    outcome = session.deploy(application, name=name, route_prefix=route_prefix, journal=journal, redact=redact)
    raise_unless_applied(outcome)
    handle = LiveApp(session, name).handle
    if blocking:
        _block()
    return handle


_run = run


def run_many(
    targets: Sequence[RunTarget],
    blocking: bool = False,
    wait_for_ingress_deployment_creation: bool = True,
    wait_for_applications_running: bool = True,
    _local_testing_mode: bool = False,
    controller_options: Any = None,
) -> list[DeploymentHandle[Any]]:
    """Deploy several applications, one after the other; see `run`."""
    if not (wait_for_ingress_deployment_creation and wait_for_applications_running):
        raise FeatureNotBuiltError("run_many(wait_for_...=False) is not built yet. Leave it out: it waits.")
    handles = [
        run(
            target.target,
            name=target.name,
            route_prefix=target.route_prefix,
            logging_config=target.logging_config,
            external_scaler_enabled=target.external_scaler_enabled,
            controller_options=controller_options,
            _local_testing_mode=_local_testing_mode,
        )
        for target in targets
    ]
    if blocking:
        _block()
    return handles


def start(
    proxy_location: Any = None,
    http_options: HTTPOptions | Mapping[str, Any] | None = None,
    grpc_options: gRPCOptions | Mapping[str, Any] | None = None,
    logging_config: LoggingConfig | Mapping[str, Any] | None = None,
    tracing_config: TracingConfig | Mapping[str, Any] | None = None,
    controller_options: Any = None,
    *,
    placement: sessions.Kind | None = None,
) -> None:
    """Start the system without an application; options of one that runs already stay as they are.

    Args:
        http_options: host, port, timeouts of the front door.
        grpc_options: port, services, timeout of gRPC; see `config.gRPCOptions`.
        tracing_config: exporter and sampling of traces; see `config.TracingConfig`.
        logging_config: of the deployments that this process deploys, where neither they nor `run` say another.
        placement: ``"ray"`` (default) or ``"local"``. Not in Ray Serve.
    """
    given = {"proxy_location": proxy_location, "controller_options": controller_options}
    for option, value in given.items():
        if value is not None:
            raise FeatureNotBuiltError(
                f"serve.start({option}={value!r}) is not built yet in kernelserve. Leave it out."
            )
    if placement not in (None, "ray", "local"):
        raise ValueError(f"The placement {placement!r} is unknown. Use 'ray' or 'local'.")
    config = LoggingConfig.of(logging_config)
    session = _ensure_session(placement, http_options, grpc_options, tracing_config)
    if config is not None:
        session.set_logging(None, config)


def delete(name: str, _blocking: bool = True) -> None:
    """End an application and wait until nothing of it is left.

    Raises:
        RayServeException: there is no such app; the message lists those that run.
    """
    if not _blocking:
        raise FeatureNotBuiltError("serve.delete(_blocking=False) is not built yet. Leave it out: it waits.")
    sessions.require_session().delete(name)


def shutdown(all: bool = False) -> None:
    """End this process's applications, and the system if no other is left on it. Harmless if nothing runs.

    Args:
        all: end everybody's applications. Not in Ray Serve, whose shutdown always does that.
    """
    session = sessions.get_session()
    if session is not None:
        session.close(everything=all)


async def shutdown_async(all: bool = False) -> None:
    """As `shutdown`, without blocking the event loop of the caller."""
    await asyncio.to_thread(shutdown, all)


def status() -> ServeStatus:
    """Statuses of gateways, applications and deployments; empty if nothing was started here."""
    session = sessions.get_session()
    return session.status() if session is not None else ServeStatus()


def app(name: str = "default") -> LiveApp:
    """A running application: URL, handle, status, graph, revision. Not in Ray Serve.

    Raises:
        RayServeException: there is none of that name.
    """
    return LiveApp(sessions.require_session(), name)


def dashboard() -> Look:
    """The numbers of all applications over the last 15 minutes, live in a notebook. Not in Ray Serve.

    `LiveApp.dashboard` is of one.

    Raises:
        RayServeException: nothing was started in this process.

    Example:
        >>> serve.dashboard()                                      # doctest: +SKIP
    """
    return Look(sessions.require_session(), EVERY_APP, "dashboard")


def get_app_handle(name: str) -> DeploymentHandle[Any]:
    """Handle to the ingress of an application; from a notebook or script.

    Raises:
        RayServeException: there is no such app.
    """
    return LiveApp(sessions.require_session(), name).handle


def get_deployment_handle(
    deployment_name: str, app_name: str | None = None, _check_exists: bool = True, _record_telemetry: bool = True
) -> DeploymentHandle[Any]:
    """Handle to any deployment; inside a replica the app is the replica's own by default.

    Raises:
        DeploymentUnavailableError: the app has no such deployment (checked outside replicas).
    """
    replica = context.current_replica.get()
    if app_name is None:
        app_name = replica.app_name if replica is not None else "default"
    if _check_exists and replica is None:
        names = [node["name"] for node in sessions.require_session().graph(app_name)["nodes"]]
        if deployment_name not in names:
            raise DeploymentUnavailableError(
                f"App {app_name!r} has no deployment {deployment_name!r}. It has: {', '.join(names)}."
            )
    return DeploymentHandle(deployment_name, app_name)


def _ensure_session(
    kind: sessions.Kind | None,
    http_options: HTTPOptions | Mapping[str, Any] | None = None,
    grpc_options: gRPCOptions | Mapping[str, Any] | None = None,
    tracing_config: TracingConfig | Mapping[str, Any] | None = None,
) -> sessions.Session:
    before = sessions.get_session()
    session = sessions.ensure_session(
        kind, http_options=http_options, grpc_options=grpc_options, tracing_config=tracing_config
    )
    if session is not before:
        for notice in session.notices:
            log.warning("%s", notice)
    elif any(options is not None for options in (http_options, grpc_options, tracing_config)):
        log.warning(
            "kernelserve runs already, and keeps its HTTP, gRPC and tracing options. Run serve.shutdown() first to "
            "change them."
        )
    return session


def _refuse_unbuilt(external_scaler_enabled: bool, controller_options: Any) -> None:
    if external_scaler_enabled:
        raise FeatureNotBuiltError("external_scaler_enabled=True is not built yet in kernelserve. Leave it out.")
    if controller_options is not None:
        raise FeatureNotBuiltError("controller_options is not built yet in kernelserve. Leave it out.")


def _block() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        shutdown()
