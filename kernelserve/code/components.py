"""Strongly connected components of a graph."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


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
