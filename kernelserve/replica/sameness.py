"""Is code of the old revision, found in a state, still the code of the new one?

Functions are made anew with every change of the unit that they lie in. Units that did not change are the same objects,
so the code of a function and the identity of what it refers to tell whether the new one would do the same.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterable, Iterator
from typing import Any

from kernelserve.bound import Decorated
from kernelserve.code.byvalue import is_by_value, is_lru_cache
from kernelserve.code.codehash import code_digest
from kernelserve.code.refs import nested, refs_of

MISSING = object()

_PLAIN = (str, bytes, int, float, complex, bool, type(None))


def same(old: Any, new: Any) -> bool:
    """Whether two members, functions or values do the same; in doubt they do not."""
    if old is new:
        return True
    if type(old) is not type(new):
        return False
    if isinstance(old, _PLAIN):
        return bool(old == new)
    if isinstance(old, tuple):
        return len(old) == len(new) and all(map(same, old, new))
    if isinstance(old, types.FunctionType):
        return _same_function(old, new)
    if isinstance(old, Decorated):
        return same(old.func, new.func) and old.parameters() == new.parameters()
    inner = _wrapped(old)
    return bool(inner) and all(map(same, inner, _wrapped(new)))


def _same_function(old: types.FunctionType, new: types.FunctionType) -> bool:
    if code_digest(old.__code__) != code_digest(new.__code__):
        return False
    refs = refs_of(old.__code__)
    if refs.stores:
        return False  # It would rebind the old one's globals, where the new code does not look.
    cells = [(_content(one), _content(two)) for one, two in zip(_cells(old), _cells(new), strict=True)]
    pairs = [(old.__globals__.get(name, MISSING), new.__globals__.get(name, MISSING)) for name in refs.globals]
    defaults = [(old.__defaults__, new.__defaults__), (_keywords(old), _keywords(new))]
    return all(same(one, two) for one, two in (*defaults, *cells, *pairs))


def _cells(function: types.FunctionType) -> tuple[types.CellType, ...]:
    return function.__closure__ or ()


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _keywords(function: types.FunctionType) -> tuple[Any, ...]:
    return tuple(sorted((function.__kwdefaults__ or {}).items()))


def _wrapped(member: Any) -> list[Any]:
    if isinstance(member, property):
        return [member.fget, member.fset, member.fdel]
    if isinstance(member, classmethod | staticmethod):
        return [member.__func__]
    if isinstance(member, functools.cached_property):
        return [member.func]
    if isinstance(member, functools.partialmethod):
        return [member.func, member.args, tuple(sorted(member.keywords.items()))]
    if is_lru_cache(member):
        return [member.__wrapped__]
    return []


def functions_of(member: Any) -> Iterator[types.FunctionType]:
    """The functions that make up a member of a class, or a function with what it wraps."""
    if isinstance(member, types.FunctionType):
        yield member
        member = member.__dict__.get("__wrapped__")
        if member is not None:
            yield from functions_of(member)
    elif isinstance(member, Decorated):
        yield from functions_of(member.func)
    else:
        for one in _wrapped(member):
            yield from functions_of(one)


def members(cls: type) -> Iterator[tuple[str, Any]]:
    """Names and values of what the classes that are shipped as code define."""
    for base in cls.__mro__:
        if is_by_value(base):
            yield from list(vars(base).items())


def changed_members(old: type, new: type) -> set[Any]:
    """Functions and decorated functions of `old` that `new` has not, or has another version of."""
    changed: set[Any] = set()
    for name, value in members(old):
        if same(value, inspect.getattr_static(new, name, MISSING)):
            continue
        changed.update(functions_of(value))
        if isinstance(value, Decorated) or is_lru_cache(value):
            changed.add(value)
    return changed


def changed_code(old: Iterable[types.FunctionType], new: Iterable[types.FunctionType]) -> set[types.CodeType]:
    """Code of functions that `old` ones make when they run, which `new` ones do not make."""
    still = {code_digest(code) for function in new for code in nested(function.__code__)}
    inner = (code for function in old for code in nested(function.__code__) if code is not function.__code__)
    return {code for code in inner if code_digest(code) not in still}


def same_attribute(old: type, new: type, name: str) -> bool:
    """Whether an attribute of the class, with all that its code may reach through attributes, is the same."""
    seen: set[str] = set()
    todo = [name]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        value = inspect.getattr_static(old, name, MISSING)
        if not same(value, inspect.getattr_static(new, name, MISSING)):
            return False
        for function in functions_of(value):
            todo += refs_of(function.__code__).attributes
    return True
