"""Code units: ids, bytes, and which of them must be pickled together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import msgspec

from kernelserve.code.byvalue import is_class, is_function
from kernelserve.code.reach import Entry, Reach

K = TypeVar("K", bound=Hashable)


class Packed(msgspec.Struct, frozen=True):
    """An object ready to be sent.

    Attributes:
        payload: the object, with references to units.
        units: id → bytes of all the units that it needs.
        used: the ids, sorted.
        files: names of the source files of the units' code. A unit that did not change keeps the file it
            first came from, with its line numbers.
    """

    payload: bytes
    units: dict[str, bytes]
    used: tuple[str, ...]
    files: tuple[str, ...] = ()


class Unit(msgspec.Struct, frozen=True, array_like=True):
    """The bytes of a unit. Units that refer to each other are one pickle, held by the first of `members`.

    Attributes:
        members: ids of the group, in the order of the pickled list.
        needs: ids of the units that it refers to.
        pickle: the list of the members' objects; empty for all but the first member.
        files: names of the source files of the members' code.
    """

    members: tuple[str, ...]
    needs: tuple[str, ...]
    pickle: bytes
    files: tuple[str, ...] = ()


def encode_unit(unit: Unit) -> bytes:
    return msgspec.msgpack.encode(unit)


def decode_unit(data: bytes) -> Unit:
    return msgspec.msgpack.decode(data, type=Unit)


def unit_id(reach: Reach, entry: Entry) -> str:
    """``kind:name:digest`` with the transitive digest: a changed dependency makes a new unit."""
    kind = "class" if is_class(entry.obj) else "function" if is_function(entry.obj) else "value"
    return f"{kind}:{entry.name}:{reach.digest(entry.obj)}"


def groups(nodes: Iterable[K], refs: Callable[[K], Iterable[K]]) -> list[list[K]]:
    """Strongly connected components, those referred to first.

    Example:
        >>> groups("abc", {"a": "b", "b": "ac", "c": ""}.__getitem__)
        [['c'], ['b', 'a']]
    """
    nodes = list(nodes)
    backwards: dict[K, list[K]] = {node: [] for node in nodes}
    for node in nodes:
        for ref in refs(node):
            backwards[ref].append(node)
    seen: set[K] = set()
    finished = [one for node in nodes for one in _finish_order(node, backwards.__getitem__, seen)]
    done: set[K] = set()
    components = [list(_finish_order(node, refs, done)) for node in reversed(finished)]
    return [component for component in components if component]


def _finish_order(start: K, refs: Callable[[K], Iterable[K]], seen: set[K]) -> list[K]:
    """Depth-first from `start`, without what is in `seen`: nodes in the order in which they finish."""
    if start in seen:
        return []
    seen.add(start)
    order: list[K] = []
    stack = [(start, iter(refs(start)))]
    while stack:
        node, pending = stack[-1]
        following = next((one for one in pending if one not in seen), None)
        if following is None:
            order.append(node)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(refs(following))))
    return order
