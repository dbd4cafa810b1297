"""A traced request on its way through a running system, and its spans where their user wants them."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from system_helpers import Cells, get, wait_for

import kernelserve as serve
from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import Session, ensure_session

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
HEADERS = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "vendor=x"}
EXPORTED = InMemorySpanExporter()

GRAPH = """
from opentelemetry import trace
from starlette.requests import Request
import kernelserve.context

def seen():
    span = trace.get_current_span().get_span_context()
    request = kernelserve.context.request()
    return {"trace": f"{span.trace_id:032x}", "span": f"{span.span_id:016x}", "state": span.trace_state.to_header(),
            "sampled": span.trace_flags.sampled, "given": serve.get_trace_context() is not None,
            "request": request.traceparent}

@serve.deployment
class Inner:
    def look(self):
        return seen()

    def fail(self):
        raise KeyError("nothing")

@serve.deployment
class Outer:
    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, request: Request):
        if request.query_params.get("fail"):
            await self.inner.fail.remote()
        return [seen(), await self.inner.look.remote()]

    async def look(self):
        return [seen(), await self.inner.look.remote()]

app = Outer.bind(Inner.bind())
"""


def processors() -> list[SimpleSpanProcessor]:
    return [SimpleSpanProcessor(EXPORTED)]


@pytest.fixture(scope="module")
def traced() -> Iterator[Session]:
    config = serve.TracingConfig(exporter_import_path=f"{__name__}:processors", sampling_ratio=0.0)
    yield ensure_session("local", http_options={"port": 0}, tracing_config=config)
    serve.shutdown(all=True)


@pytest.fixture(scope="module")
def live(traced: Session) -> LiveApp:
    Cells(traced).serve(GRAPH, "traced", journal=True)
    return LiveApp(traced, "traced")


@pytest.fixture(autouse=True)
def nothing_exported() -> None:
    EXPORTED.clear()


def exported(count: int) -> dict[str, ReadableSpan]:
    """Spans by their names, once there are so many."""
    spans = wait_for(lambda: len(EXPORTED.get_finished_spans()) >= count and EXPORTED.get_finished_spans(), "spans")
    assert len(spans) == count
    return {span.name: span for span in spans}


def hexadecimal(span: ReadableSpan) -> tuple[str, str, str]:
    """Ids of its trace, its own and its parent's."""
    context = span.context
    assert context is not None
    parent = f"{span.parent.span_id:016x}" if span.parent is not None else ""
    return f"{context.trace_id:032x}", f"{context.span_id:016x}", parent


def test_a_trace_goes_through_every_call_and_its_spans_out(live: LiveApp) -> None:
    status, (outer, inner) = get(f"{live.url}/x?q=1", headers={**HEADERS, "x-request-id": "one"})
    assert status == 200
    spans = exported(2)
    root, call = spans["GET /traced"], spans["Inner.look"]
    assert hexadecimal(root) == (TRACE, outer["span"], SPAN)
    assert hexadecimal(call) == (TRACE, inner["span"], outer["span"])
    for code in (outer, inner):
        assert code["trace"] == TRACE and code["sampled"] and code["given"] and code["state"] == "vendor=x"
        assert code["request"] == f"00-{TRACE}-{code['span']}-01"
    assert root.kind is SpanKind.SERVER and root.status.status_code is StatusCode.UNSET
    attributes = dict(root.attributes or {})
    assert attributes["http.request.method"] == "GET" and attributes["http.response.status_code"] == 200
    assert (attributes["url.path"], attributes["kernelserve.request_id"]) == ("/traced/x", "one")
    assert root.start_time and root.end_time and call.start_time and call.end_time
    assert root.start_time <= call.start_time < call.end_time <= root.end_time
    # The journal has the same spans.
    trace = live.trace("one")
    assert trace.record.trace_id == TRACE and trace.span is not None
    assert [span.span_id for span in trace.span.walk()] == [outer["span"], inner["span"]]


def test_errors_are_errors_of_their_spans(live: LiveApp) -> None:
    status, _ = get(f"{live.url}?fail=1", headers=HEADERS)
    assert status == 500
    spans = exported(2)
    root, call = spans["GET /traced"], spans["Inner.fail"]
    assert {span.status.status_code for span in spans.values()} == {StatusCode.ERROR}
    assert (call.attributes or {})["error.type"] == (root.attributes or {})["error.type"] == "KeyError"
    (event,) = root.events
    assert event.name == "exception" and "nothing" in str((event.attributes or {})["exception.stacktrace"])


@pytest.mark.parametrize(
    ("headers", "passed"),
    [
        pytest.param({}, "", id="untraced"),
        pytest.param({"traceparent": "00-0-0-01"}, "", id="invalid"),
        pytest.param({"traceparent": f"00-{TRACE}-{SPAN}-00"}, f"00-{TRACE}-{SPAN}-00", id="not-sampled"),
    ],
)
def test_what_is_not_sampled_makes_no_spans(live: LiveApp, headers: dict[str, str], passed: str) -> None:
    _, codes = get(live.url or "", headers={**headers, "x-request-id": "not"})
    assert [code["request"] for code in codes] == [passed, passed]
    assert [code["given"] for code in codes] == [bool(passed)] * 2
    assert live.trace("not").record.trace_id == ""
    get(live.url or "", headers=HEADERS)
    exported(2)  # Of the second request alone.


def test_two_traceparents_are_none(live: LiveApp) -> None:
    url = urlsplit(live.url or "")
    with contextlib.closing(http.client.HTTPConnection(url.netloc, timeout=60)) as connection:
        connection.putrequest("GET", url.path)
        for _ in range(2):
            connection.putheader("traceparent", HEADERS["traceparent"])
        connection.endheaders()
        assert connection.getresponse().status == 200
    assert not EXPORTED.get_finished_spans()


def test_handle_calls_are_traced_below_their_callers_span(live: LiveApp) -> None:
    from opentelemetry.sdk.trace import TracerProvider

    handle = live.handle.look
    with TracerProvider().get_tracer("test").start_as_current_span("mine") as span:
        outer, inner = handle.remote().result(timeout_s=60)
    mine = span.get_span_context()
    spans = exported(2)
    assert hexadecimal(spans["Outer.look"]) == (f"{mine.trace_id:032x}", outer["span"], f"{mine.span_id:016x}")
    assert hexadecimal(spans["Inner.look"])[2] == outer["span"] and inner["trace"] == outer["trace"]
    assert handle.remote().result(timeout_s=60)[0]["given"] is False


def test_a_request_without_a_journal_is_exported_too(traced: Session, live: LiveApp) -> None:
    Cells(traced).serve(GRAPH, "unkept", journal=False)
    get(f"{traced.base_url}/unkept", headers=HEADERS)
    assert set(exported(2)) == {"GET /unkept", "Inner.look"}


async def test_streams_and_websockets_are_traced(traced: Session) -> None:
    from websockets.asyncio.client import connect

    Cells(traced).serve(
        """
        from fastapi import FastAPI, WebSocket
        from fastapi.responses import StreamingResponse
        import kernelserve.context

        web = FastAPI()

        @serve.deployment
        @serve.ingress(web)
        class Web:
            @web.get("/items")
            async def items(self):
                async def parts():
                    for part in "abc":
                        yield part
                return StreamingResponse(parts())

            @web.websocket("/ws")
            async def ws(self, socket: WebSocket):
                await socket.accept()
                await socket.send_text(kernelserve.context.request().traceparent)

        app = Web.bind()
        """,
        "web",
    )
    status, text = await asyncio.to_thread(get, f"{traced.base_url}/web/items", None, HEADERS)
    assert (status, text) == (200, "abc")
    address = traced.base_url.replace("http", "ws")
    async with connect(f"{address}/web/ws", additional_headers=HEADERS) as socket:
        said: Any = await socket.recv()
    spans = await asyncio.to_thread(lambda: wait_for(
        lambda: len(EXPORTED.get_finished_spans()) == 2 and EXPORTED.get_finished_spans(), "two spans"))  # fmt: skip
    assert f"00-{TRACE}-{hexadecimal(spans[1])[1]}-01" == said and hexadecimal(spans[0])[2] == SPAN
