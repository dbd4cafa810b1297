"""How many earlier graphs of an app are held: old code is small, but the data that goes with it may not be."""

from __future__ import annotations

from collections.abc import Iterable

from kernelserve.graph.model import AppGraph

HELD_BYTES = 256 << 20
"""What the units of an app's earlier graphs may take together; what graphs have in common counts once."""


def held(graphs: Iterable[AppGraph], limit: int = HELD_BYTES) -> int:
    """How many of the graphs, newest first, fit; the newest always does.

    Example:
        >>> def graph(**units: bytes) -> AppGraph:
        ...     return AppGraph(name="a", route_prefix="/", ingress="", nodes={}, units=units)
        >>> held([graph(a=b"12", b=b"3"), graph(a=b"12"), graph(c=b"456")], limit=4)
        2
    """
    count = size = 0
    seen: set[str] = set()
    for graph in graphs:
        size += sum(len(data) for uid, data in graph.units.items() if uid not in seen)
        if count and size > limit:
            break
        seen |= graph.units.keys()
        count += 1
    return count
