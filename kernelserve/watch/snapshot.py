"""The Python files of some folders by time and size, so that no edit is missed whatever a watcher tells."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

Snapshot = Mapping[Path, tuple[int, int]]
"""File → time of its last change in nanoseconds, and size."""


def snapshot(folders: Iterable[Path]) -> Snapshot:
    """The Python files that lie directly in the folders; of a folder that is gone, none."""
    found: dict[Path, tuple[int, int]] = {}
    for folder in folders:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.endswith(".py") and entry.is_file():
                        status = entry.stat()
                        found[Path(entry.path)] = (status.st_mtime_ns, status.st_size)
        except FileNotFoundError:
            continue
    return found


def differences(before: Snapshot, after: Snapshot) -> frozenset[Path]:
    """The files that were changed, added or removed.

    Example:
        >>> before = {Path("a.py"): (1, 1), Path("b.py"): (1, 1), Path("c.py"): (1, 1)}
        >>> sorted(file.name for file in differences(before, {Path("a.py"): (2, 1), Path("b.py"): (1, 1)}))
        ['a.py', 'c.py']
    """
    return frozenset(file for file in before.keys() | after.keys() if before.get(file) != after.get(file))
