"""Finds which attribute of an object cannot be sent, after sending it has failed."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

from kernelserve.code.byvalue import is_by_value, is_class
from kernelserve.code.members import INGRESS_ATTRIBUTE
from kernelserve.code.pickling import dump
from kernelserve.code.refs import annotation_names, refs_of
from kernelserve.code.walk import class_items
from kernelserve.code.webapps import recipe_of
from kernelserve.code.wrapped import functions_in
from kernelserve.exceptions import ShipError

# "a threading.Thread" says more than the lock deep inside it.
_OPAQUE_MODULES = frozenset(sys.stdlib_module_names) - {"builtins", "collections", "functools", "types"}

_APP_STEP = "@ingress app"


def ship_error(obj: Any, label: str, cause: Exception) -> ShipError:
    """The error for an object that cannot be pickled, with the path to the part that cannot.

    Args:
        label: what the object is for the user, such as ``Search.__init__ argument index:``.
    """
    path, culprit = locate(obj, label)
    kind = type(culprit)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = f"{kind.__module__}.{name}"
    if _APP_STEP in path:
        advice = (
            "Create it in the app's lifespan, or pass @serve.ingress a function that makes the app and returns it: "
            "both run in each replica."
        )
    else:
        advice = (
            "Create it in __init__ of the deployment, so that each replica has its own, or pass what it is made from."
        )
    return ShipError(f"{path} is a {name}, which cannot leave this process ({cause}). {advice}")


def locate(obj: Any, label: str) -> tuple[str, Any]:
    """The path to the innermost part that does not pickle, and that part."""
    try:
        return _locate(obj, label, {id(obj)}) or (label, obj)
    except Exception:  # the boundary to user code: attributes may raise, threads change dicts meanwhile
        return label, obj


def _locate(obj: Any, path: str, seen: set[int]) -> tuple[str, Any] | None:
    """None: the object only fails because of one that the search has met already."""
    bad = [(step, one) for step, one in _children(obj) if not ships(one)]
    for step, one in bad:
        if id(one) not in seen:
            seen.add(id(one))
            found = _locate(one, _join(path, step), seen)
            if found is not None:
                return found
    return None if bad else (path, obj)


def _join(path: str, step: str) -> str:
    return path + step if step.startswith((".", "[")) and not path.endswith(":") else f"{path} {step}".rstrip()


def ships(obj: Any) -> bool:
    """Whether the object can be sent."""
    try:
        dump(obj)
    except Exception:  # the boundary to user code: any __reduce__ may run here
        return False
    return True


def _children(obj: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(obj, dict):
        yield from ((f"[{key!r}]", value) for key, value in obj.items())
    elif isinstance(obj, list | tuple | set | frozenset):
        yield from ((f"[{index}]", value) for index, value in enumerate(obj))
    elif isinstance(obj, types.FunctionType):
        yield from _function_children(obj) if is_by_value(obj) else ()
    elif is_class(obj):
        if is_by_value(obj):
            yield from (_member_child(name, value) for name, value in class_items(obj))
            yield from ((f"base {base.__qualname__}", base) for base in obj.__bases__)
    elif (recipe := recipe_of(obj)) is not None:
        parts = recipe.arguments["state"] if recipe.kind == "state" else {**recipe.arguments, **recipe.contents}
        yield from ((f".{name}", value) for name, value in parts.items())
    elif type(obj).__module__.partition(".")[0] not in _OPAQUE_MODULES:
        yield from ((f".{name}", value) for name, value in getattr(obj, "__dict__", {}).items())
        yield from _slots(obj)
        yield from (("", function) for function in functions_in(obj))
        yield f"class {type(obj).__qualname__}", type(obj)


def _member_child(name: str, value: Any) -> tuple[str, Any]:
    return (_APP_STEP, value.app) if name == INGRESS_ATTRIBUTE else (f".{name}", value)


def _slots(obj: Any) -> Iterator[tuple[str, Any]]:
    for cls in type(obj).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, types.MemberDescriptorType) and hasattr(obj, name):
                yield f".{name}", getattr(obj, name)


def _function_children(func: types.FunctionType) -> Iterator[tuple[str, Any]]:
    refs = refs_of(func.__code__)
    for name in sorted(refs.globals | refs.stores | annotation_names(func)):
        if name in func.__globals__:
            yield f"global {name}", func.__globals__[name]
    for name, cell in zip(func.__code__.co_freevars, func.__closure__ or (), strict=True):
        try:
            yield f"closure variable {name}", cell.cell_contents
        except ValueError:
            continue
    yield from ((f"default [{index}]", value) for index, value in enumerate(func.__defaults__ or ()))
    yield from ((f"default {name}", value) for name, value in (func.__kwdefaults__ or {}).items())
    yield from ((f".{name}", value) for name, value in func.__dict__.items())
