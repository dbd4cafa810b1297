"""Trace context in gRPC metadata."""

from __future__ import annotations

from typing import Any

import pytest
from grpc_helpers import Client
from opentelemetry import trace as otel
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from system_helpers import wait_for

import kernelserve as serve
from kernelserve import context

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@serve.deployment
class Told:
    """Says which trace it works for."""

    def Say(self, request: Any) -> Any:
        present = context.request()
        assert present is not None
        return type(request)(text=f"{present.traceparent} {present.tracestate}")


@pytest.mark.parametrize("session", ["local"], indirect=True)
def test_a_trace_comes_by_metadata_and_goes_to_the_provider_of_the_process(
    deploy: Any, client: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exported))
    deploy(Told, name)
    metadata = [("traceparent", f"00-{TRACE}-{SPAN}-01"), ("tracestate", "a=1"), ("application", name)]
    monkeypatch.setattr(otel, "_TRACER_PROVIDER", provider)

    def spans() -> tuple[Any, ...]:
        """The provider is found after a moment, and spans come after the answer."""
        said, _, state = client.stub.Say(client.text(""), metadata=metadata).text.partition(" ")
        assert said.startswith(f"00-{TRACE}-") and state == "a=1"
        return exported.get_finished_spans()

    span = wait_for(spans, "a span")[0]
    assert span.name == "kernelserve_test.Echo/Say" and f"{span.parent.span_id:016x}" == SPAN
    assert span.attributes["rpc.service"] == "kernelserve_test.Echo" and span.attributes["rpc.method"] == "Say"
    assert span.attributes["kernelserve.application"] == name and span.context.trace_state.to_header() == "a=1"
