"""Bars of what is being prepared, as static HTML. Pure: plain values in, strings out."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from kernelserve.cluster.words import done, took
from kernelserve.transport.messages import StepView

_GRID = "display:grid;grid-template-columns:max-content 120px max-content max-content;gap:2px 12px;align-items:center"
_TRACK = (
    "height:8px;border:1px solid var(--jp-border-color1,#888);border-radius:4px;overflow:hidden;"
    "background:var(--jp-layout-color2,transparent)"
)
_DONE = "background:var(--jp-success-color1,#388e3c)"
_BEGUN = "background:var(--jp-brand-color1,#1976d2)"
# Stripes that stand still: how far it is cannot be known, and nothing moves for who would rather see nothing move.
_UNKNOWN = (
    "opacity:.5;background:repeating-linear-gradient(45deg,var(--jp-brand-color1,#1976d2) 0 6px,transparent 6px 12px)"
)
_MUTED = "opacity:.7"
_READY = re.compile(r"\((\d+) of (\d+) replicas ready")


@dataclass(frozen=True)
class Bar:
    """One deployment of a plan under way.

    Attributes:
        stage: what is done to it, or what was.
        time: that it took so far, in words.
        part: how much is done, from 0 to 1; None where that cannot be said.
    """

    deployment: str
    stage: str
    time: str
    part: float | None = None


def bar_of(step: StepView, elapsed: float) -> Bar:
    """What there is to see of a step.

    Args:
        elapsed: seconds since it was heard of first.

    Example:
        >>> bar_of(StepView(deployment="Llm", action="add", stage="starting (1 of 4 replicas ready)"), 2.0).part
        0.25
    """
    if step.duration_s is not None:
        return Bar(step.deployment, step.stage or done(step), took(step.duration_s), 1.0)
    found = _READY.search(step.stage)
    ready, wanted = map(int, found.groups()) if found else (0, 0)
    return Bar(step.deployment, step.stage or step.action, took(elapsed), ready / wanted if ready else None)


def bars_html(title: str, bars: Iterable[Bar]) -> str:
    """A line for each: name, bar, stage and time."""
    lines = "".join(_line(bar) for bar in bars)
    return f'<div><div style="{_MUTED}">{html.escape(title)}</div><div style="{_GRID}">{lines}</div></div>'


def _line(bar: Bar) -> str:
    name, stage, time = (html.escape(text) for text in (bar.deployment, bar.stage, bar.time))
    label = html.escape(bar.deployment, quote=True)
    said = html.escape(f"{bar.stage}, {bar.time}", quote=True)
    value = "" if bar.part is None else f' aria-valuenow="{bar.part * 100:.0f}"'
    look = _UNKNOWN if bar.part is None else _DONE if bar.part >= 1.0 else _BEGUN
    width = 100.0 if bar.part is None else bar.part * 100
    return (
        f"<span>{name}</span>"
        f'<div role="progressbar" aria-label="{label}" aria-valuemin="0" aria-valuemax="100"{value} '
        f'aria-valuetext="{said}" style="{_TRACK}"><div style="height:100%;width:{width:.0f}%;{look}"></div></div>'
        f'<span>{stage}</span><span style="{_MUTED};font-variant-numeric:tabular-nums">{time}</span>'
    )
