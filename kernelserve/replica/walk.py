"""A walk over all that a state holds, with the path to each object.

It asks for an object's type and never for its ``__class__``, by which a lazy proxy would load what it stands for. It
runs on the event loop: so it decides once per type how to go on, and writes out no path before somebody asks.
"""

from __future__ import annotations

import functools
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kernelserve.bound import Bound
from kernelserve.code.byvalue import is_by_value_module

MAX_OBJECTS = 100_000
"""The walk stops here; what it has not seen counts as a doubt."""

_LEAVES = frozenset(
    (
        str, bytes, int, float, complex, bool, type(None), types.ModuleType, bytearray, memoryview,
        types.BuiltinFunctionType, types.CodeType,
    )
)  # fmt: skip

_CONTAINERS = (list, tuple, set, frozenset, deque)

Found = tuple[Any, str, Any, Any]
"""An object in the state; how it is reached (a template, and what to fill in) from the one above, or None: `path_of`.

A plain tuple, as there may be `MAX_OBJECTS` of them.
"""

Expand = Callable[[Found, list[Found]], None]
"""Adds to a list what an object refers to."""


class TooLargeError(Exception):
    """The state has more objects than are looked at."""


def path_of(found: Found) -> str:
    """How a reader gets there, as ``self.tools[0].name``."""
    steps: list[str] = []
    here: Found | None = found
    while here is not None:
        _, step, key, here = here
        steps.append(step % (key,) if "%" in step else step)
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
    ways: dict[type, Expand] = {}
    todo = [(value, "%s", path, None) for path, value in roots if type(value) not in _LEAVES]
    while todo:
        found = todo.pop()
        value = found[0]
        key = id(value)
        if key in outer:
            yield found
            continue
        if key in seen:
            continue
        seen.add(key)
        if len(seen) > MAX_OBJECTS:
            raise TooLargeError
        yield found
        cls = type(value)
        expand = ways.get(cls)
        if expand is None:
            expand = ways[cls] = _way(cls)
        expand(found, todo)


def _way(cls: type) -> Expand:
    """How to go on from objects of a type."""
    if issubclass(cls, dict):
        return _both(_expand_dict, _expand_object(cls))
    if issubclass(cls, _CONTAINERS):
        return _both(_expand_items, _expand_object(cls))
    if issubclass(cls, types.FunctionType):
        return _expand_function
    if issubclass(cls, weakref.ref):
        return _expand_reference
    return _expand_object(cls)


def _both(first: Expand, second: Expand) -> Expand:
    if second is _expand_nothing:
        return first

    def expand(found: Found, todo: list[Found]) -> None:
        first(found, todo)
        second(found, todo)

    return expand


def _expand_nothing(found: Found, todo: list[Found]) -> None:
    pass


def _expand_dict(found: Found, todo: list[Found]) -> None:
    for key, value in list(found[0].items()):
        if type(value) not in _LEAVES:
            todo.append((value, "[%r]", key, found))
        if type(key) not in _LEAVES:
            todo.append((key, " key", None, found))


def _expand_items(found: Found, todo: list[Found]) -> None:
    for number, value in enumerate(list(found[0])):
        if type(value) not in _LEAVES:
            todo.append((value, "[%r]", number, found))


def _expand_function(found: Found, todo: list[Found]) -> None:
    function = found[0]
    for cell in function.__closure__ or ():
        try:
            _add(todo, cell.cell_contents, " closure", None, found)
        except ValueError:  # Not filled yet.
            continue
    _add(todo, function.__defaults__, ".__defaults__", None, found)


def _expand_reference(found: Found, todo: list[Found]) -> None:
    _add(todo, weakref.ref.__call__(found[0]), "()", None, found)


def _add(todo: list[Found], value: Any, step: str, key: Any, above: Found) -> None:
    if type(value) not in _LEAVES:
        todo.append((value, step, key, above))


def _expand_object(cls: type) -> Expand:
    names = _attributes_followed(cls)
    if names:
        return functools.partial(_expand_names, names)
    if issubclass(cls, type) or (_is_opaque(cls.__module__) and cls is not types.SimpleNamespace):
        return _expand_nothing
    slots = tuple(_slots_of(cls))
    return functools.partial(_expand_state, slots)


def _attributes_followed(cls: type) -> tuple[str, ...]:
    """Of a type of an installed package that holds what the user gave it: where."""
    if issubclass(cls, functools.partial):
        return "func", "args", "keywords"
    if issubclass(cls, types.MethodType | Bound):
        return ("__self__",)
    if cls.__name__ == "_lru_cache_wrapper" and cls.__module__ == "functools":
        return ("__wrapped__",)
    torch = sys.modules.get("torch")
    if torch is not None and _is_opaque(cls.__module__) and issubclass(cls, torch.nn.Module):
        return ("_modules",)
    return ()


def _expand_names(names: tuple[str, ...], found: Found, todo: list[Found]) -> None:
    for name in names:
        _add(todo, getattr(found[0], name), ".%s", name, found)


def _expand_state(slots: tuple[Any, ...], found: Found, todo: list[Found]) -> None:
    state = getattr(found[0], "__dict__", None)
    for name, value in list(state.items()) if type(state) is dict else ():
        if type(value) not in _LEAVES:
            todo.append((value, ".%s", name, found))
    for slot in slots:
        try:
            _add(todo, slot.__get__(found[0]), ".%s", slot.__name__, found)
        except AttributeError:  # Not filled.
            continue


def _slots_of(cls: type) -> Iterator[Any]:
    for base in cls.__mro__:
        if not _is_opaque(base.__module__):
            yield from (one for one in vars(base).values() if type(one) is types.MemberDescriptorType)


@functools.cache
def _is_opaque(module: str) -> bool:
    """Whether a module's objects are not entered: installed packages' are not.

    Those of a subclass of the user's (a torch module) are.
    """
    if is_by_value_module(module):
        return False
    path = getattr(sys.modules.get(module), "__file__", None) or ""
    return "site-packages" in path or module in sys.stdlib_module_names or module.partition(".")[0] == "kernelserve"
