"""Revisions as a pandas table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kernelserve.transport.messages import RevisionView, StepView

if TYPE_CHECKING:
    import pandas

COLUMNS = ("revision", "outcome", "time", "seconds", "plan", "state", "error")


def revisions_frame(revisions: Sequence[RevisionView]) -> pandas.DataFrame:
    """A row a revision, with its number as index; see `LiveApp.revisions`.

    Raises:
        ImportError: pandas is not installed.
    """
    try:
        import pandas  # Late: heavy, and only for who asks for a table.
    except ImportError as error:
        raise ImportError(
            "A table of revisions needs pandas, which is not installed. Run: pip install pandas"
        ) from error
    rows = [
        (one.number, one.outcome, one.time, one.duration_s, in_words(one), one.state, one.error or None)
        for one in revisions
    ]
    frame = pandas.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    frame = frame.astype({"revision": int, "time": float, "seconds": float}).set_index("revision")
    frame["time"] = pandas.to_datetime(frame["time"], unit="s", utc=True)
    return frame


def in_words(revision: RevisionView) -> str:
    """What the revision's plan does, in one line; what it keeps is left out.

    Example:
        >>> step = StepView(deployment="Search", action="patch", reason="Search.rank changed")
        >>> view = RevisionView(number=5, outcome="applied", time=0.0, duration_s=0.1, steps=[step], of=3)
        >>> in_words(view)
        'back to r3: patch Search (Search.rank changed)'
    """
    steps = "; ".join(_step(step) for step in revision.steps if step.action != "keep") or "keep all"
    return f"back to r{revision.of}: {steps}" if revision.of else steps


def _step(step: StepView) -> str:
    reason = f" ({step.reason})" if step.reason else ""
    return f"{step.action} {step.deployment}{reason}"
