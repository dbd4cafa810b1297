"""The contract of a channel: frames between two processes, or two threads of one.

A frame is a 16-byte little-endian header and a payload::

    u32 length    payload bytes after the header, at most `MAX_FRAME`
    u32 stream    the exchange it belongs to, chosen by the side that opened it
    u8  kind      a `FrameKind`
    u8  flags     see the `FLAG_` constants
    u16 load      answers: requests running at the replica now (saturates at 65535)
    u32 revision  the app's revision that the exchange runs under, 0 if none
"""

from __future__ import annotations

import abc
import enum
from collections.abc import Sequence
from typing import Protocol

HEADER_SIZE = 16
MAX_FRAME = 2**31 - 1

FLAG_UNITS = 1
"""The payload was pickled by the unit codec, and only its loader may read it."""
FLAG_MORE = 2
"""HTTP, CALL of gRPC, and CHUNK towards the replica: the body or stream goes on in CHUNK frames. The last one lacks the
flag; that of a gRPC stream is empty, and no item."""
FLAG_STREAM = 4
"""CALL: the caller takes a stream, one item a CHUNK."""
FLAG_TEXT = 8
"""CHUNK of a WebSocket: the message is text."""
FLAG_TRACE = 16
"""Request: send the replica's span with the answer. RESULT or ERROR: the payload has parts, also at the end of a
stream, and the last one is that span (`observe.spans.encode_work`)."""
FLAG_SHARED = 32
"""The payload lies in shared memory; between channels only (`transport.shared`), receivers never see it."""
FLAG_STATUS = 64
"""CHUNK towards the sender of a gRPC call: a `GrpcStatus`, no item; costs no credit. It comes before the end."""
FLAG_REVISION = 128
"""REJECT: the replica is not full, but will not serve the request's revision; those of others may be sent to it."""

WINDOW = 256 * 1024
"""Credit of a stream of CHUNKs in bytes, each counted as `chunk_cost`; see `FrameKind.CREDIT`."""
CHUNK_BYTES = 64 * 1024
"""Largest piece that a sender of raw bytes puts into one CHUNK."""


def chunk_cost(payload_bytes: int) -> int:
    """Credit that a CHUNK takes: its whole frame, so that empty chunks are bounded too."""
    return HEADER_SIZE + payload_bytes


Buffer = bytes | bytearray | memoryview


class FrameKind(enum.IntEnum):
    """What a frame means. Requests carry a new stream number; answers repeat it."""

    CALL = 1
    """Handle call: parts are `CallMeta`, pickle, out-of-band buffers."""
    HTTP = 2
    """HTTP request: parts are `HttpRequest`, body."""
    RESULT = 3
    """Answer, ends the stream. To CALL: parts pickle, buffers. To HTTP: `HttpResponse`, body."""
    ERROR = 4
    """Answer, ends the stream: parts `ErrorMeta`, pickled exception (may be empty)."""
    REJECT = 5
    """Answer, ends the stream: not accepted, nothing has run, send it elsewhere. Empty payload.

    With FLAG_REVISION its sender does not ask there again for that revision, until it is pushed other sets.
    """
    CANCEL = 6
    """From the caller: stop the stream's work. It still gets its ERROR."""
    START = 7
    """A streamed answer begins. To HTTP: an encoded `HttpResponse`; to CALL: empty. Then come CHUNKs,
    and RESULT (empty: the clean end) or ERROR ends the stream."""
    CHUNK = 8
    """A piece of a body or stream, in either direction. HTTP: raw bytes. CALL: parts pickle, buffers (one item)."""
    CREDIT = 9
    """From the receiver of CHUNKs: it takes that many more bytes (u32, little endian).

    A sender may send while its credit is above 0, so it goes over by one chunk at most. Answers begin with a
    credit of `WINDOW`. Request bodies begin with 0: the replica grants `WINDOW` when it admits the
    request, so that a REJECT loses nothing that was sent.
    """
    REQUEST = 10
    """Control call (`transport.rpc`): one message; answered by REPLY or ERROR."""
    REPLY = 11
    NOTIFY = 12
    """Control message without an answer."""
    RELEASE = 14
    """Answer to a frame with FLAG_SHARED: the payload is mapped. Between channels only."""
    MODELS = 13
    """From a replica, on stream 0: the multiplexed model ids that it has loaded, as a msgpack array."""


class Receiver(Protocol):
    """What gets the frames of a channel. Called on the channel's event loop; must not raise."""

    def frame_received(
        self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
    ) -> None: ...

    def channel_lost(self, channel: Channel, error: Exception | None) -> None:
        """Called once, when no further frame can come, also after `close` and `abort` on this side.

        `error` is None when either side closed. A killed process looks like one that closed, unless it
        died within a frame; `abort` and a broken frame on this side always give an error.
        """


class Channel(abc.ABC):
    """One ordered, reliable, authenticated link. All methods are for its own event loop's thread."""

    role: str
    """The peer's role as proven in the handshake: controller, gateway, replica or client."""

    @abc.abstractmethod
    def send(
        self,
        kind: int,
        stream: int,
        parts: Sequence[Buffer] = (),
        flags: int = 0,
        load: int = 0,
        revision: int = 0,
    ) -> None:
        """Queue one frame; frames of one loop tick leave in one write.

        `parts` is the payload as buffers that are sent one after the other (`join_parts` makes a
        splittable payload). Never blocks, but for the copy of a large payload into shared memory. On a
        closed channel it does nothing: the receiver has been or will be told by `channel_lost`. A part of
        64 KiB or more may be sent without a copy: do not change it before it has left. A payload over
        `MAX_FRAME` raises `ProtocolError`.
        """

    @property
    @abc.abstractmethod
    def unsent_bytes(self) -> int:
        """Bytes queued and not yet taken by the system: what flow control looks at."""

    @property
    @abc.abstractmethod
    def closed(self) -> bool: ...

    @abc.abstractmethod
    def close(self) -> None:
        """Send what is queued, then close. Idempotent."""

    @abc.abstractmethod
    def abort(self) -> None:
        """Close now and drop what is queued. Idempotent."""


class Listener(abc.ABC):
    """Accepts channels at `address` until closed."""

    address: str

    @abc.abstractmethod
    async def close(self) -> None:
        """Stop accepting and remove the socket file. Open channels stay open."""
