"""Warnings of kernelserve below a cell: code that blocks a replica, code of an old revision that goes on, and such.

On the `local` placement replicas run in this process, and what they log comes here.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from kernelserve.notebook.tracebacks import with_cell_names

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

LOGGER = "kernelserve"


class CellWarnings(logging.Handler):
    """Writes warnings to stderr, with the names of cells; where the user has set logging up, that does it."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(logging.WARNING)
        self._shell = shell

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            sys.stderr.write(f"kernelserve: {with_cell_names(self._shell, self.format(record))}\n")


def show_warnings(shell: InteractiveShell, on: bool) -> None:
    """Begin or end writing them; harmless if it is so already."""
    logger = logging.getLogger(LOGGER)
    for handler in [one for one in logger.handlers if isinstance(one, CellWarnings)]:
        logger.removeHandler(handler)
    if on:
        logger.addHandler(CellWarnings(shell))
