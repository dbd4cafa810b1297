"""`connect` and `listen`: an address to a channel or a listener.

This is the one place where the system's errors become `TransportError`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import stat
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from kernelserve.config import is_loopback
from kernelserve.exceptions import FeatureNotBuiltError, TransportError
from kernelserve.transport.base import MAX_FRAME, Channel, Listener, Receiver
from kernelserve.transport.handshake import HANDSHAKE_TIMEOUT_S, Handshake
from kernelserve.transport.inproc import connect_inproc, listen_inproc
from kernelserve.transport.stream import Greeting

Accept = Callable[[Channel], Receiver]

MAX_UNIX_PATH = 107
"""Bytes of a socket's path that the kernel takes."""

_SCHEMES = ("inproc", "unix", "tcp")
_log = logging.getLogger(__name__)


async def connect(
    address: str,
    receiver: Receiver,
    *,
    role: str,
    secret: bytes,
    timeout_s: float = 5.0,
    handshake_timeout_s: float = HANDSHAKE_TIMEOUT_S,
    max_frame: int = MAX_FRAME,
) -> Channel:
    """Open a channel to the listener at `address`.

    Args:
        address: ``inproc://NAME``, ``unix:///path`` or ``tcp://127.0.0.1:PORT``.
        receiver: gets the frames, perhaps before this returns.
        role: what this side is: controller, gateway, replica or client.
        secret: the cluster's secret.
        timeout_s: for all of it, the handshake included.
        handshake_timeout_s: for the handshake alone.
        max_frame: largest payload accepted.

    Raises:
        AuthenticationError: the peer has another secret or protocol, or was too slow.
        TransportError: nothing listens there, the address is wrong, or the time is over.

    Example:
        >>> channel = await connect("unix:///run/ks/a", receiver, role="client", secret=secret)  # doctest: +SKIP
    """
    scheme, target = split_address(address)
    if scheme == "inproc":
        return connect_inproc(target, receiver, role=role, secret=secret)
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[Channel] = loop.create_future()

    def accept(channel: Channel) -> Receiver:
        if not ready.done():
            ready.set_result(channel)
        return receiver

    def refuse(error: Exception) -> None:
        if not ready.done():
            ready.set_exception(error)

    handshake = Handshake(role, secret, connector=True)
    greeting = Greeting(handshake, accept, refuse, handshake_timeout_s, max_frame)
    connected = False
    try:
        with _translated("connect to", address, timeout_s):
            async with asyncio.timeout(timeout_s):
                await _open(scheme, target, greeting)
                channel = await ready
                connected = True
                return channel
    finally:
        if not connected:
            ready.cancel()
            greeting.abort()


async def listen(
    address: str,
    accept: Accept,
    *,
    role: str,
    secret: bytes,
    handshake_timeout_s: float = HANDSHAKE_TIMEOUT_S,
    max_frame: int = MAX_FRAME,
) -> Listener:
    """Accept channels at `address` until the listener is closed.

    Args:
        address: as for `connect`; ``tcp://127.0.0.1:0`` takes a free port, told by ``listener.address``.
            The folder of a Unix socket must be ours and closed to others (0700).
        accept: called on this loop with the channel of each proven peer; returns its receiver.
        role: what this side is.
        secret: the cluster's secret.
        handshake_timeout_s: how long a peer has to prove itself.
        max_frame: largest payload accepted.

    Raises:
        TransportError: the address is taken, wrong or not safe.
    """
    scheme, target = split_address(address)
    if scheme == "inproc":
        return listen_inproc(target, accept, role=role, secret=secret)
    greetings: set[Greeting] = set()

    def greet() -> Greeting:
        def settle_with_channel(channel: Channel) -> Receiver:
            greetings.discard(greeting)
            return accept(channel)

        def refuse(error: Exception) -> None:
            greetings.discard(greeting)
            _log.debug("A connection to %s was refused: %s", address, error)

        handshake = Handshake(role, secret, connector=False)
        greeting = Greeting(handshake, settle_with_channel, refuse, handshake_timeout_s, max_frame)
        greetings.add(greeting)
        return greeting

    Handshake(role, secret, connector=False)  # an unknown role is an error now, not at the first peer
    loop = asyncio.get_running_loop()
    with _translated("listen at", address):
        if scheme == "unix":
            _make_way(target)
            return _SocketListener(address, await loop.create_unix_server(greet, target), greetings, target)
        host, port = _host_and_port(target)
        server = await loop.create_server(greet, host, port)
    port = server.sockets[0].getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    return _SocketListener(f"tcp://{shown}:{port}", server, greetings)


class _SocketListener(Listener):
    def __init__(self, address: str, server: asyncio.Server, greetings: set[Greeting], path: str = "") -> None:
        self.address = address
        self._server = server
        self._greetings = greetings
        self._path = path
        self._file = _identity(path)

    async def close(self) -> None:
        self._server.close()
        for greeting in list(self._greetings):
            greeting.abort()
        self._greetings.clear()
        # Not another listener's that took the path meanwhile.
        if self._file is not None and _identity(self._path) == self._file:
            os.unlink(self._path)
        self._file = None
        # Not `wait_closed`: it waits for the open channels, which stay. One tick lets the sockets go.
        await asyncio.sleep(0)


def split_address(address: str) -> tuple[str, str]:
    """Scheme and target of an address: a name, a path, or ``host:port``.

    Raises:
        TransportError: unknown scheme, no target, or a path that the kernel would not take.

    Example:
        >>> split_address("unix:///tmp/ks/a")
        ('unix', '/tmp/ks/a')
    """
    scheme, separator, target = address.partition("://")
    if not separator or scheme not in _SCHEMES:
        known = ", ".join(f"{name}://" for name in _SCHEMES)
        raise TransportError(f"Unknown scheme in the address {address!r}. Use one of {known}.")
    if not target:
        raise TransportError(f"The address {address!r} names nothing after its scheme. Add a name, path or host:port.")
    if scheme == "unix":
        _check_path(target)
    if scheme == "tcp":
        _host_and_port(target)
    return scheme, target


def _check_path(path: str) -> None:
    if not path.startswith("/"):
        raise TransportError(f"The path of a Unix socket is relative: {path!r}. Write unix:///absolute/path.")
    size = len(os.fsencode(path))
    if size > MAX_UNIX_PATH:
        raise TransportError(
            f"The path of a Unix socket is too long: {path!r} has {size} bytes, the system takes {MAX_UNIX_PATH}. "
            "Use a shorter folder."
        )


def _host_and_port(target: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{target}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or port is None:
        raise TransportError(f"A TCP address needs host and port, not {target!r}. Write tcp://127.0.0.1:PORT.")
    if not is_loopback(host):
        raise FeatureNotBuiltError(
            f"TCP beyond loopback requires TLS, which is not built yet: the host is {host!r}. "
            "Use tcp://127.0.0.1:PORT or a Unix socket."
        )
    return "127.0.0.1" if host == "localhost" else host, port


async def _open(scheme: str, target: str, greeting: Greeting) -> None:
    loop = asyncio.get_running_loop()
    if scheme == "unix":
        await loop.create_unix_connection(lambda: greeting, target)
    else:
        await loop.create_connection(lambda: greeting, *_host_and_port(target))


def _make_way(path: str) -> None:
    """Check the folder and remove a socket file that nobody listens at any more."""
    folder = os.path.dirname(path)
    found = os.stat(folder)
    if found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise TransportError(
            f"The folder of a Unix socket is open to others: {folder!r} has mode {stat.S_IMODE(found.st_mode):04o} "
            f"and owner {found.st_uid}. Use a folder of your own with mode 0700."
        )
    if _identity(path) is None:
        return
    if not stat.S_ISSOCK(os.lstat(path).st_mode):
        raise TransportError(f"The path of a Unix socket is taken by a file: {path!r}. Remove it, or use another path.")
    if _answers(path):
        raise TransportError(f"Another process listens at {path!r}. Stop it, or use another path.")
    os.unlink(path)


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(path)
        except BlockingIOError:
            return True  # a full backlog is a listener's
        except ConnectionRefusedError:
            return False
    return True


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def _translated(doing: str, address: str, timeout_s: float | None = None) -> Iterator[None]:
    try:
        yield
    except TimeoutError as cause:
        raise TransportError(
            f"Could not {doing} {address} within {timeout_s or 0:g} s. "
            "Check that the process there runs and is not blocked, or allow more time."
        ) from cause
    except OSError as cause:
        raise TransportError(
            f"Could not {doing} {address}: {cause.strerror or cause}. "
            "Check the address, and that the process that it belongs to runs."
        ) from cause
