"""Class attributes are state too: a patch keeps what code made of them, unless the edit changed them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_MISSING = object()


class ClassState:
    """The data attributes, of classes with a new version, that the edit leaves as they are.

    Args:
        classes: old class → new one.
        differing: names of the fingerprint's parts that differ (``Model.hits``).
        alike: those that are the same in both revisions.

    Example:
        >>> class Old: hits = 3                       # counted up from 0
        >>> class New: hits = 0
        >>> New.__name__ = "Old"
        >>> state = ClassState({Old: New}, frozenset(), frozenset({"Old.hits"}))
        >>> state.carry_over()
        >>> New.hits
        3
    """

    def __init__(self, classes: Mapping[type, type], differing: frozenset[str], alike: frozenset[str]) -> None:
        self._names = [
            (old, new, name)
            for old, new in classes.items()
            for name, value in list(vars(old).items())
            if _is_data(name, value) and _is_kept(old, new, name, differing, alike)
        ]
        self._carried: dict[tuple[type, str], Any] = {}

    def values(self) -> Iterator[tuple[str, Any]]:
        """What is kept, by its path."""
        return ((f"{old.__name__}.{name}", vars(old).get(name)) for old, _, name in self._names)

    def carry_over(self) -> None:
        """Give the new classes the present values."""
        for old, new, name in self._names:
            value = vars(old).get(name, _MISSING)
            if value is not _MISSING:
                type.__setattr__(new, name, value)
                self._carried[old, name] = value

    def catch_up(self) -> None:
        """The old code has ended: what it has bound since then counts, unless the new code has bound it as well."""
        for old, new, name in self._names:
            before, value = self._carried.get((old, name), _MISSING), vars(old).get(name, _MISSING)
            changed = value is not before and value is not _MISSING
            if changed and vars(new).get(name, _MISSING) is before:
                type.__setattr__(new, name, value)


def _is_data(name: str, value: Any) -> bool:
    special = name.startswith("__") and name.endswith("__")
    return not special and name != "_abc_impl" and not isinstance(value, type) and not hasattr(type(value), "__get__")


def _is_kept(old: type, new: type, name: str, differing: frozenset[str], alike: frozenset[str]) -> bool:
    part = f"{old.__name__}.{name}"
    if part in alike:
        return name in vars(new)
    # Code has added it, if the class is one that the fingerprint names the attributes of.
    return part not in differing and name not in vars(new) and f"class {old.__name__}" not in differing
