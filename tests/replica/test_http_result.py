from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import math
import pathlib
import subprocess
import sys
import uuid
from collections import OrderedDict, deque, namedtuple
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response, StreamingResponse

from kernelserve.replica.http_result import encode_json, encode_result, is_asgi_response, stream_form

TEXT = [(b"content-type", b"text/plain; charset=utf-8")]
JSON = [(b"content-type", b"application/json")]


class Colour(enum.Enum):
    RED = "red"


class Word(str):
    pass


class Point(pydantic.BaseModel):
    x: int
    when: datetime.date


@dataclasses.dataclass
class Hit:
    text: str
    score: Any


Pair = namedtuple("Pair", "a b")


class Opaque:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    ("value", "body"),
    [(None, b""), ("é", "é".encode()), ("", b""), (b"\xff\0", b"\xff\0"), (bytearray(b"a"), b"a"), (Word("w"), b"w")],
)
def test_text(value: Any, body: bytes) -> None:
    assert encode_result(value) == (200, TEXT, body)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"a": [1, 2.5, True, None, "x"]}, {"a": [1, 2.5, True, None, "x"]}),
        ([], []), (0, 0), (False, False), (1.5, 1.5), (2**70, 2**70),
        (math.nan, None), ({"a": [math.inf, -math.inf]}, {"a": [None, None]}),
        ((1, 2), [1, 2]), (Pair(1, 2), [1, 2]), ({3}, [3]), (range(3), [0, 1, 2]), (deque([1]), [1]),
        (OrderedDict(a=1), {"a": 1}),
        ({2: 2, None: 3, True: 4}, {"2": 2, "null": 3, "true": 4}), ({np.int64(2): 1}, {"2": 1}),
        (np.arange(4).reshape(2, 2), [[0, 1], [2, 3]]), (np.float32(0.5), 0.5), (np.float64(1.5), 1.5),
        (np.bool_(True), True), (np.array([1.0, np.nan]), [1.0, None]), ([np.str_("s")], ["s"]),
        ({"v": np.float64("nan")}, {"v": None}), (np.array(["a"]), ["a"]),
        (pd.DataFrame({"a": [1, 2], "b": ["x", None]}), [{"a": 1, "b": "x"}, {"a": 2, "b": None}]),
        (pd.Series([1, 2]), [1, 2]),
        ({"t": pd.Timestamp("2020-01-02"), "n": pd.NaT}, {"t": "2020-01-02T00:00:00", "n": None}),
        (Hit("a", np.float32(0.5)), {"text": "a", "score": 0.5}), (Colour.RED, "red"),
        (Point(x=1, when=datetime.date(2020, 1, 2)), {"x": 1, "when": "2020-01-02"}),
        ({"p": [Point(x=1, when=datetime.date(2020, 1, 2))]}, {"p": [{"x": 1, "when": "2020-01-02"}]}),
        (ValueError("bad"), "bad"), ({"e": KeyError("k")}, {"e": "'k'"}), (pathlib.PurePosixPath("/a"), "/a"),
        (uuid.UUID(int=1), str(uuid.UUID(int=1))), (decimal.Decimal("1.5"), 1.5),
        (datetime.datetime(2020, 1, 2, 3), "2020-01-02T03:00:00"), ({"b": b"\xff"}, {"b": "/w=="}),
        ({"s": "\ud800", "w": Word("w"), "d": decimal.Decimal("1.5"), "b": b"\xff"},
         {"s": "\ud800", "w": "w", "d": 1.5, "b": "/w=="}),
        ({"s": "\ud800", "h": Hit("x", {1}), "n": math.nan, "c": Colour.RED, "u": uuid.UUID(int=1), "a": np.arange(2),
          "t": datetime.timedelta(days=1), 5: None},
         {"s": "\ud800", "h": {"text": "x", "score": [1]}, "n": None, "c": "red", "u": str(uuid.UUID(int=1)),
          "a": [0, 1], "t": "P1D", "5": None}),
    ],
)  # fmt: skip
def test_json(value: Any, plain: Any) -> None:
    status, headers, body = encode_result(value)
    assert (status, headers) == (200, JSON)
    assert json.loads(body) == plain


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_plain_data_survives(value: Any) -> None:
    assert json.loads(encode_json(value)) == value


def test_responses_pass_through() -> None:
    response = Response(b"\0x", 418, {"x-a": "1"}, media_type="image/png")
    assert encode_result(response) == (418, response.raw_headers, b"\0x")
    assert (b"x-a", b"1") in response.raw_headers
    assert encode_result(JSONResponse({"a": 1}, 201))[::2] == (201, b'{"a":1}')


def numbers() -> Iterator[bytes]:
    yield b"1"


async def async_numbers() -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize("value", [StreamingResponse(numbers()), Response(b"", background=BackgroundTask(print))])
def test_responses_that_must_be_run(value: Any) -> None:
    assert is_asgi_response(value)


@pytest.mark.parametrize("value", [Response(b"x"), JSONResponse({}), {"a": 1}, None])
def test_other_values_are_encoded_at_once(value: Any) -> None:
    assert not is_asgi_response(value)


@pytest.mark.parametrize(
    ("first", "content_type", "data"),
    [
        ("é", b"text/plain; charset=utf-8", "é".encode()),
        (b"\x00", b"text/plain; charset=utf-8", b"\x00"),
        ({"token": "a"}, b"application/x-ndjson", b'{"token":"a"}\n'),
        (3, b"application/x-ndjson", b"3\n"),
    ],
)
def test_items_of_a_stream(first: Any, content_type: bytes, data: bytes) -> None:
    form = stream_form([(b"accept", b"*/*")])
    assert form.content_type(first) == (b"content-type", content_type)
    assert form.encode(first) == data


@pytest.mark.parametrize(
    ("item", "event"),
    [("a", b"data: a\n\n"), ("a\r\nb", b"data: a\ndata: b\n\n"), ({"t": 1}, b'data: {"t":1}\n\n'), ("", b"data: \n\n")],
)
def test_a_client_of_events_gets_events(item: Any, event: bytes) -> None:
    form = stream_form([(b"accept", b"text/event-stream; q=1")])
    assert form.content_type(item) == (b"content-type", b"text/event-stream; charset=utf-8")
    assert form.encode(item) == event


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (Opaque(), "result is a "), ({"hits": [1, {"o": Opaque()}]}, r"result\['hits'\]\[1\]\['o'\] is a "),
        (Hit("x", Opaque()), r"result\['score'\] is a "), ([lambda: 1], r"result\[0\] is a builtins.function"),
        ({(1, Opaque()): 1}, "result has the key"), (1j, r"result is a builtins.complex \(1j\)"),
    ],
)  # fmt: skip
def test_what_has_no_json_form_is_named_with_its_path(value: Any, path: str) -> None:
    with pytest.raises(TypeError, match=f"cannot be sent as JSON: {path}"):
        encode_result(value)


def test_a_cycle_is_named() -> None:
    cycle: dict[str, Any] = {}
    cycle["self"] = [cycle]
    with pytest.raises(TypeError, match=r"result\['self'\]\[0\] contains itself"):
        encode_result(cycle)


def test_data_nested_too_deeply_is_an_error() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(TypeError, match="nested too deeply"):
        encode_result(deep)


def test_heavy_packages_are_not_imported() -> None:
    code = (
        "import sys; from kernelserve.replica.http_result import encode_result; encode_result({'a': {1}})\n"
        "sys.exit(sum(name in sys.modules for name in ('numpy', 'pandas', 'starlette', 'pydantic')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
