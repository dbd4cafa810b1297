"""Reading of a request's head: target and the headers that speak to the gateway. Pure."""

from __future__ import annotations

import itertools
import math
import os
from urllib.parse import unquote_to_bytes

RETRY_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
MAX_REQUEST_ID = 128

# Headers that change what the gateway does; all others pass through unread.
SPECIAL_HEADERS = frozenset(
    (
        b"content-length",
        b"expect",
        b"upgrade",
        b"x-request-disconnect-disabled",
        b"x-request-id",
        b"x-request-timeout-seconds",
    )
)


def decode_path(target: bytes) -> tuple[str, bytes]:
    """Request target without its query → decoded path, raw path.

    A path that is not UTF-8 is decoded with replacement characters; the raw path keeps its bytes.

    Example:
        >>> decode_path(b"/caf%C3%A9")
        ('/café', b'/caf%C3%A9')
    """
    if not target.startswith(b"/"):
        target = _origin_form(target)
    decoded = unquote_to_bytes(target) if b"%" in target else target
    return decoded.decode("utf-8", "replace"), target


def _origin_form(target: bytes) -> bytes:
    """``http://host/path``, as proxies send it, cut down to ``/path``."""
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in (b"http", b"https"):
        return target
    return b"/" + rest.partition(b"/")[2]


class Method:
    """What the gateway must know of a request's method."""

    __slots__ = ("head_only", "name", "retry_safe")

    def __init__(self, name: str) -> None:
        self.name = name
        self.head_only = name == "HEAD"
        self.retry_safe = name in RETRY_SAFE_METHODS


_METHODS: dict[bytes, Method] = {}


def method_of(name: bytes) -> Method:
    """The method of that name. The parser knows a few dozen names, so all of them are kept."""
    method = _METHODS.get(name)
    if method is None:
        method = _METHODS[name] = Method(name.decode("ascii"))
    return method


class RequestIds:
    """Request ids: the client's where it is fit for a header and a log line, else a new one."""

    def __init__(self) -> None:
        self._prefix = os.urandom(8).hex()
        self._count = itertools.count(1)

    def new(self) -> str:
        """Unique in all processes: a random prefix of this one and a count."""
        return f"{self._prefix}-{next(self._count):x}"

    def accept(self, value: bytes | None) -> str:
        """`value` if it is 1 to 128 printable ASCII characters, else a new id."""
        if value and len(value) <= MAX_REQUEST_ID and value.isascii():
            text = value.decode("ascii")
            if text.isprintable():
                return text
        return self.new()


def timeout_of(value: bytes | None, default: float | None) -> float | None:
    """Seconds of ``x-request-timeout-seconds``; None (no limit) if it is 0 or less.

    Raises:
        ValueError: the header is not a number.
    """
    if value is None:
        return default
    seconds = float(value.decode("ascii", "replace"))
    if math.isnan(seconds):
        raise ValueError(value)
    return seconds if 0 < seconds < math.inf else None
