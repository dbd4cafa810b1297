"""Which records somebody asks for, and records of several processes as one list."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from kernelserve.observe.record import (
    REPLAY_PREFIX,
    REPLAYED_ID_CHARS,
    SHADOW_SUFFIX,
    RequestRecord,
    is_cancelled,
    is_error,
)

STATUSES = ("ok", "error", "cancelled")


def select(
    records: Iterable[RequestRecord],
    last: int | None = 100,
    status: int | str | None = None,
    slower_than: float | None = None,
    route: str | None = None,
    id: str = "",
    after: float = -math.inf,
) -> list[RequestRecord]:
    """The newest `last` records that fit, oldest first.

    Args:
        last: how many at most; None is all.
        status: an HTTP status, ``"ok"``, ``"error"`` (from 400 on) or ``"cancelled"``.
        slower_than: seconds that a request took at least.
        route: the route prefix of the app.
        id: of the request, whose copies and replays are found too; "" is any.
        after: Unix time that they ended after.

    Raises:
        ValueError: an argument is wrong.
    """
    check_query(last, status, slower_than)
    fitting = [
        record
        for record in records
        if (status is None or has_status(record, status))
        and (slower_than is None or record.duration_s > slower_than)
        and (route is None or record.route == route)
        and (not id or is_of(record, id))
        and record.time > after
    ]
    fitting.sort(key=lambda record: record.time)
    return fitting if last is None else fitting[len(fitting) - last :] if last < len(fitting) else fitting


def is_of(record: RequestRecord, id: str) -> bool:
    """Whether a record is of the request with that id: its own, that of a copy for a shadow, or of a replay.

    Example:
        >>> record = RequestRecord(id="replay-a1-a", time=0.0, app="x", status=200, duration_s=0.01)
        >>> is_of(record, "a1"), is_of(record, "a")
        (True, False)
    """
    if record.id == id or record.id == id + SHADOW_SUFFIX:
        return True
    return record.id.startswith(REPLAY_PREFIX) and record.id[:-2] == REPLAY_PREFIX + id[:REPLAYED_ID_CHARS]


def has_status(record: RequestRecord, status: int | str) -> bool:
    """Whether a record has an HTTP status, or one of the kind ``ok``, ``error`` or ``cancelled``."""
    if not isinstance(status, str):
        return record.status == status
    if is_cancelled(record.status):
        return status == "cancelled"
    # An answer may break after it has begun with a good status.
    failed = is_error(record.status) or record.error is not None
    return status == ("error" if failed else "ok")


def check_query(last: int | None, status: int | str | None, slower_than: float | None) -> None:
    """Refuse what no record can fit.

    Raises:
        ValueError: what is wrong, and what to pass.
    """
    if last is not None and (isinstance(last, bool) or not isinstance(last, int) or last < 0):
        raise ValueError(f"last is {last!r}. Use a whole number of at least 0, or None for all.")
    if isinstance(status, str) and status not in STATUSES:
        raise ValueError(f"status is {status!r}. Use 'ok', 'error', 'cancelled' or an HTTP status such as 404.")
    if status is not None and (isinstance(status, bool) or not isinstance(status, int | str)):
        raise ValueError(f"status is {status!r}. Use 'ok', 'error', 'cancelled' or an HTTP status such as 404.")
    if slower_than is not None and (isinstance(slower_than, bool) or not isinstance(slower_than, int | float)):
        raise ValueError(f"slower_than is {slower_than!r}. Use seconds, such as 0.2, or None.")


def merge(lists: Iterable[Sequence[RequestRecord]], last: int | None = 100) -> list[RequestRecord]:
    """Records of several processes as one list by time, the newest `last` of them."""
    return select((record for records in lists for record in records), last)
