"""W3C trace context, and which requests are traced."""

from __future__ import annotations

import sys

import pytest
from opentelemetry import trace as otel
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from kernelserve.config import TracingConfig
from kernelserve.context import RequestContext, current_request, get_trace_context
from kernelserve.exceptions import RayServeException
from kernelserve.observe.record import RequestRecord
from kernelserve.observe.trace_context import checked_tracestate, hop, new_span_id, new_trace_id, parse_traceparent
from kernelserve.observe.trace_export import Exporter
from kernelserve.observe.tracing import Tracing

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00"


@pytest.mark.parametrize(
    ("text", "sampled"),
    [
        pytest.param(SAMPLED, True, id="sampled"),
        pytest.param(NOT_SAMPLED, False, id="not-sampled"),
        pytest.param(f"00-{TRACE}-{SPAN}-ff", True, id="unknown-flags"),
        pytest.param(f"cc-{TRACE}-{SPAN}-01-what-comes", True, id="later-version"),
        pytest.param(f"00-{TRACE}-{SPAN}-01-more", None, id="more"),
        pytest.param(f"ff-{TRACE}-{SPAN}-01", None, id="bad-version"),
        pytest.param(f"00-{'0' * 32}-{SPAN}-01", None, id="no-trace"),
        pytest.param(f"00-{TRACE}-{'0' * 16}-01", None, id="no-span"),
        pytest.param(SAMPLED.upper(), None, id="upper-case"),
        pytest.param(SAMPLED + " ", None, id="blank"),
        pytest.param(SAMPLED + "\n", None, id="line"),
        pytest.param("", None, id="empty"),
        pytest.param(f"00-{TRACE[:-1]}é-{SPAN}-01", None, id="no-digit"),
    ],
)
def test_the_grammar_of_a_traceparent(text: str, sampled: bool | None) -> None:
    parent = parse_traceparent(text)
    assert (parent.sampled if parent is not None else None) == sampled


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        pytest.param("a=1,b@c=x y z, d/e=~", True, id="members"),
        pytest.param("", True, id="empty"),
        pytest.param(",".join(f"k{n}=v" for n in range(32)), True, id="32"),
        pytest.param(",".join(f"k{n}=v" for n in range(33)), False, id="33"),
        pytest.param("a=1,a=2", False, id="twice"),
        pytest.param("A=1", False, id="upper-case"),
        pytest.param("a=é", False, id="no-ascii"),
        pytest.param("a", False, id="no-value"),
        pytest.param("a=" + "v" * 257, False, id="long"),
    ],
)
def test_the_grammar_of_a_tracestate(text: str, valid: bool) -> None:
    assert checked_tracestate(text) == (text if valid else "")


def test_each_hop_of_a_sampled_trace_has_an_id_of_its_own() -> None:
    span_id, traceparent = hop(SAMPLED)
    assert traceparent == f"00-{TRACE}-{span_id}-01" and span_id != SPAN
    assert parse_traceparent(traceparent) is not None
    assert hop(NOT_SAMPLED) == ("", NOT_SAMPLED)
    assert parse_traceparent(f"00-{new_trace_id()}-{new_span_id()}-01") is not None


def test_without_a_place_to_go_only_what_asks_for_it_is_traced() -> None:
    tracing = Tracing(TracingConfig(enabled=False))
    assert tracing.enter("") is None and tracing.enter("nonsense", "a=1") is None
    passed = tracing.enter(NOT_SAMPLED, "a=1")
    assert passed is not None and (passed.traceparent, passed.tracestate) == (NOT_SAMPLED, "a=1")
    assert (passed.trace_id, passed.span_id, passed.exporter) == ("", "", None)
    traced = tracing.enter(SAMPLED, "nonsense")
    assert traced is not None and (traced.trace_id, traced.parent_id, traced.tracestate) == (TRACE, SPAN, "")
    assert traced.traceparent == f"00-{TRACE}-{traced.span_id}-01"


def in_memory() -> list[SimpleSpanProcessor]:
    return [SimpleSpanProcessor(InMemorySpanExporter())]


def not_processors() -> list[str]:
    return ["x"]


def test_the_ratio_decides_on_traces_that_begin_here() -> None:
    path = f"{__name__}:in_memory"
    for ratio, expected in ((0.0, 0), (1.0, 20)):
        tracing = Tracing(TracingConfig(exporter_import_path=path, sampling_ratio=ratio))
        entered = [tracing.enter("") for _ in range(20)]
        assert sum(one is not None and one.exporter is not None for one in entered) == expected
        tracing.close()


@pytest.mark.parametrize(
    ("path", "why"),
    [
        pytest.param("no_such_module:x", "cannot be used: ModuleNotFoundError", id="module"),
        pytest.param(f"{__name__}.nothing", "cannot be used: AttributeError", id="function"),
        pytest.param(f"{__name__}:not_processors", "returned a str", id="result"),
    ],
)
def test_an_exporter_that_cannot_be_used_says_so(path: str, why: str) -> None:
    with pytest.raises(RayServeException, match=why):
        Tracing(TracingConfig(exporter_import_path=path))


def test_the_providers_sampler_decides_where_its_user_has_set_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel, "_TRACER_PROVIDER", None)
    with pytest.raises(RayServeException, match="no OpenTelemetry provider"):
        Tracing(TracingConfig())
    for provider, traced in ((TracerProvider(), True), (TracerProvider(sampler=ALWAYS_OFF), False)):
        monkeypatch.setattr(otel, "_TRACER_PROVIDER", provider)
        tracing = Tracing()
        assert tracing.look() and (tracing.enter("") is not None) == traced
        with provider.get_tracer("test").start_as_current_span("mine") as span:
            entered = tracing.enter_call()
            assert entered is not None
            if traced:
                assert int(entered.parent_id, 16) == span.get_span_context().span_id
        tracing.close()
        assert tracing.enter("") is None


def test_without_opentelemetry_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "kernelserve.observe.trace_export", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(RayServeException, match=r"pip install 'kernelserve\[otel\]'"):
        Tracing(TracingConfig(exporter_import_path=f"{__name__}:in_memory"))


def test_a_processor_that_raises_costs_its_own_spans_only() -> None:
    made = in_memory()[0]
    shown = []

    class Broken(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            shown.append(span.name)
            raise ValueError("broken")

    exporter = Exporter([Broken(), made], Resource({}), ALWAYS_OFF, owned=True).use()
    entered = Tracing(TracingConfig(enabled=False)).enter(SAMPLED)
    assert entered is not None
    for id in ("a", "b"):
        exporter.put(entered, RequestRecord(id=id, time=2.0, app="x", status="ok", duration_s=1.0, path="A", method=id))
    exporter.close()
    assert shown == ["A.a", "A.b"]


def test_a_wrong_configuration_is_refused() -> None:
    for wrong in ({"sampling_ratio": 2}, {"exporter_import_path": "a b"}, {"enabled": "yes"}):
        with pytest.raises(ValueError, match="tracing_config"):
            TracingConfig.of(wrong)
    with pytest.raises(TypeError, match="Did you mean 'sampling_ratio'"):
        TracingConfig.of({"sampling_rate": 1})


def test_user_code_gets_the_trace_of_its_request() -> None:
    assert get_trace_context() is None
    token = current_request.set(RequestContext("id", "app", 1, traceparent=SAMPLED, tracestate="a=1"))
    span = otel.get_current_span(get_trace_context()).get_span_context()
    current_request.reset(token)
    assert (f"{span.trace_id:032x}", f"{span.span_id:016x}", span.trace_flags.sampled) == (TRACE, SPAN, True)
    assert span.trace_state.to_header() == "a=1"
