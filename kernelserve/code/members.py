"""The members of a class that is shipped by value, and which of them its constructor can reach."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kernelserve.code.byvalue import is_by_value, is_lru_cache
from kernelserve.code.refs import first_argument_escapes, refs_of
from kernelserve.code.walk import class_items

INIT_NAMES = frozenset(
    {"__init__", "__new__", "__post_init__", "__setattr__", "__delattr__", "__getattr__", "__getattribute__"}
    | {"__init_subclass__", "__set_name__", "__dataclass_fields__", "__dataclass_params__", "__slots__"}
)
"""Members that run, or count, whenever an instance is made."""

INGRESS_ATTRIBUTE = "__kernelserve_ingress__"
"""Where `kernelserve.ingress` puts what was declared of a class's app."""

# Bases whose constructors call nothing of the subclass.
_QUIET_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the namespace of one class of the method resolution order."""

    owner: type
    name: str
    value: Any

    @property
    def label(self) -> str:
        if self.name == INGRESS_ATTRIBUTE:
            return f"{self.owner.__name__}'s app"
        return f"{self.owner.__name__}.{self.name}"

    @property
    def function(self) -> types.FunctionType | None:
        """The function of a plain, static or class method."""
        value = self.value.__func__ if isinstance(self.value, classmethod | staticmethod) else self.value
        return value if isinstance(value, types.FunctionType) else None


def by_value_classes(cls: type) -> list[type]:
    """The classes of the method resolution order that are shipped as code."""
    return [one for one in cls.__mro__ if is_by_value(one)]


def members_of(cls: type) -> list[Member]:
    """All members, those of base classes too (`super()` reaches what is overridden)."""
    return [Member(owner, name, value) for owner in by_value_classes(cls) for name, value in class_items(owner)]


def library_hooks(cls: type) -> frozenset[str]:
    """Names that an imported base class defines: its constructor may call an override of them."""
    bases = [one for one in cls.__mro__ if not is_by_value(one)]
    names: set[str] = set()
    for base in bases:
        if f"{base.__module__}.{base.__qualname__}" not in _QUIET_BASES:
            names.update(dir(base))
    return frozenset(names - set(dir(object)))


def functions_in(value: Any) -> Iterator[types.FunctionType]:
    """The plain functions behind a member: itself, or wrapped by a descriptor, partial or decorator."""
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
    if isinstance(value, classmethod | staticmethod):
        return [value.__func__]
    if isinstance(value, functools.cached_property | functools.partial | functools.partialmethod):
        return [value.func]
    if is_lru_cache(value):
        return [value.__wrapped__]
    if isinstance(value, types.FunctionType):
        inner = [value.__dict__.get("__wrapped__")]
        return inner + [_content(cell) for cell in value.__closure__ or ()]
    return []


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def attribute_names(member: Member) -> set[str]:
    """Names that the code of a member uses after a dot."""
    return set().union(*(refs_of(one.__code__).attributes for one in functions_in(member.value)))


def doubt(member: Member) -> str:
    """Why what the member reaches cannot be told from its code, or ""."""
    for one in functions_in(member.value):
        if refs_of(one.__code__).dynamic:
            return f"{member.label} looks attributes up dynamically"
        if first_argument_escapes(one.__code__) and member.owner.__name__ in one.__qualname__:
            return f"{member.label} passes its first argument on"
    return ""
