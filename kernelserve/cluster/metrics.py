"""An app's history as a pandas table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kernelserve.observe.history import KEPT_S, quantile, whole_app
from kernelserve.transport.observed import Point

if TYPE_CHECKING:
    import pandas

COUNTS = ("requests", "errors", "queued", "ongoing", "replicas")
COLUMNS = (
    "time", "deployment", "requests", "qps", "errors", "p50_ms", "p95_ms", "p99_ms", "queued", "ongoing", "batch_size",
    "replicas",
)  # fmt: skip

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def window_s(window: str | float) -> float:
    """Seconds of a window such as ``"30s"``, ``"5m"``, ``"1h"`` or a number.

    Raises:
        ValueError: it is none.

    Example:
        >>> window_s("5m"), window_s(90)
        (300.0, 90.0)
    """
    try:
        seconds = float(window[:-1]) * _UNITS[window[-1]] if isinstance(window, str) else float(window)
    except (ValueError, KeyError, IndexError, TypeError):
        seconds = 0.0
    if isinstance(window, bool) or not 0 < seconds < float("inf"):
        raise ValueError(f"window is {window!r}. Use '30s', '5m', '1h' or seconds above 0.")
    return seconds


def metrics_frame(points: Iterable[Point]) -> pandas.DataFrame:
    """A row a deployment a step, and one for the whole app; see `LiveApp.metrics`.

    Raises:
        ImportError: pandas is not installed.
    """
    try:
        import pandas  # Late: heavy, and only for who asks for a table.
    except ImportError as error:
        raise ImportError("A table of metrics needs pandas, which is not installed. Run: pip install pandas") from error
    rows = [row for point in points for row in _rows(point)]
    frame = pandas.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    numbers = {name: float for name in COLUMNS[2:]} | dict.fromkeys(COUNTS, int)
    frame = frame.astype({"time": float, "deployment": str, **numbers})
    frame["time"] = pandas.to_datetime(frame["time"], unit="s", utc=True)
    return frame.set_index("time")


def _rows(point: Point) -> Iterator[tuple[Any, ...]]:
    for name, node in {"": whole_app(point), **point.nodes}.items():
        p50, p95, p99 = (quantile(point.bounds, node.latency, q) for q in (0.5, 0.95, 0.99))
        batch_size = node.batched / node.batches if node.batches else None
        qps = node.requests / point.seconds
        yield (
            point.time, name, node.requests, qps, node.errors, p50, p95, p99, node.queued, node.ongoing, batch_size,
            node.replicas,
        )  # fmt: skip


def too_long(seconds: float) -> str:
    """What to say of a window that is longer than what is kept, or ""."""
    if seconds <= KEPT_S:
        return ""
    return (
        f"The window is {seconds:g} s, and the last {KEPT_S / 60:g} minutes are kept: the table has no more than that."
    )
