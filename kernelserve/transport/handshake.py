"""Who is at the other end: a mutual handshake before the first frame, without I/O.

::

    connector → acceptor   "KS" version role nonce                    20 bytes
    acceptor → connector   "KS" version role nonce  MAC("accept")     52 bytes
    connector → acceptor   MAC("connect")                             32 bytes

Both MACs are HMAC-SHA256 under the cluster's secret over the direction and both first messages, so a
MAC is worth nothing on another connection, in the other direction or for another role. The connector
speaks first and proves itself last; neither side takes more than 52 bytes before the peer is proven.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from kernelserve.exceptions import AuthenticationError

VERSION = 1
MAX_UNAUTHENTICATED = 64
"""Most bytes that a side takes from a peer that is not proven yet."""
HANDSHAKE_TIMEOUT_S = 2.0

_MAGIC = b"KS"
_NONCE_SIZE = 16
_MAC_SIZE = 32
_HELLO_SIZE = len(_MAGIC) + 2 + _NONCE_SIZE

ROLES = {"controller": 1, "gateway": 2, "replica": 3, "client": 4}
_ROLE_NAMES = {number: name for name, number in ROLES.items()}


class Handshake:
    """One side of the handshake, fed with bytes.

    Args:
        role: what this side is: controller, gateway, replica or client.
        secret: the cluster's secret.
        connector: True on the side that opened the connection.

    Attributes:
        done: the peer is proven; frames may follow.
        peer_role: the peer's role, once done.
        leftover: bytes after the handshake that came with its end: the first frames.

    Example:
        >>> near = Handshake("client", b"secret", connector=True)
        >>> far = Handshake("controller", b"secret", connector=False)
        >>> answer = near.feed(far.feed(near.start()))
        >>> far.feed(answer), near.peer_role, far.peer_role
        (b'', 'controller', 'client')
    """

    def __init__(self, role: str, secret: bytes, *, connector: bool) -> None:
        self._hello = _MAGIC + bytes((VERSION, role_number(role))) + os.urandom(_NONCE_SIZE)
        self._secret = secret
        self._connector = connector
        self._peer_hello = b""
        self._buffer = b""
        self.done = False
        self.peer_role = ""
        self.leftover = b""

    def __repr__(self) -> str:
        # Never the secret.
        return f"<Handshake connector={self._connector} done={self.done}>"

    def start(self) -> bytes:
        """What to send at once: the connector's first message, nothing from the acceptor."""
        return self._hello if self._connector else b""

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the peer; returns what to send back.

        Raises:
            AuthenticationError: the peer is not one of ours. Close the connection, send nothing.
        """
        data = self._buffer + data
        return self._feed_connector(data) if self._connector else self._feed_acceptor(data)

    def _feed_connector(self, data: bytes) -> bytes:
        expected = _HELLO_SIZE + _MAC_SIZE
        # The acceptor cannot send frames before it has our MAC, so more than this is not ours.
        _check_hello(data, expected)
        self._buffer = data
        if len(data) < expected:
            return b""
        self._peer_hello = data[:_HELLO_SIZE]
        self._verify(b"accept", data[_HELLO_SIZE:])
        self._finish(b"")
        return self._mac(b"connect")

    def _feed_acceptor(self, data: bytes) -> bytes:
        if not self._peer_hello:
            _check_hello(data, _HELLO_SIZE)
            self._buffer = data
            if len(data) < _HELLO_SIZE:
                return b""
            self._peer_hello = data
            self._buffer = b""
            return self._hello + self._mac(b"accept")
        if len(data) < _MAC_SIZE:
            self._buffer = data
            return b""
        self._verify(b"connect", data[:_MAC_SIZE])
        self._finish(data[_MAC_SIZE:])
        return b""

    def _mac(self, direction: bytes) -> bytes:
        hellos = (self._hello, self._peer_hello) if self._connector else (self._peer_hello, self._hello)
        message = b"kernelserve/" + direction + b"/" + b"".join(hellos)
        return hmac.new(self._secret, message, hashlib.sha256).digest()

    def _verify(self, direction: bytes, mac: bytes) -> None:
        if not hmac.compare_digest(self._mac(direction), mac):
            raise AuthenticationError(
                "The peer does not know this cluster's secret: its proof does not match. "
                "Connect with the secret of the cluster that the address belongs to."
            )

    def _finish(self, leftover: bytes) -> None:
        self.peer_role = _ROLE_NAMES[self._peer_hello[3]]
        self.leftover = leftover
        self._buffer = b""
        self.done = True


def role_number(role: str) -> int:
    """The byte of a role; an unknown one is an error that lists the known ones."""
    if role not in ROLES:
        raise ValueError(f"Unknown role of a channel: {role!r}. Use one of {', '.join(ROLES)}.")
    return ROLES[role]


def _check_hello(data: bytes, expected: int) -> None:
    """Refuse as early as the bytes allow, so that a stranger is not waited for."""
    if not _MAGIC.startswith(data[:2]):
        raise AuthenticationError(
            f"The peer does not speak kernelserve's protocol: it began with {data[:2]!r}, not {_MAGIC!r}. "
            "Check that the address is that of a kernelserve process."
        )
    if len(data) > 2 and data[2] != VERSION:
        raise AuthenticationError(
            f"The peer speaks version {data[2]} of the protocol, this process version {VERSION}. "
            "Run the same version of kernelserve on both sides."
        )
    if len(data) > 3 and data[3] not in _ROLE_NAMES:
        raise AuthenticationError(
            f"The peer claims an unknown role: {data[3]}. Run the same version of kernelserve on both sides."
        )
    if len(data) > expected:
        raise AuthenticationError(
            f"The peer sent {len(data)} bytes where the handshake has {expected}: it does not wait for the answer. "
            "Check that the address is that of a kernelserve process."
        )
