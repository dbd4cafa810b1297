"""A walk over all that a state holds, with the path to each object.

It asks for an object's type and never for its ``__class__``, by which a lazy proxy would load what it stands for.
"""

from __future__ import annotations

import functools
import sys
import types
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from kernelserve.bound import Bound
from kernelserve.code.byvalue import is_by_value_module, is_lru_cache

MAX_OBJECTS = 100_000
"""The walk stops here; what it has not seen counts as a doubt."""

_LEAVES = (
    str, bytes, int, float, complex, bool, type(None), types.ModuleType, bytearray, memoryview,
    types.BuiltinFunctionType, types.CodeType,
)  # fmt: skip

_CONTAINERS = (list, tuple, set, frozenset, deque)


class TooLargeError(Exception):
    """The state has more objects than are looked at."""


class Found:
    """An object in the state."""

    __slots__ = ("_above", "_step", "value")

    def __init__(self, value: Any, step: str, above: Found | None = None) -> None:
        self.value = value
        self._step = step
        self._above = above

    @property
    def path(self) -> str:
        """How a reader gets there, as ``self.tools[0].name``."""
        steps: list[str] = []
        here: Found | None = self
        while here is not None:
            steps.append(here._step)
            here = here._above
        return "".join(reversed(steps))


def walk(roots: Iterable[tuple[str, Any]], ends: Iterable[Any] = ()) -> Iterator[Found]:
    """Each object once, without text, numbers and the like; those of installed packages are not entered.

    Args:
        roots: pairs of a path and a value.
        ends: objects to report each time they are met, and not to enter.

    Raises:
        TooLargeError: there are more than `MAX_OBJECTS`.
    """
    outer = {id(end) for end in ends}
    seen: set[int] = set()
    todo = [Found(value, path) for path, value in roots if not issubclass(type(value), _LEAVES)]
    while todo:
        found = todo.pop()
        key = id(found.value)
        if key in outer:
            yield found
            continue
        if key in seen:
            continue
        seen.add(key)
        if len(seen) > MAX_OBJECTS:
            raise TooLargeError
        yield found
        todo += [
            Found(value, step, found) for step, value in _children(found.value) if not issubclass(type(value), _LEAVES)
        ]


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    if issubclass(type(value), dict):
        yield from ((f"[{key!r}]", item) for key, item in list(value.items()) if not issubclass(type(item), _LEAVES))
        yield from ((" key", key) for key in list(value))
    elif issubclass(type(value), _CONTAINERS):
        yield from ((f"[{n}]", item) for n, item in enumerate(list(value)) if not issubclass(type(item), _LEAVES))
    if issubclass(type(value), types.FunctionType):
        yield from ((" closure", cell.cell_contents) for cell in value.__closure__ or () if _is_filled(cell))
        yield (".__defaults__", value.__defaults__)
    elif not issubclass(type(value), type):
        yield from ((f".{name}", item) for name, item in _parts(value))


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What objects refer to by name."""
    if issubclass(type(value), functools.partial):
        yield from (("func", value.func), ("args", value.args), ("keywords", value.keywords))
    elif issubclass(type(value), types.MethodType | Bound):
        yield ("__self__", value.__self__)
    elif is_lru_cache(value):
        yield ("__wrapped__", value.__wrapped__)
    elif _is_torch_container(value):
        yield ("_modules", value._modules)  # An installed one may hold modules of the user's.
    elif issubclass(type(value), types.SimpleNamespace) or not _is_opaque(type(value)):
        yield from list(getattr(value, "__dict__", {}).items())
        yield from _slots_of(value)


def _slots_of(value: Any) -> Iterator[tuple[str, Any]]:
    for base in type(value).__mro__:
        slots = vars(base).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            try:
                yield name, object.__getattribute__(value, name)
            except AttributeError:  # Not filled, or private and so of another name.
                continue


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _is_torch_container(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and _is_opaque(type(value)) and issubclass(type(value), torch.nn.Module)


def _is_opaque(cls: type) -> bool:
    """Objects of installed packages are not walked, but those of a subclass of the user's (a torch module) are."""
    return _is_opaque_module(cls.__module__)


@functools.cache
def _is_opaque_module(name: str) -> bool:
    if is_by_value_module(name):
        return False
    path = getattr(sys.modules.get(name), "__file__", None) or ""
    return "site-packages" in path or name in sys.stdlib_module_names or name.partition(".")[0] == "kernelserve"
