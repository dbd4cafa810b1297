"""Spans: what is written is read, callers place their calls, size is bounded."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.exceptions import ProtocolError
from kernelserve.observe.spans import (
    MAX_CHILDREN,
    MAX_SPAN_BYTES,
    Span,
    add_span,
    decode_spans,
    encode_span,
    encode_work,
)
from kernelserve.transport.frames import join_parts, split_parts

seconds = st.floats(0, 1e6, allow_nan=False)
counts = st.integers(0, 2**40)
names = st.text(max_size=20)


def leaf(name: str = "Leaf", sent: float = 0.0) -> bytes:
    return encode_span(sent, 0.1, encode_work(name, f"app#{name}#1", "__call__", began=1000.0, run_s=0.05))


@given(names, names, seconds, seconds, seconds, st.integers(0, 9), seconds, counts, counts, names)
def test_what_was_encoded_is_decoded(
    name: str, method: str, run: float, duration: float, queued: float, attempts: int, wait: float, size: int, out: int,
    error: str,
) -> None:  # fmt: skip
    work = encode_work(
        name, "r", method, 3.0, run, batch_wait_s=wait, batch_size=4, in_bytes=size, out_bytes=out, error=error
    )
    span = decode_spans(encode_span(1.0, duration, work, queue_s=queued, attempts=attempts))
    assert span == Span(
        deployment=name, replica_id="r", method=method, duration_s=duration, queue_s=queued, attempts=attempts,
        run_s=run, batch_wait_s=wait, batch_size=4, in_bytes=size, out_bytes=out, error=error,
    )  # fmt: skip


def test_calls_are_placed_in_the_clock_of_their_caller() -> None:
    # The callee's host has been up for 1,000 s, the caller's for 50.
    inner = leaf("Index", sent=50.25)
    work = encode_work("Search", "app#Search#1", "__call__", began=50.0, run_s=0.5, children=[inner])
    span = decode_spans(encode_span(7.0, 0.6, work))
    assert span.start_s == 0.0
    assert span.children[0].start_s == 0.25
    assert [each.deployment for each in span.walk()] == ["Search", "Index"]


def test_work_travels_as_a_part_of_a_frame() -> None:
    work = encode_work("Index", "app#Index#1", "search", began=1.0, run_s=0.5)
    payload = b"".join(join_parts([b"head", b"body", work]))
    assert decode_spans(encode_span(0.0, 1.0, split_parts(payload)[-1])).method == "search"


def test_too_many_calls_are_counted_and_left_out() -> None:
    spans: list[bytes] = []
    for _ in range(10_000):
        add_span(spans, leaf())
    work = encode_work("Fan", "app#Fan#1", "__call__", began=0.0, run_s=1.0, children=spans)
    span = decode_spans(encode_span(0.0, 1.0, work))
    assert len(work) <= MAX_SPAN_BYTES + 200
    assert 0 < len(span.children) <= MAX_CHILDREN
    assert len(span.children) + span.dropped == 10_000
    assert f"and {span.dropped} more calls" in str(span)


def test_a_large_call_does_not_take_the_small_ones_away() -> None:
    large = encode_span(0.0, 1.0, encode_work("x" * MAX_SPAN_BYTES, "", "", 0.0, 0.0))
    span = decode_spans(encode_span(0.0, 1.0, encode_work("A", "", "", 0.0, 0.0, children=[large, leaf()])))
    assert [child.deployment for child in span.children] == ["Leaf"]
    assert span.dropped == 1


def test_a_tree_is_written_for_people() -> None:
    inner = encode_span(
        0.002, 0.25, encode_work("Model", "r", "embed", 9.0, 0.2, batch_wait_s=0.01, batch_size=8), queue_s=0.04
    )
    work = encode_work("Search", "r", "__call__", 0.0, 0.3, error="ValueError", children=[inner])
    assert str(decode_spans(encode_span(5.0, 0.31, work, attempts=2))) == (
        "Search.__call__  310.0 ms at 0.0 ms, run 300.0 ms, 2 attempts, ValueError\n"
        "  Model.embed  250.0 ms at 2.0 ms, run 200.0 ms, queued 40.0 ms, batch of 8, waited 10.0 ms"
    )


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    try:
        decode_spans(data)
    except ProtocolError as error:
        assert "Run the same version" in str(error)


def test_deep_chains_are_read_and_endless_nesting_is_refused() -> None:
    span = leaf()
    for _ in range(100):
        span = encode_span(0.0, 1.0, encode_work("A", "", "", 0.0, 0.0, children=[span]))
    assert len(list(decode_spans(span).walk())) == 101
    deep = b"\x91" * 100_000
    with pytest.raises(ProtocolError):
        decode_spans(deep)
    with pytest.raises(ProtocolError):
        decode_spans(msgspec.msgpack.encode([1.0, 2.0]))
