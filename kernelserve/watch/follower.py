"""`Follower`: what a face uses to keep up with edited files."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from kernelserve.code.byvalue import is_local_source
from kernelserve.code.imports import local_modules
from kernelserve.watch.reimport import Swap, reimport
from kernelserve.watch.snapshot import differences, snapshot
from kernelserve.watch.watcher import Watcher


@dataclass(frozen=True)
class Edit:
    """Files that were edited, and the modules that were imported again for it.

    Attributes:
        files: sorted.
        modules: what `rebind` takes.
    """

    files: tuple[Path, ...]
    modules: Swap


class Follower:
    """Follows the source files of the user's modules.

    Nothing is imported behind anybody's back: `on_change` only says that it is time for `take`.

    Args:
        on_change: called from another thread when files were edited; it must not call `take` itself.
        folders: followed besides those of the modules that are imported. A follower that is made before these
            modules are imported, and started afterwards, misses no edit between.
        roots: see `reimport`.

    Example:
        >>> import threading
        >>> edited = threading.Event()
        >>> with Follower(edited.set) as follower:
        ...     follower.take() is None
        True
    """

    def __init__(
        self, on_change: Callable[[], None], folders: Iterable[Path] = (), roots: Iterable[str] | None = None
    ) -> None:
        self._on_change = on_change
        self._roots = None if roots is None else tuple(roots)
        self._made = time.time_ns()
        self._folders = frozenset(folders)
        self._seen = snapshot(self._folders)
        self._pending: frozenset[Path] = frozenset()
        self._watcher: Watcher | None = None

    def start(self) -> Follower:
        """Begin to follow the modules that are imported by now."""
        self._follow(_folders_of_modules(), self._made)
        return self

    def close(self) -> None:
        """End following; no thread is left. Idempotent."""
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None

    def __enter__(self) -> Follower:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pending(self) -> tuple[Path, ...]:
        """Files that were edited and are not imported again yet, as the last attempt failed."""
        return tuple(sorted(self._pending))

    def take(self, any_file: bool = False) -> Edit | None:
        """Import again what was edited since the last call; None if that is nothing that is imported.

        What failed is tried again after the next edit, not before.

        Args:
            any_file: a file of no imported module counts too; it may be of one that could not be imported.

        Raises:
            BaseException: what an edited module raised; the modules are as they were.
        """
        began, now = time.time_ns(), snapshot(self._folders)
        edited = differences(self._seen, now)
        self._seen = now
        if not edited:
            return None
        self._pending |= edited
        changed = [name for name, file in local_modules().items() if file in self._pending]
        if not changed and not any_file:
            self._pending = frozenset()
            return None
        try:
            swap = reimport(changed, self._roots)
        except BaseException as error:  # The boundary to the user's modules: what they raise is the caller's to show.
            self._follow(_folders_of_modules() | _folders_of_error(error), began)
            raise
        files, self._pending = self.pending, frozenset()
        self._follow(_folders_of_modules(), began)
        return Edit(files, swap)

    def _follow(self, folders: frozenset[Path], since_ns: int) -> None:
        """Follow these folders too; a file of a new one that was written `since_ns` counts as edited."""
        new = folders - self._folders
        found = {file: stamp if stamp[0] < since_ns else _NEVER for file, stamp in snapshot(new).items()}
        self._folders |= new
        self._seen = {**self._seen, **found}
        if self._watcher is None or new:
            self.close()
            self._watcher = Watcher(self._folders, self._noticed)

    def _noticed(self) -> None:
        if differences(self._seen, snapshot(self._folders)):
            self._on_change()


_NEVER = (0, 0)


def _folders_of_modules() -> frozenset[Path]:
    return frozenset(file.parent for file in local_modules().values())


def _folders_of_error(error: BaseException) -> frozenset[Path]:
    """Where the user's files lie that the error points at: they may be of modules that were never imported."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        files.append(error.filename or "")
    return frozenset(Path(file).parent for file in files if is_local_source(file))
