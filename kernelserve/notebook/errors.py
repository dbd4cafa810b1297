"""Errors as a cell shows them: the message or the user's own lines, and no frame of kernelserve."""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from kernelserve.exceptions import RayServeException

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

E = TypeVar("E", bound=BaseException)
_PACKAGE = str(Path(__file__).parent.parent)


class CellError(RayServeException):
    """The cell, or the line of a magic, cannot be carried out as it is written. Nothing has changed."""


class CellSyntaxError(RayServeException):
    """The cell does not parse.

    Not a `SyntaxError`: IPython shows those with all frames that led to them, also those of the magic.
    """


def shown(error: E, lines: list[str] | None = None) -> E:
    """The same exception, which IPython shows as `lines` (default: its type and text) instead of its frames.

    What an exception was given first stays.
    """
    if hasattr(error, "_render_traceback_"):
        return error  # Whoever was nearer to the fault knows better what to show.
    text = lines if lines is not None else [f"{type(error).__name__}: {error}"]
    # An exception type that takes no attributes is shown with all frames: more than needed, but true.
    with contextlib.suppress(AttributeError, TypeError):
        error._render_traceback_ = lambda: text  # type: ignore[attr-defined]  # IPython looks for it
    return error


def shown_from_cell(shell: InteractiveShell, error: E, filename: str) -> E:
    """The same exception, shown as IPython would if the cell had no magic: from the cell's own frames on.

    Where the cell called kernelserve and was refused, it ends with the cell's call.
    """
    frames = _without_own_end(_from_file(error.__traceback__, filename))
    lines = shell.InteractiveTB.structured_traceback(type(error), error, frames, tb_offset=0)
    return shown(error, list(lines))


def syntax_error(shell: InteractiveShell, error: SyntaxError, filename: str) -> CellSyntaxError:
    """The error to raise for a cell (or a module that it imports) that does not parse, shown as IPython shows it."""
    frames: Any = traceback.extract_tb(_from_file(error.__traceback__, filename, required=True))
    lines = list(shell.SyntaxTB.structured_traceback(type(error), error, frames))
    if "'await' outside" in str(error.msg):
        lines.append("A %%serve cell cannot await at its top level. Await in the cell before it, or in a method.")
    return shown(CellSyntaxError(str(error)), lines)


def _from_file(frames: TracebackType | None, filename: str, required: bool = False) -> TracebackType | None:
    """The frames from the file's first one on; all of them (or none) if it has none."""
    first = None if required else frames
    while frames is not None:
        if frames.tb_frame.f_code.co_filename == filename:
            return frames
        frames = frames.tb_next
    return first


def _without_own_end(frames: TracebackType | None) -> TracebackType | None:
    """The frames without the last ones that are kernelserve's."""
    every = []
    while frames is not None:
        every.append(frames)
        frames = frames.tb_next
    while every and every[-1].tb_frame.f_code.co_filename.startswith(_PACKAGE):
        every.pop()
    kept: TracebackType | None = None
    for each in reversed(every):
        kept = TracebackType(kept, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return kept
