"""`RequestsFrame`: the table of requests as pandas has it. Imported late, as pandas is heavy and optional."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pandas

from kernelserve.observe.spans import Span

BODIES = ("request", "answer")
_TEXTS = ("id", "route", "method", "path", "error", "traceback")


class RequestsFrame(pandas.DataFrame):  # type: ignore[misc]
    """A table of requests (`observe.table`), which `to_parquet` writes in plain columns."""

    @property
    def _constructor(self) -> type[RequestsFrame]:
        return RequestsFrame

    def to_parquet(self, path: Any = None, *args: Any, **options: Any) -> Any:
        """As `pandas.DataFrame.to_parquet`; what Parquet has no type for is written as text.

        Columns differ from the table's so: ``status`` is text; ``deployments`` a list; ``request`` and ``answer`` are
        JSON text, null where they are bytes, which ``request_bytes`` and ``answer_bytes`` have; ``spans`` is the tree
        as JSON text.

        Example:
            >>> live.requests().to_parquet("requests.parquet")     # doctest: +SKIP
        """
        return plain(self).to_parquet(path, *args, **options)


def plain(frame: RequestsFrame) -> pandas.DataFrame:
    """The same with columns of one plain type each."""
    columns: dict[Any, Any] = {}
    for name in frame.columns:
        values = list(frame[name])
        if name in BODIES:
            columns[name] = _objects([_json(value) for value in values])
            columns[f"{name}_bytes"] = _objects([value if isinstance(value, bytes) else None for value in values])
        elif name == "spans":
            columns[name] = _objects([_json_of_span(value) for value in values])
        elif name == "deployments":
            columns[name] = _objects([list(value) for value in values])
        elif name == "status":
            columns[name] = _objects([str(value) for value in values])
        elif name in _TEXTS:
            columns[name] = _objects([_text(value) for value in values])
        else:
            columns[name] = frame[name].array
    made = pandas.DataFrame(columns)
    made.index = frame.index
    return made


def _objects(values: list[Any]) -> Any:
    return pandas.Series(values, dtype=object).array


def _json(value: Any) -> str | None:
    return None if value is None or isinstance(value, bytes) else json.dumps(value)


def _json_of_span(value: Any) -> str | None:
    return msgspec.json.encode(value).decode() if isinstance(value, Span) else None


def _text(value: Any) -> str | None:
    """Text that can be encoded: an exception's message may hold half a character."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else None
