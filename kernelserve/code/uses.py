"""Where objects and classes of the user get to in the code that builds a deployment's state.

A helper class is patched by giving its objects the new class. That is right only if the constructor's code has
not kept the old class or function itself somewhere, nor handed an object to code that cannot be read. Names
stand for what they may hold, in all code alike: so the answer is at worst too cautious.
"""

from __future__ import annotations

import builtins
import functools
import types
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kernelserve.code.byvalue import is_by_value, is_class, is_function
from kernelserve.code.flow import Value, flow_of
from kernelserve.code.members import Member
from kernelserve.code.refs import nested, refs_of
from kernelserve.code.wrapped import functions_in

Classes = frozenset[type]
NONE: Classes = frozenset()

_LOOKS_ONLY = frozenset({"isinstance", "issubclass", "type", "id", "getattr", "hasattr", "setattr", "delattr", "super"})
_TELLS_NOTHING = _LOOKS_ONLY - {"getattr", "super", "type"}
_CALLS_ITS_ARGUMENT = frozenset({"map", "filter", "iter", "sorted", "min", "max"})
_CONTAINERS: tuple[type, ...] = (list, dict, set, frozenset, tuple, deque)
_CONTAINER_METHODS = frozenset(name for one in _CONTAINERS for name in dir(one) if not name.startswith("_"))
_LOOKED_AT = (enumerate, zip, reversed, property, weakref.finalize)
_HOLDERS = (*_CONTAINERS, functools.partial, types.SimpleNamespace, weakref.ref)
_HOLDER_MODULES = frozenset({"torch.nn.modules.container"})
"""Imported classes like these hold what they get and call nothing, and the replica's walk of a state enters them."""


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


class Analysis:
    """Follows instances of classes through code; what is added later makes the result grow, never shrink.

    Attributes:
        uses: the result so far.
    """

    def __init__(self) -> None:
        self.uses = Uses()
        self.classes: set[type] = set()
        self.held: dict[tuple[int, str], set[type]] = {}
        """Key and name → classes that a name may hold; the key is that of a function for its locals, else 0."""
        self.returned: dict[tuple[int, str], set[type]] = {}
        self.methods: dict[str, list[types.FunctionType]] = {}
        self.named: dict[str, Any] = {}
        self.kept_names: set[str] = set()
        self._bound: set[str] = set()
        self._stored: dict[str, list[Any]] = {}
        self._values: list[tuple[tuple[int, str], Any]] = []
        self._functions: list[_Function] = []
        self._members: set[tuple[int, str]] = set()
        self._changed: set[int | str] = set()

    def add(self, codes: Iterable[Code], classes: Iterable[type], members: Iterable[Member]) -> None:
        """Look at more code, classes and members, and again at the rest where that matters."""
        before = (len(self.classes), len(self._members))
        self.classes.update(classes)
        for member in members:
            if member.key not in self._members:
                self._members.add(member.key)
                self._add_member(member)
        new = [_Function(self, code) for code in codes]
        self._functions += new
        for one in new:
            self._values += (((one.root, name), value) for name, value in _outside(one.function))
            defaults = (*(one.function.__defaults__ or ()), *(one.function.__kwdefaults__ or {}).values())
            self.uses.kept.update((id(code), code) for value in defaults for code in _code_in(value))
        for key, value in self._values:
            self.note(key, self.in_value(value))
        pending = self._functions if (len(self.classes), len(self._members)) > before else new
        while pending:
            self._changed.clear()
            for one in pending:
                one.run()
            pending = [one for one in self._functions if not one.reads.isdisjoint(self._changed)]
        read = set[int | str]().union(*(one.reads for one in self._functions))
        for name in self._stored.keys() & read:
            self.uses.kept.update((id(one), one) for one in self._stored[name])
        for name in self.kept_names & self._bound:
            self.uses.kept.update((id(function), function) for function in self.methods[name])

    def note(self, key: tuple[int, str], classes: Iterable[type]) -> None:
        """The name may hold these."""
        self.widen(self.held, key, classes)

    def widen(self, table: dict[tuple[int, str], set[type]], key: tuple[int, str], classes: Iterable[type]) -> None:
        """Add to one entry of a table."""
        if not classes:
            return
        known = table.setdefault(key, set())
        before = len(known)
        known.update(classes)
        if len(known) > before:
            self._changed.add(key[0] or key[1])

    def in_value(self, value: Any) -> Classes:
        """Classes of the objects that a live value is or holds, as far as is plain to see."""
        if isinstance(value, dict | list | tuple | set | frozenset):
            items = value.values() if isinstance(value, dict) else value
            return frozenset(type(item) for item in items) & self.classes
        return frozenset({type(value)}) & self.classes

    def _add_member(self, member: Member) -> None:
        functions = list(functions_in(member.value))
        if functions:
            self.methods.setdefault(member.name, []).extend(functions)
            if not isinstance(member.value, property | functools.cached_property):
                self._bound.add(member.name)
        elif is_class(member.value):
            self.named[member.name] = member.value
        else:
            self._values.append(((0, member.name), member.value))
            self._stored.setdefault(member.name, []).extend(_code_in(member.value))
            self.note((0, member.name), self.in_value(member.value))


class _Function:
    """One function with the code nested in it.

    Attributes:
        root: the key of its locals.
        reads: names, and roots of functions, that what it does depends on.
    """

    def __init__(self, analysis: Analysis, code: Code) -> None:
        self._all = analysis
        self._code = code
        self.function = code.function
        self.root = id(code.function)
        self._uses = analysis.uses
        self._flows = [flow_of(one) for one in nested(code.function.__code__)]
        self._resolved: dict[int, Any] = {}
        self._typed: list[Value] = []  # Objects whose class is kept.
        for flow in self._flows:
            for value in (*(one for _, one in flow.stores), *flow.operands, *flow.placed, *flow.returns):
                self._kept(value)
            for call in flow.calls:
                if not _looks_only(call):
                    for value in call.parts[1:]:
                        self._kept(value)
        self.reads: set[int | str] = {self.root, *self._reads()}

    def _reads(self) -> Iterator[int | str]:
        refs = refs_of(self.function.__code__)
        yield from refs.attributes | refs.globals
        for flow in self._flows:
            for call in flow.calls:
                target = self._resolve(call.parts[0])
                if is_function(target) and is_by_value(target):
                    yield from (id(one) for one in functions_in(target))

    def run(self) -> None:
        """One pass with what is known by now."""
        code = self.function.__code__
        if code.co_varnames:
            self._all.note((self.root, code.co_varnames[0]), self._code.first)
        for value in self._typed:
            self._uses.kept.update((id(cls), cls) for cls in self._classes_of(value))
        for flow in self._flows:
            for target, value in flow.stores:
                self._store(target, self._classes_of(value))
            for call in flow.calls:
                self._call(call)
            for value in flow.operands:
                self._uses.operated |= self._classes_of(value)
            for value in flow.returns:
                classes = self._classes_of(value)
                for key in ((self.root, ""), (0, self.function.__name__)):
                    self._all.widen(self._all.returned, key, classes)

    # --- values ---------------------------------------------------------------------------------

    def _resolve(self, value: Value) -> Any:
        """The live class, function or module that a value is, if its code says so."""
        if id(value) not in self._resolved:  # Values live as long as their flow.
            self._resolved[id(value)] = self._look_up(value)
        found = self._resolved[id(value)]
        return self._all.named.get(value.name) if found is None and value.kind == "attr" else found

    def _look_up(self, value: Value) -> Any:
        if value.kind == "global":
            found = self.function.__globals__.get(value.name)
            return found if found is not None else getattr(builtins, value.name, None)
        if value.kind == "local":
            free = dict(zip(self.function.__code__.co_freevars, self.function.__closure__ or (), strict=True))
            return _content(free[value.name]) if value.name in free else None
        if value.kind == "attr":
            above = self._resolve(value.parts[0])
            return vars(above).get(value.name) if isinstance(above, types.ModuleType) else None
        return None

    def _classes_of(self, value: Value) -> Classes:
        """Classes whose instances the value may be, or hold."""
        if value.kind == "attr":
            return frozenset(self._all.held.get((0, value.name), ()))
        if value.kind in ("local", "global"):
            found = frozenset(self._all.held.get((self.root if value.kind == "local" else 0, value.name), ()))
            return found | self._all.in_value(self._resolve(value)) if value.kind == "global" else found
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
        if is_class(target) and target in self._all.classes:
            return frozenset({target})
        if is_function(target) and is_by_value(target):
            roots = (self._all.returned.get((id(one), ""), ()) for one in functions_in(target))
            return frozenset[type]().union(*roots)
        if callee.kind == "attr" and callee.name in self._all.methods:
            return frozenset(self._all.returned.get((0, callee.name), ())) | self._classes_of(callee)
        if callee.kind == "global" and callee.name in _TELLS_NOTHING:
            return NONE
        above = callee.parts if callee.kind == "attr" else (callee,)
        return frozenset[type]().union(*(self._classes_of(one) for one in (*above, *arguments)))

    # --- events ---------------------------------------------------------------------------------

    def _store(self, target: Value, classes: Classes) -> None:
        """What is put into a name or into a container that it names."""
        if target.kind in ("local", "global", "attr"):
            self._all.note((self.root if target.kind == "local" else 0, target.name), classes)
        for part in target.parts if target.kind == "other" else ():
            self._store(part, classes)

    def _kept(self, value: Value) -> None:
        """Note classes and functions that go anywhere but into a call of them."""
        for one in value.parts if value.kind == "other" else (value,):
            self._keep(self._resolve(one))
            if one.kind == "attr":
                self._all.kept_names.add(one.name)
            if one.kind == "attr" and one.name == "__class__":
                self._typed.append(one.parts[0])
            if one.kind == "call" and one.parts[0].kind == "global" and one.parts[0].name == "type":
                self._typed += one.parts[1:]
            if one.kind == "made" and isinstance(one.const, types.CodeType):
                self._kept_names(one.const)

    def _keep(self, target: Any) -> None:
        if (is_class(target) or is_function(target)) and is_by_value(target):
            self._uses.kept[id(target)] = target

    def _kept_names(self, code: types.CodeType) -> None:
        """A nested function that is kept keeps what it names."""
        for name in refs_of(code).globals | frozenset(code.co_freevars):
            for kind in ("global", "local"):
                self._keep(self._look_up(Value(kind, name)))

    def _call(self, call: Value) -> None:
        callee, *arguments = call.parts
        target = self._resolve(callee)
        classes = frozenset[type]().union(*(self._classes_of(one) for one in arguments))
        called = self._classes_of(callee) if callee.kind != "made" else NONE
        self._uses.called |= called
        self._enter((function for one in called for function in self._methods_of(one, "__call__")), classes)
        if not classes or _looks_only(call):
            return
        if callee.kind == "made":
            self._all.note((self.root, ".0"), classes)
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
        if callee.name in self._all.methods:
            self._enter(self._all.methods[callee.name], classes)
        elif is_instance or self._classes_of(receiver) or _is_super(receiver) or is_class(self._resolve(receiver)):
            pass  # A method of a base: followed by its name.
        elif callee.name in _CONTAINER_METHODS:
            self._store(receiver, classes)
            self._uses.operated |= classes
        else:
            self._hand(classes, callee)

    def _imported_call(self, callee: Value, target: Any, classes: Classes) -> None:
        if is_class(target):
            held = issubclass(target, _HOLDERS) or target.__module__ in _HOLDER_MODULES
            known = held or issubclass(target, (BaseException, str, int, float)) or target in _LOOKED_AT
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
                self._all.note((id(function), name), classes)

    def _methods_of(self, cls: type, name: str) -> Iterable[types.FunctionType]:
        return self._all.methods.get(name, ()) if hasattr(cls, name) else ()


def _entries(target: Any) -> list[types.FunctionType]:
    """The functions that a call of a class or function of the user runs with its arguments."""
    if not is_class(target):
        return list(functions_in(target))
    values = [vars(one).get(name) for one in target.__mro__ if is_by_value(one) for name in ("__init__", "__new__")]
    return [function for value in values for function in functions_in(value)]


def _outside(function: types.FunctionType) -> list[tuple[str, Any]]:
    """Names that hold live values: closure variables and defaults."""
    code, defaults = function.__code__, function.__defaults__ or ()
    cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
    names = code.co_varnames[: code.co_argcount][code.co_argcount - len(defaults) :]
    found = [(name, _content(cell)) for name, cell in cells]
    return [*found, *zip(names, defaults, strict=True), *(function.__kwdefaults__ or {}).items()]


def _code_in(value: Any) -> list[Any]:
    """Classes and functions of the user that a live value is, or holds as a plain container."""
    items = [value]
    if isinstance(value, dict | list | tuple | set | frozenset):
        items = list(value.values() if isinstance(value, dict) else value)
    return [one for one in items if (is_class(one) or is_function(one)) and is_by_value(one)]


def _looks_only(call: Value) -> bool:
    return call.parts[0].kind == "global" and call.parts[0].name in _LOOKS_ONLY


def _is_super(value: Value) -> bool:
    return value.kind == "call" and value.parts[0].name == "super"


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None
