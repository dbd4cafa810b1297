"""Records: previews, choice, encoding, and the table that people read."""

from __future__ import annotations

import builtins
import subprocess
import sys
from typing import Any

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.observe.query import merge, select
from kernelserve.observe.record import (
    BODY_BYTES,
    PICKLE,
    ErrorInfo,
    Preview,
    PreviewTap,
    RequestRecord,
    decode_records,
    encode_records,
    preview,
)
from kernelserve.observe.spans import encode_span, encode_work
from kernelserve.observe.table import COLUMNS, requests_frame, show


def record(id: str, status: int | str = 200, **fields: Any) -> RequestRecord:
    return RequestRecord(**{"id": id, "time": 1.0, "app": "app", "status": status, "duration_s": 0.1, **fields})


def ids(records: list[RequestRecord]) -> list[str]:
    return [each.id for each in records]


@given(st.lists(st.binary(max_size=BODY_BYTES), max_size=4))
def test_a_preview_holds_the_beginning_and_the_size(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    tap = PreviewTap("text/plain")
    for part in parts:
        tap.feed(memoryview(part))
    made = preview("text/plain", *parts)
    assert made == tap.preview() == Preview("text/plain", whole[:BODY_BYTES], len(whole))
    assert made.cut == (len(whole) > BODY_BYTES)


def test_records_travel() -> None:
    records = [
        record("a", spans=b"\x00", request=preview("text/plain", b"x"), error=ErrorInfo("E", "m", "t")),
        record("b", "cancelled"),
    ]
    assert decode_records(encode_records(records)) == records


def test_choice_by_status_time_and_route() -> None:
    records = [
        record("ok", 200, time=1.0, route="/a"),
        record("missing", 404, time=2.0, route="/a", duration_s=0.5),
        record("call", "error", time=3.0),
        record("gone", 499, time=4.0, route="/b"),
        record("cancelled", "cancelled", time=5.0),
        record("fine", "ok", time=6.0),
        record("broken", 200, time=7.0, error=ErrorInfo("ValueError", "in the middle of the stream")),
    ]
    assert ids(select(records)) == ["ok", "missing", "call", "gone", "cancelled", "fine", "broken"]
    assert ids(select(records, status="error")) == ["missing", "call", "broken"]
    assert ids(select(records, status="ok")) == ["ok", "fine"]
    assert ids(select(records, status="cancelled")) == ["gone", "cancelled"]
    assert ids(select(records, status=404)) == ["missing"]
    assert ids(select(records, slower_than=0.2)) == ["missing"]
    assert ids(select(records, route="/a")) == ["ok", "missing"]
    assert ids(select(records, last=2)) == ["fine", "broken"]
    assert ids(select(records, last=0)) == []
    assert len(select(records, last=None)) == 7


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({"last": -1}, "-1"),
        ({"last": "all"}, "'all'"),
        ({"status": "failed"}, "'failed'"),
        ({"status": 1.5}, "1.5"),
        ({"slower_than": "slow"}, "'slow'"),
    ],
)
def test_a_query_that_nothing_fits_is_refused(query: dict[str, Any], seen: str) -> None:
    with pytest.raises(ValueError, match=f"is {seen}. Use"):
        select([], **query)


def test_records_of_several_processes_are_one_list_by_time() -> None:
    gateway = [record("1", time=1.0), record("4", time=4.0)]
    client = [record("2", time=2.0), record("3", time=3.0)]
    assert ids(merge([gateway, client])) == ["1", "2", "3", "4"]
    assert ids(merge([gateway, client], last=2)) == ["3", "4"]


def test_the_table() -> None:
    inner = encode_span(0.1, 0.2, encode_work("Model", "r", "embed", 5.0, 0.2, batch_size=8), queue_s=0.25, attempts=2)
    spans = encode_span(
        9.0, 0.5, encode_work("Search", "r", "__call__", 0.0, 0.4, children=[inner, inner]), queue_s=0.5
    )
    error = ErrorInfo("ValueError", "no", "tb")
    question, answer = preview("application/json; charset=utf-8", b'{"q": 1}'), preview("text/plain", "é".encode())
    frame = requests_frame(
        [
            record("late", "error", time=86_400.5, method="find", path="Search", error=error),
            record(
                "early", 200, time=1.25, route="/s", method="GET", path="/s/x", revision=3, spans=spans,
                request=question, answer=answer,
            ),
        ]
    )  # fmt: skip
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["id"]) == ["early", "late"]
    early, late = frame.iloc[0], frame.iloc[1]
    assert early["time"] == pandas.Timestamp("1970-01-01 00:00:01.25", tz="UTC")
    assert early["deployments"] == ("Search", "Model")
    assert (early["queue_s"], early["run_s"], early["batch_size"], early["attempts"]) == (1.0, 0.4, 8, 2)
    assert (early["request"], early["answer"], early["revision"]) == ({"q": 1}, "é", 3)
    assert early["spans"].children[1].method == "embed"
    assert (late["status"], late["error"], late["traceback"], late["spans"]) == ("error", "ValueError: no", "tb", None)
    assert (frame["queue_s"] > 0.9).sum() == 1


def test_an_empty_table_has_its_columns() -> None:
    frame = requests_frame([])
    assert tuple(frame.columns) == COLUMNS
    assert str(frame["time"].dt.tz) == "UTC"
    assert frame["duration_s"].sum() == 0.0


def test_what_is_not_there_is_none_whatever_the_other_rows_have() -> None:
    frame = requests_frame(
        [record("a"), record("b", 500, error=ErrorInfo("E", "m"), answer=preview("text/plain", b"x"))]
    )
    assert list(frame["error"]) == [None, "E: m"]
    assert list(frame["answer"]) == [None, "x"]
    assert list(frame["traceback"]) == [None, None]


def test_unreadable_spans_do_not_take_the_table_away() -> None:
    frame = requests_frame([record("a", spans=b"\xc1")])
    assert frame.iloc[0]["spans"] is None


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (None, None),
        (Preview("text/plain", b"", 0), None),
        (Preview("application/json", b"[1, 2]", 6), [1, 2]),
        (Preview("application/problem+json", b"{}", 2), {}),
        (Preview("application/json", b"{broken", 7), "{broken"),
        (Preview("text/html", b"<p>", 3), "<p>"),
        (Preview("", b"plain", 5), "plain"),
        (Preview("text/plain", "né".encode()[:2], 9), "n… (2 of 9 bytes)"),
        (Preview("image/png", b"\x89PNG", 4), b"\x89PNG"),
        (Preview("application/octet-stream", b"a\0b", 3), b"a\0b"),
        (Preview(PICKLE, b"\x80\x05", 1234), "(pickle, 1,234 bytes)"),
    ],
)
def test_bodies_for_people(body: Preview | None, shown: Any) -> None:
    assert show(body) == shown


def test_without_pandas_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pandas":
            raise ImportError("No module named 'pandas'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="pip install pandas"):
        requests_frame([])


def test_the_parts_that_processes_use_do_not_import_pandas() -> None:
    code = "import sys, kernelserve.observe.journal, kernelserve.observe.table; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
