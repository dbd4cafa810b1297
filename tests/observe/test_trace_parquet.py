"""The table of requests on disk."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path
from typing import Any

import pandas
import pytest

from kernelserve.observe.record import ErrorInfo, RequestRecord, preview
from kernelserve.observe.spans import encode_span, encode_work
from kernelserve.observe.table import COLUMNS, requests_frame

SPANS = encode_span(1.0, 0.5, encode_work("A", "a#1", "GET", 2.0, 0.4, children=[
    encode_span(2.1, 0.1, encode_work("B", "b#1", "run", 7.0, 0.1))]))  # fmt: skip


def record(id: str, **fields: Any) -> RequestRecord:
    base = {"time": 1.5, "app": "x", "status": 200, "duration_s": 0.5, "route": "/x", "method": "GET", "path": "/x"}
    return RequestRecord(id=id, **{**base, **fields})  # type: ignore[arg-type]


RECORDS = [
    record("json", spans=SPANS, request=preview("application/json", b'{"a": [1, null]}'), answer=preview("", b"text")),
    record("bytes", status="error", request=preview("", b"\xff\0"), error=ErrorInfo("E", "half \ud800", "trace")),
    record("none", time=2.5, answer=preview("application/json", b'"\\ud800"')),
]


def test_a_table_of_requests_is_read_back(tmp_path: Path) -> None:
    frame = requests_frame(RECORDS)
    path = tmp_path / "requests.parquet"
    assert frame.to_parquet(path) is None
    read = pandas.read_parquet(path)
    assert set(COLUMNS) | {"request_bytes", "answer_bytes"} == set(read.columns)
    assert list(read["status"]) == ["200", "error", "200"]
    assert (read["time"] == frame["time"]).all() and (read["duration_s"] == 0.5).all()
    assert json.loads(read["request"][0]) == {"a": [1, None]} and json.loads(read["answer"][0]) == "text"
    assert pandas.isna(read["request"][1]) and read["request_bytes"][1] == b"\xff\0"
    assert pandas.isna(read["request_bytes"][0]) and pandas.isna(read["request"][2])
    assert read["error"][1] == r"E: half \ud800" and json.loads(read["answer"][2]) == "\ud800"
    assert [list(each) for each in read["deployments"]] == [["A", "B"], [], []]
    assert json.loads(read["spans"][0])["children"][0]["deployment"] == "B"


@pytest.mark.parametrize("records", [RECORDS[2:], []], ids=["sparse", "empty"])
def test_so_are_tables_of_little(records: list[RequestRecord], tmp_path: Path) -> None:
    requests_frame(records).to_parquet(tmp_path / "x.parquet", index=False)
    assert len(pandas.read_parquet(tmp_path / "x.parquet")) == len(records)


def test_parts_of_the_table_can_be_written_too_and_all_else_is_pandas() -> None:
    frame = requests_frame(RECORDS)
    part = frame[frame["status"] == 200][["id", "answer"]].sort_values("id")
    assert pandas.read_parquet(io.BytesIO(part.to_parquet()))["id"].tolist() == ["json", "none"]
    assert pickle.loads(pickle.dumps(frame)).shape == (3, len(COLUMNS))
    assert type(frame["id"]) is pandas.Series and len(pandas.concat([frame, frame])) == 6
