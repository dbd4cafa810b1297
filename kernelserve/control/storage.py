"""Where the controller's state outlives its process: one file an app, replaced whole."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote


class Storage(Protocol):
    """Keeps the snapshot of each app."""

    def write(self, app: str, data: bytes) -> None: ...
    def remove(self, app: str) -> None: ...
    def read(self) -> dict[str, bytes]: ...


class NoStorage:
    """For a controller whose apps end with its process."""

    def write(self, app: str, data: bytes) -> None:
        return

    def remove(self, app: str) -> None:
        return

    def read(self) -> dict[str, bytes]:
        return {}


class FolderStorage:
    """Files ``<app>.app`` in a folder; a write is durable and atomic (write, fsync, rename)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, app: str, data: bytes) -> None:
        path = self._path(app)
        temporary = path.with_suffix(".new")
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)

    def remove(self, app: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._path(app).unlink()

    def read(self) -> dict[str, bytes]:
        return {unquote(path.stem): path.read_bytes() for path in sorted(self._folder.glob("*.app"))}

    def _path(self, app: str) -> Path:
        return self._folder / f"{quote(app, safe='')}.app"
