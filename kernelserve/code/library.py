"""What the code of imported base classes may call of a class that derives from them."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterable

from kernelserve.code.byvalue import is_by_value
from kernelserve.code.flow import Value, flow_of, looked_up
from kernelserve.code.percode import per_code
from kernelserve.code.refs import nested
from kernelserve.code.wrapped import functions_in

# Bases whose constructors call nothing of the subclass.
_QUIET_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})
_CONSTRUCTORS = frozenset({"__init__", "__new__"})


def imported_bases(cls: type) -> list[type]:
    """The classes of the method resolution order that are imported and may call something."""
    bases = [one for one in cls.__mro__ if not is_by_value(one)]
    return [one for one in bases if f"{one.__module__}.{one.__qualname__}" not in _QUIET_BASES]


def reached_through(bases: Iterable[type], names: Iterable[str]) -> frozenset[str]:
    """What the bases' own methods called `names` use of `self`, or call on anything; and what these reach in turn.

    A method in C, or one that looks attributes up dynamically, may call whatever its class defines.

    Example:
        >>> import threading
        >>> "run" in reached_through([threading.Thread], ["__init__"])
        False
        >>> "run" in reached_through([threading.Thread], ["start"])
        True
    """
    bases = tuple(bases)
    found: set[str] = set()
    pending = set(names)
    while pending:
        reached = frozenset[str]().union(*(_used_by(base, name) for base in bases for name in pending))
        pending = set(reached) - found
        found |= reached
    return frozenset(found)


@functools.lru_cache(maxsize=4096)
def _used_by(base: type, name: str) -> frozenset[str]:
    """Names that the entry `name` of the class's own namespace may use."""
    value = vars(base).get(name)
    if value is None:
        return frozenset()
    functions = list(functions_in(value))
    if any(_calls_by_name(one.__code__) for one in functions) or (not functions and _runs(name, value)):
        return _defined_by(base)
    return frozenset().union(*(_used_in(one.__code__) for one in functions))


@per_code
def _used_in(code: types.CodeType) -> frozenset[str]:
    own = {code.co_varnames[0]} if code.co_varnames else set()
    names: set[str] = set()
    for one in nested(code):
        flow = flow_of(one)
        names.update(value.name for value in flow.attributes if _is_own(value.parts[0], own))
        names.update(call.parts[0].name for call in flow.calls if call.parts[0].kind == "attr")
        names.update(name for call in flow.calls if (name := looked_up(call)))
    return frozenset(names)


@per_code
def _calls_by_name(code: types.CodeType) -> bool:
    """Whether it calls what ``getattr(x, name)`` found, for a name that the code does not spell out."""
    for one in nested(code):
        flow = flow_of(one)
        found = {target.name for target, value in flow.stores if _is_lookup(value)}
        for call in flow.calls:
            if call.parts[0].name in {"eval", "exec"} and call.parts[0].kind == "global":
                return True
            if _is_lookup(call.parts[0]) or (call.parts[0].kind == "local" and call.parts[0].name in found):
                return True
    return False


def _is_lookup(value: Value) -> bool:
    return value.kind == "call" and value.parts[0].name == "getattr" and not looked_up(value)


def _is_own(value: Value, own: set[str]) -> bool:
    return (value.kind == "local" and value.name in own) or (value.kind == "call" and value.parts[0].name == "super")


def _runs(name: str, value: object) -> bool:
    """Whether an entry that has no code to read is a method at all. Of special ones, only constructors count."""
    special = name.startswith("__") and name.endswith("__")
    kinds = (types.WrapperDescriptorType, types.MethodDescriptorType, types.BuiltinFunctionType, staticmethod)
    return isinstance(value, kinds) and (name in _CONSTRUCTORS or not special)


def _defined_by(base: type) -> frozenset[str]:
    return frozenset(dir(base)) - frozenset(dir(object))
