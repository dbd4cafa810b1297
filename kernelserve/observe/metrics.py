"""What a process counts: plain numbers where things happen, made into series when somebody looks.

A `Registry` belongs to one replica, gateway or client. Code on a hot path keeps the cell that it counts in, so that
counting is one addition; everything else happens about once a second, when `Registry.series` is asked for.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from kernelserve import context
from kernelserve.observe.catalog import COUNTER, GAUGE, HISTOGRAM, LATENCY_BUCKETS_MS, METRICS
from kernelserve.transport.observed import Series, Tags

__all__ = ["LATENCY_BUCKETS_MS", "Histogram", "Registry", "Value", "present_registry", "process_registry", "tags_of"]

MAX_SERIES = 1000
"""Sets of tag values of one metric; what has further ones is counted together."""
OTHER = "other"

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Value:
    """A counter or a gauge: add to `value`, or set it."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: float = 0


class Histogram:
    """Observations, counted in buckets.

    Example:
        >>> sizes = Histogram((1.0, 8.0))
        >>> for size in (1, 5, 100):
        ...     sizes.observe(size)
        >>> sizes.counts, sizes.sum
        ([1, 1, 1], 106.0)
    """

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...] = LATENCY_BUCKETS_MS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count one observation; a bound belongs to the bucket below it."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


class Family:
    """All series of one metric in one registry.

    Args:
        make: makes a cell.
        kept: names of tags that stay what they are where the values of the others are too many.
    """

    def __init__(
        self, name: str, kind: str, description: str, make: Callable[[], Any], kept: Iterable[str], limit: int
    ) -> None:
        self.name = name
        self.kind = kind
        self.description = description
        self.cells: dict[Tags, Any] = {}
        self._make = make
        self._kept = frozenset(kept)
        self._limit = limit

    def cell(self, tags: Tags) -> Any:
        """The cell of these tags, made when first asked for."""
        cell = self.cells.get(tags)
        if cell is None:
            if len(self.cells) >= self._limit and tags:
                tags = self._overflow(tags)
            cell = self.cells.setdefault(tags, self._make())
        return cell

    def _overflow(self, tags: Tags) -> Tags:
        other = tuple((name, value if name in self._kept else OTHER) for name, value in tags)
        if other not in self.cells:
            _log.warning(
                "The metric %s has %d sets of tag values, the last of them %r. Further ones are counted together, "
                "under %r. Use tags with few values: no ids, texts or times.",
                self.name, len(self.cells), dict(tags), OTHER,
            )  # fmt: skip
        return other

    def forget(self, tag: tuple[str, str]) -> None:
        for tags in [tags for tags in self.cells if tag in tags]:
            del self.cells[tags]

    def series(self) -> Iterable[Series]:
        for tags, cell in list(self.cells.items()):  # A copy: threads of user code add cells.
            if isinstance(cell, Histogram):
                counts = tuple(cell.counts)
                yield Series(self.name, self.kind, tags, cell.sum, counts, cell.bounds, self.description)
            else:
                yield Series(self.name, self.kind, tags, cell.value, description=self.description)


class Registry:
    """The metrics of one replica, gateway or client. Its methods are for any thread.

    Args:
        tags: of every metric of user code that counts here.
        limit: series of one metric.

    Example:
        >>> registry = Registry()
        >>> starts = registry.counter("deployment_replica_starts", application="a", deployment="d", replica="r")
        >>> starts.value += 1
        >>> registry.series()[0].value
        1
    """

    def __init__(self, tags: Mapping[str, str] | None = None, limit: int = MAX_SERIES) -> None:
        self.tags = dict(tags or {})
        self._limit = limit
        self._families: dict[tuple[str, str, tuple[float, ...]], Family] = {}
        self._sources: list[Callable[[], Iterable[Series]]] = []
        self._parts: dict[str, Any] = {}
        self._gauges: dict[tuple[str, Tags], Callable[[], float]] = {}

    def counter(self, name: str, **tags: str) -> Value:
        """The cell of a metric of the catalog, with these tags."""
        cell: Value = self._own(name, COUNTER, tags).cell(tags_of(tags))
        return cell

    def gauge(self, name: str, **tags: str) -> Value:
        """As `counter`; set its value."""
        cell: Value = self._own(name, GAUGE, tags).cell(tags_of(tags))
        return cell

    def histogram(self, name: str, **tags: str) -> Histogram:
        """As `counter`."""
        cell: Histogram = self._own(name, HISTOGRAM, tags).cell(tags_of(tags))
        return cell

    def gauge_of(self, name: str, read: Callable[[], float], **tags: str) -> None:
        """A gauge that is read when somebody looks."""
        _check_tags(name, GAUGE, tags)
        self._gauges[name, tags_of(tags)] = read

    def add_source(self, source: Callable[[], Iterable[Series]]) -> None:
        """Ask `source` too when somebody looks: for what is counted elsewhere."""
        self._sources.append(source)

    def part(self, key: str, make: Callable[[], T]) -> T:
        """An object that counts here, made when first asked for; all who ask with one key share it."""
        found: T | None = self._parts.get(key)
        if found is None:
            found = self._parts.setdefault(key, make())
        return found

    def value_of_user(self, kind: str, name: str, description: str, tags: Mapping[str, str]) -> Value:
        """The cell of a counter or gauge of user code; `Registry.tags` are added to its tags."""
        cell: Value = self._users(kind, name, description, (), Value).cell(tags_of({**tags, **self.tags}))
        return cell

    def histogram_of_user(
        self, name: str, description: str, bounds: tuple[float, ...], tags: Mapping[str, str]
    ) -> Histogram:
        """As `value_of_user`, of a histogram."""
        family = self._users(HISTOGRAM, name, description, bounds, lambda: Histogram(bounds))
        cell: Histogram = family.cell(tags_of({**tags, **self.tags}))
        return cell

    def forget(self, tag: str, value: str) -> None:
        """Drop all series with that tag: what they were about is gone."""
        for family in list(self._families.values()):
            family.forget((tag, value))

    def series(self) -> list[Series]:
        """All series as they are."""
        found = [one for family in list(self._families.values()) for one in family.series()]
        for (name, tags), read in list(self._gauges.items()):
            found.append(Series(name, GAUGE, tags, read()))
        for source in list(self._sources):
            found.extend(source())
        return found

    def _own(self, name: str, kind: str, tags: Mapping[str, str]) -> Family:
        bounds = _check_tags(name, kind, tags)
        make = Value if kind != HISTOGRAM else lambda: Histogram(bounds)
        return self._family((name, kind, bounds), "", make, ("application", "deployment", "replica"))

    def _users(
        self, kind: str, name: str, description: str, bounds: tuple[float, ...], make: Callable[[], Any]
    ) -> Family:
        return self._family((name, kind, bounds), description, make, self.tags)

    def _family(
        self, key: tuple[str, str, tuple[float, ...]], description: str, make: Callable[[], Any], kept: Iterable[str]
    ) -> Family:
        family = self._families.get(key)
        if family is None:
            made = Family(key[0], key[1], description, make, kept, self._limit)
            family = self._families.setdefault(key, made)
        return family


def tags_of(tags: Mapping[str, str]) -> Tags:
    """As pairs, sorted by name."""
    return tuple(sorted(tags.items()))


def _check_tags(name: str, kind: str, tags: Mapping[str, str]) -> tuple[float, ...]:
    """The bounds of a metric of the catalog, which must have this kind and these tags."""
    metric = METRICS[name]
    assert metric.kind == kind and set(metric.tags) == set(tags), f"{name} is a {metric.kind} with {metric.tags}"
    return metric.bounds


_of_process = Registry()


def process_registry() -> Registry:
    """That of code which runs in no replica. In a process that is one replica, the replica's."""
    return _of_process


def present_registry() -> Registry | None:
    """That of the replica in which the calling code runs, or None."""
    registry: Registry | None = context.current_registry.get()
    return registry
