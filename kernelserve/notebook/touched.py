"""Tells which arrays a cell may have written into, so that those of all others are not hashed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kernelserve.code.arrays import array_hashes
from kernelserve.notebook.cellnames import names_used

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class Touched:
    """Follows the cells of a shell; see `follow`."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def before_cell(self, info: Any) -> None:
        """What a cell deploys itself is hashed as it is then. `info` is IPython's `ExecutionInfo`."""
        self.touch(info.raw_cell)

    def after_cell(self, result: Any) -> None:
        """`result` is IPython's `ExecutionResult`, also of a cell that raised."""
        self.touch(result.info.raw_cell)

    def touch(self, cell: str | None) -> None:
        space = self._shell.user_ns
        # What a name of the cell stood for and does not any more was there before the cell.
        array_hashes.cell_ran([name for name in names_used(cell or "") if name in space], space)


def follow(shell: InteractiveShell, on: bool) -> None:
    """Begin or end following a shell's cells; harmless if it is so already."""
    events = shell.events
    for name in ("pre_run_cell", "post_run_cell"):
        for callback in [one for one in events.callbacks[name] if isinstance(getattr(one, "__self__", None), Touched)]:
            events.unregister(name, callback)
    array_hashes.cells_end()
    if on:
        touched = Touched(shell)
        events.register("pre_run_cell", touched.before_cell)
        events.register("post_run_cell", touched.after_cell)
