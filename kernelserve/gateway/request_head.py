"""Reading of a request's head: target and the headers that speak to the gateway. Pure."""

from __future__ import annotations

import itertools
import math
import os
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import msgspec

from kernelserve.gateway.refusals import Refused, head_too_large
from kernelserve.transport.messages import HttpRequest

if TYPE_CHECKING:
    from kernelserve.gateway.answers import Answer
    from kernelserve.gateway.state import Route, Target
    from kernelserve.observe.trace_context import Entered
    from kernelserve.observe.tracing import Tracing

RETRY_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
MAX_REQUEST_ID = 128
REVISION_HEADER = "x-kernelserve-revision"
"""A client may choose the revision that answers: the current one or the one on trial. Also in gRPC's metadata."""
_REVISION_DIGITS = 9

# Headers that change what the gateway does; all others pass through unread.
SPECIAL_HEADERS = frozenset(
    (
        b"content-length",
        b"expect",
        b"serve-multiplexed-model-id",
        b"serve_multiplexed_model_id",
        b"traceparent",
        b"upgrade",
        b"x-kernelserve-revision",
        b"x-request-disconnect-disabled",
        b"x-request-id",
        b"x-request-timeout-seconds",
        b"x-session-id",
    )
)
Address = tuple[str, int] | None

_encode = msgspec.msgpack.Encoder().encode


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
_GET = Method("GET")


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


def revision_of(value: str) -> int:
    """The revision that a client asks for in ``x-kernelserve-revision``; 0 for "".

    Raises:
        ValueError: it is no number of a revision; the text is for the client.

    Example:
        >>> revision_of("5"), revision_of("r5"), revision_of("")
        (5, 5, 0)
    """
    if not value:
        return 0
    digits = value.strip().removeprefix("r")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _REVISION_DIGITS and int(digits)):
        raise ValueError(f"{REVISION_HEADER} is no number of a revision: {value[:80]!r}. Send one, such as 5.")
    return int(digits)


class RequestHead:
    """All of a request but its body: filled while it is read, and kept until it is answered.

    Attributes:
        special: those of its headers that are in `SPECIAL_HEADERS`.
        target: where its path leads; set when the head is complete.
        early: the answer, if the head alone decides it; its body is dropped then.
        length: its content-length, 0 if there is none.
        timeout_s: answer 408 this long after it was handed on, or None.
        websocket: it asks to become a WebSocket.
        model_id, session_id: multiplexed model and session that it names, "" for none.
        revision: the revision that it asks for, 0 for none.
        detached: it goes on when its client disconnects.
        traced: its trace, or None.
    """

    # Most requests leave most of these as they are, so they are class attributes and not set for each.
    url = b""
    query = b""
    method = _GET
    version = "1.1"
    keep_alive = True
    early: Answer | None = None
    length = 0
    websocket = False
    detached = False
    request_id = ""
    model_id = ""
    session_id = ""
    revision = 0
    traced: Entered | None = None
    target: Target

    def __init__(self, timeout_s: float | None = None) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.special: dict[bytes, bytes] = {}
        self.timeout_s = timeout_s

    @property
    def route(self) -> Route:
        """The app that it is for; ask only if there is no `early` answer."""
        assert self.target.route is not None
        return self.target.route

    def check_size(self, limit: int) -> None:
        """Raises `Refused` if the head is over the limit."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > limit:
            raise head_too_large(size, limit)

    def check_unusual(self, upgrades: bool) -> None:
        """Take in what `special` says, and refuse what is not served. Raises `Refused`."""
        special = self.special
        if self.version not in ("1.1", "1.0"):
            raise Refused(505, f"HTTP version {self.version} is not supported. Use HTTP/1.1.")
        if self.method.name == "CONNECT":
            raise Refused(501, "CONNECT is not built: tunnels are not served by this version. Use plain HTTP requests.")
        if b"content-length" in special:
            self.length = int(special[b"content-length"])
            if len(special) == 1:
                return  # Any request with a body.
        if upgrades and special.get(b"upgrade", b"").lower() == b"websocket":
            self._check_websocket()
        model = special.get(b"serve_multiplexed_model_id") or special.get(b"serve-multiplexed-model-id") or b""
        self.model_id = model.decode("utf-8", "replace")
        self.session_id = special.get(b"x-session-id", b"").decode("utf-8", "replace")
        self.detached = special.get(b"x-request-disconnect-disabled") == b"?1"
        seconds = special.get(b"x-request-timeout-seconds")
        try:
            self.timeout_s = timeout_of(seconds, self.timeout_s)
        except ValueError:
            text = f"x-request-timeout-seconds is not a number: {seconds!r}. Send seconds."
            self.early = Refused(400, text).answer
        if b"x-kernelserve-revision" in special:
            try:
                self.revision = revision_of(special[b"x-kernelserve-revision"].decode("latin-1"))
            except ValueError as error:
                self.early = Refused(400, str(error)).answer

    def _check_websocket(self) -> None:
        if self.method.name != "GET" or self.version != "1.1":
            text = f"A WebSocket begins with a GET of HTTP/1.1, this was {self.method.name} of HTTP/{self.version}."
            raise Refused(405, f"{text} Send a GET.", ((b"allow", b"GET"),))
        if self.length or any(name == b"transfer-encoding" for name, _ in self.headers):
            raise Refused(400, f"A WebSocket's request has no body, this one announces {self.length} bytes. Send none.")
        self.websocket = True

    def trace(self, tracing: Tracing) -> None:
        """Decide whether it is traced; before it is encoded."""
        parents = [value for name, value in self.headers if name == b"traceparent"]
        states = [value for name, value in self.headers if name == b"tracestate"]
        # Two of them say nothing; of the state each may be a part.
        parent = parents[0].decode("latin-1") if len(parents) == 1 else ""
        self.traced = tracing.enter(parent, b",".join(states).decode("latin-1"))

    def encode(self, client: Address, server: Address) -> bytes:
        """The `HttpRequest` for the replica. The head forgets its headers."""
        target = self.target
        route = self.route
        timeout_s, kind, scheme = self.timeout_s, "http", "http"
        if self.websocket:
            # Its timeout is for the handshake, which is the gateway's to watch.
            timeout_s, kind, scheme = None, "websocket", "ws"
        meta = HttpRequest(
            self.request_id, self.method.name, target.path, target.raw_path, self.query, route.root_path, self.headers,
            self.version, client, server, route.prefix, timeout_s, self.model_id, self.session_id, kind, scheme,
            self.traced.traceparent if self.traced is not None else "",
        )  # fmt: skip
        self.headers = []
        return _encode(meta)
