"""Units of an app's graphs: how many earlier graphs are held, and which large units need not be sent again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from kernelserve.exceptions import KernelServeError
from kernelserve.graph.model import AppGraph

HELD_BYTES = 256 << 20
"""What the units of an app's earlier graphs may take together; what graphs have in common counts once."""

LARGE_UNIT = 1 << 16
"""Units from this size on are worth the trouble to send, and to write, only once."""


class UnitsMissingError(KernelServeError):
    """A graph came without a unit that is not here: send it whole."""


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


def lightened(graph: AppGraph, known: Collection[str]) -> AppGraph:
    """The graph with its large units only named where the receiver knows them."""
    units = {uid: b"" if len(data) >= LARGE_UNIT and uid in known else data for uid, data in graph.units.items()}
    return msgspec.structs.replace(graph, units=units)


def completed(graph: AppGraph, known: Mapping[str, bytes]) -> AppGraph:
    """The graph with the units that it only names.

    Raises:
        UnitsMissingError: one of them is not known.
    """
    missing = [uid for uid, data in graph.units.items() if not data and not known.get(uid)]
    if missing:
        raise UnitsMissingError(
            f"The unit {missing[0]!r} of application {graph.name!r} did not come along and is not here. "
            "Send the graph with all its units."
        )
    return msgspec.structs.replace(graph, units={uid: data or known[uid] for uid, data in graph.units.items()})
