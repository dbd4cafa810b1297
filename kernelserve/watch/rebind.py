"""Names that hold objects of modules that were imported again get those of the new ones. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from types import ModuleType
from typing import Any

from kernelserve.watch.reimport import Swap

_COMMON = (type(None), bool, int, float, complex, str, bytes, tuple, frozenset, type(Ellipsis), type(NotImplemented))


def rebind(namespace: MutableMapping[str, Any], swap: Swap) -> list[str]:
    """Put the new objects where the namespace holds the very ones of the old modules.

    That is what ``from helpers import rank`` would give now. Numbers, strings and tuples stay: equal ones are often
    one object, so that nobody can tell where the namespace's came from; see `perhaps_old`.

    Returns:
        The names that hold another object now.

    Example:
        >>> old, new = ModuleType("helpers"), ModuleType("helpers")
        >>> old.limits, new.limits = [1], [1, 2]
        >>> names = {"limits": old.limits, "helpers": old}
        >>> rebind(names, Swap({"helpers": old}, {"helpers": new})), names["limits"]
        (['limits', 'helpers'], [1, 2])
    """
    new = dict(_replacements(swap.before, swap.after))
    changed = {name: new[id(value)] for name, value in namespace.items() if id(value) in new}
    namespace.update(changed)
    return list(changed)


def perhaps_old(namespace: Mapping[str, Any], swap: Swap) -> list[str]:
    """Names of numbers, strings and tuples that the namespace may have from an old module, and that are others now.

    Example:
        >>> old, new = ModuleType("helpers"), ModuleType("helpers")
        >>> old.RATE, new.RATE = 3, 4
        >>> perhaps_old({"RATE": 3, "rate": 3}, Swap({"helpers": old}, {"helpers": new}))
        ['RATE']
    """
    pairs = [(vars(swap.before[name]), vars(swap.after[name])) for name in swap.before.keys() & swap.after.keys()]
    return [
        name
        for name, value in namespace.items()
        if isinstance(value, _COMMON) and not _is_dunder(name)
        if any(name in old and old[name] is value and repr(new.get(name)) != repr(value) for old, new in pairs)
    ]


def _replacements(before: Mapping[str, ModuleType], after: Mapping[str, ModuleType]) -> Iterator[tuple[int, Any]]:
    """Identity of an old object → the new one."""
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        for attribute, value in vars(old).items():
            other = vars(new).get(attribute, value)
            if other is not value and not isinstance(value, _COMMON) and not _is_dunder(attribute):
                yield id(value), other
        yield id(old), new


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
