"""Large payloads between processes of one machine: written once into anonymous memory, and mapped by the peer.

The sender makes a memfd (``memfd_create(2)``) and sends its number; the peer opens it as ``/proc/<pid>/fd/<n>``
(``proc(5)``; allowed between processes of one user), maps it privately, and answers with RELEASE, on which the
sender closes its end. Nothing has a name in a file system, so a process that is killed leaves nothing behind.
"""

from __future__ import annotations

import mmap
import os
import socket
import struct
import sys
import weakref
from collections.abc import Sequence

from kernelserve.exceptions import ProtocolError
from kernelserve.transport.base import MAX_FRAME, Buffer

CLOSE_AFTER_S = 2.0
"""An orderly close waits at most this long for the peer to map what was sent."""
MAX_MAPPED = 200
"""Mappings alive in a process before Python 3.13, where each holds a file descriptor; more are copied."""
SHARED_FROM = 1024 * 1024
"""Payloads from this size on are shared: below, copying through the socket is as quick."""

_WHERE = struct.Struct("<IIIQ")
_PEER = struct.Struct("3i")
_MAX_PIECES = 1000  # Of one writev: less than any system's IOV_MAX.


def can_share(sock: socket.socket | None) -> bool:
    """Whether the peer of a connected socket can open our memory: same machine, user and process namespace."""
    if sock is None or sock.family != socket.AF_UNIX or not hasattr(os, "memfd_create"):
        return False
    try:
        pid, uid, _ = _PEER.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
        return pid > 0 and uid == os.getuid() and os.readlink(f"/proc/{pid}/ns/pid") == os.readlink("/proc/self/ns/pid")
    except OSError:
        return False


class SharedMemory:
    """The sending side of one channel: memory that the peer has not mapped yet."""

    def __init__(self) -> None:
        self.lent_bytes = 0
        self._open: dict[int, tuple[int, int]] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._open)

    def put(self, parts: Sequence[Buffer], size: int) -> bytes | None:
        """Copy a payload into new memory; returns what the frame carries, or None if there is no memory."""
        try:
            fd = os.memfd_create("kernelserve", os.MFD_CLOEXEC)
        except OSError:
            return None
        try:
            _write(fd, parts)
        except OSError:
            os.close(fd)
            return None
        self._next = (self._next + 1) % 2**32
        self._open[self._next] = fd, size
        self.lent_bytes += size
        return _WHERE.pack(os.getpid(), fd, self._next, size)

    def release(self, payload: Buffer) -> None:
        """The peer has mapped it (a RELEASE frame)."""
        number = int.from_bytes(payload, "little")
        fd, size = self._open.pop(number, (-1, 0))
        if fd < 0:
            raise ProtocolError(
                f"The peer released memory {number}, which is not lent. Run one version of kernelserve."
            )
        os.close(fd)
        self.lent_bytes -= size

    def close(self) -> None:
        """The channel has ended."""
        for fd, _ in self._open.values():
            os.close(fd)
        self._open.clear()
        self.lent_bytes = 0


def take(payload: Buffer, limit: int = MAX_FRAME) -> tuple[Buffer, bytes]:
    """Map what a frame with FLAG_SHARED refers to; returns the real payload and that of the RELEASE frame.

    The mapping is private: what is written into it stays here. It ends when the last view of it does.

    Raises:
        ProtocolError: there is no such memory.
    """
    if len(payload) != _WHERE.size:
        raise ProtocolError(f"A reference to shared memory has {len(payload)} bytes. Run one version of kernelserve.")
    pid, fd, number, size = _WHERE.unpack(payload)
    if not 0 < size <= limit:
        raise ProtocolError(f"Shared memory of {size:,} bytes was announced, and at most {limit:,} are accepted here.")
    path = f"/proc/{pid}/fd/{fd}"
    try:
        if not os.readlink(path).startswith("/memfd:kernelserve"):
            raise ProtocolError(f"The peer refers to {path}, which is no memory of kernelserve's.")
        here = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            if os.fstat(here).st_size != size:
                raise ProtocolError(f"Shared memory of {size} bytes was announced, and has {os.fstat(here).st_size}.")
            mapped = _map(here, size)
        finally:
            os.close(here)
    except OSError as error:
        raise ProtocolError(f"The peer's memory cannot be mapped ({path}: {error}). Has it died?") from error
    return mapped, number.to_bytes(4, "little")


_mapped: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


def _map(fd: int, size: int) -> Buffer:
    """The memory, mapped privately; copied where too many mappings would keep a descriptor each."""
    prot, flags = mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE
    if sys.version_info >= (3, 13):
        return memoryview(mmap.mmap(fd, size, flags=flags, prot=prot, trackfd=False))
    if len(_mapped) < MAX_MAPPED:
        mapped = mmap.mmap(fd, size, flags=flags, prot=prot)  # Keeps a duplicate of `fd` while it lives.
        _mapped.add(mapped)
        return memoryview(mapped)
    copy = bytearray(size)
    with open(fd, "rb", buffering=0, closefd=False) as file:
        view = memoryview(copy)
        while view:
            view = view[file.readinto(view) or len(view) :]
    return copy


def _write(fd: int, parts: Sequence[Buffer]) -> None:
    pending = [memoryview(part).cast("B") for part in parts if len(part)]
    while pending:
        written = os.writev(fd, pending[:_MAX_PIECES])
        while pending and written >= len(pending[0]):
            written -= len(pending.pop(0))
        if written:
            pending[0] = pending[0][written:]
