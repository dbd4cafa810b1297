"""The init half of a class's fingerprint: all that decides the state that its constructor builds.

It grows until it is closed: the constructor's code uses attribute names; members of that name, of the class itself
and of every helper class that the code reaches, belong to it, and their code uses more names. Of helper classes
the rest can be patched, so it is no part of this half; unless `uses` shows that it must be.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernelserve.code.byvalue import is_by_value, is_class, is_function
from kernelserve.code.half import Half
from kernelserve.code.library import imported_bases, reached_through
from kernelserve.code.members import INIT_NAMES, Member, by_value_classes, can_change_class, members_of
from kernelserve.code.reach import Entry, Reach
from kernelserve.code.refs import refs_of
from kernelserve.code.uses import Analysis, Code
from kernelserve.code.walk import Walker
from kernelserve.code.wrapped import functions_in

# Special methods of imported bases that no constructor calls by an operator.
_NO_OPERATORS = frozenset({"__call__", "__dir__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__"})


class InitHalf(Half):
    """Collects the init half.

    Args:
        target: the deployment's class, or None if it is a function or an object.
        names: of members that run when a replica starts, beside the constructor.

    Attributes:
        split: helper classes that are in it with only some of their members.
        doubts: why all of a class counts, one sentence each.
    """

    def __init__(self, reach: Reach, target: type | None, names: Iterable[str] = ()) -> None:
        self._target = target
        super().__init__(reach, [id(one) for one in by_value_classes(target)] if target is not None else ())
        self.split: dict[int, type] = {}
        self.doubts: list[str] = []
        self._start = INIT_NAMES | frozenset(names)
        self._analysis = Analysis()
        self._codes: list[Code] = []
        self._looked = 0
        self._added: set[tuple[int, str]] = set()
        self._called: set[type] = set()
        self._operated: set[type] = set()
        self._full: set[type] = set()
        self._whole: set[int] = set()
        self._is_whole = False

    # --- collecting -----------------------------------------------------------------------------

    def settle(self) -> None:
        """Add members and what they reach until nothing more belongs to this half."""
        while True:
            while self._add_members():
                pass
            if not self._look_at_uses():
                return

    def members(self) -> list[Member]:
        """All members of the target and the split classes."""
        found = {one.key: one for cls in self._classes() for one in members_of(cls)}
        return list(found.values())

    def has_member(self, member: Member) -> bool:
        return member.key in self._added

    def code(self, part: str, code: list[Any]) -> None:
        super().code(part, code)
        self._codes += [Code(function, part) for one in code for function in functions_in(one)]

    def follow(self, name: str, obj: Any) -> None:
        if id(obj) in self._own or id(obj) in self._whole:
            return
        if self._is_whole or (is_class(obj) and not can_change_class(obj)):
            self.keep(name, obj)
        elif is_class(obj):
            if id(obj) not in self._followed:
                self._followed.add(id(obj))
                self.split[id(obj)] = obj
                self.structure(obj, f"class {obj.__qualname__}")
        elif id(obj) not in self._followed:
            self._followed.add(id(obj))
            self.node(name, obj)

    def keep(self, name: str, obj: Any) -> None:
        """Follow a node with all that it reaches: none of it can be patched."""
        if id(obj) in self._whole:
            return
        self._whole.add(id(obj))
        self._followed.add(id(obj))
        self.split.pop(id(obj), None)
        before, self._is_whole = self._is_whole, True
        self.node(name, obj)
        self._is_whole = before

    def follow_entry(self, entry: Entry) -> None:
        obj = entry.obj
        if is_function(obj):
            self._codes += [Code(one, f"{entry.name}()") for one in functions_in(obj)]
        elif not is_class(obj):
            # Of an object that lives in a global, a patch would bring a second one.
            before, self._is_whole = self._is_whole, True
            super().follow_entry(entry)
            self._is_whole = before
            return
        super().follow_entry(entry)

    # --- members --------------------------------------------------------------------------------

    def _classes(self) -> list[type]:
        return [*([self._target] if self._target is not None else []), *self.split.values()]

    def _add_members(self) -> bool:
        names = {cls: self._names(cls) for cls in self._classes()}
        ready = [one for one in self.members() if not self.has_member(one) and self._belongs(one, names)]
        for member in ready:
            self._added.add(member.key)
            self.member(member)
            first = self._instances(member.owner)
            self._codes += [Code(one, member.label, first) for one in functions_in(member.value)]
        return bool(ready)

    def _names(self, cls: type) -> frozenset[str]:
        """Members that count for this class: by the names used anywhere here, and by its imported bases."""
        names = (self._start if cls is self._target else INIT_NAMES) | self.attributes
        names |= {"__call__"} if cls in self._called else set()
        bases = imported_bases(cls)
        if not bases:
            return frozenset(names)
        operators = {name for base in bases for name in vars(base) if name.startswith("__")} - _NO_OPERATORS
        return frozenset(names | reached_through(bases, names | (operators if cls in self._operated else set())))

    def _belongs(self, member: Member, names: dict[type, frozenset[str]]) -> bool:
        for cls in self._instances(member.owner):
            if cls in self._full or member.name in names[cls]:
                return True
            if cls in self._operated and member.is_operator:
                return True
        return False

    def _instances(self, owner: type) -> frozenset[type]:
        return frozenset(cls for cls in self._classes() if owner in cls.__mro__)

    # --- what the code does with objects --------------------------------------------------------

    def _look_at_uses(self) -> bool:
        """Whether anything more counts, by where objects and classes get to."""
        before = self._size()
        codes, self._looked = self._codes[self._looked :], len(self._codes)
        self._analysis.add(codes, self._classes(), self.members())
        uses = self._analysis.uses
        self._called |= uses.called
        self._operated |= uses.operated
        for cls, reason in uses.handed.items():
            self._doubt(cls, f"{reason}, which is not followed")
        for obj in list(uses.kept.values()):
            self._keep_object(obj)
        for code in self._codes:
            if refs_of(code.function.__code__).dynamic:
                for cls in self._classes():
                    self._doubt(cls, f"{code.label} looks attributes up dynamically")
        return before != self._size()

    def _size(self) -> tuple[int, ...]:
        return len(self._called), len(self._operated), len(self._full), len(self._whole), len(self._codes)

    def _doubt(self, cls: type, reason: str) -> None:
        if cls is self._target:
            self._full.add(cls)
        elif id(cls) in self.split:
            self.keep(cls.__qualname__, cls)
        else:
            return
        self.doubts.append(f"{reason}, so every part of {cls.__name__} counts as used by a constructor.")

    def _keep_object(self, obj: Any) -> None:
        if self._target is not None and obj is self._target:
            self._full.add(self._target)
        elif id(obj) in self._own or id(obj) in self._whole:
            return
        elif obj in self.reach.nodes and self._is_explored(obj):
            self.keep(self.reach.nodes.name(obj), obj)
        elif is_function(obj) and is_by_value(obj):
            self._keep_method(obj)

    def _is_explored(self, obj: Any) -> bool:
        return any(one.obj is obj for one in self.reach.entries())

    def _keep_method(self, function: Any) -> None:
        """A method that is kept as such goes on with the code that it names."""
        self._whole.add(id(function))
        walker = Walker(self.reach.nodes)
        for one in functions_in(function):
            walker.function_body(one)
        before, self._is_whole = self._is_whole, True
        self.follow_all(walker.globals, walker.refs)
        self._is_whole = before
