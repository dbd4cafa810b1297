"""Where objects and classes of the user get to in the code that builds a deployment's state.

A helper class is patched by giving its objects the new class. That is right only if the constructor's code has
not kept the old class or function itself somewhere, nor handed an object to code that cannot be read. Names
stand for what they may hold, in all code alike: so the answer is at worst too cautious.
"""

from __future__ import annotations

import builtins
import functools
import types
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kernelserve.code.byvalue import is_by_value, is_class, is_function
from kernelserve.code.flow import Value, flow_of
from kernelserve.code.refs import nested, refs_of
from kernelserve.code.wrapped import functions_in

Classes = frozenset[type]
NONE: Classes = frozenset()

_LOOKS_ONLY = frozenset({"isinstance", "issubclass", "type", "id", "getattr", "hasattr", "setattr", "delattr", "super"})
_CALLS_ITS_ARGUMENT = frozenset({"map", "filter", "iter", "sorted", "min", "max"})
_CONTAINERS: tuple[type, ...] = (list, dict, set, frozenset, tuple, deque)
_CONTAINER_METHODS = frozenset(name for one in _CONTAINERS for name in dir(one) if not name.startswith("_"))
_CONTAINER_MODULES = frozenset({"collections", "torch.nn.modules.container"})
"""Imported classes from here hold what they get and call nothing; the walk of a state looks into them."""


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """One function that builds state.

    Attributes:
        first: classes that its first parameter may be an instance of: for methods.
        label: its name for people.
    """

    function: types.FunctionType
    label: str
    first: Classes = NONE


@dataclass(slots=True)
class Uses:
    """The result of the analysis.

    Attributes:
        called: classes whose instances may be called.
        operated: classes whose instances operators and the like may work on.
        kept: classes and functions that are kept as such, not only called.
        handed: class → what an instance of it is handed to that is not followed.
    """

    called: set[type] = field(default_factory=set)
    operated: set[type] = field(default_factory=set)
    kept: dict[int, Any] = field(default_factory=dict)
    handed: dict[type, str] = field(default_factory=dict)


def uses_of(codes: Iterable[Code], classes: Iterable[type], members: Iterable[tuple[str, Any]]) -> Uses:
    """Follow instances of `classes` through `codes`.

    Args:
        members: (name, value) of all entries of the namespaces of the classes.
    """
    return _Analysis(list(codes), frozenset(classes), list(members)).run()


class _Analysis:
    def __init__(self, codes: list[Code], classes: Classes, members: list[tuple[str, Any]]) -> None:
        self._codes = codes
        self._classes = classes
        self._uses = Uses()
        self._held: dict[tuple[int, str], set[type]] = {}
        self._returned: dict[tuple[int, str], set[type]] = {}
        self._grown = True
        self._methods: dict[str, list[types.FunctionType]] = {}
        self._bound: set[str] = set()
        self._named: dict[str, Any] = {}
        for name, value in members:
            functions = list(functions_in(value))
            if functions:
                self._methods.setdefault(name, []).extend(functions)
                if not isinstance(value, property | functools.cached_property):
                    self._bound.add(name)
            elif is_class(value):
                self._named[name] = value
            else:
                self._note((0, name), self._in_value(value))

    def run(self) -> Uses:
        while self._grown:
            self._grown = False
            for code in self._codes:
                _Function(self, code).run()
        return self._uses

    # --- what names hold ------------------------------------------------------------------------

    def _note(self, key: tuple[int, str], classes: Iterable[type]) -> None:
        self._add(self._held, key, classes)

    def _add(self, table: dict[tuple[int, str], set[type]], key: tuple[int, str], classes: Iterable[type]) -> None:
        known = table.setdefault(key, set())
        before = len(known)
        known.update(classes)
        self._grown |= len(known) > before

    def _in_value(self, value: Any) -> Classes:
        """Classes of the objects that a live value is or holds, as far as is plain to see."""
        if isinstance(value, dict | list | tuple | set | frozenset):
            items = value.values() if isinstance(value, dict) else value
            return frozenset(type(item) for item in items) & self._classes
        return frozenset({type(value)}) & self._classes


class _Function:
    """The pass over one function with the code nested in it."""

    def __init__(self, analysis: _Analysis, code: Code) -> None:
        self._all = analysis
        self._code = code
        self._function = code.function
        self._root = id(code.function)
        self._uses = analysis._uses

    def run(self) -> None:
        code = self._function.__code__
        if code.co_varnames and self._code.first:
            self._all._note((self._root, code.co_varnames[0]), self._code.first)
        for name, value in self._outside():
            self._all._note((self._root, name), self._all._in_value(value))
        for one in nested(code):
            flow = flow_of(one)
            for target, value in flow.stores:
                self._kept(value)
                self._store(target, self._classes_of(value))
            for call in flow.calls:
                self._call(call)
            for value in flow.operands:
                self._kept(value)
                self._uses.operated |= self._classes_of(value)
            for value in flow.placed:
                self._kept(value)
            for value in flow.returns:
                self._kept(value)
                for key in ((self._root, ""), (0, self._function.__name__)):
                    self._all._add(self._all._returned, key, self._classes_of(value))

    def _outside(self) -> Iterable[tuple[str, Any]]:
        """Names with live values: closure variables and defaults."""
        function, code = self._function, self._function.__code__
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            yield name, _content(cell)
        defaults = function.__defaults__ or ()
        names = code.co_varnames[: code.co_argcount][code.co_argcount - len(defaults) :]
        yield from zip(names, defaults, strict=True)
        yield from (function.__kwdefaults__ or {}).items()

    # --- values ---------------------------------------------------------------------------------

    def _resolve(self, value: Value) -> Any:
        """The live class, function or module that a value is, if its code says so."""
        if value.kind == "global":
            found = self._function.__globals__.get(value.name)
            return found if found is not None else getattr(builtins, value.name, None)
        if value.kind == "local":
            free = dict(zip(self._function.__code__.co_freevars, self._function.__closure__ or (), strict=True))
            return _content(free[value.name]) if value.name in free else None
        if value.kind == "attr":
            above = self._resolve(value.parts[0])
            if isinstance(above, types.ModuleType):
                return vars(above).get(value.name)
            return self._all._named.get(value.name)
        return None

    def _classes_of(self, value: Value) -> Classes:
        """Classes whose instances the value may be, or hold."""
        if value.kind == "attr":
            return frozenset(self._all._held.get((0, value.name), ()))
        if value.kind in ("local", "global"):
            found = frozenset(self._all._held.get((self._root if value.kind == "local" else 0, value.name), ()))
            return found | self._all._in_value(self._resolve(value)) if value.kind == "global" else found
        if value.kind == "call":
            return self._result(value)
        inside = frozenset[type]().union(*(self._classes_of(one) for one in value.parts))
        if value.kind == "made" and isinstance(value.const, types.CodeType):
            returned = (self._classes_of(one) for one in flow_of(value.const).returns)
            inside = inside.union(*returned)
        return inside

    def _result(self, call: Value) -> Classes:
        callee, *arguments = call.parts
        target = self._resolve(callee)
        if is_class(target) and target in self._all._classes:
            return frozenset({target})
        if is_function(target) and is_by_value(target):
            roots = (self._all._returned.get((id(one), ""), ()) for one in functions_in(target))
            return frozenset[type]().union(*roots)
        if callee.kind == "attr" and callee.name in self._all._methods:
            return frozenset(self._all._returned.get((0, callee.name), ())) | self._classes_of(callee)
        if callee.kind == "global" and target is not None and callee.name in _LOOKS_ONLY - {"getattr", "super", "type"}:
            return NONE
        above = callee.parts if callee.kind == "attr" else (callee,)
        return frozenset[type]().union(*(self._classes_of(one) for one in (*above, *arguments)))

    # --- events ---------------------------------------------------------------------------------

    def _store(self, target: Value, classes: Classes) -> None:
        """What is put into a name or into a container that it names."""
        if target.kind in ("local", "global", "attr"):
            self._all._note((self._root if target.kind == "local" else 0, target.name), classes)
        for part in target.parts if target.kind == "other" else ():
            self._store(part, classes)

    def _kept(self, value: Value) -> None:
        """Note classes and functions that go anywhere but into a call of them."""
        for one in value.parts if value.kind == "other" else (value,):
            target = self._resolve(one)
            if (is_class(target) or is_function(target)) and is_by_value(target):
                self._uses.kept[id(target)] = target
            if one.kind == "attr" and one.name in self._all._bound:
                for function in self._all._methods[one.name]:
                    self._uses.kept[id(function)] = function
            if one.kind == "made" and isinstance(one.const, types.CodeType):
                self._kept_names(one.const)

    def _kept_names(self, code: types.CodeType) -> None:
        """A nested function that is kept keeps what it names."""
        for name in refs_of(code).globals | frozenset(code.co_freevars):
            for kind in ("global", "local"):
                self._kept(Value(kind, name))

    def _call(self, call: Value) -> None:
        callee, *arguments = call.parts
        target = self._resolve(callee)
        looks_only = callee.kind == "global" and callee.name in _LOOKS_ONLY
        classes = frozenset[type]().union(*(self._classes_of(one) for one in arguments))
        if not looks_only:
            for one in arguments:
                self._kept(one)
        called = self._classes_of(callee) if callee.kind != "made" else NONE
        self._uses.called |= called
        self._enter((function for one in called for function in self._methods_of(one, "__call__")), classes)
        if looks_only or not classes:
            return
        if callee.kind == "made":
            self._all._note((self._root, ".0"), classes)
        elif (is_class(target) or is_function(target)) and is_by_value(target):
            self._enter(_entries(target), classes)
        elif callee.kind == "attr" and target is None:
            self._method_call(callee, classes, bool(called))
        elif is_class(target) or callable(target):
            self._imported_call(callee, target, classes)
        elif not called:
            self._hand(classes, callee)

    def _method_call(self, callee: Value, classes: Classes, is_instance: bool) -> None:
        receiver = callee.parts[0]
        if callee.name in self._all._methods:
            self._enter(self._all._methods[callee.name], classes)
        elif is_instance or self._classes_of(receiver) or _is_super(receiver) or is_class(self._resolve(receiver)):
            pass  # A method of a base: followed by its name.
        elif callee.name in _CONTAINER_METHODS:
            self._store(receiver, classes)
            self._uses.operated |= classes
        else:
            self._hand(classes, callee)

    def _imported_call(self, callee: Value, target: Any, classes: Classes) -> None:
        if is_class(target):
            held = issubclass(target, (*_CONTAINERS, BaseException, functools.partial, str, int, float, bool))
            known = held or target.__module__ in _CONTAINER_MODULES or target in (enumerate, zip, reversed, property)
            if target in (map, filter):
                self._uses.called |= classes
            elif not known:
                return self._hand(classes, callee)
        elif getattr(target, "__module__", "") != "builtins":
            return self._hand(classes, callee)
        elif callee.name in _CALLS_ITS_ARGUMENT:
            self._uses.called |= classes
        self._uses.operated |= classes

    def _hand(self, classes: Classes, callee: Value) -> None:
        for one in classes:
            name = f"{callee.name}()" if callee.name else "a function"
            self._uses.handed.setdefault(one, f"{self._code.label} hands a {one.__name__} to {name}")

    def _enter(self, functions: Iterable[types.FunctionType], classes: Classes) -> None:
        """The parameters of a function of the user get these."""
        for function in functions:
            code = function.__code__
            count = code.co_argcount + code.co_kwonlyargcount + (code.co_flags & 0x0C).bit_count()
            for name in code.co_varnames[:count]:
                self._all._note((id(function), name), classes)

    def _methods_of(self, cls: type, name: str) -> Iterable[types.FunctionType]:
        return self._all._methods.get(name, ()) if hasattr(cls, name) else ()


def _entries(target: Any) -> list[types.FunctionType]:
    """The functions that a call of a class or function of the user runs with its arguments."""
    if not is_class(target):
        return list(functions_in(target))
    values = [vars(one).get(name) for one in target.__mro__ if is_by_value(one) for name in ("__init__", "__new__")]
    return [function for value in values for function in functions_in(value)]


def _is_super(value: Value) -> bool:
    return value.kind == "call" and value.parts[0].name == "super"


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None
