"""Files of log lines: one a replica and one older one, JSON lines. The side that writes, and the folder's upkeep."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
from pathlib import Path
from urllib.parse import quote

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_ENDED_BYTES = 20 * 1024 * 1024
"""Of all files of replicas of one app that have ended."""
OLD = ".1"
_LONGEST_NAME = 80


def app_folder(logs: Path | str, app: str) -> Path:
    """Where the files of an app lie."""
    return Path(logs) / _safe(app)


def file_name(deployment: str, replica: str) -> str:
    """The name of a replica's file.

    Example:
        >>> file_name("Llm", "x1"), file_name("a/b", "x1")
        ('Llm.x1.log', 'a%2Fb.x1.log')
    """
    return f"{file_prefix(deployment)}{_safe(replica)}.log"


def file_prefix(deployment: str) -> str:
    """What the names of the files of a deployment begin with."""
    return f"{_safe(deployment)}."


def _safe(name: str) -> str:
    """As a file name; names of people may have any character and length."""
    quoted = quote(name, safe="").replace("%20", " ")
    if quoted in (".", ".."):
        quoted = quoted.replace(".", "%2E")
    if len(quoted) <= _LONGEST_NAME:
        return quoted
    return f"{quoted[:_LONGEST_NAME]}~{hashlib.blake2b(name.encode(), digest_size=6).hexdigest()}"


class LogFile:
    """Appends to a file, and begins another when it is full. One writer at a time.

    While it is open it holds a lock, so that others see that its replica runs, however that ends.

    Args:
        path: of the file; the older one has `OLD` behind its name.
        max_bytes: how long it may become.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._file = -1
        self._size = 0
        self._torn = False
        self._open()

    def write(self, data: bytes) -> None:
        """Append whole lines.

        Raises:
            OSError: the disk is full, or the folder is gone. What follows begins on a line of its own.
        """
        if self._file < 0:
            self._open()
        elif self._size and self._size + len(data) > self._max_bytes:
            self._rotate()
        if self._torn:
            data = b"\n" + data
        view = memoryview(data)
        while view:
            written = os.write(self._file, view)
            self._torn = True
            self._size += written
            view = view[written:]
        self._torn = False

    def close(self) -> None:
        """It is opened again by the next `write`. Idempotent."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _rotate(self) -> None:
        self._path.rename(self._path.with_name(self._path.name + OLD))
        old, self._file = self._file, -1
        try:
            self._open()
        finally:
            os.close(old)

    def _open(self) -> None:
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_SH)
        self._file, self._size = file, os.fstat(file).st_size


def trim(folder: Path, max_bytes: int = MAX_ENDED_BYTES) -> None:
    """Remove the oldest files of ended replicas until the others are at most `max_bytes`."""
    ended = []
    for path in folder.glob("*.log"):
        with contextlib.suppress(OSError):  # Another process removes it at this moment.
            if not _is_open(path):
                ended.append((path.stat().st_mtime, path))
    left = max_bytes
    for _, path in sorted(ended, reverse=True):
        files = [file for file in (path, path.with_name(path.name + OLD)) if file.exists()]
        with contextlib.suppress(OSError):
            left -= sum(file.stat().st_size for file in files)
            if left < 0:
                for file in reversed(files):
                    file.unlink()


def _is_open(path: Path) -> bool:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def set_aside(logs: Path | str, app: str) -> Path | None:
    """Take the files of an app away at once, so that an app of that name begins without any; `remove` ends them."""
    folder = app_folder(logs, app)
    gone = folder.with_name(f"{os.urandom(8).hex()}.gone")
    try:
        folder.rename(gone)
    except FileNotFoundError:
        return None
    return gone


def remove(folder: Path) -> None:
    """Remove what `set_aside` has returned."""
    shutil.rmtree(folder, ignore_errors=True)
