"""What a replica tells about an exception of user code: a traceback that starts at the user's lines."""

from __future__ import annotations

import asyncio
import concurrent.futures
import traceback
from pathlib import Path
from types import TracebackType

import kernelserve.code as _code

_PACKAGE = str(Path(_code.__file__).parent.parent)
# Frames between kernelserve's and the user's: of no use to who reads the traceback.
_CARRIERS = tuple(str(Path(module.__file__).parent) for module in (asyncio, concurrent.futures) if module.__file__)


def user_traceback(error: BaseException) -> str:
    """The traceback as text, without the frames of kernelserve that led to the user's code."""
    frames = _skip_own(error.__traceback__)
    return "".join(traceback.format_exception(type(error), error, frames))


def _skip_own(frames: TracebackType | None) -> TracebackType | None:
    first = frames
    while frames is not None:
        if not frames.tb_frame.f_code.co_filename.startswith((_PACKAGE, *_CARRIERS)):
            return frames
        frames = frames.tb_next
    return first
