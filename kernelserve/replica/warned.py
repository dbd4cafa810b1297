"""Warnings of a replica in a process of its own, on their way to the notebook that works with its app."""

from __future__ import annotations

import logging
from collections.abc import Callable


class ForwardWarnings(logging.Handler):
    """Passes what kernelserve warns of to `tell`, which may be called in any thread."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(self.format(record))
