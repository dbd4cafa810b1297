"""Whose route is it? Endpoints written as methods, and routes that an earlier run of a cell left behind."""

from __future__ import annotations

import functools
import inspect
import types
import weakref
from collections.abc import Iterator
from typing import Any

from kernelserve.code.webapps import kind_of

# Endpoints of classes that were decorated: what a later class of the same name finds here is of its earlier self.
_decorated: weakref.WeakSet[types.FunctionType] = weakref.WeakSet()


def function_of(endpoint: Any) -> types.FunctionType | None:
    """The function that a user wrote for an endpoint, below decorators that say what they wrap."""
    while isinstance(endpoint, functools.partial):
        endpoint = endpoint.func
    unwrapped = inspect.unwrap(endpoint) if callable(endpoint) else None
    return unwrapped if isinstance(unwrapped, types.FunctionType) else None


def class_of(endpoint: Any) -> tuple[str, str] | None:
    """Module and qualified name of the class in whose body the endpoint was written, else None."""
    function = function_of(endpoint)
    if function is None:
        return None
    owner = function.__qualname__.rpartition(".")[0]
    return (function.__module__, owner) if owner and not owner.endswith("<locals>") else None


def classes_of(cls: type) -> frozenset[tuple[str, str]]:
    """The class and its bases, as `class_of` names them."""
    return frozenset((one.__module__, one.__qualname__) for one in cls.__mro__)


def is_method_of(function: Any, cls: type) -> bool:
    """Whether this is a function of the body of the class or of one of its bases that wants `self`."""
    if not isinstance(function, types.FunctionType) or class_of(function) not in classes_of(cls):
        return False
    held = (vars(one).get(function.__name__) for one in cls.__mro__)
    return not any(
        isinstance(one, staticmethod | classmethod) and same_function(one.__func__, function) for one in held
    )


def same_function(one: Any, other: types.FunctionType) -> bool:
    """Whether this is the function, or its copy: an app is shipped with copies of what base classes hold."""
    return isinstance(one, types.FunctionType) and one.__code__ == other.__code__


def is_method_elsewhere(function: Any, cls: type) -> bool:
    """Whether this is a method of a class that `cls` has nothing to do with."""
    if not isinstance(function, types.FunctionType) or class_of(function) in {None, *classes_of(cls)}:
        return False
    return next(iter(inspect.signature(function).parameters), None) == "self"


def routers_below(app: Any) -> Iterator[tuple[str, Any]]:
    """Path prefix and router of an app: its own, and those that are included or mounted."""
    found = kind_of(app)
    if found is None:
        return
    router = app.router if found[0] == "app" else app
    yield "", router
    for route in router.routes:
        for prefix, inner in _inner(route):
            yield from ((prefix + path, one) for path, one in routers_below(inner))


def _inner(route: Any) -> list[tuple[str, Any]]:
    found = kind_of(route)
    if found is None:
        return []
    if found[0] == "inclusion":
        return [(route.include_context.prefix, route.original_router)]
    below = vars(route).get("_base_app")
    return [(route.path, below)] if kind_of(below) is not None else []


def drop_earlier(app: Any, cls: type) -> None:
    """Take away what earlier runs of the cells left on the app: the class's routes, functions', inclusions, mounts.

    The new routes go where the old ones were, since the first match wins.
    """
    owners = classes_of(cls)
    own = {id(function_of(value)) for one in cls.__mro__ for value in vars(one).values() if callable(value)}
    placed = [(prefix, router, route) for prefix, router in routers_below(app) for route in router.routes]
    last = {_definition(route, prefix): id(route) for prefix, _, route in placed}
    for prefix, router in list(routers_below(app)):
        gone = [
            route
            for route in router.routes
            if _is_of_earlier_class(route, cls, owners, own)
            or last.get(_definition(route, prefix), id(route)) != id(route)
        ]
        if gone:
            _replace(router, gone, owners)
    for _, _, route in placed:
        function = function_of(getattr(route, "endpoint", None))
        if function is not None and class_of(function) in owners:
            _decorated.add(function)


def _is_of_earlier_class(route: Any, cls: type, owners: frozenset[tuple[str, str]], own: set[int]) -> bool:
    function = function_of(getattr(route, "endpoint", None))
    if function is None or class_of(function) not in owners or id(function) in own:
        return False
    return function in _decorated or _was_replaced(function, cls)


def _was_replaced(function: types.FunctionType, cls: type) -> bool:
    """Whether the class has this method from another file: the cell that had it first failed before the decorator."""
    present = (function_of(vars(one).get(function.__name__)) for one in cls.__mro__)
    same = [
        one.__code__.co_filename for one in present if one is not None and one.__qualname__ == function.__qualname__
    ]
    return bool(same) and function.__code__.co_filename not in same


def _definition(route: Any, prefix: str) -> tuple[Any, ...]:
    """What a definition that is run again has in common with its earlier self."""
    if "_base_app" in vars(route):
        return type(route).__name__, prefix + route.path  # A mount at the same path is a new one of the same.
    for inner_prefix, inner in _inner(route):
        return type(route).__name__, prefix + inner_prefix, id(inner)
    function = function_of(getattr(route, "endpoint", None))
    if function is None:
        return ("other", id(route))
    methods = tuple(sorted(getattr(route, "methods", None) or ()))
    return type(route).__name__, prefix + route.path, methods, function.__module__, function.__qualname__


def _replace(router: Any, earlier: list[Any], owners: frozenset[tuple[str, str]]) -> None:
    routes: list[Any] = router.routes
    gone = {id(route) for route in earlier}
    names = {_name(route) for route in earlier}
    start = next(index for index, route in enumerate(routes) if id(route) in gone)
    kept = [route for route in routes if id(route) not in gone]
    moved = [
        route
        for route in routes[start:]
        if id(route) not in gone and (_name(route) in names or class_of(getattr(route, "endpoint", None)) in owners)
    ]
    others = {id(route) for route in moved}
    stay = [route for route in kept if id(route) not in others]
    routes[:] = [*stay[:start], *moved, *stay[start:]]
    mark_changed = getattr(router, "_mark_routes_changed", None)
    if mark_changed is not None:
        mark_changed()  # FastAPI's caches of what a router includes


def _name(route: Any) -> tuple[str, str] | None:
    function = function_of(getattr(route, "endpoint", None))
    return (function.__module__, function.__qualname__) if function is not None else None
