"""The Python files of some folders by time and size, so that no edit is missed whatever a watcher tells."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

Snapshot = Mapping[Path, tuple[int, int]]
"""File → time of its last change in nanoseconds, and size."""


def snapshot(folders: Iterable[Path]) -> Snapshot:
    """The Python files that lie directly in the folders; of a folder that cannot be read, none."""
    stamps = {file: _stamp(file) for folder in folders for file in _python_files(folder)}
    return {file: stamp for file, stamp in stamps.items() if stamp is not None}


def differences(before: Snapshot, after: Snapshot) -> frozenset[Path]:
    """The files that were changed, added or removed.

    Example:
        >>> before = {Path("a.py"): (1, 1), Path("b.py"): (1, 1), Path("c.py"): (1, 1)}
        >>> sorted(file.name for file in differences(before, {Path("a.py"): (2, 1), Path("b.py"): (1, 1)}))
        ['a.py', 'c.py']
    """
    return frozenset(file for file in before.keys() | after.keys() if before.get(file) != after.get(file))


def _python_files(folder: Path) -> list[Path]:
    try:
        return [folder / name for name in os.listdir(folder) if name.endswith(".py")]
    except OSError:
        return []


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:  # Removed meanwhile, or the dangling link by which an editor locks a file.
        return None
    return status.st_mtime_ns, status.st_size
