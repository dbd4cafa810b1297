"""The spans of requests as OpenTelemetry's, on their way to where its user wants them. Imported late.

Spans are made of records when a request has ended, in a thread of its own: nothing here is on a request's path.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from kernelserve.exceptions import RayServeException
from kernelserve.observe.record import RequestRecord, is_error
from kernelserve.observe.spans import Span
from kernelserve.observe.table import spans_of
from kernelserve.observe.trace import work_began
from kernelserve.observe.trace_context import Entered, new_span_id

try:
    from opentelemetry import trace
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Decision, Sampler, TraceIdRatioBased
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState
except ModuleNotFoundError as _error:
    raise RayServeException(
        f"tracing_config asks for traces, and OpenTelemetry is not installed ({_error}). "
        "Install it: pip install 'kernelserve[otel]'."
    ) from _error

_log = logging.getLogger(__name__)

WAITING = 2048
"""Requests whose spans wait to be exported; one more is dropped."""
FLUSH_S = 5.0
"""Longest time that the end of a system waits for its last spans."""
_SCOPE = InstrumentationScope("kernelserve")
_FLAGS = TraceFlags(TraceFlags.SAMPLED)

_lock = threading.Lock()
_open: dict[object, Exporter] = {}


class Exporter:
    """Gives spans to OpenTelemetry's processors. One of a kind in a process, for all that want it.

    Args:
        processors: get the spans.
        resource: whose spans they are.
        sampler: decides on traces that begin here, if no ratio is given.
        owned: the processors end with the exporter.
    """

    def __init__(self, processors: Sequence[SpanProcessor], resource: Resource, sampler: Sampler, owned: bool) -> None:
        self._processors = processors
        self._resource = resource
        self._sampler = sampler
        self._owned = owned
        self._users = 0
        self._dropped = 0
        self._queue: queue.Queue[tuple[Entered, RequestRecord] | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._run, name="kernelserve traces", daemon=True)

    def samples(self, trace_id: str, ratio: float | None) -> bool:
        """Whether a trace that begins here is one of those that are sampled."""
        sampler = self._sampler if ratio is None else TraceIdRatioBased(ratio)
        decision = sampler.should_sample(None, int(trace_id, 16), "request").decision
        return decision is Decision.RECORD_AND_SAMPLE

    def put(self, entered: Entered, record: RequestRecord) -> None:
        """A request has ended. From any thread, and never waits."""
        try:
            self._queue.put_nowait((entered, record))
        except queue.Full:
            self._dropped += 1
            if self._dropped == 1:
                _log.warning(
                    "Traces are exported slower than requests come: %d requests wait, and the spans of more are "
                    "dropped. Sample fewer (sampling_ratio), or make the exporter quicker.",
                    WAITING,
                )

    def close(self) -> None:
        """One of its users does not want it any more; with the last one it ends."""
        with _lock:
            self._users -= 1
            if self._users:
                return
            for key in [key for key, exporter in _open.items() if exporter is self]:
                del _open[key]
        with contextlib.suppress(queue.Full):  # Its thread is stuck in a processor, and ends with the process.
            self._queue.put(None, timeout=FLUSH_S)
            self._thread.join(FLUSH_S)
        for processor in self._processors:
            if self._owned:
                processor.shutdown()
            else:
                processor.force_flush(int(FLUSH_S * 1000))

    def use(self) -> Exporter:
        """Count one more user; holds `_lock`."""
        self._users += 1
        if self._users == 1:
            self._thread.start()
        return self

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            try:
                for span in spans(*entry, self._resource):
                    for processor in self._processors:
                        processor.on_end(span)
            except Exception:  # Boundary of the user's processors: one bad span must not end the others.
                _log.exception("The spans of request %s could not be exported.", entry[1].id)


def open_exporter(path: str) -> Exporter:
    """The exporter with the processors that a function returns, given by its import path; "": to the set provider.

    Raises:
        RayServeException: there is no such function, or it returns something else; no provider is set.
    """
    if not path:
        found = adopt_provider()
        if found is None:
            raise RayServeException(
                "tracing_config has no exporter_import_path, and this process has no OpenTelemetry provider. Set one "
                "with opentelemetry.trace.set_tracer_provider(...), or give 'module:function' of a function that "
                "returns span processors."
            )
        return found
    with _lock:
        if path not in _open:
            _open[path] = Exporter(_processors(path), _resource(), ALWAYS_OFF, owned=True)
        return _open[path].use()


def adopt_provider() -> Exporter | None:
    """An exporter to the provider that the process's user has set; None without one of the SDK."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        return None
    with _lock:
        if provider not in _open:
            # There is no public way to give a provider a span that has its ids and times already.
            processor = provider._active_span_processor
            _open[provider] = Exporter([processor], provider.resource, provider.sampler, owned=False)
        return _open[provider].use()


def _processors(path: str) -> list[SpanProcessor]:
    module, _, name = path.replace(":", ".").rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)()
    except Exception as error:  # Boundary of the user's function, and of the modules that it is in.
        raise RayServeException(
            f"The exporter_import_path {path!r} of tracing_config cannot be used: {type(error).__name__}: {error}. "
            "Give 'module:function' of a function without arguments that this process can import."
        ) from error
    made = list(found) if isinstance(found, list | tuple) else [found]
    for one in made:
        if not isinstance(one, SpanProcessor):
            raise RayServeException(
                f"The function {path!r} of tracing_config returned a {type(one).__name__}. "
                "Return a list of OpenTelemetry span processors, such as [BatchSpanProcessor(exporter)]."
            )
    return made


def _resource() -> Resource:
    found = Resource.create()
    unknown = str(found.attributes.get(SERVICE_NAME, "unknown")).startswith("unknown")
    return found.merge(Resource({SERVICE_NAME: "kernelserve"})) if unknown else found


# --- records as spans ---------------------------------------------------------------------------


def spans(entered: Entered, record: RequestRecord, resource: Resource) -> Iterator[ReadableSpan]:
    """The spans of a request that has ended, callers first."""
    span = spans_of(record) or Span(deployment=record.app, duration_s=record.duration_s)
    begin = record.time - record.duration_s
    state = TraceState.from_header([entered.tracestate]) if entered.tracestate else TraceState()
    maker = _Maker(int(entered.trace_id, 16), state, resource)
    parent = maker.context(entered.parent_id) if entered.parent_id else None
    # The whole lasted longer than the call of the first deployment: what the entry point did is in it.
    yield maker.make(
        entered.span_id,
        parent,
        _name(record),
        begin,
        record.duration_s,
        {**_of_request(record), **_of_span(span)},
        SpanKind.SERVER,
        _status(record),
        _events(record, begin),
    )
    yield from _below(maker, span, entered.span_id, begin)


def _below(maker: _Maker, span: Span, span_id: str, begin: float) -> Iterator[ReadableSpan]:
    parent = maker.context(span_id)
    began = begin + work_began(span)
    for child in span.children:
        own_id, at = child.span_id or new_span_id(), began + child.start_s
        status = Status(StatusCode.ERROR, child.error) if child.error else Status()
        name = f"{child.deployment}.{child.method or '?'}"
        yield maker.make(own_id, parent, name, at, child.duration_s, _of_span(child), SpanKind.INTERNAL, status)
        yield from _below(maker, child, own_id, at)


class _Maker:
    def __init__(self, trace_id: int, state: TraceState, resource: Resource) -> None:
        self._trace_id = trace_id
        self._state = state
        self._resource = resource

    def context(self, span_id: str) -> SpanContext:
        return SpanContext(self._trace_id, int(span_id, 16), True, _FLAGS, self._state)

    def make(
        self,
        span_id: str,
        parent: SpanContext | None,
        name: str,
        begin: float,
        duration_s: float,
        attributes: dict[str, Any],
        kind: SpanKind,
        status: Status,
        events: Sequence[Event] = (),
    ) -> ReadableSpan:
        return ReadableSpan(
            name=name,
            context=self.context(span_id),
            parent=parent,
            resource=self._resource,
            attributes=attributes,
            events=events,
            kind=kind,
            status=status,
            start_time=int(begin * 1e9),
            end_time=int((begin + duration_s) * 1e9),
            instrumentation_scope=_SCOPE,
        )


def _name(record: RequestRecord) -> str:
    if isinstance(record.status, int):
        return f"{record.method} {record.route or '/'}"
    return record.path.lstrip("/") if record.path.startswith("/") else f"{record.path}.{record.method}"


def _of_request(record: RequestRecord) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "kernelserve.application": record.app,
        "kernelserve.revision": record.revision,
        "kernelserve.request_id": record.id,
    }
    if isinstance(record.status, int):
        attributes |= {
            "http.request.method": record.method,
            "http.route": record.route,
            "url.path": record.path.partition("?")[0],
            "http.response.status_code": record.status,
        }
    elif record.path.startswith("/"):
        service, _, method = record.path[1:].rpartition("/")
        attributes |= {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}
    if record.error is not None:
        attributes["error.type"] = record.error.type
    return attributes


def _of_span(span: Span) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "kernelserve.deployment": span.deployment,
        "kernelserve.replica": span.replica_id,
        "kernelserve.queue_ms": span.queue_s * 1000,
        "kernelserve.run_ms": span.run_s * 1000,
    }
    if span.batch_size:
        attributes["kernelserve.batch_size"] = span.batch_size
        attributes["kernelserve.batch_wait_ms"] = span.batch_wait_s * 1000
    if span.attempts > 1:
        attributes["kernelserve.attempts"] = span.attempts
    if span.error:
        attributes["error.type"] = span.error
    return attributes


def _status(record: RequestRecord) -> Status:
    # Of HTTP a client's fault is no error of the server's span, as the conventions say.
    server_failed = is_error(record.status) and (isinstance(record.status, str) or record.status >= 500)
    if not (server_failed or record.error is not None):
        return Status()
    return Status(StatusCode.ERROR, record.error.message if record.error is not None else None)


def _events(record: RequestRecord, begin: float) -> list[Event]:
    error = record.error
    if error is None:
        return []
    attributes = {"exception.type": error.type, "exception.message": error.message}
    if error.traceback:
        attributes["exception.stacktrace"] = error.traceback
    return [Event("exception", attributes, int((begin + record.duration_s) * 1e9))]
