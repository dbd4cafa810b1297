"""Series as the text that Prometheus scrapes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kernelserve.observe.catalog import COUNTER, GAUGE, HISTOGRAM, METRICS
from kernelserve.transport.observed import Series, Tags

if TYPE_CHECKING:
    from prometheus_client import Metric

PREFIX = "kernelserve_"
CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

_log = logging.getLogger(__name__)
_warned: set[str] = set()


def render(series: Iterable[Series], age_s: float) -> bytes:
    """The page.

    Args:
        series: of all processes; those with one name and the same tags are added up.
        age_s: how old they are.

    Example:
        >>> print(render([Series("x", "counter", (("a", "b"),), 2, description="Of x.")], 0).decode())
        # HELP kernelserve_x_total Of x.
        # TYPE kernelserve_x_total counter
        kernelserve_x_total{a="b"} 2.0
        ...
    """
    from prometheus_client import generate_latest  # Late: only where somebody scrapes.

    age = Series("scrape_age_seconds", GAUGE, value=age_s)
    return generate_latest(_Collector([*_summed(series), age]))


class _Collector:
    """What `generate_latest` needs of a registry."""

    def __init__(self, series: list[Series]) -> None:
        self._series = series

    def collect(self) -> Iterator[Metric]:
        """One family a name, with all its series."""
        from prometheus_client import Metric

        families: dict[str, Metric] = {}
        for one in self._series:
            family = families.get(one.name)
            if family is None:
                # The text format adds `_total` to a counter's name.
                name = PREFIX + (one.name.removesuffix("_total") if one.kind == COUNTER else one.name)
                family = families[one.name] = Metric(name, one.description or _description(one.name), one.kind)
            _add(family, one)
        yield from families.values()


def _description(name: str) -> str:
    return METRICS[name].description if name in METRICS else ""


def _add(family: Metric, one: Series) -> None:
    tags = dict(one.tags)
    if one.kind == HISTOGRAM:
        total = 0
        for bound, count in zip((*map(str, one.bounds), "+Inf"), one.counts, strict=True):
            total += count
            family.add_sample(f"{family.name}_bucket", {**tags, "le": bound}, total)
        family.add_sample(f"{family.name}_count", tags, total)
        family.add_sample(f"{family.name}_sum", tags, one.value)
    else:
        family.add_sample(f"{family.name}_total" if one.kind == COUNTER else family.name, tags, one.value)


def _summed(series: Iterable[Series]) -> Iterator[Series]:
    """Each name and set of tags once."""
    kinds: dict[str, str] = {}
    found: dict[tuple[str, Tags], Series] = {}
    for one in series:
        kind = kinds.setdefault(one.name, one.kind)
        if kind != one.kind:
            _warn_of_kinds(one, kind)
            continue
        other = found.get((one.name, one.tags))
        # Other buckets: the metric was made anew with others, and the newer ones count.
        found[one.name, one.tags] = one if other is None or other.bounds != one.bounds else _sum(other, one)
    return iter(found.values())


def _sum(one: Series, other: Series) -> Series:
    counts = tuple(a + b for a, b in zip(one.counts, other.counts, strict=True))
    return Series(one.name, one.kind, one.tags, one.value + other.value, counts, one.bounds, one.description)


def _warn_of_kinds(one: Series, kind: str) -> None:
    if one.name not in _warned:
        _warned.add(one.name)
        _log.warning(
            "The metric %s is a %s in one place and a %s in another (%r), which is left out. Rename one.",
            one.name, kind, one.kind, dict(one.tags),
        )  # fmt: skip
