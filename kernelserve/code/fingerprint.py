"""Fingerprints: what a deployment's code is, part by part, in two halves.

The *init half* is all that decides the state that a constructor builds: a change there needs a new
replica. The *serve half* is the rest: a change there can be patched into a live one. Where the code does
not tell, a part counts as init.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kernelserve.code.byvalue import is_by_value, is_class, is_function, is_lru_cache
from kernelserve.code.codehash import PYTHON_MAGIC, new_hash, token
from kernelserve.code.members import (
    INGRESS_ATTRIBUTE,
    INIT_NAMES,
    Member,
    attribute_names,
    by_value_classes,
    doubt,
    functions_in,
    library_hooks,
    members_of,
)
from kernelserve.code.reach import Entry, Reach, is_global_node, value_digest
from kernelserve.code.refs import refs_of
from kernelserve.code.walk import Walker
from kernelserve.code.webapps import lifespan_code


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The two halves as part → digest, with part names made for people.

    Attributes:
        init: parts that the state is built from (`Search.__init__`, `load_weights()`, `arg top_k`).
        serve: all other parts (`Search.rank`, `global K`).
        calls_handles: the init half's code calls `.remote`, so it may build its state from other deployments.
        assumptions: what could not be followed, one sentence each.
    """

    init: dict[str, str]
    serve: dict[str, str]
    calls_handles: bool
    assumptions: tuple[str, ...]


def fingerprint(
    target: Callable[..., Any], bound: Mapping[str, str] | None = None, *, reconfigure_is_init: bool = False
) -> Fingerprint:
    """The fingerprint of a deployment's class or function.

    Args:
        target: the class or function.
        bound: part → digest of the bound arguments; they go into the init half.
        reconfigure_is_init: `reconfigure` runs when a replica starts, because there is a `user_config`.

    Example:
        >>> def double(x): return 2 * x
        >>> fingerprint(double).init == {**fingerprint(double).init}
        True
    """
    reach = Reach()
    reach.explore(target)
    init = _Half(reach, target)
    init.parts.update({"Python": PYTHON_MAGIC, **(bound or {})})
    serve = _Half(reach, target, above=init)
    sentences: list[str] = []
    if is_class(target) and is_by_value(target):
        sentences += _class_halves(target, init, serve, reconfigure_is_init)
    elif is_class(target):
        init.parts[f"class {target.__qualname__}"] = value_digest(target)[0]
    elif is_by_value(target):
        serve.follow(getattr(target, "__name__", ""), target)
    else:
        digest, sentences_of_value = value_digest(target)
        serve.parts[f"{getattr(target, '__qualname__', type(target).__qualname__)}()"] = digest
        sentences += sentences_of_value
    sentences += [sentence for entry in reach.entries() for sentence in entry.assumptions]
    return Fingerprint(init.parts, serve.parts, "remote" in init.attributes, tuple(dict.fromkeys(sentences)))


class _Half:
    """Collects parts. What is in the half `above` is not collected again."""

    def __init__(self, reach: Reach, target: Any, above: _Half | None = None) -> None:
        self._reach = reach
        self._own = {id(one) for one in by_value_classes(target)} if is_class(target) else set()
        self._above = above
        self._followed: set[int | tuple[str, str, int]] = set()
        self.named: dict[int, str] = {}
        self.parts: dict[str, str] = {}
        self.attributes: set[str] = set()
        self.doubts: list[str] = []

    def add(self, part: str, digest: str) -> None:
        """Add a part; two parts of one name count together."""
        if part in self.parts and self.parts[part] != digest:
            both = new_hash()
            both.update(token(self.parts[part], digest.encode()))
            digest = both.hexdigest()
        self.parts[part] = digest

    def member(self, member: Member) -> None:
        """Add one member of the target's classes, with the globals that its code uses."""
        named = {key: label for key, label in self.named.items() if key != id(member.function)}
        walker = Walker(self._reach.nodes, named=named)
        if isinstance(member.value, types.FunctionType) and member.value not in self._reach.nodes:
            walker.function_body(member.value, doc=False)
        else:
            walker.value(member.value)
        self.add(member.label, walker.hexdigest())
        self.attributes |= walker.attributes | attribute_names(member)
        self._follow_all(walker.globals, walker.refs)

    def code(self, part: str, code: list[Any]) -> None:
        """Add code that is no member, with what it uses."""
        walker = Walker(self._reach.nodes)
        walker.value(code)
        self.add(part, walker.hexdigest())
        self.attributes |= walker.attributes
        self._follow_all(walker.globals, walker.refs)

    def structure(self, cls: type, part: str) -> None:
        walker = Walker(self._reach.nodes)
        walker.class_structure(cls)
        self.add(part, walker.hexdigest())
        self._follow_all({}, walker.refs)

    def follow(self, name: str, obj: Any) -> None:
        """Add a node as a part of its own, then what it refers to."""
        if id(obj) in self._own or self._done(id(obj)):
            return
        entry = self._reach.entry(obj)
        self.add(_part_name(name, obj), entry.body)
        self.attributes |= entry.attributes
        if is_function(obj):
            self._note_doubt(obj)
        self._follow_entry(entry)

    def _note_doubt(self, obj: Any) -> None:
        for function in functions_in(obj):
            if refs_of(function.__code__).dynamic:
                self.doubts.append(f"{function.__qualname__} looks attributes up dynamically")

    def _follow_entry(self, entry: Entry) -> None:
        self._follow_all(entry.globals, entry.own_refs)

    def _follow_all(self, values: Mapping[tuple[str, str, int], object], refs: Iterable[object]) -> None:
        for key, value in values.items():
            if is_global_node(value):
                self.follow(key[1], value)
            elif not self._done(key):
                self.add(_part_name(key[1], value, key[0]), value_digest(value)[0])
        for ref in refs:
            self.follow(self._reach.nodes.name(ref), ref)

    def _done(self, key: int | tuple[str, str, int]) -> bool:
        if key in self._followed or (self._above is not None and key in self._above._followed):
            return True
        self._followed.add(key)
        return False


def _part_name(name: str, obj: object, module: str = "__main__") -> str:
    if is_class(obj) and is_by_value(obj):
        return f"class {obj.__qualname__}"
    if is_function(obj) and (is_by_value(obj) or is_lru_cache(obj)):
        return f"{name}()"
    return f"global {name}" if module == "__main__" else f"global {module}.{name}"


def _class_halves(cls: type, init: _Half, serve: _Half, reconfigure_is_init: bool) -> list[str]:
    table = members_of(cls)
    names = INIT_NAMES | library_hooks(cls) | ({"reconfigure"} if reconfigure_is_init else frozenset())
    for owner in by_value_classes(cls):
        init.structure(owner, f"class {owner.__name__}" if owner is cls else f"base {owner.__name__}")
    for member in table:
        if member.name == INGRESS_ATTRIBUTE:
            names |= _ingress_state(member, init)
    doubts = _reach_members(table, names, init)
    # A method that another member holds (an app its routes) counts there by name: it has a part of its own.
    serve.named = {id(one.function): one.label for one in table if one.function is not None}
    for member in table:
        if member.label not in init.parts:
            serve.member(member)
        if isinstance(member.value, types.FunctionType) and member.value.__doc__:
            serve.add(f"{member.label} docstring", value_digest(member.value.__doc__)[0])
    for owner in by_value_classes(cls):
        serve.add(f"{owner.__name__} docstring", value_digest(owner.__doc__)[0])
    return [f"{one}, so every part of {cls.__name__} counts as used by its constructor." for one in doubts]


def _ingress_state(member: Member, init: _Half) -> set[str]:
    """Add what builds an ingress's state beside its constructor; returns the members that do.

    A patch keeps the lifespan of the app that runs, as it keeps what the constructor made. What a builder does
    in the replica cannot be told apart, so all of it counts.
    """
    declared = member.value
    if declared.app is None:
        return {"__serve_build_asgi_app__"}
    code = [declared.app] if declared.is_builder else lifespan_code(declared.app)
    if code:
        init.code(f"{member.owner.__name__}'s {'app builder' if declared.is_builder else 'lifespan'}", code)
    return set()


def _reach_members(table: list[Member], names: Iterable[str], init: _Half) -> list[str]:
    """Add to `init` the members reachable by attribute name from `names`; returns doubts, which add all."""
    reached = set(names)
    added: set[str] = set()
    doubts: list[str] = []
    while True:
        ready = [one for one in table if one.label not in added and (doubts or one.name in reached)]
        if not ready:
            return list(dict.fromkeys(doubts))
        for member in ready:
            added.add(member.label)
            init.member(member)
            reason = "" if doubts else doubt(member)
            if reason:
                doubts.append(reason)
        doubts += init.doubts
        reached |= init.attributes
