"""The waterfall of one request."""

from __future__ import annotations

from typing import Any

import pytest

from kernelserve.observe.record import ErrorInfo, RequestRecord, preview
from kernelserve.observe.spans import encode_span, encode_work
from kernelserve.observe.trace import RequestTrace


def record(**fields: Any) -> RequestRecord:
    inner = encode_span(
        5.25, 0.25, encode_work("Model", "m#1", "embed", 9.0, 0.15, batch_size=8, batch_wait_s=0.05), queue_s=0.05
    )
    failed = encode_span(5.5, 0.1, encode_work("Rank", "", "__call__", 0.0, 0.0, error="KeyError"), attempts=2)
    spans = encode_span(1.0, 1.0, encode_work("Search", "s#1", "GET", 5.0, 0.8, children=[inner, failed]))
    answer = preview("application/json", b'{"a": 1}')
    base = {"id": "a-1", "time": 10.0, "app": "shop", "status": 200, "duration_s": 1.0, "route": "/s", "method": "GET",
            "path": "/s", "revision": 3, "spans": spans, "answer": answer}  # fmt: skip
    return RequestRecord(**{**base, **fields})  # type: ignore[arg-type]


def test_bars_lie_where_the_spans_lay() -> None:
    trace = RequestTrace(record())
    placed = [(bar.deployment, bar.depth, round(bar.start, 6), bar.duration) for bar in trace.bars]
    # The work of the first began in the middle of what was not work: 0.1 s after its call.
    assert placed == [("Search", 0, 0.0, 1.0), ("Model", 1, 0.35, 0.25), ("Rank", 1, 0.6, 0.1)]
    assert trace.span is not None and trace.span.children[0].batch_size == 8
    assert (trace.id, trace.request, trace.answer, trace.error) == ("a-1", None, {"a": 1}, None)


def test_the_text_is_a_waterfall() -> None:
    lines = repr(RequestTrace(record())).splitlines()
    assert lines[0] == "GET /s → 200 in 1000.0 ms (r3, a-1)"
    assert lines[1].startswith("Search.GET       ████████")
    assert lines[2].rstrip().endswith("250.0 ms, queued 50.0 ms, batch of 8, waited 50.0 ms")
    assert lines[2].index("█") == lines[1].index("█") + 14
    assert lines[3].endswith("100.0 ms, 2 attempts, KeyError")
    assert lines[4] == "answer: {'a': 1}"


def test_strangers_data_is_no_markup() -> None:
    evil = "<script>alert(1)</script>"
    error = ErrorInfo(evil, evil, evil)
    trace = RequestTrace(
        record(path=evil, id=evil, error=error, status=500, request=preview("text/html", evil.encode() * 200))
    )
    page = trace._repr_html_()
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "… (5,000 characters)" in page
    assert trace.traceback == evil


@pytest.mark.parametrize("spans", [b"", b"\xc1"], ids=["none", "unreadable"])
def test_a_request_without_spans_is_shown_too(spans: bytes) -> None:
    trace = RequestTrace(record(spans=spans, duration_s=0.0, status="ok", route="", path="Search", method="top"))
    assert trace.span is None and trace.bars == []
    assert repr(trace).startswith("Search.top → ok in 0.0 ms")
    assert "Search.top" in trace._repr_html_()
