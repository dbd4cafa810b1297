"""Whether two revisions answer alike: which recorded requests can be sent again, and how answers compare. Pure."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kernelserve.observe.record import REPLAY_PREFIX, Headers, Preview, RequestRecord
from kernelserve.observe.table import import_pandas, show

if TYPE_CHECKING:
    import pandas

COLUMNS = ("request", "answer_a", "answer_b", "equal", "status_a", "status_b", "ms_a", "ms_b")
NO_ANSWER = 0
"""Status where no answer came."""

Equal = Callable[[Any, Any], bool]

_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_NOT_SENT_AGAIN = frozenset(
    # What belongs to the first sending: framing, id, trace, limits; an encoding would hide what is compared.
    (b"accept-encoding", b"content-length", b"expect", b"traceparent", b"tracestate", b"x-kernelserve-revision",
     b"x-request-disconnect-disabled", b"x-request-id", b"x-request-timeout-seconds")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """What one revision answered.

    Attributes:
        status: HTTP status, or `NO_ANSWER`.
        body: of the answer; of no answer the reason, in words.
        ms: milliseconds until its last byte.
    """

    status: int
    content_type: str
    body: bytes
    ms: float

    @property
    def shown(self) -> Any:
        """The answer for people: a value if it is JSON, text if it is text, else bytes."""
        return show(Preview(self.content_type, self.body, len(self.body)))


@dataclass(frozen=True, slots=True)
class Row:
    """One request and what both revisions answered."""

    record: RequestRecord
    a: Reply
    b: Reply


def choose_replays(
    records: Iterable[RequestRecord], route: str, last: int | None = 100
) -> tuple[list[RequestRecord], Counter[str]]:
    """Of the newest `last` requests those that can be sent again, oldest first, and how many cannot, by reason.

    Copies for shadows and requests that were sent again themselves do not count among them.

    Args:
        records: oldest first.
        route: the app's present route prefix.
    """
    first_hand = [record for record in records if not (record.shadow or record.id.startswith(REPLAY_PREFIX))]
    newest = first_hand if last is None else first_hand[max(0, len(first_hand) - last) :]
    reasons = [(record, why_not(record, route)) for record in newest]
    return [record for record, why in reasons if not why], Counter(why for _, why in reasons if why)


def why_not(record: RequestRecord, route: str) -> str:
    """Why a request cannot be sent again, in words that fit behind a count; "" if it can."""
    if isinstance(record.status, str):
        return "made by handles or gRPC"
    if record.redacted or record.request is None:
        return "redacted"
    if any(name == b"sec-websocket-key" for name, _ in record.headers):
        return "WebSockets"
    if record.request.cut:
        return "with a body over 64 KiB"
    if record.path.endswith("…") and not record.target:
        return "with a URL over 16 KiB"
    return "" if record.route == route else "to a route that the app does not have"


def target_of(record: RequestRecord) -> str:
    """The request's path and query for a request line."""
    return quote(record.target or record.path, safe=_ASCII, encoding="latin-1" if record.target else "utf-8")


def headers_of(record: RequestRecord) -> Headers:
    """The request's headers, but for those that are made anew."""
    return tuple(header for header in record.headers if header[0] not in _NOT_SENT_AGAIN)


def answer_as_recorded(record: RequestRecord, reply: Reply, id: str = "", tolerance: float = 1e-6) -> bool:
    """Whether a request that was sent again had the answer that is on record, as far as that is known.

    Args:
        id: of the second sending: where an answer says it, the first one's is meant.
        tolerance: as for `answers_equal`.
    """
    if id:
        reply = replace(reply, body=reply.body.replace(id.encode(), record.id.encode()))
    if not isinstance(record.status, int):
        return False
    recorded = record.answer or Preview("", b"", 0)
    if recorded.cut:
        beginning = reply.body[: len(recorded.body)]
        return (record.status, recorded.size, recorded.body) == (reply.status, len(reply.body), beginning)
    return answers_equal(Reply(record.status, recorded.content_type, recorded.body, 0.0), reply, tolerance)


def answers_equal(a: Reply, b: Reply, tolerance: float, equal: Equal | None = None) -> bool:
    """Whether two answers are the same: their status, and their JSON or else their bytes.

    Args:
        tolerance: numbers in JSON may differ by it, relatively or absolutely.
        equal: decides instead, of answers with the same status, as they are shown.
    """
    if a.status != b.status or a.status == NO_ANSWER:
        return False
    if equal is not None:
        return bool(equal(a.shown, b.shown))
    if a.body == b.body:
        return True
    if not (_is_json(a.content_type) and _is_json(b.content_type)):
        return False
    try:
        return values_equal(json.loads(a.body), json.loads(b.body), tolerance)
    except (ValueError, RecursionError):
        return False  # Said to be JSON, and is not: then its bytes count, which differ.


def values_equal(a: Any, b: Any, tolerance: float) -> bool:
    """Whether two values of JSON are the same, to the last leaf.

    Example:
        >>> values_equal({"x": [1, 0.1 + 0.2]}, {"x": [1.0, 0.3]}, 1e-6)
        True
        >>> values_equal([1], [True], 1e-6), values_equal({"x": 1}, {"x": 1, "y": None}, 1e-6)
        (False, False)
    """
    pending = [(a, b)]
    while pending:
        a, b = pending.pop()
        if _is_number(a) and _is_number(b):
            if not _close(a, b, tolerance):
                return False
        elif type(a) is not type(b):
            return False
        elif isinstance(a, dict):
            if a.keys() != b.keys():
                return False
            pending += ((a[key], b[key]) for key in a)
        elif isinstance(a, list):
            if len(a) != len(b):
                return False
            pending += zip(a, b, strict=True)
        elif a != b:
            return False
    return True


def compare_frame(rows: Sequence[Row], tolerance: float, equal: Equal | None = None) -> pandas.DataFrame:
    """A row a request; see `LiveApp.compare`.

    Raises:
        ImportError: pandas is not installed.
    """
    cells = [
        (
            f"{row.record.method} {row.record.path}",
            row.a.shown,
            row.b.shown,
            answers_equal(row.a, row.b, tolerance, equal),
            row.a.status,
            row.b.status,
            row.a.ms,
            row.b.ms,
        )
        for row in rows
    ]
    types = {"equal": bool, "status_a": int, "status_b": int, "ms_a": float, "ms_b": float}
    frame = import_pandas("compared answers").DataFrame(cells, columns=list(COLUMNS), dtype=object)
    compared: pandas.DataFrame = frame.astype(types)
    return compared


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _close(a: float, b: float, tolerance: float) -> bool:
    if a == b or (a != a and b != b):
        return True
    if isinstance(a, int) and isinstance(b, int):
        return False
    try:
        return math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)
    except OverflowError:
        return False  # A whole number beyond every float.
