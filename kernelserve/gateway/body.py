"""The body of the request that a connection reads: small ones are collected, large ones handed on in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernelserve.gateway.flow import ChunkSender
from kernelserve.gateway.refusals import body_too_large, overloaded
from kernelserve.transport.base import CHUNK_BYTES, FLAG_MORE, WINDOW, Buffer

if TYPE_CHECKING:
    from kernelserve.gateway.state import GatewayState

COLLECTED = 256 * 1024
"""Bodies up to this size travel in the request's frame."""


class Body:
    """The bodies of one connection, one after the other, within the limits. What it collects is counted as held.

    Attributes:
        there: the request that is being read has a body, so that `finish` has something to do.
    """

    __slots__ = ("_data", "_large", "_sender", "_size", "_state", "_unwanted", "there")

    def __init__(self, state: GatewayState) -> None:
        self._state = state
        self._data: bytes | bytearray = b""
        self._size = 0
        self._large = False
        self._unwanted = False
        self._sender: ChunkSender | None = None
        self.there = False

    def announce(self, length: int, unwanted: bool) -> None:
        """What the head says of the body that comes: its length, 0 if unknown, and whether nobody wants it.

        Raises:
            Refused: it will be larger than it may be.
        """
        self.there = True
        self._unwanted = unwanted
        self._large = length > COLLECTED
        if length:
            options = self._state.options
            if length > options.max_body_bytes:
                raise body_too_large(length, options.max_body_bytes)
            if self._state.held_bytes + min(length, COLLECTED + WINDOW) > options.max_held_bytes:
                raise overloaded(options.max_held_bytes)

    def add(self, chunk: bytes) -> bool:
        """Take some bytes; True if the body has become too large to wait for its end (or to drop it).

        Raises:
            Refused: over a limit.
        """
        size = len(chunk)
        self.there = True
        self._size += size
        options = self._state.options
        if self._size > options.max_body_bytes:
            raise body_too_large(self._size, options.max_body_bytes)
        outgrown = (self._large or self._size > COLLECTED) and self._sender is None
        if self._unwanted:
            return outgrown
        self._state.held_bytes += size
        if not self._data:
            self._data = chunk
        elif isinstance(self._data, bytearray):
            self._data += chunk
        else:
            # One growing buffer, not a list: a million one-byte chunks would be a million objects.
            self._data = bytearray(self._data)
            self._data += chunk
        if self._state.held_bytes > options.max_held_bytes:
            raise overloaded(options.max_held_bytes)
        return outgrown

    def take(self) -> bytes | bytearray:
        """What was collected; its bytes, still counted as held, are the caller's to give back."""
        data, self._data = self._data, b""
        return data

    def stream_to(self, sender: ChunkSender) -> None:
        """Hand on to `sender` what comes from now on."""
        self._sender = sender

    def flush(self) -> None:
        """Hand on what came since the last flush: once for each read, however small its chunks are."""
        if self._sender is not None and self._data:
            for piece in _pieces(self._taken()):
                self._sender.put(piece, FLAG_MORE)

    def finish(self) -> bytes | bytearray:
        """The body is complete: returns it as `take` does, or hands on its rest, the last without FLAG_MORE."""
        sender = self._sender
        if sender is not None:
            *pieces, last = _pieces(self._taken())
            for piece in pieces:
                sender.put(piece, FLAG_MORE)
            sender.put(last, 0)
            self._sender = None
        self._size = 0
        self._large = self._unwanted = self.there = False
        return self.take()

    def drop(self) -> None:
        """Forget the body, complete or not; no other will come."""
        self._taken()
        self._sender = None
        self._unwanted = True

    def _taken(self) -> bytes | bytearray:
        data = self.take()
        self._state.held_bytes -= len(data)
        return data


def _pieces(data: bytes | bytearray) -> list[Buffer]:
    """`data` in pieces of at most `CHUNK_BYTES`, uncopied; one empty piece if it is empty."""
    if len(data) <= CHUNK_BYTES:
        return [data]
    view = memoryview(data)
    return [view[start : start + CHUNK_BYTES] for start in range(0, len(view), CHUNK_BYTES)]
