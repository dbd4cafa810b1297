"""Which source files the code of an object comes from, as tracebacks will name them."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

from kernelserve.code.byvalue import is_by_value, is_class, is_function
from kernelserve.code.members import INGRESS_ATTRIBUTE
from kernelserve.code.walk import class_items
from kernelserve.code.webapps import kind_of, recipe_of
from kernelserve.code.wrapped import functions_in


def source_files(obj: Any) -> frozenset[str]:
    """File names of the code of a class or function, or of the functions that a container holds."""
    if is_class(obj):
        values = [value.app if name == INGRESS_ATTRIBUTE else value for name, value in class_items(obj)]
        return frozenset(name for value in values for name in _files(value))
    if is_function(obj) or not isinstance(obj, dict | list | tuple):
        return frozenset(_files(obj))
    return frozenset(name for value in (obj.values() if isinstance(obj, dict) else obj) for name in _files(value))


def _files(value: Any) -> set[str]:
    functions = _functions_of_app(value) if kind_of(value) is not None else functions_in(value)
    return {function.__code__.co_filename for function in functions}


def _functions_of_app(app: Any) -> Iterator[types.FunctionType]:
    """Functions of the user that a web application holds: endpoints, handlers, middleware, its lifespan."""
    seen: set[int] = set()
    pending = [app]
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        recipe = recipe_of(one)
        if recipe is not None:
            pending += [*recipe.arguments.values(), *recipe.contents.values()]
        elif isinstance(one, types.FunctionType):
            yield from functions_in(one) if is_by_value(one) else ()
        elif isinstance(one, dict | list | tuple):
            pending += one.values() if isinstance(one, dict) else one
        elif type(one).__module__.partition(".")[0] in ("fastapi", "starlette"):
            pending += getattr(one, "__dict__", {}).values()
