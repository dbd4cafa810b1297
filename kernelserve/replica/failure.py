"""What a replica tells about an exception of user code: a traceback that starts at the user's lines."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType

import kernelserve.code as _code

_PACKAGE = str(Path(_code.__file__).parent.parent)


def user_traceback(error: BaseException) -> str:
    """The traceback as text, without the frames of kernelserve that led to the user's code."""
    frames = _skip_own(error.__traceback__)
    return "".join(traceback.format_exception(type(error), error, frames))


def _skip_own(frames: TracebackType | None) -> TracebackType | None:
    first = frames
    while frames is not None:
        if not frames.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            return frames
        frames = frames.tb_next
    return first
