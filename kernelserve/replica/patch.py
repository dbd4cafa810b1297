"""May a new class take over an instance's state? And the two views of one state while it does.

How a patch keeps both revisions right: the new class gets a second view of the same
``__dict__``, the bridge; when the old revision's requests have ended, the original object takes the
new class and the bridge is emptied.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterable
from typing import Any

MAX_OBJECTS = 100_000
"""The walk of the state stops here; what it has not seen counts as a doubt."""

_LEAVES = (
    str, bytes, int, float, complex, bool, type(None), types.ModuleType, bytearray, memoryview,
    type, types.BuiltinFunctionType, types.CodeType,
)  # fmt: skip


class _Drained:
    """What is left of a bridge: a class without ``__del__``, so that dropping it runs no finalizer of the user's."""


def make_bridge(original: Any, new_class: type) -> Any:
    """A second view of the state of `original`, with the methods of `new_class`."""
    bridge: Any = object.__new__(new_class)
    bridge.__dict__ = original.__dict__
    return bridge


def end_bridge(bridge: Any) -> None:
    """Take the shared state out of a bridge that no request uses any more."""
    bridge.__dict__ = {}
    bridge.__class__ = _Drained


def refusal(original: Any, new_class: type, changed_classes: Iterable[type]) -> str:
    """Why a patch is not safe for this state, or "" if it is.

    Args:
        original: the servable instance.
        new_class: the class that should take over.
        changed_classes: by-value classes, as loaded here, of which the new revision has another version.
    """
    old_class = type(original)
    layout = _layout_refusal(original, old_class, new_class)
    if layout:
        return layout
    if hasattr(new_class, "__reload__"):
        return "it defines __reload__, which is not built yet"
    filled = [
        name
        for name, value in vars(old_class).items()
        if isinstance(value, functools.cached_property) and name in original.__dict__
    ]
    if filled:
        return f"the cached_property {filled[0]} is filled"
    return _state_refusal(original, frozenset(changed_classes))


def _layout_refusal(original: Any, old_class: type, new_class: type) -> str:
    if type(old_class) is not type or type(new_class) is not type:
        return "the class has a metaclass"
    if not hasattr(original, "__dict__") or _slots(old_class) or _slots(new_class):
        return "the class has __slots__"
    if isinstance(original, dict | list | set | tuple | str | bytes | int | float):
        return f"the class is a subclass of {old_class.__base__.__name__ if old_class.__base__ else 'a builtin'}"
    try:
        probe: Any = object.__new__(old_class)
        try:
            probe.__class__ = new_class
        finally:
            probe.__class__ = _Drained  # Dropping the probe must not run the user's finalizer.
    except TypeError as error:
        return f"the new class has another layout ({error})"
    return ""


def _slots(cls: type) -> bool:
    return any(
        "__slots__" in vars(base) for base in cls.__mro__ if base.__module__ not in ("builtins", "typing", "abc")
    )


def _state_refusal(original: Any, changed: frozenset[type]) -> str:
    seen: set[int] = {id(original)}
    todo: list[tuple[str, Any]] = [(f"self.{name}", value) for name, value in original.__dict__.items()]
    while todo:
        path, value = todo.pop()
        if value is original:
            return f"{path} refers back to the instance"
        if isinstance(value, _LEAVES) or id(value) in seen:
            continue
        seen.add(id(value))
        if len(seen) > MAX_OBJECTS:
            return f"its state has more than {MAX_OBJECTS:,} objects, so it was not checked whole"
        if type(value) in changed:
            return f"{path} holds a {type(value).__name__}, whose class changed"
        if isinstance(value, types.MethodType) and value.__self__ is original:
            return f"{path} is a bound method of the instance"
        todo.extend(_children(path, value))
    return ""


def _children(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        pairs = [(f"{path}[{key!r}]", item) for key, item in list(value.items())]
        return pairs + [(f"{path} key", key) for key in list(value) if not isinstance(key, _LEAVES)]
    if isinstance(value, list | tuple | set | frozenset):
        return [(f"{path}[{index}]", item) for index, item in enumerate(list(value))]
    if isinstance(value, functools.partial):
        return [(f"{path}.func", value.func), (f"{path}.args", value.args), (f"{path}.keywords", value.keywords)]
    if isinstance(value, types.MethodType):
        return [(f"{path}.__self__", value.__self__)]
    if isinstance(value, types.FunctionType):
        cells = value.__closure__ or ()
        return [(f"{path} closure", cell.cell_contents) for cell in cells if _filled(cell)]
    cls: Any = type(value)
    if _is_opaque(cls):
        return []
    return [(f"{path}.{name}", item) for name, item in list(getattr(value, "__dict__", {}).items())]


def _filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


@functools.cache
def _is_opaque(cls: type) -> bool:
    """Objects of installed packages are not walked, but a subclass of the user's (a torch module) is."""
    module = sys.modules.get(cls.__module__)
    path = getattr(module, "__file__", None) or ""
    return "site-packages" in path or cls.__module__ in sys.stdlib_module_names
