"""Files of imported modules that are edited beside the notebook: its names get what the modules define by then."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernelserve.notebook.tracebacks import traceback_lines
from kernelserve.watch import Follower, perhaps_old, rebind, traceback_text

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class EditedFiles:
    """Imports edited modules again, between cells only: a cell that runs keeps what it began with.

    Args:
        between: called in the kernel's main thread if files are edited while no cell runs. Where there is no kernel
            (a terminal) they are found when the next cell begins, and at its end.
    """

    def __init__(self, shell: InteractiveShell, between: Callable[[], None]) -> None:
        self._shell = shell
        self._between = between
        self._in_cell = True  # Made by one.
        self._follower = Follower(self._edited)

    def start(self) -> None:
        self._shell.events.register("pre_run_cell", self._cell_begins)
        self._follower.start()

    def close(self) -> None:
        """End following; no thread is left."""
        self._shell.events.unregister("pre_run_cell", self._cell_begins)
        self._follower.close()

    def cell_ends(self) -> None:
        self._in_cell = False

    def take(self) -> None:
        """Import again what was edited. What a module raises is printed: then all is as it was."""
        try:
            edit = self._follower.take()
        except (Exception, SystemExit) as error:  # The boundary to the user's modules: whatever they raise is shown.
            lines = traceback_lines(self._shell, traceback_text(error))
            text = "\n".join([f"{_names(self._follower.pending)} changed, and cannot be imported.", *lines])
            sys.stderr.write(f"{text}\n")
            return
        if edit is not None:
            rebind(self._shell.user_ns, edit.modules)
            old = perhaps_old(self._shell.user_ns, edit.modules)
            hint = f" Still the old value, if it was imported: {', '.join(old)}. Run that import again." if old else ""
            sys.stdout.write(f"{_names(edit.files)} changed: imported again.{hint}\n")

    def _cell_begins(self, info: object) -> None:
        self._in_cell = True
        self.take()  # What was saved just before a cell is run is what the cell should see.

    def _edited(self) -> None:
        kernel: Any = getattr(self._shell, "kernel", None)
        if kernel is not None:
            kernel.io_loop.add_callback(self._in_main_thread)

    def _in_main_thread(self) -> None:
        if not self._in_cell:
            self._between()


def _names(files: tuple[Path, ...]) -> str:
    folder = Path.cwd()
    return ", ".join(str(file.relative_to(folder) if file.is_relative_to(folder) else file) for file in files)
