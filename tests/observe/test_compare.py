"""Answers of two revisions: which requests can be sent again, how they go out, and what counts as equal."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.observe.compare import (
    NO_ANSWER,
    Reply,
    Row,
    answers_equal,
    choose_replays,
    compare_frame,
    headers_of,
    target_of,
    values_equal,
    why_not,
)
from kernelserve.observe.journal import SAMPLE, Journal
from kernelserve.observe.record import BODY_BYTES, PATH_CHARS, Preview, RequestRecord, bounded, end_to_end, preview

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES, lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=3)
)


def record(id: str = "a", **fields: Any) -> RequestRecord:
    request = fields.pop("request", preview("", b""))
    base = {"time": 1.0, "app": "app", "status": 200, "duration_s": 0.1, "route": "/app", "method": "GET"}
    return RequestRecord(**{"id": id, "path": "/app/x", **base, **fields}, request=request)


def reply(body: bytes, status: int = 200, content_type: str = "application/json") -> Reply:
    return Reply(status, content_type, body, 1.5)


# --- which can be sent again ---


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, ""),
        ({"status": 500}, ""),
        ({"status": "ok"}, "made by handles or gRPC"),
        ({"request": None}, "redacted"),
        ({"redacted": True}, "redacted"),
        ({"headers": ((b"sec-websocket-key", b"x"),)}, "WebSockets"),
        ({"request": Preview("", b"x" * BODY_BYTES, BODY_BYTES + 1)}, "with a body over 64 KiB"),
        ({"path": "/app/xxx…"}, "with a URL over 16 KiB"),
        ({"route": "/"}, "to a route that the app does not have"),
    ],
)
def test_why_a_request_is_not_sent_again(fields: dict[str, Any], why: str) -> None:
    assert why_not(record(**fields), "/app") == why


def test_the_newest_first_hand_requests_are_chosen_and_the_others_counted() -> None:
    records = [
        record("old"), record("a"), record("a-shadow", shadow=True), record("replay-a-b"),
        record("b", redacted=True), record("c", redacted=True), record("d"),
    ]  # fmt: skip
    chosen, others = choose_replays(records, "/app", last=4)
    assert [one.id for one in chosen] == ["a", "d"]
    assert others == {"redacted": 2}
    assert [one.id for one in choose_replays(records, "/app", last=None)[0]] == ["old", "a", "d"]
    assert choose_replays(records, "/app", last=0) == ([], {})


def test_what_redact_changes_cannot_be_sent_again() -> None:
    def hide(record: RequestRecord) -> RequestRecord:
        if record.id == "answer":
            return msgspec.structs.replace(record, answer=None)
        if record.id == "fails":
            raise ValueError("no")
        return msgspec.structs.replace(record, headers=())

    journal = Journal(hide)
    for id in ("answer", "headers", "fails"):
        journal.add(SAMPLE, 1.0, record(id, headers=((b"authorization", b"secret"),), answer=preview("", b"x")))
    kept = {one.id: one.redacted for one in journal.records()}
    assert kept == {"answer": False, "headers": True, "fails": True}


def test_a_request_goes_out_as_it_came_in_but_for_what_is_made_anew() -> None:
    came = [
        (b"host", b"x"), (b"cookie", b"a=b"), (b"connection", b"keep-alive"), (b"x-request-id", b"7"),
        (b"content-length", b"3"), (b"x-kernelserve-revision", b"1"), (b"te", b"trailers"),
    ]  # fmt: skip
    kept = record(headers=end_to_end(came))
    assert headers_of(kept) == ((b"host", b"x"), (b"cookie", b"a=b"))
    assert target_of(record(path="/app/x?q=a%20b&c=[1]")) == "/app/x?q=a%20b&c=[1]"
    assert target_of(record(path="/app/a/b", target="/app/a%2Fb")) == "/app/a%2Fb"
    assert target_of(record(path="/app/ä", target="/app/\xe4 ")) == "/app/%E4%20"
    long = "/app/" + "x" * 2 * PATH_CHARS
    assert target_of(bounded(record(path=long))) == long


# --- equality ---


@given(VALUES)
def test_a_value_equals_itself(value: Any) -> None:
    assert values_equal(value, value, 0.0)


@given(VALUES, VALUES)
def test_equality_is_that_of_the_values_where_there_is_no_tolerance(a: Any, b: Any) -> None:
    def typed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: typed(each) for key, each in value.items()}
        if isinstance(value, list):
            return [typed(each) for each in value]
        return (isinstance(value, bool), value)

    assert values_equal(a, b, 0.0) == values_equal(b, a, 0.0) == (typed(a) == typed(b))


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.floats(0, 1e-3))
def test_numbers_may_differ_by_the_tolerance(value: float, part: float) -> None:
    assert values_equal([value], [value * (1 + part)], 1.01e-3)
    assert values_equal([value], [value + part], 1.01e-3)
    assert not values_equal([1.0 + abs(value)], [(1.0 + abs(value)) * 1.01], 1e-3)


def test_numbers_at_the_edges() -> None:
    assert values_equal(math.nan, math.nan, 0.0)
    assert values_equal(math.inf, math.inf, 0.0)
    assert not values_equal(math.inf, -math.inf, 1.0)
    assert values_equal(2, 2.0, 0.0)
    assert not values_equal(1_000_000_000, 1_000_000_001, 1e-6), "whole numbers are ids and counts"
    assert not values_equal(10**400, 1.0, 1e-6)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (reply(b'{"x": 1.0, "y": 2}'), reply(b'{"y":2,"x":1.0000001}'), True),
        (reply(b"1"), reply(b"2"), False),
        (reply(b"1"), reply(b"1", status=201), False),
        (reply(b"1.0", content_type="text/plain"), reply(b"1.00", content_type="text/plain"), False),
        (reply(b"{"), reply(b"{ "), False),
        (reply(b"[" * 100_000), reply(b"[" * 100_001), False),
        (reply(b"same", NO_ANSWER), reply(b"same", NO_ANSWER), False),
    ],
)
def test_answers(a: Reply, b: Reply, same: bool) -> None:
    assert answers_equal(a, b, 1e-6) is same


def test_the_table_and_a_function_of_ones_own() -> None:
    seen: list[tuple[Any, Any]] = []

    def equal(a: Any, b: Any) -> bool:
        seen.append((a, b))
        return bool(a["n"] == b["n"])

    rows = [
        Row(record(path="/app/x?q=1"), reply(b'{"n": 1, "t": 5}'), reply(b'{"n": 1, "t": 6}')),
        Row(record(), reply(b"gone", 404, "text/plain"), reply(b'{"n": 1}')),
    ]
    frame = compare_frame(rows, 1e-6, equal)
    assert seen == [({"n": 1, "t": 5}, {"n": 1, "t": 6})], "not asked about answers with different statuses"
    assert list(frame["request"]) == ["GET /app/x?q=1", "GET /app/x"]
    assert list(frame["equal"]) == [True, False]
    assert list(frame["answer_a"]) == [{"n": 1, "t": 5}, "gone"]
    assert (list(frame["status_a"]), list(frame["status_b"]), frame["ms_a"].sum()) == ([200, 404], [200, 200], 3.0)
    assert len(compare_frame([], 1e-6)) == 0
