"""The few things that the gateway does to sockets below asyncio's transports."""

from __future__ import annotations

import asyncio
import socket
import struct

_LINGER_OFF = struct.pack("ii", 1, 0)


def address_of(name: object) -> tuple[str, int] | None:
    """Host and port of a socket name; Unix sockets have none."""
    if isinstance(name, tuple) and len(name) >= 2:
        return str(name[0]), int(name[1])
    return None


def reset(transport: asyncio.Transport) -> None:
    """End the connection by an RST, which cannot be taken for an orderly close. Drops what is not yet sent."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)
    transport.abort()
