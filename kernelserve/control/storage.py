"""Where the controller's state outlives its process: one file an app, replaced whole, and one a large unit."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

from kernelserve.control.record import Saved


class Storage(Protocol):
    """Keeps the record of each app. `record` makes it, and is not called where nothing is kept."""

    def write(self, app: str, record: Callable[[], Saved]) -> None: ...
    def remove(self, app: str) -> None: ...
    def read(self) -> list[Saved]: ...


class NoStorage:
    """For a controller whose apps end with its process."""

    def write(self, app: str, record: Callable[[], Saved]) -> None:
        return

    def remove(self, app: str) -> None:
        return

    def read(self) -> list[Saved]:
        return []


class FolderStorage:
    """Files in a folder: ``<app>.app``, and the app's large units in ``<app>.units``, which are written once.

    A write is durable and atomic: units first, then the record (write, fsync, rename).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, app: str, record: Callable[[], Saved]) -> None:
        saved, path, units = record(), self._path(app), self._units(app)
        files = {_unit_name(uid): data for uid, data in saved.units.items()}
        there = {file.name for file in units.iterdir()} if units.is_dir() else set()
        for name in files.keys() - there:
            units.mkdir(mode=0o700, exist_ok=True)
            _write(units / name, files[name])
        _write(path, saved.data)
        for name in there - files.keys():
            (units / name).unlink()

    def remove(self, app: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._path(app).unlink()
        units = self._units(app)
        if units.is_dir():
            for file in list(units.iterdir()):
                file.unlink()
            units.rmdir()

    def read(self) -> list[Saved]:
        apps = [unquote(path.stem) for path in sorted(self._folder.glob("*.app"))]
        return [Saved(self._path(app).read_bytes(), _Units(self._units(app))) for app in apps]

    def _path(self, app: str) -> Path:
        return self._folder / f"{quote(app, safe='')}.app"

    def _units(self, app: str) -> Path:
        return self._folder / f"{quote(app, safe='')}.units"


class _Units(Mapping[str, bytes]):
    """The units of a folder, by id; each is read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, uid: str) -> bytes:
        return (self._folder / _unit_name(uid)).read_bytes()

    def __iter__(self) -> Iterator[str]:
        raise TypeError("Files are named by hashes of unit ids. Ask for the units that the record names.")

    def __len__(self) -> int:
        return sum(1 for _ in self._folder.iterdir()) if self._folder.is_dir() else 0


def _unit_name(uid: str) -> str:
    """A file name for a unit id, which may be long and have any characters."""
    return hashlib.sha256(uid.encode()).hexdigest()


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
