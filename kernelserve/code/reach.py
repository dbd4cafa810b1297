"""Everything that an object reaches by reference, as a graph of nodes with local and transitive digests."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kernelserve.code.arrays import is_large_array
from kernelserve.code.byvalue import is_by_value, is_class, is_function
from kernelserve.code.codehash import new_hash, token
from kernelserve.code.components import groups
from kernelserve.code.walk import Nodes, Walker, is_shared


@dataclass(slots=True)
class Entry:
    """What one node is by itself.

    Attributes:
        body: digest without the values of globals.
        local: digest with them; other nodes count by position in `refs` only.
        refs: nodes that it refers to.
        own_refs: those of `refs` that the body names (closures, defaults, bases), not by global name.
        globals: (module, name, id of namespace) → value.
        attributes: attribute names that its code uses.
        stored: (id of namespace, name) that its code rebinds.
        imported: see `walk.Walker`.
        doc: the docstring of a function; in `local`, but not in `body`.
    """

    obj: object
    name: str
    body: str
    local: str
    refs: list[object]
    own_refs: list[object] = field(default_factory=list)
    globals: dict[tuple[str, str, int], object] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    stored: set[tuple[int, str]] = field(default_factory=set)
    inlined: set[int] = field(default_factory=set)
    doc: str = ""
    imported: dict[str, str] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)


class Walks:
    """Walks of single nodes that several `Reach` objects share while nothing changes, as in one build."""

    def __init__(self) -> None:
        self._entries: dict[int, tuple[Entry, list[tuple[str, object]], list[tuple[object, str]]]] = {}

    def put(self, entry: Entry, nodes: Nodes) -> None:
        """Remember the walk of a node."""
        named = [(key[1], value) for key, value in sorted(entry.globals.items(), key=_key) if is_global_node(value)]
        self._entries[id(entry.obj)] = entry, named, [(ref, nodes.name(ref)) for ref in entry.refs]

    def modules(self) -> set[str]:
        """Names of the modules that the code walked comes from."""
        objects = [entry.obj for entry, _, _ in self._entries.values()]
        names = {getattr(obj, "__name__" if isinstance(obj, types.ModuleType) else "__module__", "") for obj in objects}
        return {name for name in names if isinstance(name, str)}

    def holders(self, ships: Callable[[object], bool]) -> set[str]:
        """Names of the modules in which the code walked uses a value that cannot be sent."""
        used = [item for entry, _, _ in self._entries.values() for item in entry.globals.items()]
        values = [(key[0], value) for key, value in used if not (is_class(value) or is_function(value))]
        stuck = [(module, value) for module, value in values if not ships(value)]
        return {value.__name__ if isinstance(value, types.ModuleType) else module for module, value in stuck}

    def get(self, obj: object, nodes: Nodes) -> Entry | None:
        """The walk of a node, if it would come out the same among these nodes; names what it names."""
        if id(obj) not in self._entries:
            return None
        entry, named, refs = self._entries[id(obj)]
        if entry.name != nodes.name(obj) or not entry.inlined.isdisjoint(nodes.members):
            return None
        for name, value in named:
            nodes.add(name, value)
        for ref, name in refs:
            if ref not in nodes or nodes.name(ref) != name:
                return None
        return entry


def _key(item: tuple[tuple[str, str, int], object]) -> tuple[str, str, int]:
    return item[0]


class Reach:
    """The nodes that roots reach.

    Args:
        known: the id of a node that is a loaded unit, or None; such a node is not walked.
        walks: walks to share.
    """

    def __init__(self, known: Callable[[object], str | None] = lambda obj: None, walks: Walks | None = None) -> None:
        self.nodes = Nodes()
        self._walks = walks or Walks()
        self._known = known
        self._entries: dict[int, Entry] = {}
        self._joined: dict[int, list[object]] = {}
        self._digests: dict[int, str] = {}

    def explore(self, root: object) -> Entry:
        """Walk `root` and all that it reaches; returns its entry.

        A function, class or nothing else at the root is a node; of any other root the functions are.
        """
        if is_function(root) and is_by_value(root):
            self.nodes.add(str(getattr(root, "__qualname__", "")), root)
        elif is_large_array(root):
            self.nodes.add("", root)
        while True:
            # An object met as a global after it was walked in place elsewhere: walk again with it as node.
            entry = self._explore_once(root)
            inlined = set().union(*(one.inlined for one in self._entries.values()))
            if not inlined & self.nodes.members.keys():
                self._joined.clear()
                self._join_rebound_globals()
                self._digests.clear()
                return entry
            self._entries.clear()

    def entry(self, obj: object) -> Entry:
        """The entry of an explored node."""
        return self._entries[id(obj)]

    def refs(self, entry: Entry) -> list[object]:
        """The nodes that an explored node refers to, or must share a namespace with."""
        joined = self._joined.get(id(entry.obj))
        return entry.refs if joined is None else entry.refs + joined

    def entries(self) -> list[Entry]:
        return list(self._entries.values())

    def digest(self, obj: object) -> str:
        """The transitive digest of an explored node: it changes with anything that the node reaches."""
        if not self._digests:
            self._take_digests()
        return self._digests[id(obj)]

    def _explore_once(self, root: object) -> Entry:
        queue = [root]
        while queue:
            obj = queue.pop()
            if id(obj) not in self._entries:
                entry = self._entries[id(obj)] = self._walk(obj, is_root=obj is root)
                queue.extend(reversed(entry.refs))
        return self._entries[id(root)]

    def _walk(self, obj: object, is_root: bool) -> Entry:
        name = self.nodes.name(obj)
        known = self._known(obj)
        if known is not None and obj in self.nodes:
            return Entry(obj, name, known, known, [])
        is_node = obj in self.nodes
        shared = self._walks.get(obj, self.nodes) if is_node else None
        if shared is None:
            shared = self._walk_anew(obj, name, is_root)
            if is_node:
                self._walks.put(shared, self.nodes)
        return shared

    def _walk_anew(self, obj: object, name: str, is_root: bool) -> Entry:
        walker = Walker(self.nodes, functions_are_nodes=is_root and obj not in self.nodes)
        if obj in self.nodes:
            walker.node_body(obj)
        else:
            walker.value(obj)
        body, own_refs = walker.hexdigest(), list(walker.refs)
        doc = str(obj.__doc__ or "") if isinstance(obj, types.FunctionType) and obj in self.nodes else ""
        walker.put("doc", doc)
        noted = dict(walker.globals)
        for key in sorted(noted):
            walker.put("global", f"{key[0]}.{key[1]}")
            self._global(walker, key[1], noted[key])
        inlined = walker.inlined - {id(obj)} if obj in self.nodes else walker.inlined
        return Entry(
            obj, name, body, walker.hexdigest(), walker.refs, own_refs, noted, walker.attributes, walker.stored,
            inlined, doc, walker.imported, walker.assumptions,
        )  # fmt: skip

    def _global(self, walker: Walker, name: str, value: object) -> None:
        if is_global_node(value):
            self.nodes.add(name, value)
            walker.ref(value)
        else:
            walker.value(value)

    def _join_rebound_globals(self) -> None:
        """Code that rebinds a global and code that reads it must share a namespace: one group."""
        users: dict[tuple[int, str], list[Entry]] = {}
        for entry in self._entries.values():
            names = {(space, name) for _, name, space in entry.globals} | entry.stored
            for key in names:
                users.setdefault(key, []).append(entry)
        rebound = sorted(set().union(*(entry.stored for entry in self._entries.values())), key=lambda key: key[1])
        for key in rebound:
            together = [entry for entry in users[key] if is_class(entry.obj) or is_function(entry.obj)]
            for entry in together:
                known = {id(one) for one in self.refs(entry)} | {id(entry.obj)}
                more = [other.obj for other in together if id(other.obj) not in known]
                self._joined.setdefault(id(entry.obj), []).extend(more)

    def _take_digests(self) -> None:
        """Each node is digested once: what it refers to counts by its digest, but for cycles."""
        below = {key: [id(ref) for ref in self.refs(entry)] for key, entry in self._entries.items()}
        for group in groups(below, below.__getitem__):
            inside = frozenset(group)
            for key in group:
                self._digests[key] = self._transitive(key, below, inside)

    def _transitive(self, root: int, below: Mapping[int, list[int]], inside: frozenset[int]) -> str:
        """The digest of a node: members of its cycle count in the order in which they are met from it."""
        digest = new_hash()
        order: dict[int, int] = {root: 0}
        queue = [root]
        for key in queue:
            digest.update(token("node", self._entries[key].local.encode()))
            for ref in below[key]:
                if ref in inside and ref not in order:
                    order[ref] = len(order)
                    queue.append(ref)
            refs = [order[ref] if ref in inside else self._digests[ref] for ref in below[key]]
            digest.update(token("refs", repr(refs).encode()))
        return digest.hexdigest()


def is_global_node(value: object) -> bool:
    """Whether the value of a global gets a walk, and a unit, of its own."""
    if is_class(value) or is_function(value):
        return is_by_value(value)
    return is_shared(value)


def value_digest(value: object) -> tuple[str, tuple[str, ...]]:
    """The digest of any value with all that it reaches, and the assumptions made.

    Example:
        >>> value_digest([1, 2])[0] == value_digest([1, 2])[0] != value_digest([1, 2.0])[0]
        True
    """
    reach = Reach()
    reach.explore(value)
    sentences = [sentence for entry in reach.entries() for sentence in entry.assumptions]
    return reach.digest(value), tuple(dict.fromkeys(sentences))


__all__ = ["Entry", "Reach", "is_global_node", "value_digest"]
