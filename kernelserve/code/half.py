"""One half of a fingerprint: the parts found so far, and what they refer to."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from typing import Any

from kernelserve.code.byvalue import is_by_value, is_class, is_function, is_lru_cache
from kernelserve.code.codehash import new_hash, token
from kernelserve.code.members import Member
from kernelserve.code.reach import Entry, Reach, is_global_node, value_digest
from kernelserve.code.walk import Walker

Global = tuple[str, str, int]


class Half:
    """Collects parts. What is in the half `above` is not collected again.

    Args:
        own: ids of the target's classes, whose members are parts by themselves.
    """

    def __init__(self, reach: Reach, own: Iterable[int] = (), above: Half | None = None) -> None:
        self.reach = reach
        self.named: dict[int, str] = {}
        self.parts: dict[str, str] = {}
        self.attributes: set[str] = set()
        self._own = frozenset(own)
        self._above = above
        self._followed: set[int | Global] = set()

    def add(self, part: str, digest: str) -> None:
        """Add a part; two parts of one name count together."""
        if part in self.parts and self.parts[part] != digest:
            both = new_hash()
            both.update(token(self.parts[part], digest.encode()))
            digest = both.hexdigest()
        self.parts[part] = digest

    def doc(self, owner: str, text: object) -> None:
        """Add a docstring."""
        self.add(f"{owner} docstring", value_digest(text)[0])

    def member(self, member: Member) -> None:
        """Add one member of a class, with the globals that its code uses."""
        named = {key: label for key, label in self.named.items() if key != id(member.function)}
        walker = Walker(self.reach.nodes, named=named)
        if isinstance(member.value, types.FunctionType) and member.value not in self.reach.nodes:
            walker.function_body(member.value, doc=False)
        else:
            walker.value(member.value)
        self.add(member.label, walker.hexdigest())
        self._walked(walker)

    def code(self, part: str, code: list[Any]) -> None:
        """Add code that is no member, with what it uses."""
        walker = Walker(self.reach.nodes)
        walker.value(code)
        self.add(part, walker.hexdigest())
        self._walked(walker)

    def structure(self, cls: type, part: str) -> None:
        """Add what decides the layout of a class's instances."""
        walker = Walker(self.reach.nodes)
        walker.class_structure(cls)
        self.add(part, walker.hexdigest())
        self.follow_all({}, walker.refs)

    def follow(self, name: str, obj: Any) -> None:
        """Add a node as a part of its own, then what it refers to."""
        if id(obj) in self._own or self.has(id(obj)):
            return
        self._followed.add(id(obj))
        self.node(name, obj)

    def node(self, name: str, obj: Any) -> None:
        """Add a node and follow what it refers to, also if that was done before."""
        entry = self.reach.entry(obj)
        part = part_name(name, obj)
        self.add(part, entry.body)
        if entry.doc:
            self.doc(part, entry.doc)
        self.attributes |= entry.attributes
        self.follow_entry(entry)

    def follow_entry(self, entry: Entry) -> None:
        self.follow_all(entry.globals, entry.own_refs)

    def follow_all(self, values: Mapping[Global, object], refs: Iterable[object]) -> None:
        for key, value in values.items():
            if is_global_node(value):
                self.follow(key[1], value)
            elif not self.has(key):
                self._followed.add(key)
                self.add(part_name(key[1], value, key[0]), value_digest(value)[0])
        for ref in refs:
            self.follow(self.reach.nodes.name(ref), ref)

    def has(self, key: int | Global) -> bool:
        """Whether a node or global is collected in this half or the one above."""
        return key in self._followed or (self._above is not None and self._above.has(key))

    def _walked(self, walker: Walker) -> None:
        self.attributes |= walker.attributes
        self.follow_all(walker.globals, walker.refs)


def part_name(name: str, obj: object, module: str = "__main__") -> str:
    """How a part is called where people read it."""
    if is_class(obj) and is_by_value(obj):
        return f"class {obj.__qualname__}"
    if is_function(obj) and (is_by_value(obj) or is_lru_cache(obj)):
        return f"{name}()"
    return f"global {name}" if module == "__main__" else f"global {module}.{name}"
