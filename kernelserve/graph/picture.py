"""Static pictures of a graph: SVG for notebooks, text for terminals. Pure."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping
from html import escape

Edges = Iterable[tuple[str, str]]

_CHAR, _PAD, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 7.2, 14, 46, 48, 20, 8
_STYLE = (
    ".ks-box{fill:var(--jp-layout-color1,transparent);stroke:var(--jp-border-color1,currentColor);stroke-width:1.2}"
    ".ks-edge{fill:none;stroke:currentColor;stroke-opacity:.55;stroke-width:1.2}"
    ".ks-tip{fill:currentColor;fill-opacity:.55}"
    ".ks-name{font:600 13px system-ui,sans-serif;fill:currentColor}"
    ".ks-caption{font:11px system-ui,sans-serif;fill:currentColor;fill-opacity:.7}"
)


def layers(edges: Edges, names: Iterable[str]) -> list[list[str]]:
    """Names by the longest path from a source; inside a layer, near their callers.

    Example:
        >>> layers([("Search", "Index"), ("Search", "Embedder"), ("Index", "Embedder")], [])
        [['Search'], ['Index'], ['Embedder']]
    """
    edges = list(edges)
    every = list(dict.fromkeys([*names, *(name for edge in edges for name in edge)]))
    depth = dict.fromkeys(every, 0)
    for _ in every:  # as many rounds as the longest path can have; a cycle ends too
        for caller, callee in edges:
            depth[callee] = max(depth[callee], min(depth[caller] + 1, len(every) - 1))
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in every:
        columns[depth[name]].append(name)
    columns = [column for column in columns if column]
    for before, column in itertools.pairwise(columns):
        column.sort(key=functools.partial(_mean_position, edges=edges, before=before))
    return columns


def _mean_position(name: str, edges: list[tuple[str, str]], before: list[str]) -> float:
    rows = [before.index(caller) for caller, callee in edges if callee == name and caller in before]
    return sum(rows) / len(rows) if rows else len(before)


def svg(edges: Edges, nodes: Mapping[str, str]) -> str:
    """A picture of the graph.

    Args:
        edges: (caller, callee) pairs.
        nodes: name → caption.

    Returns:
        An ``<svg>`` element that takes its colours from the page.
    """
    edges = list(edges)
    columns = layers(edges, nodes)
    places = _places(columns, nodes)
    width = max((x + w for x, _, w in places.values()), default=0) + _MARGIN
    height = max((y + _HEIGHT for _, y, _ in places.values()), default=0) + _MARGIN
    label = escape("Graph: " + ", ".join(nodes), quote=True)
    drawn = [_edge(places[caller], places[callee]) for caller, callee in edges]
    drawn += [_box(name, nodes.get(name, ""), places[name]) for column in columns for name in column]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" style="max-width:100%">'
        f"<style>{_STYLE}</style>{''.join(drawn)}</svg>"
    )


def text(edges: Edges, nodes: Mapping[str, str]) -> str:
    """The graph for a terminal: one line a node, callees indented below their first caller.

    Example:
        >>> print(text([("Search", "Index")], {"Search": "patched", "Index": "kept"}))
        Search  patched
        └─ Index  kept
    """
    edges = list(edges)
    called = {callee for _, callee in edges}
    lines: list[str] = []
    shown: set[str] = set()
    roots = [name for name in nodes if name not in called] or list(nodes)[:1]
    for name in roots:
        _tree(name, edges, nodes, "", "", lines, shown)
    return "\n".join(lines)


def _tree(
    name: str,
    edges: list[tuple[str, str]],
    nodes: Mapping[str, str],
    first: str,
    rest: str,
    lines: list[str],
    shown: set[str],
) -> None:
    again = name in shown
    note = "(above)" if again else nodes.get(name, "")
    lines.append(f"{first}{name}  {note}".rstrip())
    if again:
        return
    shown.add(name)
    callees = [callee for caller, callee in edges if caller == name]
    for index, callee in enumerate(callees):
        last = index == len(callees) - 1
        _tree(callee, edges, nodes, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "), lines, shown)


Place = tuple[float, float, float]


def _places(columns: list[list[str]], nodes: Mapping[str, str]) -> dict[str, Place]:
    places: dict[str, Place] = {}
    tallest = max((len(column) for column in columns), default=0)
    x: float = _MARGIN
    for column in columns:
        width = max(len(text) for name in column for text in (name, nodes.get(name, ""))) * _CHAR + 2 * _PAD
        top = _MARGIN + (tallest - len(column)) * (_HEIGHT + _GAP_Y) / 2
        for row, name in enumerate(column):
            places[name] = (x, top + row * (_HEIGHT + _GAP_Y), width)
        x += width + _GAP_X
    return places


def _box(name: str, caption: str, place: Place) -> str:
    x, y, width = place
    middle = x + width / 2
    name_y = y + (20 if caption else 28)
    parts = [
        f'<rect class="ks-box" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_HEIGHT}" rx="8"/>',
        f'<text class="ks-name" x="{middle:.1f}" y="{name_y:.1f}" text-anchor="middle">{escape(name)}</text>',
    ]
    if caption:
        parts.append(
            f'<text class="ks-caption" x="{middle:.1f}" y="{y + 36:.1f}" text-anchor="middle">{escape(caption)}</text>'
        )
    return "".join(parts)


def _edge(start: Place, end: Place) -> str:
    x1, y1 = start[0] + start[2], start[1] + _HEIGHT / 2
    x2, y2 = end[0], end[1] + _HEIGHT / 2
    bend = max(24.0, (x2 - x1) / 2)
    tip = x2 - 7
    return (
        f'<path class="ks-edge" d="M{x1:.1f} {y1:.1f} C{x1 + bend:.1f} {y1:.1f} {tip - bend:.1f} {y2:.1f} '
        f'{tip:.1f} {y2:.1f}"/>'
        f'<path class="ks-tip" d="M{x2:.1f} {y2:.1f} l-8 -4 v8 z"/>'
    )
