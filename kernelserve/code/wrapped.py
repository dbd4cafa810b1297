"""The functions behind a value: a plain function, or one inside a descriptor, partial or decorator."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from typing import Any

from kernelserve.code.byvalue import is_lru_cache


def functions_in(value: Any) -> Iterator[types.FunctionType]:
    """The plain functions behind a member: itself, or wrapped by a descriptor, partial or decorator.

    Example:
        >>> def f(): ...
        >>> next(functions_in(property(f))) is f
        True
    """
    seen: set[int] = set()
    pending = [value]
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, types.FunctionType):
            yield one
        pending += _wrapped(one)


def _wrapped(value: Any) -> list[Any]:
    if isinstance(value, property):
        return [value.fget, value.fset, value.fdel]
    if isinstance(value, classmethod | staticmethod | types.MethodType):
        return [value.__func__]
    if isinstance(value, functools.cached_property | functools.partial | functools.partialmethod):
        return [value.func]
    if isinstance(value, functools.singledispatchmethod):
        return [value.func, *value.dispatcher.registry.values()]
    if is_lru_cache(value):
        return [value.__wrapped__]
    if isinstance(value, types.FunctionType):
        inner = [value.__dict__.get("__wrapped__")]
        return inner + [_content(cell) for cell in value.__closure__ or ()]
    if isinstance(value, type):
        return []
    # Objects that stand for a function, as `serve.batch` and many decorators make them.
    return [getattr(value, "__dict__", {}).get("__wrapped__")]


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None
