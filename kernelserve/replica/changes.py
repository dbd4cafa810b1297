"""What a new revision has another version of: classes, functions, and globals that code rebinds."""

from __future__ import annotations

import functools
import opcode
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kernelserve.bound import Bound, Decorated
from kernelserve.code.byvalue import is_class, is_function, is_lru_cache
from kernelserve.code.refs import nested, refs_of
from kernelserve.replica.class_state import ClassState
from kernelserve.replica.sameness import changed_code, changed_members, functions_of, members

_CODE = (type, types.FunctionType, types.MethodType, Bound, Decorated)
_STORE_GLOBAL = opcode.opmap["STORE_GLOBAL"]


class Changes:
    """The code units that a revision replaces.

    Args:
        gone: unit id → object of the units that are loaded here and that the new revision has not.
        come: unit id → object of the units that only the new revision has.
        parts: names of the fingerprint's parts that differ (``global K``).
        alike: names of those that do not.

    Attributes:
        classes: old class → new one, matched by the name of its unit, or the reason why there is none.
    """

    def __init__(
        self, gone: Mapping[str, Any], come: Mapping[str, Any], parts: Iterable[str] = (), alike: Iterable[str] = ()
    ) -> None:
        self.classes = _match(gone, come)
        self._decorated = _pairs(gone, come)
        self._gone = list(gone.values())
        self._come = list(come.values())
        self._parts = frozenset(parts)
        matched = {old: new for old, new in self.classes.items() if not isinstance(new, str)}
        self.class_state = ClassState(matched, self._parts, frozenset(alike))

    @functools.cached_property
    def functions(self) -> frozenset[Any]:
        """Functions, decorated functions and caches of them that have another version, or none."""
        changed = {one for one in self._gone if is_function(one) or isinstance(one, Decorated)}
        for old, new in self.classes.items():
            if not isinstance(new, str):
                changed |= changed_members(old, new)
        return frozenset(changed)

    @functools.cached_property
    def code(self) -> frozenset[types.CodeType]:
        """Code of functions that changed functions have made, and that the new ones do not make."""
        old = [function for one in self.functions for function in functions_of(one)]
        return frozenset(changed_code(old, _all_functions(self._come)))

    def concern(self, cls: type) -> bool:
        """Whether objects of a type may be of an old version: they are code, or instances of a class that changed."""
        return cls in self.classes or issubclass(cls, _CODE) or cls.__name__ == "_lru_cache_wrapper"

    def reason_of(self, value: Any) -> str:
        """Why a class, function or bound method that a state holds is not what the new code has there, or ""."""
        if issubclass(type(value), type):
            return f"is the class {value.__qualname__}, which changed" if value in self.classes else ""
        function = _code_of(value)
        if function is None:
            return ""
        if function in self.functions:
            return f"is {value.__qualname__}, which changed"
        if isinstance(function, types.FunctionType):
            if function.__code__ in self.code:
                return f"was made by {function.__qualname__.partition('.<locals>')[0]}, which changed"
            used = self._changed_global(function)
            if used:
                return f"uses {used}, which changed"
        return ""

    def _changed_global(self, function: types.FunctionType) -> str:
        """A global of a function that is not a unit itself, and so still sees the old version."""
        for name in refs_of(function.__code__).globals:
            value = function.__globals__.get(name)
            if any(value is one for one in self._gone) or _part(function, name) in self._parts:
                return name
        return ""

    def carry_over(self) -> None:
        """Give the new code what code has made of globals and class attributes, and decorated functions their state."""
        self.class_state.carry_over()
        for rebound in self.rebound:
            rebound.carry_over()
        for old, new in self._decorated:
            new.adopt(old)

    @functools.cached_property
    def rebound(self) -> list[Rebound]:
        """The globals that old code rebinds, and where the new code looks for them."""
        found: dict[tuple[int, str], Rebound] = {}
        for function in _all_functions(self._gone):
            for name in _stores(function):
                if _part(function, name) not in self._parts:
                    key = (id(function.__globals__), name)
                    one = found.setdefault(key, Rebound(name, function.__globals__))
                    one.always |= function.__name__ != "__init__"
        for function in _all_functions(self._come) if found else ():
            for one in found.values():
                same_module = one.old.get("__name__") == function.__globals__.get("__name__")
                if same_module and one.name in function.__globals__:
                    one.new[id(function.__globals__)] = function.__globals__
        return [one for one in found.values() if one.new]


class Rebound:
    """A global that code rebinds: its value at run time is state, which the new code's globals take over.

    Attributes:
        always: code beside constructors rebinds it, so that its value may change at any time.
    """

    def __init__(self, name: str, old: dict[str, Any]) -> None:
        self.name = name
        self.old = old
        self.new: dict[int, dict[str, Any]] = {}
        self.always = False

    def carry_over(self) -> None:
        """Give the new code the present value."""
        for namespace in self.new.values():
            if self.name in self.old:
                namespace[self.name] = self.old[self.name]
            else:
                namespace.pop(self.name, None)


def _match(gone: Mapping[str, Any], come: Mapping[str, Any]) -> dict[type, type | str]:
    old, new = _by_name(gone, type), _by_name(come, type)
    matched: dict[type, type | str] = {}
    for name, classes in old.items():
        others = new.get(name, [])
        for cls in classes:
            if len(classes) == len(others) == 1:
                matched[cls] = others[0]
            else:
                matched[cls] = "was removed" if not others else "is there more than once"
    return matched


def _pairs(gone: Mapping[str, Any], come: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Decorated functions of the notebook's with their new versions."""
    old, new = _by_name(gone, Decorated), _by_name(come, Decorated)
    both = ((found, new.get(name, [])) for name, found in old.items())
    return [(one[0], two[0]) for one, two in both if len(one) == len(two) == 1 and one[0].kind == two[0].kind]


def _by_name(units: Mapping[str, Any], kind: type) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for uid, value in units.items():
        if issubclass(type(value), kind):
            found.setdefault(uid.rpartition(":")[0], []).append(value)
    return found


def _code_of(value: Any) -> Any:
    """The function behind a function, cache of one, bound or decorated method; else None."""
    kind = type(value)
    if issubclass(kind, Bound):
        return value._decorated
    if issubclass(kind, types.MethodType):
        return _code_of(value.__func__)
    return value if issubclass(kind, types.FunctionType | Decorated) or is_lru_cache(value) else None


def _part(function: types.FunctionType, name: str) -> str:
    """What the fingerprint calls a global of the function's module."""
    module = function.__globals__.get("__name__")
    return f"global {name}" if module == "__main__" else f"global {module}.{name}"


def _all_functions(values: Iterable[Any]) -> Iterator[types.FunctionType]:
    for value in values:
        if is_class(value):
            for _, member in members(value):
                yield from functions_of(member)
        else:
            yield from functions_of(value)


def _stores(function: types.FunctionType) -> frozenset[str]:
    """Names that the function binds globally. Most bind none, which the bytes tell soonest."""
    if not any(_STORE_GLOBAL in code.co_code[::2] for code in nested(function.__code__)):
        return frozenset()
    return refs_of(function.__code__).stores
