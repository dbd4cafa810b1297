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
import inspect
import json
import math
import sys
import uuid
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

import msgspec

from kernelserve.exceptions import FeatureNotBuiltError

HttpResult = tuple[int, list[tuple[bytes, bytes]], bytes]

_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_JSON = (b"content-type", b"application/json")
_STREAMING_RESPONSES = ("StreamingResponse", "FileResponse")


def encode_result(value: Any) -> HttpResult:
    """Status, headers and body for a value returned by user code.

    None becomes an empty text, ``str`` and ``bytes`` become text/plain, a Starlette `Response` passes
    through, and all else becomes JSON: also dataclasses, pydantic models, numpy arrays and scalars,
    data frames (as records) and exceptions (as their message).

    Raises:
        TypeError: the value has no JSON form; the message names the path to the part that lacks one.
        FeatureNotBuiltError: the value is a stream.

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
        passed = _passed_through(value)
        if passed is not None:
            return passed
        _refuse_stream(value)
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


def _passed_through(value: Any) -> HttpResult | None:
    """A Starlette `Response`, if `value` is one: nobody has one before Starlette is imported."""
    responses = sys.modules.get("starlette.responses")
    if responses is None or not isinstance(value, responses.Response):
        return None
    if any(isinstance(value, getattr(responses, name)) for name in _STREAMING_RESPONSES):
        raise _not_built(value)
    if value.background is not None:
        raise FeatureNotBuiltError(
            f"Background tasks of a response are not built yet: got {type(value).__name__} with background="
            f"{value.background!r}. Run the work before you return, or start a task yourself."
        )
    return value.status_code, list(value.raw_headers), bytes(value.body)


def _refuse_stream(value: Any) -> None:
    if inspect.isgenerator(value) or inspect.isasyncgen(value):
        raise _not_built(value)


def _not_built(value: Any) -> FeatureNotBuiltError:
    return FeatureNotBuiltError(
        f"HTTP streaming is not built yet: the deployment returned a {type(value).__name__}. "
        "Return the whole answer as text, bytes, JSON data or a plain Response."
    )


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
