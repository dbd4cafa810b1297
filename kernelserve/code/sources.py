"""Which source files the code of an object comes from, as tracebacks will name them."""

from __future__ import annotations

from typing import Any

from kernelserve.code.byvalue import is_class, is_function
from kernelserve.code.members import functions_in
from kernelserve.code.walk import class_items


def source_files(obj: Any) -> frozenset[str]:
    """File names of the code of a class or function, or of the functions that a container holds."""
    if is_class(obj):
        return frozenset(name for _, value in class_items(obj) for name in _files(value))
    if is_function(obj) or not isinstance(obj, dict | list | tuple):
        return frozenset(_files(obj))
    values = obj.values() if isinstance(obj, dict) else obj
    return frozenset(name for value in values for name in _files(value))


def _files(value: Any) -> set[str]:
    return {function.__code__.co_filename for function in functions_in(value)}
