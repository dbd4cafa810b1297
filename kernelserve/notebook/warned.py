"""Warnings of kernelserve below a cell: code that blocks a replica, code of an old revision that goes on, and such.

On the `local` placement replicas run in this process, and what they log comes here.
"""

from __future__ import annotations

import contextvars
import logging
import sys
from typing import TYPE_CHECKING

from kernelserve.notebook.tracebacks import with_cell_names

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

LOGGER = "kernelserve"


_EVENT = "pre_run_cell"


class CellWarnings(logging.Handler):
    """Writes warnings to stderr, with the names of cells; where the user has set logging up, that does it."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(logging.WARNING)
        self.shell = shell
        self._cell = contextvars.copy_context()

    def before_cell(self, info: object) -> None:
        """What a thread writes, ipykernel shows below the cell that began the thread, or the context's."""
        self._cell = contextvars.copy_context()

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            text = f"kernelserve: {with_cell_names(self.shell, self.format(record))}\n"
            self._cell.copy().run(sys.stderr.write, text)


def show_warnings(shell: InteractiveShell, on: bool) -> None:
    """Begin or end writing them; harmless if it is so already."""
    logger = logging.getLogger(LOGGER)
    for handler in [one for one in logger.handlers if isinstance(one, CellWarnings)]:
        logger.removeHandler(handler)
        if handler.before_cell in handler.shell.events.callbacks[_EVENT]:
            handler.shell.events.unregister(_EVENT, handler.before_cell)
    if on:
        handler = CellWarnings(shell)
        logger.addHandler(handler)
        shell.events.register(_EVENT, handler.before_cell)
