"""What user code returned → status, headers and body of an HTTP answer.

Differs from FastAPI's encoder, on purpose, in what has no JSON form: bytes inside JSON are base64 (any
bytes work, not only UTF-8), a duration is ISO 8601, and NaN and infinity are null instead of an error.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import decimal
import enum
import json
import math
import re
import sys
import uuid
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

import msgspec

HttpResult = tuple[int, list[tuple[bytes, bytes]], bytes]

_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_JSON = (b"content-type", b"application/json")
_NDJSON = (b"content-type", b"application/x-ndjson")
_EVENTS = (b"content-type", b"text/event-stream; charset=utf-8")
_LINE_END = re.compile(rb"\r\n|\r|\n")


def encode_result(value: Any) -> HttpResult:
    """Status, headers and body for a value returned by user code.

    None becomes an empty text, ``str`` and ``bytes`` become text/plain, a Starlette `Response` passes
    through, and all else becomes JSON: also dataclasses, pydantic models, numpy arrays and scalars,
    data frames (as records) and exceptions (as their message). Streams and responses that
    `is_asgi_response` are not for here.

    Raises:
        TypeError: the value has no JSON form; the message names the path to the part that lacks one.

    Example:
        >>> encode_result({"ok": True})
        (200, [(b'content-type', b'application/json')], b'{"ok":true}')
    """
    if value is None:
        return 200, [_TEXT], b""
    if isinstance(value, str):
        return 200, [_TEXT], value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes | bytearray | memoryview):
        return 200, [_TEXT], bytes(value)
    if not isinstance(value, dict | list | int | float):
        response = _starlette_response(value)
        if response is not None:
            return response.status_code, list(response.raw_headers), bytes(response.body)
    return 200, [_JSON], encode_json(value)


def encode_json(value: Any) -> bytes:
    """JSON text of a value; see `encode_result` for what is known beside plain data.

    Raises:
        TypeError: some part has no JSON form.
    """
    try:
        return _encoder.encode(value)
    except (TypeError, ValueError, RecursionError, OverflowError, msgspec.MsgspecError):
        # Rare: an unusual key, a lone surrogate, or a part without a JSON form. The walk copes with the
        # first two and names the third.
        pass
    try:
        return json.dumps(_plain(value, "result", ()), separators=(",", ":")).encode("ascii")
    except RecursionError:
        raise TypeError(
            f"The result cannot be sent as JSON: this {type(value).__name__} is nested too deeply. Return flatter data."
        ) from None


def is_asgi_response(value: Any) -> bool:
    """Whether `value` is a Starlette response that must be run: it streams, or has background tasks."""
    response = _starlette_response(value)
    return response is not None and (response.background is not None or not hasattr(response, "body"))


def _starlette_response(value: Any) -> Any:
    """`value` if it is a Starlette `Response`: nobody has one before Starlette is imported."""
    responses = sys.modules.get("starlette.responses")
    return value if responses is not None and isinstance(value, responses.Response) else None


@dataclasses.dataclass(frozen=True, slots=True)
class StreamForm:
    """How the items of a generator become the bytes of an HTTP answer.

    Text and bytes go out as they are, all else as lines of JSON; or, for a client that accepts only
    ``text/event-stream``, each item is one server-sent event
    (https://html.spec.whatwg.org/multipage/server-sent-events.html).
    """

    events: bool

    def content_type(self, first: Any) -> tuple[bytes, bytes]:
        """The header, from the first item."""
        if self.events:
            return _EVENTS
        return _TEXT if isinstance(first, str | bytes | bytearray | memoryview) else _NDJSON

    def encode(self, item: Any) -> bytes:
        """The bytes of one item."""
        if isinstance(item, str):
            data = item.encode("utf-8", "surrogatepass")
        elif isinstance(item, bytes | bytearray | memoryview):
            data = bytes(item)
        else:
            data = encode_json(item) if self.events else encode_json(item) + b"\n"
        if not self.events:
            return data
        return b"".join(b"data: %b\n" % line for line in _LINE_END.split(data)) + b"\n"


def stream_form(headers: Iterable[tuple[bytes, bytes]]) -> StreamForm:
    """The form that the client asks for.

    Example:
        >>> stream_form([(b"accept", b"text/event-stream")]).encode("a\\nb")
        b'data: a\\ndata: b\\n\\n'
    """
    for name, value in headers:
        if name == b"accept" and value.partition(b";")[0].strip().lower() == b"text/event-stream":
            return StreamForm(True)
    return StreamForm(False)


class _NoJsonForm(TypeError):
    """Internal: `_convert` does not know the type."""


def _convert(value: Any) -> Any:
    """One step from a type that JSON lacks to one that is nearer to it."""
    for converted in (_convert_numpy, _convert_pandas, _convert_object):
        result = converted(value)
        if result is not _UNKNOWN:
            return result
    raise _NoJsonForm(f"{type(value).__name__} has no JSON form")


_UNKNOWN = object()
_CONTAINERS = frozenset((list, tuple, dict, set, frozenset))


def _convert_numpy(value: Any) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return _UNKNOWN
    if isinstance(value, numpy.ndarray):
        return value.tolist()
    if isinstance(value, numpy.generic):
        plain = value.item()
        # longdouble and unknown dtypes give themselves back.
        return _UNKNOWN if isinstance(plain, numpy.generic) else plain
    return _UNKNOWN


def _convert_pandas(value: Any) -> Any:
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return _UNKNOWN
    if isinstance(value, pandas.DataFrame):
        return value.to_dict(orient="records")
    if isinstance(value, pandas.Series | pandas.Index):
        return value.tolist()
    if value is pandas.NaT or value is pandas.NA:
        return None
    return _UNKNOWN


def _convert_object(value: Any) -> Any:
    """Subclasses of plain types, models, exceptions, and iterables of a known size."""
    # What is JSON already comes here only as a dict's key, and only these two may be one.
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if type(value) in _CONTAINERS:
        return _UNKNOWN
    for plain in (str, int, float):
        if isinstance(value, plain):
            return plain(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, BaseException):
        return str(value)
    dump = getattr(type(value), "model_dump", None)
    if callable(dump):
        return dump(value, mode="json")
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, range) or (hasattr(value, "__len__") and isinstance(value, Iterable)):
        return list(value)
    return _UNKNOWN


_encoder = msgspec.json.Encoder(enc_hook=_convert, decimal_format="number")


def _plain(value: Any, path: str, above: tuple[int, ...]) -> Any:
    """`value` as plain JSON data, for `json.dumps`. Walks in Python: only for what the encoder refused."""
    if value is None or isinstance(value, bool):
        return value
    if type(value) in (str, int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if id(value) in above:
        raise TypeError(
            f"The result cannot be sent as JSON: {path} contains itself ({type(value).__name__}). "
            "Return data without cycles."
        )
    above = (*above, id(value))
    if isinstance(value, Mapping):
        return {_key(key, path): _plain(item, f"{path}[{key!r}]", above) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, f"{path}[{index}]", above) for index, item in enumerate(value)]
    return _plain_leaf(value, path, above)


def _plain_leaf(value: Any, path: str, above: tuple[int, ...]) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, enum.Enum):
        return _plain(value.value, path, above)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return _plain(float(value), path, above)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return _plain(fields, path, above)
    if isinstance(value, datetime.timedelta | msgspec.Struct):
        return msgspec.to_builtins(value, enc_hook=_convert)
    try:
        nearer = _convert(value)
    except _NoJsonForm:
        raise TypeError(
            f"The result cannot be sent as JSON: {path} is a {type(value).__module__}.{type(value).__qualname__} "
            f"({_short(value)}). Return text, bytes, JSON data, a dataclass, a pydantic model, an array or a Response."
        ) from None
    return _plain(nearer, path, above)


def _key(key: Any, path: str) -> str:
    if type(key) is str:
        return key
    try:
        text = msgspec.json.decode(_encoder.encode({key: None}), type=dict[str, None])
    except (TypeError, msgspec.MsgspecError):
        raise TypeError(
            f"The result cannot be sent as JSON: {path} has the key {_short(key)} of type {type(key).__name__}. "
            "Use text or numbers as keys."
        ) from None
    return next(iter(text))


def _short(value: Any) -> str:
    # The user's __repr__ may fail, and the error to show is about the type.
    try:
        text = repr(value)
    except Exception:
        return "no repr"
    return text if len(text) <= 80 else f"{text[:77]}..."
