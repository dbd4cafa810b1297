"""Bytes of HTTP answers. Pure: what the protocol writes is made here."""

from __future__ import annotations

import http
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from kernelserve.exceptions import (
    BackPressureError,
    DeploymentUnavailableError,
    ReplicaUnavailableError,
    RequestCancelledError,
    RevisionGoneError,
    RevisionNotFoundError,
)
from kernelserve.transport.messages import ErrorMeta, HttpResponse

Headers = Sequence[tuple[bytes, bytes]]

CLIENT_CLOSED_REQUEST = 499
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BREAKS_A_LINE = re.compile(rb"[\r\n\0]")
# Ours to write: framing belongs to the connection, and the id must be the one in the logs.
_OURS = frozenset((b"connection", b"content-length", b"keep-alive", b"transfer-encoding", b"x-request-id"))
_HANDSHAKES = _OURS | {b"upgrade", b"sec-websocket-accept", b"sec-websocket-extensions"}
_LENGTH_DIGITS = 18
_STATUS_OF_CATEGORY = {"timeout": 408, "cancelled": CLIENT_CLOSED_REQUEST, "revision_gone": 503, "unavailable": 503}
_CACHED_HEADS = 256
_CACHED_HEAD_BYTES = 512

TEXT: Headers = ((b"content-type", b"text/plain; charset=utf-8"),)
JSON: Headers = ((b"content-type", b"application/json"),)


def _status_line(status: int) -> bytes:
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = "Client Closed Request" if status == CLIENT_CLOSED_REQUEST else "Status"
    return f"HTTP/1.1 {status} {phrase}\r\n".encode("ascii")


STATUS_LINES = {status: _status_line(status) for status in range(100, 1000)}


class InvalidResponseError(Exception):
    """The app answered with something that may not go on the wire; the message says what."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and the app's headers, checked and rendered.

    Attributes:
        block: status line and header lines, without those that depend on the connection or the body.
        bodiless: the status has no body (204, 304).
        close: the app asked for the connection to be closed.
        head_length: the app's own content-length: for an answer to HEAD, and for a streamed one.
        status: for the journal.
    """

    block: bytes
    bodiless: bool = False
    close: bool = False
    head_length: bytes | None = None
    status: int = 200


def render_head(status: int, headers: Headers) -> Head:
    """Check and render status and headers.

    Raises:
        InvalidResponseError: the status is not a final one, or a header would break out of its line.
    """
    if not 200 <= status <= 999:
        raise InvalidResponseError(
            f"The application answered with status {status}, which is not a final HTTP status. Use 200 to 599."
        )
    lines = [STATUS_LINES[status]]
    close = False
    length: bytes | None = None
    for name, value in headers:
        lowered = checked_name(name, value)
        if lowered not in _OURS:
            lines.append(b"%b: %b\r\n" % (name, value))
        elif lowered == b"connection":
            close = close or b"close" in value.lower()
        elif lowered == b"content-length" and value.isdigit() and len(value) <= _LENGTH_DIGITS:
            length = value
    return Head(b"".join(lines), status in (204, 304), close, length, status)


def render_handshake(key: bytes, headers: Headers) -> bytes:
    """Check and render the answer that accepts a WebSocket.

    Args:
        key: the value of ``sec-websocket-accept``.

    Raises:
        InvalidResponseError: a header would break out of its line.
    """
    lines = [STATUS_LINES[101], b"upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: %b\r\n" % key]
    lines += [b"%b: %b\r\n" % header for header in headers if checked_name(*header) not in _HANDSHAKES]
    return b"".join(lines)


def checked_name(name: bytes, value: bytes) -> bytes:
    """The header's name in lower case.

    Raises:
        InvalidResponseError: the header would break out of its line.
    """
    if _TOKEN.fullmatch(name) is None or _BREAKS_A_LINE.search(value) is not None:
        raise InvalidResponseError(
            f"The application answered with an invalid header: {name[:80]!r}: {value[:80]!r}. "
            "Header names are plain tokens, and values must not contain line breaks or NUL."
        )
    return name.lower()


class HeadCache:
    """Decodes and renders the head of a RESULT frame; equal heads are rendered once.

    Most answers of an app have the same few heads, so the rendered form is looked up by the encoded one.
    """

    def __init__(self) -> None:
        self._heads: dict[bytes, Head] = {}
        self._decode = msgspec.msgpack.Decoder(HttpResponse).decode

    def get(self, meta: bytes) -> Head:
        """The head for an encoded `HttpResponse`; raises `InvalidResponseError`."""
        head = self._heads.get(meta)
        if head is None:
            try:
                response = self._decode(meta)
            except msgspec.DecodeError as error:
                raise InvalidResponseError(f"The replica's answer cannot be read: {error}. Redeploy the app.") from None
            head = render_head(response.status, response.headers)
            if len(meta) <= _CACHED_HEAD_BYTES:
                if len(self._heads) >= _CACHED_HEADS:
                    self._heads.clear()
                self._heads[meta] = head
        return head


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that the gateway gives by itself."""

    status: int
    body: bytes
    headers: Headers = TEXT

    @property
    def head(self) -> Head:
        return render_head(self.status, self.headers)


def text_answer(status: int, text: str, headers: Headers = ()) -> Answer:
    """A text/plain answer."""
    return Answer(status, text.encode("utf-8", "replace"), (*TEXT, *headers))


def not_found(path: str) -> Answer:
    """No route: in Ray Serve's words, which clients and tests look for."""
    return text_answer(404, f"Path '{path}' not found. Ping http://.../-/routes for available routes.")


def timed_out(seconds: float) -> Answer:
    return text_answer(
        408,
        f"Request timed out after {seconds:g} s. Raise request_timeout_s, or send the header "
        "x-request-timeout-seconds with a larger number (0 for no limit).",
    )


def answer_to_error(meta: ErrorMeta, app: str, request_id: str, show_errors: bool) -> Answer:
    """The answer for an ERROR frame."""
    status = _STATUS_OF_CATEGORY.get(meta.category, 500)
    if meta.status:  # Back pressure further down.
        return text_answer(meta.status, meta.message, _retry_after(meta.retry_after_s))
    if not show_errors:
        return text_answer(
            status,
            f"{STATUS_LINES[status][9:].decode().strip()}: application '{app}' did not answer request {request_id} "
            f"({meta.category}). The application's log has the error under this id.",
        )
    text = f"Application '{app}' failed with {meta.type_name}: {meta.message}\n"
    if meta.traceback:
        text += f"\n{meta.traceback.rstrip()}\n"
    advice = " Correct the code and deploy again." if status == 500 else ""
    return text_answer(status, f"{text}\nRequest id {request_id}.{advice}")


def answer_to_failure(error: Exception) -> Answer:
    """The answer when no replica answered."""
    match error:
        case BackPressureError():
            return text_answer(error.status_code, str(error), _retry_after(error.retry_after_s))
        case DeploymentUnavailableError() | ReplicaUnavailableError() | RevisionGoneError():
            return text_answer(503, str(error) or f"Not available: {type(error).__name__}. Try again later.")
        case RevisionNotFoundError():
            return text_answer(404, str(error))
        case RequestCancelledError():
            return text_answer(CLIENT_CLOSED_REQUEST, str(error))
        case _:
            return text_answer(500, f"The request could not be delivered: {type(error).__name__}: {error}. Try again.")


def _retry_after(seconds: float | None) -> Headers:
    return () if seconds is None else ((b"retry-after", b"%d" % max(0, math.ceil(seconds))),)
