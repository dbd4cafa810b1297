"""What stands for a view where no kernel is: a picture of the moment, as HTML without scripts, and text. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterable

from kernelserve.graph import picture
from kernelserve.widget.messages import DashboardFrame, Frame, GraphFrame, NodeView, RequestsFrame

_CELL = "text-align:left;padding:1px 12px 1px 0"


def static_html(frame: Frame) -> str:
    """The view as it is at this moment.

    Example:
        >>> frame = RequestsFrame(app="<shop>", time=0.0)
        >>> "&lt;shop&gt;" in static_html(frame)
        True
    """
    body = _svg(frame) if isinstance(frame, GraphFrame) else _table(frame)
    return f"<div><div><b>{html.escape(_title(frame))}</b></div>{body}</div>"


def static_text(frame: Frame) -> str:
    """The same in a line or some."""
    if not isinstance(frame, GraphFrame):
        return _title(frame)
    edges = [(edge.caller, edge.callee) for edge in frame.edges if edge.caller]
    return f"{_title(frame)}\n{picture.text(edges, _captions(frame.nodes))}"


def _title(frame: Frame) -> str:
    if isinstance(frame, GraphFrame):
        return f"{frame.app} · revision {frame.revision} · {frame.status.lower()}"
    if isinstance(frame, RequestsFrame):
        return f"{frame.app} · requests"
    return f"{', '.join(frame.apps)} · dashboard"


def _svg(frame: GraphFrame) -> str:
    edges = [(edge.caller, edge.callee) for edge in frame.edges if edge.caller]
    return picture.svg(edges, _captions(frame.nodes))


def _captions(nodes: Iterable[NodeView]) -> dict[str, str]:
    return {node.name: _caption(node) for node in nodes}


def _caption(node: NodeView) -> str:
    rate = f" · {node.qps:.3g}/s" if node.qps else ""
    return f"{node.status.lower()}{rate}"


def _table(frame: DashboardFrame | RequestsFrame) -> str:
    if isinstance(frame, RequestsFrame):
        head = ["request", "status", "ms"]
        rows = [[f"{row.method} {row.path}", str(row.status), f"{row.duration * 1000:.1f}"] for row in frame.rows[-10:]]
    else:
        head = ["app", "deployment", "requests", "errors", "p50 ms"]
        latest = {(one.app, one.deployment): one for one in frame.points}.values()
        rows = [
            [one.app, one.deployment, str(one.requests), str(one.errors), "" if one.p50 is None else f"{one.p50:.1f}"]
            for one in latest
        ]
    if not rows:
        return ""
    lines = [_line(head, "th"), *(_line(row, "td") for row in rows)]
    return f"<table>{''.join(lines)}</table>"


def _line(cells: Iterable[str], tag: str) -> str:
    return "<tr>" + "".join(f'<{tag} style="{_CELL}">{html.escape(cell)}</{tag}>' for cell in cells) + "</tr>"
