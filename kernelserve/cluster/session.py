"""The process's session: one running system (local or on Ray) and this process's client of it."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec

from kernelserve.cluster.client import Client
from kernelserve.config import (
    DEFAULT_GRPC_PORT,
    DEFAULT_PORT,
    FrontOptions,
    HTTPOptions,
    TracingConfig,
    check_name,
    check_route_prefix,
    gRPCOptions,
    is_loopback,
)
from kernelserve.deployment import Application
from kernelserve.exceptions import RayServeException
from kernelserve.graph.model import AppGraph, with_logging
from kernelserve.observe.journal import Redact
from kernelserve.observe.record import RequestRecord
from kernelserve.observe.tracing import Tracing
from kernelserve.routing.runtime import set_default_runtime
from kernelserve.schema import LoggingConfig, ServeStatus, status_from_plain
from kernelserve.transport.messages import (
    Deployed,
    EndTrial,
    GetRequests,
    RevisionView,
    Rollback,
    StepView,
    Trial,
    Update,
)
from kernelserve.types import JournalSpec

Kind = Literal["local", "ray"]

_request_numbers = itertools.count(1)
_lock = threading.RLock()
_session: Session | None = None


class System(Protocol):
    """A running system, as the session sees it."""

    kind: Kind
    secret: bytes
    address: str
    base_url: str
    grpc_address: str
    """``host:port``, or "" without gRPC."""
    persistent: bool
    """It outlives this process: its Ray was there before."""
    started_here: bool
    """Its gateway was started by this process."""

    def start(self) -> None: ...
    def alive(self) -> bool:
        """Whether it can still be reached from this process."""

    def gateway_counts(self) -> dict[str, int]:
        """What its gateway holds now; see `GatewayNode.counts`."""

    def leave(self) -> None:
        """Disconnect from it; it goes on."""

    def close(self) -> None:
        """End it, and Ray if that was started here."""


@dataclass(frozen=True)
class Attempt:
    """What this process last deployed an app from, whatever came of it; `graph` is what was built then."""

    application: Application[Any]
    route_prefix: str | None
    journal: bool | None
    redact: Redact | None
    graph: AppGraph


class Session:
    """What `run`, the magics and the widgets work on. Made by `ensure_session`.

    Attributes:
        base_url: of the gateway, without a trailing slash.
        grpc_address: where its gRPC listens, ``host:port``; "" without gRPC.
        leased: its apps end with this process. Not so for a script on a Ray that was there before it.
        notices: what whoever started the system should read, a line each: another port than 8000, an open host.
        attempts: app → what it was last deployed from here.
    """

    def __init__(self, system: System, front: FrontOptions, tracing: Tracing | None = None) -> None:
        self.kind = system.kind
        self.base_url = system.base_url
        self.grpc_address = system.grpc_address
        self.notices = tuple(_notices(system, front)) if system.started_here else ()
        self.leased = _in_notebook() or not system.persistent
        self.attempts: dict[str, Attempt] = {}
        self._logging: dict[str | None, LoggingConfig] = {}
        self._system = system
        self.client = Client(system.address, system.secret, owner=_owner(), leased=self.leased, tracing=tracing)
        set_default_runtime(self.client.runtime)

    def deploy(
        self,
        application: Application[Any],
        *,
        name: str,
        route_prefix: str | None,
        source: str = "",
        sources: Mapping[str, str] | None = None,
        force_replace: bool = False,
        dry_run: bool = False,
        timeout_s: float | None = None,
        take: bool = False,
        on_progress: Callable[[StepView], None] | None = None,
        journal: bool | None = None,
        redact: Redact | None = None,
        trial: Trial | None = None,
    ) -> Deployed:
        """Build the application's graph and apply it; returns the outcome, also of a failed plan.

        Args:
            source: what is on record as its source, and shown; the cells and files that its code comes from without.
            journal: keep its requests for `LiveApp.requests`; None is yes in a notebook, and if there is `redact`.
            redact: see `observe.journal.Journal`. Runs in the gateway, so it must be quick.
            trial: try it beside the current revision, until `end_trial`.

        Raises:
            ValueError, TypeError, ShipError: the application, or the trial, is wrong; nothing was sent.
            KeyboardInterrupt: the plan was aborted; the running revision stays.
        """
        check_name(name, "app")
        check_route_prefix(route_prefix)
        _check_trial(trial)
        graph = self.client.build(application, name=name, route_prefix=route_prefix, sources=sources)
        if not dry_run:
            self.attempts[name] = Attempt(application, route_prefix, journal, redact, graph)
        if journal if journal is not None else redact is not None or _in_notebook():
            graph = msgspec.structs.replace(graph, journal=self._journal_spec(name, redact))
        graph = with_logging(graph, self._logging.get(name) or self._logging.get(None))
        return self.client.deploy(
            graph,
            on_progress,
            request_id=_request_id(),
            source=source or "\n\n".join(graph.sources.values()),
            force_replace=force_replace,
            dry_run=dry_run,
            timeout_s=timeout_s,
            take=take,
            trial=trial,
        )

    def set_logging(self, name: str | None, config: LoggingConfig | None) -> None:
        """From the next deploy on, how deployments of an app log that have no config of their own.

        Args:
            name: of the app; None is all that have none either.
        """
        if config is None:
            self._logging.pop(name, None)
        else:
            self._logging[name] = config

    def revisions(self, name: str) -> list[RevisionView]:
        """The app's revisions that are on record, oldest first: the last 50 tried, and those that still serve."""
        return self.client.revisions(name)

    def rollback(
        self,
        name: str,
        revision: int,
        *,
        dry_run: bool = False,
        force_replace: bool = False,
        timeout_s: float | None = None,
        on_progress: Callable[[StepView], None] | None = None,
        trial: Trial | None = None,
    ) -> Deployed:
        """Apply the graph of an earlier revision as a new one: what need not change is kept or patched.

        Args:
            dry_run: only tell the plan.
            force_replace: replace what runs even where nothing changed.
            trial: try it beside the current revision, until `end_trial`.

        Raises:
            ValueError: the trial is wrong.
            RayServeException: there is no such app or revision, or the revision was never applied.
            KeyboardInterrupt: the plan was aborted; the running revision stays.
        """
        _check_trial(trial)
        message = Rollback(
            app=name,
            revision=revision,
            request_id=_request_id(),
            dry_run=dry_run,
            force_replace=force_replace,
            timeout_s=timeout_s,
            trial=trial,
        )
        return self.client.change(name, message, on_progress)

    def update(
        self,
        name: str,
        options: Mapping[str, Mapping[str, Any]],
        *,
        dry_run: bool = False,
        timeout_s: float | None = None,
        on_progress: Callable[[StepView], None] | None = None,
    ) -> Deployed:
        """Change options of a running app's deployments, as a new revision; replicas go on running.

        Args:
            options: deployment → option → value. ``batching`` is {method: {setting: value}} and overrides what
                `serve.batch` says; a setting of None takes that back.
            dry_run: only tell the plan.

        Raises:
            ValueError, TypeError: an option or a value is wrong, or needs new replicas; nothing has changed.
            RayServeException: there is no such app, or a deploy or trial of it is under way.
            KeyboardInterrupt: the plan was aborted; the running revision stays.
        """
        plain = {deployment: _plain_options(given) for deployment, given in options.items()}
        message = Update(app=name, options=plain, request_id=_request_id(), dry_run=dry_run, timeout_s=timeout_s)
        return self.client.update(message, on_progress)

    def end_trial(self, name: str, accept: bool, timeout_s: float | None = None) -> Deployed:
        """Make the revision on trial current (`accept`), or take it back; its outcome is "applied" or "rejected".

        Raises:
            RayServeException: nothing of the app is on trial.
            TimeoutError: not every sender knew of it in `timeout_s`; it goes on.
        """
        message = EndTrial(app=name, accept=accept, request_id=_request_id())
        return self.client.change(name, message, timeout_s=timeout_s)

    @property
    def persistent(self) -> bool:
        """Whether the system can outlive this process."""
        return self._system.persistent

    def _journal_spec(self, app: str, redact: Redact | None) -> JournalSpec:
        if redact is None:
            return JournalSpec()
        packed = self.client.store(app).pack(redact, "redact")
        return JournalSpec(packed.payload, packed.units)

    @property
    def alive(self) -> bool:
        """False once the Ray that it runs on was shut down in this process."""
        return self._system.alive()

    def delete(self, name: str) -> None:
        """End an app; raises `RayServeException` if there is none."""
        self.client.delete(name)
        self.attempts.pop(name, None)
        self._logging.pop(name, None)

    def status(self) -> ServeStatus:
        return status_from_plain(self.client.status())

    def gateway_counts(self) -> dict[str, int]:
        """What the gateway holds now: `live` requests, calls `in_flight` and `queued`, `connections`, `tasks` and more.

        For tests of leaks: with no client connected all are what they were before there was one.
        """
        return self._system.gateway_counts()

    def graph(self, name: str) -> dict[str, Any]:
        """Plain data of an app: nodes, edges, replicas, last actions."""
        return self.client.graph(name)

    def requests(self, query: GetRequests) -> tuple[list[RequestRecord], list[str]]:
        """Records of an app's requests, oldest first, and the names of processes that could not be asked."""
        return self.client.requests(query)

    def url(self, route_prefix: str | None) -> str | None:
        """The URL of a route, or None for an app without HTTP."""
        if route_prefix is None:
            return None
        return self.base_url + ("" if route_prefix == "/" else route_prefix)

    def leave(self) -> None:
        """Disconnect; apps and system go on. What is left to do for a script on a Ray that was there before it."""
        self._forget()
        self.client.close()
        self._system.leave()

    def close(self, everything: bool = False, timeout_s: float = 60.0) -> None:
        """End this owner's apps (or all), and the system if no app is left on it. Idempotent."""
        self._forget()
        left: list[str] = []
        try:
            if self.alive:
                left = self.client.delete_owned(everything, timeout_s)
        finally:
            self.client.close()
            if left and self._system.persistent:
                self._system.leave()
            else:
                self._system.close()

    def _forget(self) -> None:
        global _session
        with _lock:
            if _session is self:
                _session = None
        set_default_runtime(None)


def get_session() -> Session | None:
    """The process's session, if one was started."""
    return _session


def require_session() -> Session:
    """The process's session.

    Raises:
        RayServeException: none was started, and none can be found.
    """
    if _session is None:
        raise RayServeException(
            "kernelserve is not running in this process (no session). Start it with serve.run(...) or serve.start()."
        )
    return _session


def ensure_session(
    kind: Kind | None = None,
    *,
    http_options: HTTPOptions | Mapping[str, Any] | None = None,
    grpc_options: gRPCOptions | Mapping[str, Any] | None = None,
    tracing_config: TracingConfig | Mapping[str, Any] | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> Session:
    """The process's session, started if there is none.

    Args:
        kind: ``"ray"`` (default) or ``"local"``; None takes what runs.
        http_options: for a new system; a running one keeps its own.
        grpc_options: as `http_options`.
        tracing_config: of the requests that enter here, and at the gateway of a new system.
        on_progress: told in a line what a slow start is doing.

    Raises:
        RayServeException: a session of the other kind is running.
    """
    global _session
    with _lock:
        if _session is not None and not _session.alive:
            _session.close()  # Its Ray was shut down, or is another one now.
        if _session is not None:
            if kind is not None and kind != _session.kind:
                raise RayServeException(
                    f"A {_session.kind!r} system runs in this process, and {kind!r} was asked for. "
                    "Run serve.shutdown() first; one process has one system."
                )
            return _session
        front = FrontOptions(
            HTTPOptions.of(http_options), gRPCOptions.of(grpc_options), TracingConfig.of(tracing_config)
        )
        tracing = _tracing(front.tracing, kind or "ray")
        try:
            system = _make_system(kind or "ray", front, on_progress or (lambda line: None))
            system.start()
        except BaseException:
            tracing.close()
            raise
        _session = Session(system, front, tracing)
        # Registered now and not at import: it has to run before Ray's own, which was registered meanwhile.
        atexit.unregister(close_at_exit)
        atexit.register(close_at_exit)
        return _session


def _tracing(config: TracingConfig | None, kind: Kind) -> Tracing:
    """What is wrong with the configuration is said before anything is started."""
    if kind == "ray" and config is not None and config.enabled and not config.exporter_import_path:
        raise ValueError(
            "tracing_config has no exporter_import_path, and on Ray requests enter in another process, where no "
            "OpenTelemetry provider is set. Give 'module:function' of a function that returns span processors, or use "
            "placement='local'."
        )
    return Tracing(config)


def _make_system(kind: Kind, front: FrontOptions, on_progress: Callable[[str], None]) -> System:
    # Late: a process imports the placement that it uses. Ray is heavy, and `local` works without it; `local`
    # brings controller, gateway and replicas into this process, which with Ray run elsewhere.
    if kind == "local":
        from kernelserve.cluster.local import LocalSystem

        return LocalSystem(front)
    if kind == "ray":
        from kernelserve.cluster.ray import RaySystem

        return RaySystem(front, on_progress)
    raise ValueError(f"The placement {kind!r} is unknown. Use 'local' or 'ray'.")


def _plain_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options on their way to the controller, which checks them; raises for what could not be sent."""
    try:
        plain: dict[str, Any] = msgspec.to_builtins(dict(given))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The options {dict(given)!r} are not plain data ({error}). Use numbers, strings, dicts."
        ) from error
    return plain


def _request_id() -> str:
    return f"deploy-{os.getpid()}-{next(_request_numbers)}"


def _check_trial(trial: Trial | None) -> None:
    if trial is not None and not (0.0 <= trial.share <= 1.0 and not (trial.mirror and trial.share)):
        raise ValueError(
            "A trial takes a share of the requests from 0 to 1, or copies of them (mirror=True, share=0). "
            f"Got share={trial.share!r}, mirror={trial.mirror!r}. Use Trial(share=0.1) or Trial(mirror=True)."
        )


def _notices(system: System, front: FrontOptions) -> Iterator[str]:
    http = front.http
    port = int(system.base_url.rpartition(":")[2])
    if http.port is None and port != DEFAULT_PORT:
        yield f"Port {DEFAULT_PORT} is taken; serving on {port}."
    grpc_port = system.grpc_address.rpartition(":")[2]
    if grpc_port and front.grpc.port is None and int(grpc_port) != DEFAULT_GRPC_PORT:
        yield f"Port {DEFAULT_GRPC_PORT} is taken; serving gRPC on {grpc_port}."
    ports = f"port {port} or {grpc_port}" if grpc_port else f"port {port}"
    if not is_loopback(http.host):
        yield (
            f"Host {http.host} is open to other machines: whoever reaches {ports} can call every app, and is asked "
            "for no password. Use 127.0.0.1 to keep it to this machine."
        )


def _in_notebook() -> bool:
    """Whether this process is a Jupyter kernel."""
    shell = sys.modules.get("IPython")
    instance = shell.get_ipython() if shell is not None else None
    return instance is not None and hasattr(instance, "kernel")


def _owner() -> str:
    """Who the apps belong to: the notebook, also after its kernel was restarted, or this process."""
    notebook = os.environ.get("JPY_SESSION_NAME") if _in_notebook() else None
    host = socket.gethostname()
    return f"notebook {host} {notebook}" if notebook else f"process {host} {os.getpid()} {os.urandom(4).hex()}"


EXIT_TIMEOUT_S = 10.0
"""A controller that does not answer at exit (its Ray was shut down) must not keep the process."""


def close_at_exit(restart: bool = False) -> None:
    """End the process's session as its process ends, if there is one.

    Args:
        restart: the kernel comes back at once, so apps on a Ray that outlives it are kept under their lease.
    """
    session = _session
    if session is None:
        return
    if session.alive and (not session.leased or (restart and session.persistent)):
        session.leave()
        return
    with contextlib.suppress(RayServeException, TimeoutError):
        session.close(timeout_s=EXIT_TIMEOUT_S)
