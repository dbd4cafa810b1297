"""A deploy in words, for every face. Pure: plain values in, strings out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kernelserve.transport.messages import StepView
from kernelserve.types import Action

DONE = {
    Action.KEEP: "kept",
    Action.UPDATE: "updated",
    Action.PATCH: "patched",
    Action.REPLACE: "replaced",
    Action.ADD: "started",
    Action.REMOVE: "removed",
}


def took(seconds: float | None) -> str:
    """A duration for people, "" for none.

    Example:
        >>> took(0.0123), took(2.345), took(83)
        ('12 ms', '2.3 s', '1 min 23 s')
    """
    if seconds is None:
        return ""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def done(step: StepView, dry_run: bool = False) -> str:
    """What happened to the deployment, in a word."""
    word = DONE[Action(step.action)] if step.action in set(Action) else step.action
    return f"would be {word}" if dry_run else word


def summary(steps: Iterable[StepView], dry_run: bool = False) -> str:
    """What a deploy did, in a line: what changed first, then what was kept.

    Example:
        >>> summary([StepView(deployment="Index", action="keep"),
        ...          StepView(deployment="Search", action="patch", duration_s=0.012)])
        'Search patched in 12 ms · Index kept'
    """
    ordered = sorted(steps, key=lambda step: step.action == Action.KEEP)
    return " · ".join(_in_words(step, dry_run) for step in ordered)


def step_table(steps: Iterable[StepView], dry_run: bool = False) -> tuple[list[str], list[list[str]]]:
    """Head and rows of what happened to each deployment, and why."""
    rows = [[step.deployment, done(step, dry_run), step.reason, took(step.duration_s)] for step in steps]
    return ["deployment", "what", "why", "time"], rows


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]]
    return "\n".join(line.rstrip() for line in lines)


def _in_words(step: StepView, dry_run: bool) -> str:
    timed = step.duration_s is not None and step.action != Action.KEEP and not dry_run
    return f"{step.deployment} {done(step, dry_run)}" + (f" in {took(step.duration_s)}" if timed else "")
