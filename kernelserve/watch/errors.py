"""Errors of the user's modules as text: their own lines, and no frame of kernelserve or of the import system."""

from __future__ import annotations

import traceback
from pathlib import Path

_OWN = str(Path(__file__).parent.parent)


def traceback_text(error: BaseException) -> str:
    """The error as Python prints it, with the lines of the user's files that led to it.

    Example:
        >>> traceback_text(ValueError("it has no frames"))
        'ValueError: it has no frames'
    """
    told = traceback.TracebackException.from_exception(error)
    _without_others(told, set())
    alone = not told.stack and told.__cause__ is None and told.__context__ is None
    return "".join(told.format_exception_only() if alone else told.format()).rstrip()


def _without_others(told: traceback.TracebackException, seen: set[int]) -> None:
    if id(told) in seen:
        return
    seen.add(id(told))
    told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if not _is_other(frame.filename)])
    for cause in (told.__cause__, told.__context__, *(told.exceptions or ())):
        if cause is not None:
            _without_others(cause, seen)


def _is_other(file: str) -> bool:
    return file.startswith((_OWN, "<frozen importlib")) or file.endswith("importlib/__init__.py")
