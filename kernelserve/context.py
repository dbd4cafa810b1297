"""What the running code can know about where it runs: replica, request, and the runtime for handles."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from kernelserve.exceptions import RayServeException


@dataclass(frozen=True, slots=True)
class ReplicaRank:
    """Rank of a replica among its deployment's, on its node, and of its node."""

    rank: int = 0
    node_rank: int = 0
    local_rank: int = 0


@dataclass(frozen=True, slots=True)
class ReplicaContext:
    """The replica that the code runs in; see `get_replica_context`.

    `servable_object` is the user's instance (None while its constructor runs); `world_size` the
    number of replicas asked for, `code_version` the fingerprint of its code. Gangs are not built.
    """

    app_name: str
    deployment: str
    replica_tag: str
    replica_id: str
    servable_object: Any = None
    world_size: int = 1
    rank: ReplicaRank = ReplicaRank()
    max_ongoing_requests: int = 0
    code_version: str = ""
    gang_context: None = None


class Cancellable(Protocol):
    """A call that was made for a request."""

    def cancel(self) -> None:
        """Ask for it to be stopped; from any thread."""


@dataclass(slots=True)
class RequestContext:
    """The request that the code works for. `revision` goes along on every call that it makes.

    Attributes:
        deadline: `time.monotonic` at which the request is given up, or None. Calls that it makes get
            what is left.
        chain: deployments (``app#name``) that wait for this request, this replica's own being the last.
        batches: for each batch that it went through: seconds waited, size, seconds run; None: nobody asks.
        spans: where the spans of calls made for it are put (encoded, see `observe.spans`); None: nobody asks.
        pending: calls that it made and that have no answer yet.
        traceparent: W3C trace context whose parent is this replica's span; "" if the request is not traced.
        tracestate: that of the client, unchanged.
        abandoned: it was cancelled and its ``def`` runs on, as a thread cannot be stopped: calls that it
            makes from now on are refused.
    """

    request_id: str
    app_name: str
    revision: int
    route: str = ""
    multiplexed_model_id: str = ""
    session_id: str = ""
    deadline: float | None = None
    chain: tuple[str, ...] = ()
    spans: list[bytes] | None = None
    batches: list[tuple[float, int, float]] | None = None
    traceparent: str = ""
    tracestate: str = ""
    pending: set[Cancellable] = field(default_factory=set, repr=False, compare=False)
    abandoned: bool = False

    def cancel_calls(self) -> None:
        """Cancel the calls that it made: it was cancelled itself. From any thread."""
        for call in self.pending.copy():  # Answers take calls off meanwhile, in another thread.
            call.cancel()


current_request: contextvars.ContextVar[RequestContext | None] = contextvars.ContextVar(
    "kernelserve_request", default=None
)
current_replica: contextvars.ContextVar[ReplicaContext | None] = contextvars.ContextVar(
    "kernelserve_replica", default=None
)
# The `routing.Runtime` for handles made by this code, the `code.UnitStore` that reads its payloads, and the
# `observe.metrics.Registry` of its replica; typed Any here because all live in upper layers.
current_runtime: contextvars.ContextVar[Any] = contextvars.ContextVar("kernelserve_runtime", default=None)
current_store: contextvars.ContextVar[Any] = contextvars.ContextVar("kernelserve_store", default=None)
current_registry: contextvars.ContextVar[Any] = contextvars.ContextVar("kernelserve_registry", default=None)
# Told the model ids loaded in this replica whenever they change; callable from any thread.
model_reporter: contextvars.ContextVar[Callable[[frozenset[str]], None] | None] = contextvars.ContextVar(
    "kernelserve_model_reporter", default=None
)


def request() -> RequestContext | None:
    """The request that this code works for, or None outside a request."""
    return current_request.get()


def get_multiplexed_model_id() -> str:
    """The model id of the present request (handle option or ``serve_multiplexed_model_id`` header), or ""."""
    present = current_request.get()
    return present.multiplexed_model_id if present is not None else ""


def get_trace_context() -> Any:
    """The present request's trace as a context of OpenTelemetry, for spans that code makes by itself.

    It is the present context of OpenTelemetry anyway, in the task or thread that the request began in: only threads
    and processes that the code starts need to be given it.

    Returns:
        An `opentelemetry.context.Context`; None outside a request, if the request is not traced, and where
        OpenTelemetry is not installed.

    Example:
        >>> with tracer.start_as_current_span("rank", context=serve.get_trace_context()):    # doctest: +SKIP
        ...     rank()
    """
    present = current_request.get()
    return _otel_context(present) if present is not None and present.traceparent else None


def attach_trace(request: RequestContext) -> None:
    """Make a traced request's context the present one of OpenTelemetry, in the running task, if that is installed."""
    context = _otel_context(request)
    if context is not None:
        from opentelemetry.context import attach

        attach(context)


def _otel_context(request: RequestContext) -> Any:
    try:
        # Late: an extra, and only for those who trace.
        from opentelemetry import trace
    except ModuleNotFoundError:
        return None
    _, trace_id, span_id, flags = request.traceparent.split("-")
    state = trace.TraceState.from_header([request.tracestate]) if request.tracestate else None
    span = trace.SpanContext(int(trace_id, 16), int(span_id, 16), True, trace.TraceFlags(int(flags, 16)), state)
    return trace.set_span_in_context(trace.NonRecordingSpan(span))


def get_replica_context() -> ReplicaContext:
    """The replica that this code runs in.

    Raises:
        RayServeException: called outside a replica.
    """
    context = current_replica.get()
    if context is None:
        raise RayServeException(
            "get_replica_context() was called outside a replica (there is none in this thread). "
            "Call it from code that a deployment runs: __init__, a method, or what they call."
        )
    return context
