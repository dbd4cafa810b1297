"""The members of classes that are shipped by value, and which of them count as parts of a constructor."""

from __future__ import annotations

import abc
import types
from dataclasses import dataclass
from typing import Any

from kernelserve.code.byvalue import is_by_value
from kernelserve.code.walk import class_items
from kernelserve.code.wrapped import functions_in

INIT_NAMES = frozenset(
    {"__init__", "__new__", "__post_init__", "__setattr__", "__delattr__", "__getattr__", "__getattribute__"}
    | {"__init_subclass__", "__set_name__", "__dataclass_fields__", "__dataclass_params__", "__slots__"}
    | {"__get__", "__set__", "__delete__"}
)
"""Members that run, or count, whenever an instance is made."""

INGRESS_ATTRIBUTE = "__kernelserve_ingress__"
"""Where `kernelserve.ingress` puts what was declared of a class's app."""

# Special methods that no operator calls. Instances are called knowingly, and end, or are patched, later.
_NO_OPERATORS = frozenset({"__call__", "__del__", "__reload__"})
_SOLID = (dict, list, set, frozenset, tuple, str, bytes, bytearray, int, float, complex)


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
    def key(self) -> tuple[int, str]:
        return id(self.owner), self.name

    @property
    def function(self) -> types.FunctionType | None:
        """The function of a plain, static or class method."""
        value = self.value.__func__ if isinstance(self.value, classmethod | staticmethod) else self.value
        return value if isinstance(value, types.FunctionType) else None

    @property
    def is_operator(self) -> bool:
        """Whether an operator, a statement or a builtin function may call it."""
        special = self.name.startswith("__") and self.name.endswith("__")
        return special and self.name not in _NO_OPERATORS and next(functions_in(self.value), None) is not None


def by_value_classes(cls: type) -> list[type]:
    """The classes of the method resolution order that are shipped as code."""
    return [one for one in cls.__mro__ if is_by_value(one)]


def members_of(cls: type) -> list[Member]:
    """All members, those of base classes too (`super()` reaches what is overridden)."""
    return [Member(owner, name, value) for owner in by_value_classes(cls) for name, value in class_items(owner)]


def can_change_class(cls: type) -> bool:
    """Whether objects of the class may be given another version of it: no slots, no metaclass, no builtin inside."""
    if type(cls) not in (type, abc.ABCMeta) or issubclass(cls, _SOLID):
        return False
    return not any("__slots__" in vars(one) for one in by_value_classes(cls))
