"""Which source files the code of an object comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernelserve.code.byvalue import is_class, is_function
from kernelserve.code.members import functions_in
from kernelserve.code.reach import Reach
from kernelserve.code.walk import class_items


def source_files(roots: Iterable[Any]) -> frozenset[str]:
    """File names of all by-value code that the roots reach, as tracebacks will name them."""
    names: set[str] = set()
    for root in roots:
        reach = Reach()
        reach.explore(root)
        for entry in reach.entries():
            names |= _files(entry.obj)
    return frozenset(names)


def _files(obj: Any) -> set[str]:
    if is_class(obj):
        return {name for _, value in class_items(obj) for name in _files(value)}
    if is_function(obj) or not isinstance(obj, dict | list | tuple):
        return {function.__code__.co_filename for function in functions_in(obj)}
    values = obj.values() if isinstance(obj, dict) else obj
    return {function.__code__.co_filename for value in values for function in functions_in(value)}
