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


def split_target(url: bytes) -> tuple[str, bytes, bytes]:
    """Request target → decoded path, raw path, query.

    A path that is not UTF-8 is decoded with replacement characters; `raw_path` keeps its bytes.

    Example:
        >>> split_target(b"/caf%C3%A9?q=1")
        ('/café', b'/caf%C3%A9', b'q=1')
    """
    if not url.startswith(b"/"):
        url = _origin_form(url)
    raw_path, _, query = url.partition(b"?")
    if b"%" in raw_path:
        return unquote_to_bytes(raw_path).decode("utf-8", "replace"), raw_path, query
    return raw_path.decode("utf-8", "replace"), raw_path, query


def _origin_form(url: bytes) -> bytes:
    """``http://host/path?query``, as proxies send it, cut down to ``/path?query``."""
    scheme, separator, rest = url.partition(b"://")
    if not separator or scheme.lower() not in (b"http", b"https"):
        return url
    for index, byte in enumerate(rest):
        if byte == 0x2F:
            return rest[index:]
        if byte == 0x3F:
            return b"/" + rest[index:]
    return b"/"


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
