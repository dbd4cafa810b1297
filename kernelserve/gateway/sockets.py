"""The few things that the gateway does to sockets below asyncio's transports."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys

_NO_LINGER = struct.pack("ii", 1, 0)
# Linux's states of a TCP connection: the first byte of TCP_INFO.
_ESTABLISHED = 1


def address_of(name: object) -> tuple[str, int] | None:
    """Host and port of a socket name; Unix sockets have none."""
    if isinstance(name, tuple) and len(name) >= 2:
        return str(name[0]), int(name[1])
    return None


def reset(transport: asyncio.Transport) -> None:
    """End the connection by an RST, which cannot be taken for an orderly close. Drops what is not yet sent."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


def has_left(transport: asyncio.Transport) -> bool:
    """Whether the peer has closed its side or reset, although nothing is being read from it.

    A transport that does not read cannot see it. Where the system does not tell, the answer is no.
    """
    sock = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_INFO", None)
    if sock is None or option is None or not sys.platform.startswith("linux") or transport.is_closing():
        return False
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    return bool(sock.getsockopt(socket.IPPROTO_TCP, option, 1)[0] != _ESTABLISHED)
