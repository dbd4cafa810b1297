"""Frames to bytes and back, and payloads made of several parts.

Pure: no socket, no loop. `FrameParser` is the hot path of every process, so a whole frame costs one
`unpack_from` and one slice.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from kernelserve.exceptions import ProtocolError
from kernelserve.transport.base import HEADER_SIZE, MAX_FRAME, Buffer, FrameKind

LARGE = 64 * 1024
"""Parts from this size on are never copied to be joined with others."""
ALIGNMENT = 64
"""Of large parts in a payload: a cache line, which suits every array library."""

Frame = tuple[int, int, int, int, int, Buffer]
"""kind, stream, flags, load, revision, payload: the order of `Receiver.frame_received`."""

_HEADER = struct.Struct("<IIBBHI")
_pack = _HEADER.pack
_unpack_from = _HEADER.unpack_from
_KINDS = frozenset(int(kind) for kind in FrameKind)
_COUNT = struct.Struct("<I")
_MAX_LOAD = 0xFFFF


def encode_header(kind: int, stream: int, length: int, flags: int = 0, load: int = 0, revision: int = 0) -> bytes:
    """The 16 bytes before a payload of `length` bytes.

    Raises:
        ProtocolError: the payload is larger than `MAX_FRAME`.
    """
    if length > MAX_FRAME:
        raise ProtocolError(
            f"A frame cannot carry this payload: it has {length:,} bytes, and the limit is {MAX_FRAME:,}. "
            "Send it in several frames."
        )
    return _pack(length, stream, kind, flags, load if load < _MAX_LOAD else _MAX_LOAD, revision)


class FrameParser:
    """Cuts a stream of bytes into frames.

    Memory grows with the bytes that came, never with the length that a header announces. After a
    `ProtocolError`, or when an iteration was left early, the parser must not be used again.

    Args:
        limit: largest payload accepted.

    Example:
        >>> parser = FrameParser()
        >>> list(parser.feed(encode_header(FrameKind.RESULT, 7, 2, load=3) + b"ok"))
        [(3, 7, 0, 3, 0, b'ok')]
    """

    __slots__ = ("_body", "_head", "_limit", "_missing", "_tail")

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._limit = limit
        self._tail = b""
        # A payload of which only a part has come: the header's fields, the bytes so far, how many lack.
        self._head = (0, 0, 0, 0, 0)
        self._body = bytearray()
        self._missing = 0

    @property
    def inside_frame(self) -> bool:
        """Whether the bytes so far end in the middle of a frame."""
        return self._missing > 0 or bool(self._tail)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take the next bytes and yield the frames that they complete.

        Lazy: nothing happens before the iteration, and frames before a bad one are still yielded.

        Raises:
            ProtocolError: a length over the limit, or an unknown kind.
        """
        offset = 0
        if self._missing:
            offset = self._fill(data)
            if self._missing:
                return
            yield (*self._head, self._take_body())
        elif self._tail:
            data = self._tail + data
            self._tail = b""
        end = len(data)
        limit = self._limit
        while end - offset >= HEADER_SIZE:
            length, stream, kind, flags, load, revision = _unpack_from(data, offset)
            if length > limit or kind not in _KINDS:
                raise _bad_header(length, kind, limit)
            offset += HEADER_SIZE
            stop = offset + length
            if stop > end:
                self._head = (kind, stream, flags, load, revision)
                self._body = bytearray(data[offset:])
                self._missing = stop - end
                return
            yield kind, stream, flags, load, revision, data[offset:stop]
            offset = stop
        self._tail = data[offset:]

    def _fill(self, data: bytes) -> int:
        """Append to the unfinished payload; returns how many bytes of `data` it took."""
        # A bytearray grows geometrically in place, so this is linear in all, and a slice that is the
        # whole of a bytes object is no copy.
        taken = data[: self._missing]
        self._body += taken
        self._missing -= len(taken)
        return len(taken)

    def _take_body(self) -> Buffer:
        body = self._body
        self._body = bytearray()
        return body if len(body) >= LARGE else bytes(body)


def _bad_header(length: int, kind: int, limit: int) -> ProtocolError:
    if kind not in _KINDS:
        return ProtocolError(
            f"The peer sent a frame of an unknown kind: {kind}. Known are {sorted(_KINDS)}. "
            "Run the same version of kernelserve on both sides."
        )
    return ProtocolError(
        f"The peer announced a payload over the limit: {length:,} bytes, at most {limit:,} are accepted here. "
        "Send less in one frame."
    )


def own_part(part: Buffer) -> Buffer:
    """A part as a channel may keep it: small mutable ones are copied, large ones become flat views."""
    if type(part) is bytes:
        return part
    view = memoryview(part)
    if view.nbytes < LARGE:
        return bytes(view)
    return view.cast("B") if view.ndim != 1 or view.itemsize != 1 else view


def join_parts(parts: Sequence[Buffer]) -> list[Buffer]:
    """The buffers of a payload that `split_parts` takes apart again. Large parts are not copied.

    A part of `LARGE` bytes or more begins at a multiple of `ALIGNMENT`, as arrays made of it must.

    Example:
        >>> b"".join(join_parts([b"a", b"bc"]))
        b'\\x02\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x02\\x00\\x00\\x00abc'
    """
    owned = [own_part(part) for part in parts]
    lengths = list(map(len, owned))
    head = struct.pack(f"<{len(owned) + 1}I", len(owned), *lengths)
    if max(lengths, default=0) < LARGE:
        return [head, *owned]
    joined: list[Buffer] = [head]
    end = len(head)
    for part in owned:
        gap = _gap(end, len(part))
        if gap:
            joined.append(bytes(gap))
        joined.append(part)
        end += gap + len(part)
    return joined


def split_parts(payload: Buffer) -> list[memoryview]:
    """The parts of a payload made by `join_parts`, as views of it.

    Raises:
        ProtocolError: the payload was not made by `join_parts`.
    """
    view = memoryview(payload)
    size = len(view)
    if size < 4:
        raise _bad_parts(f"{size} bytes are less than the count of parts needs")
    (count,) = _COUNT.unpack_from(view)
    start = 4 + 4 * count
    if start > size:
        raise _bad_parts(f"{count} parts are announced in {size} bytes")
    parts = []
    for length in struct.unpack_from(f"<{count}I", view, 4):
        if length >= LARGE:
            start += _gap(start, length)
        if start + length > size:
            raise _bad_parts(f"a part of {length} bytes is announced at {start}, and there are {size} in all")
        parts.append(view[start : start + length])
        start += length
    if start != size:
        raise _bad_parts(f"the parts end at {start}, and there are {size} bytes")
    return parts


def _gap(end: int, length: int) -> int:
    return -end % ALIGNMENT if length >= LARGE else 0


def _bad_parts(seen: str) -> ProtocolError:
    return ProtocolError(
        f"A payload of several parts is malformed: {seen}. Run the same version of kernelserve on both sides."
    )
