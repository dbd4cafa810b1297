"""A thread that says when Python files of some folders may have changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import watchfiles

DEBOUNCE_MS = 200
STEP_MS = 20
"""An editor that saves in several steps is done when this long nothing more has come."""
LOOK_ANYWAY_MS = 500
"""Not every file system tells of changes, and none of what happened before the watching began."""


class Watcher:
    """Calls `on_change` from its own thread; what has changed, if anything, is for the callee to find out.

    Args:
        folders: only what lies directly in them counts.
    """

    def __init__(self, folders: frozenset[Path], on_change: Callable[[], None]) -> None:
        self.folders = folders
        self._on_change = on_change
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._main, name="kernelserve files", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread. Idempotent; not to be called by `on_change`."""
        self._stop.set()
        self._thread.join()

    def _main(self) -> None:
        try:
            self._listen()
        except OSError:  # No watch is left, or a folder went away: looking now and then finds changes too.
            while not self._stop.wait(LOOK_ANYWAY_MS / 1000):
                self._on_change()

    def _listen(self) -> None:
        import watchfiles  # Late: only those who follow files need it.

        changes = watchfiles.watch(
            *(folder for folder in self.folders if folder.is_dir()),
            watch_filter=_is_python,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            stop_event=self._stop,
            rust_timeout=LOOK_ANYWAY_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=False,
        )
        for _ in changes:
            self._on_change()


def _is_python(change: watchfiles.Change, path: str) -> bool:
    return path.endswith(".py")
