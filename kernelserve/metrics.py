"""`serve.metrics`: counters, gauges and histograms of user code, with Ray Serve's signatures.

What code counts in a replica has the tags ``application``, ``deployment`` and ``replica`` by itself; all of it is on
the gateway's page ``/-/metrics``, with the prefix ``kernelserve_``. Code that runs in no replica counts too, without
these tags.
"""

from __future__ import annotations

import itertools
import re
import threading
import warnings
from collections.abc import Sequence
from typing import Any, Self

from kernelserve import context
from kernelserve.observe.catalog import COUNTER, GAUGE, METRICS
from kernelserve.observe.metrics import Registry, present_registry, process_registry

__all__ = ["Counter", "Gauge", "Histogram"]

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_RESERVED = ("application", "deployment", "replica")
_ROUTE = "route"

_counting = threading.Lock()
"""Held for an addition: methods of user code may run in many threads."""


class _Metric:
    """What the three kinds share.

    A metric may be made anywhere, also at the top of a module or cell: where it counts is decided each time by the
    replica in which the calling code runs. A thread without a context counts where the metric was made.
    """

    def __init__(self, name: str, description: str = "", tag_keys: tuple[str, ...] | None = None) -> None:
        if tag_keys is not None and not isinstance(tag_keys, tuple):
            raise TypeError(f"tag_keys should be a tuple type, got: {type(tag_keys)}. Write tag_keys=('model',).")
        for key in tag_keys or ():
            if not isinstance(key, str):
                raise TypeError(f"Tag keys must be str, got {type(key)}. Write tag_keys=('model',).")
            if key in _RESERVED:
                raise ValueError(f"'{key}' tag is reserved for kernelserve metrics, which add it. Leave it out.")
        self._discarded = _is_invalid(name)
        self._name = name
        self._description = description
        self._tag_keys = tag_keys or ()
        self._default_tags: dict[str, str] = {}
        self._home = present_registry()

    def set_default_tags(self, default_tags: dict[str, str]) -> Self:
        """Tags of every further value, unless it has other ones. Returns the metric itself.

        Raises:
            ValueError: a tag is none of `tag_keys`.
            TypeError: a value is no str.
        """
        for key, value in default_tags.items():
            if key in _RESERVED:
                raise ValueError(f"'{key}' tag is reserved for kernelserve metrics, which add it. Leave it out.")
            if key not in self._tag_keys:
                raise ValueError(f"Unrecognized tag key {key}. The metric has {self._tag_keys}: name it there first.")
            _check_value(key, value)
        self._default_tags = dict(default_tags)
        return self

    @property
    def info(self) -> dict[str, Any]:
        """Name, description, tag keys and default tags."""
        return {
            "name": self._name,
            "description": self._description,
            "tag_keys": self._tag_keys,
            "default_tags": self._default_tags,
        }

    def _arguments(self) -> tuple[Any, ...]:
        return self._name, self._description, self._tag_keys

    def __reduce__(self) -> Any:
        """By its definition: what was counted stays where it was counted."""
        return type(self), self._arguments(), {"_default_tags": self._default_tags}

    def _registry(self) -> Registry:
        return present_registry() or self._home or process_registry()

    def _tags(self, tags: dict[str, str] | None) -> dict[str, str]:
        """All tags of one value. As in Ray, those that the metric does not have are left out."""
        found = dict(self._default_tags)
        for key, value in (tags or {}).items():
            _check_value(key, value)
            if key in self._tag_keys:
                found[key] = value
        if _ROUTE in self._tag_keys and _ROUTE not in found:
            request = context.request()
            found[_ROUTE] = request.route if request is not None else ""
        missing = [key for key in self._tag_keys if key not in found]
        if missing:
            raise ValueError(
                f"Missing value for tag key(s): {','.join(missing)}. Pass tags={{...}}, or set_default_tags."
            )
        return found


class Counter(_Metric):
    """A number that only grows; on the page its name ends in ``_total``.

    Args:
        name: letters, digits and ``_``; with another one it is not counted, and a warning says so.
        description: for people.
        tag_keys: names of its tags. ``route`` is filled in from the request.

    Raises:
        TypeError: `tag_keys` is no tuple of str.
        ValueError: a tag is one of those that are added, or kernelserve has a metric of that name.

    Example:
        >>> words = Counter("words", "Words seen.", tag_keys=("language",))
        >>> words.inc(3, tags={"language": "en"})
    """

    def inc(self, value: float = 1.0, tags: dict[str, str] | None = None) -> None:
        """Add `value`, which must be above 0.

        Raises:
            TypeError: it is no number, or a tag no str.
            ValueError: it is 0 or less, or the tags are not those of `tag_keys`.
        """
        _check_number(value)
        if value <= 0:
            raise ValueError(f"value must be >0, got {value}. A counter only grows; use a Gauge for what falls too.")
        if not self._discarded:
            cell = self._registry().value_of_user(COUNTER, self._name, self._description, self._tags(tags))
            with _counting:
                cell.value += value


class Gauge(_Metric):
    """A number that rises and falls: the last one that was set counts.

    Args and errors as for `Counter`.

    Example:
        >>> Gauge("cache_entries").set(17)
    """

    def set(self, value: float | None, tags: dict[str, str] | None = None) -> None:
        """Set it; None changes nothing.

        Raises:
            TypeError: `value` is no number, or a tag no str.
            ValueError: the tags are not those of `tag_keys`.
        """
        if value is None:
            return
        _check_number(value)
        if not self._discarded:
            self._registry().value_of_user(GAUGE, self._name, self._description, self._tags(tags)).value = value


class Histogram(_Metric):
    """How observed values are distributed.

    Args:
        boundaries: the upper bound of each bucket, ascending and above 0.

    Other arguments and errors as for `Counter`.

    Example:
        >>> Histogram("prompt_tokens", boundaries=[16, 64, 256, 1024]).observe(100)
    """

    def __init__(
        self,
        name: str,
        description: str = "",
        boundaries: Sequence[float] | None = None,
        tag_keys: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(name, description, tag_keys)
        if boundaries is None or len(boundaries) == 0:
            raise ValueError(
                "boundaries argument should be provided when using the Histogram class, got "
                f'{boundaries!r}. e.g., Histogram("name", boundaries=[1.0, 2.0])'
            )
        bounds = tuple(float(bound) for bound in boundaries)
        if not all(one < other for one, other in itertools.pairwise((0.0, *bounds))):
            raise ValueError(
                f"Invalid `boundaries` argument, {list(boundaries)}. Use positive values, each above the one before."
            )
        self.boundaries = boundaries
        self._bounds = bounds

    def observe(self, value: float, tags: dict[str, str] | None = None) -> None:
        """Count one value.

        Raises:
            TypeError: it is no number, or a tag no str.
            ValueError: the tags are not those of `tag_keys`.
        """
        _check_number(value)
        if not self._discarded:
            found = self._tags(tags)
            cell = self._registry().histogram_of_user(self._name, self._description, self._bounds, found)
            with _counting:
                cell.observe(value)

    @property
    def info(self) -> dict[str, Any]:
        """Name, description, tag keys, default tags and boundaries."""
        return {**super().info, "boundaries": self.boundaries}

    def _arguments(self) -> tuple[Any, ...]:
        return self._name, self._description, self.boundaries, self._tag_keys


def _is_invalid(name: str) -> bool:
    if len(name) == 0:
        raise ValueError("Empty name is not allowed, got ''. Please provide a metric name.")
    if name in METRICS:
        raise ValueError(f"kernelserve itself has a metric {name!r}. Choose another name.")
    if _NAME.fullmatch(name):
        return False
    warnings.warn(
        f"Invalid metric name: {name}. What it counts is discarded. Metric names contain letters, digits and _, and "
        "do not start with a digit: rename it.",
        UserWarning,
        stacklevel=3,
    )
    return True


def _check_number(value: Any) -> None:
    if not isinstance(value, int | float):
        raise TypeError(f"value must be int or float, got {type(value)}. Pass float(value).")


def _check_value(key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise TypeError(f"Tag values must be str, got {type(value)} for {key}. Pass str(value).")
