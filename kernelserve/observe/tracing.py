"""Which of the requests that enter a process are traced, and where their spans go."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from kernelserve.config import TracingConfig
from kernelserve.observe.trace_context import (
    Entered,
    checked_tracestate,
    make_traceparent,
    new_span_id,
    new_trace_id,
    parse_traceparent,
)

if TYPE_CHECKING:
    from kernelserve.observe.trace_export import Exporter

LOOK_AGAIN_S = 1.0
"""How often a process looks whether its user has set an OpenTelemetry provider."""
_SDK = "opentelemetry.sdk.trace"
_modules = sys.modules


class Tracing:
    """Decides on the requests that enter here; from any thread.

    A request that names its trace is traced if that is sampled. Of the others a part is, if spans have somewhere to
    go: to the exporter of the configuration, or to the OpenTelemetry provider that the process's user has set.

    Args:
        config: of ``serve.start(tracing_config=...)``; None leaves it to the provider.

    Attributes:
        exporting: whether spans have somewhere to go, as of the last `look`.

    Raises:
        RayServeException: the configuration cannot be followed in this process.
    """

    def __init__(self, config: TracingConfig | None = None) -> None:
        self._adopts = config is None
        self._ratio = config.sampling_ratio if config is not None else None
        self._exporter: Exporter | None = None
        self._looking = threading.Lock()
        self._next_look = 0.0
        self.exporting = False
        if config is not None and config.enabled:
            # Late: OpenTelemetry is an extra, and wanted only here.
            from kernelserve.observe.trace_export import open_exporter

            self._exporter = open_exporter(config.exporter_import_path)
            self.exporting = True

    def look(self) -> bool:
        """Whether spans have somewhere to go; sees, after a moment, that the user has set a provider."""
        if not self.exporting and self._adopts and _SDK in _modules:
            self._adopt()
        return self.exporting

    def enter(self, traceparent: str, tracestate: str = "") -> Entered | None:
        """A request enters; None if nothing of it is traced.

        Args:
            traceparent, tracestate: headers that it came with, "" without. What is not valid counts as not there.
        """
        parent = parse_traceparent(traceparent) if traceparent else None
        if parent is None:
            return self._begin()
        state = checked_tracestate(tracestate) if tracestate else ""
        if not parent.sampled:
            return Entered(make_traceparent(parent.trace_id, parent.span_id, sampled=False), state)
        exporter = self._exporter if self.look() else None
        span_id = new_span_id()
        return Entered(
            make_traceparent(parent.trace_id, span_id), state, parent.trace_id, span_id, parent.span_id, exporter
        )

    def enter_call(self) -> Entered | None:
        """A handle is called outside of any request: below the caller's own OpenTelemetry span, if it has one."""
        if not self.look() and "opentelemetry.trace" not in _modules:
            return None
        parent, state = _current_span()
        return self.enter(parent, state)

    def close(self) -> None:
        """Let the spans of the requests that have ended go out; may take seconds."""
        exporter, self._exporter, self._adopts, self.exporting = self._exporter, None, False, False
        if exporter is not None:
            exporter.close()

    async def aclose(self) -> None:
        """As `close`, beside the event loop."""
        if self._exporter is not None:
            await asyncio.to_thread(self.close)

    def _begin(self) -> Entered | None:
        if not self.look():
            return None
        exporter = self._exporter
        trace_id = new_trace_id()
        if exporter is None or not exporter.samples(trace_id, self._ratio):
            return None
        span_id = new_span_id()
        return Entered(make_traceparent(trace_id, span_id), "", trace_id, span_id, "", exporter)

    def _adopt(self) -> None:
        with self._looking:  # Handles are called in any thread.
            now = time.monotonic()
            if now < self._next_look or self.exporting:
                return
            self._next_look = now + LOOK_AGAIN_S
            from kernelserve.observe.trace_export import adopt_provider

            self._exporter = adopt_provider()
            self.exporting = self._exporter is not None


def _current_span() -> tuple[str, str]:
    trace: Any = _modules.get("opentelemetry.trace")
    if trace is None:
        return "", ""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return "", ""
    parent = make_traceparent(f"{span.trace_id:032x}", f"{span.span_id:016x}", span.trace_flags.sampled)
    return parent, span.trace_state.to_header()
