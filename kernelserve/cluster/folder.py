"""The folder of one running system: sockets, secret, state. Swept when nobody holds it any more."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kernelserve.exceptions import RayServeException

SECRET_BYTES = 32
MAX_TEMPORARY = 12
"""A socket's path has 107 bytes, and Ray's sockets below the folder need 90 of them."""


class SystemFolder:
    """A 0700 folder that every process of a system holds by a shared lock while it lives.

    Locks end with their process, however it ends, so a folder without one is a dead system's.

    Example:
        >>> folder = SystemFolder.create()      # doctest: +SKIP
        >>> SystemFolder.join(folder.path)      # doctest: +SKIP
    """

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def create(cls, base: Path | None = None) -> SystemFolder:
        """A new folder, locked, with a new secret; dead systems' folders are removed first."""
        base = base or _base()
        with _sweeping(base):
            _remove_free(base)
            path = base / secrets.token_hex(4)
            path.mkdir(mode=0o700)
            folder = cls.join(path)
        file = os.open(path / "secret", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(file, "wb") as out:
            out.write(secrets.token_bytes(SECRET_BYTES))
        return folder

    @classmethod
    def join(cls, path: Path | str) -> SystemFolder:
        """Hold the folder of a running system.

        Raises:
            RayServeException: it is not there (another host, or removed).
        """
        path = Path(path)
        try:
            lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RayServeException(
                f"The system's folder {path} cannot be opened ({error.strerror}). "
                "Processes of one system share a machine for now; start kernelserve where its controller runs."
            ) from error
        fcntl.flock(lock, fcntl.LOCK_SH)
        return cls(path, lock)

    @property
    def secret(self) -> bytes:
        return (self.path / "secret").read_bytes()

    @property
    def logs(self) -> str:
        """The folder of the apps' logs."""
        return str(self.path / "logs")

    def socket(self, name: str) -> str:
        """The address of a Unix socket in the folder."""
        return f"unix://{self.path / name}"

    def release(self) -> None:
        """Let go; the folder stays for the others."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def remove(self) -> None:
        """Let go, and remove the folder if nobody else holds it."""
        self.release()
        _remove_if_free(self.path)

    def __repr__(self) -> str:
        return f"SystemFolder({str(self.path)!r})"


def sweep(base: Path | None = None) -> list[Path]:
    """Remove the folders that no process holds; returns them."""
    base = base or _base()
    with _sweeping(base):
        return _remove_free(base)


@contextlib.contextmanager
def _sweeping(base: Path) -> Iterator[None]:
    """One process sweeps or makes a folder at a time: a folder that is not locked yet must not be swept."""
    lock = os.open(base / "sweeping", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _remove_free(base: Path) -> list[Path]:
    return [path for path in sorted(base.iterdir()) if path.is_dir() and _remove_if_free(path)]


def _base() -> Path:
    """One folder a user in the system's folder for temporary files."""
    temporary = tempfile.gettempdir()
    if len(temporary) > MAX_TEMPORARY:
        temporary = "/tmp"
    base = Path(temporary) / f"kernelserve-{os.getuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    status = base.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise RayServeException(
            f"The folder {base} is not private to this user (mode {stat.filemode(status.st_mode)}, "
            f"owner {status.st_uid}). Remove it; somebody else may have put it there."
        )
    return base


def _remove_if_free(path: Path) -> bool:
    try:
        lock = os.open(path / "lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False  # Being made just now, or not one of ours.
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(path, ignore_errors=True)
        return True
    finally:
        os.close(lock)
