"""Records as a pandas table."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kernelserve.exceptions import ProtocolError
from kernelserve.observe.query import select
from kernelserve.observe.record import PICKLE, Preview, RequestRecord
from kernelserve.observe.spans import Span, decode_spans

if TYPE_CHECKING:
    import pandas

COLUMNS = (
    "id", "time", "route", "method", "path", "revision", "status", "duration_s", "deployments", "queue_s", "run_s",
    "batch_size", "attempts", "error", "traceback", "request", "answer", "spans", "shadow",
)  # fmt: skip

NUMBERS = {
    "time": float, "revision": int, "duration_s": float, "queue_s": float, "run_s": float, "batch_size": int,
    "attempts": int, "shadow": bool,
}  # fmt: skip


def requests_frame(
    records: Iterable[RequestRecord],
    last: int | None = 100,
    status: int | str | None = None,
    slower_than: float | None = None,
    route: str | None = None,
) -> pandas.DataFrame:
    """A row a request, oldest first; a `table_frame.RequestsFrame`, which Parquet takes.

    Columns: ``id``, ``time`` (of its end, UTC), ``route``, ``method``, ``path``, ``revision``, ``status``,
    ``duration_s``; of its spans: ``deployments`` (tuple, callers first), ``queue_s`` (waited for free replicas, all
    calls together), ``run_s`` (in the first deployment), ``batch_size`` (of the largest batch), ``attempts`` (the
    most of any call); ``error`` (type and message) and ``traceback``, None without one; ``request`` and ``answer``
    (decoded if they are JSON or text, else bytes; a body over 64 KiB ends with a remark), and the ``spans``
    themselves (`observe.spans.Span`, None without); ``shadow``: a copy that was sent to a revision on trial, with the
    id of its request and ``-shadow``.

    Args:
        records: as the journal keeps them.
        last: how many at most, the newest; None is all.
        status: an HTTP status, ``"ok"``, ``"error"`` or ``"cancelled"``.
        slower_than: seconds.
        route: an app's route prefix.

    Raises:
        ImportError: pandas is not installed.
        ValueError: an argument is wrong.
    """
    pandas = import_pandas("requests")
    from kernelserve.observe.table_frame import RequestsFrame  # Late, as pandas is.

    rows = [_row(record) for record in select(records, last, status, slower_than, route)]
    # Objects first: what pandas infers depends on the rows that there are, and turns None into NaN.
    frame = RequestsFrame(rows, columns=list(COLUMNS), dtype=object).astype(NUMBERS)
    frame["time"] = pandas.to_datetime(frame["time"], unit="s", utc=True)
    return frame


def import_pandas(what: str) -> Any:
    """The pandas module, imported late: it is heavy, and only for who asks for a table of `what`.

    Raises:
        ImportError: it is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise ImportError(f"A table of {what} needs pandas, which is not installed. Run: pip install pandas") from error
    return pandas


def _row(record: RequestRecord) -> tuple[Any, ...]:
    span = spans_of(record)
    spans = list(span.walk()) if span is not None else []
    error = record.error
    return (
        record.id,
        record.time,
        record.route,
        record.method,
        record.path,
        record.revision,
        record.status,
        record.duration_s,
        tuple(dict.fromkeys(each.deployment for each in spans)),
        sum(each.queue_s for each in spans),
        span.run_s if span is not None else 0.0,
        max((each.batch_size for each in spans), default=0),
        max((each.attempts for each in spans), default=0),
        None if error is None else f"{error.type}: {error.message}",
        None if error is None else error.traceback or None,
        show(record.request),
        show(record.answer),
        span,
        record.shadow,
    )


def spans_of(record: RequestRecord) -> Span | None:
    """The tree of a record's spans; None if it has none that can be read."""
    if not record.spans:
        return None
    try:
        return decode_spans(record.spans)
    except ProtocolError:
        return None  # One unreadable record must not take the others away.


def show(body: Preview | None) -> Any:
    """A body for people: a value if it is JSON, text if it is text, else bytes.

    Example:
        >>> show(Preview("application/json", b'{"a": 1}', 8))
        {'a': 1}
        >>> show(Preview("text/plain", b"abc", 5000))
        'abc… (3 of 5,000 bytes)'
    """
    if body is None:
        return None
    kind = body.content_type.partition(";")[0].strip().lower()
    if kind == PICKLE:
        return f"(pickle, {body.size:,} bytes)"
    if not body.size:
        return None
    try:
        # A cut body may end within a character.
        text = body.body.decode("utf-8", "ignore" if body.cut else "strict")
    except UnicodeDecodeError:
        return body.body
    if "\0" in text:
        return body.body
    if body.cut:
        return f"{text}… ({len(body.body):,} of {body.size:,} bytes)"
    if kind == "application/json" or kind.endswith("+json"):
        with contextlib.suppress(ValueError, RecursionError):  # No JSON, or too deep: shown as it is.
            return json.loads(text)
    return text
