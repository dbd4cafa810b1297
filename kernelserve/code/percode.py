"""Results about code objects, kept as long as the code object lives: code never changes."""

from __future__ import annotations

import functools
import types
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def per_code(compute: Callable[[types.CodeType], T]) -> Callable[[types.CodeType], T]:
    """Cache a function of a code object, by identity. The result must not refer to the code object.

    Example:
        >>> size = per_code(lambda code: len(code.co_code))
        >>> code = compile("1", "f", "eval")
        >>> size(code) == size(code) == len(code.co_code)
        True
    """
    known: dict[int, tuple[weakref.ref[types.CodeType], Any]] = {}

    @functools.wraps(compute)
    def cached(code: types.CodeType) -> T:
        key = id(code)
        entry = known.get(key)
        if entry is not None and entry[0]() is code:
            result: T = entry[1]
            return result
        result = compute(code)
        known[key] = weakref.ref(code, lambda gone: known.pop(key, None) and None), result
        return result

    return cached
