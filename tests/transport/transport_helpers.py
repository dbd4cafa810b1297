"""What the tests of the transport share: recording receivers and polls with a deadline."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from kernelserve.transport.base import Buffer, Channel, Listener, Receiver
from kernelserve.transport.connect import connect, listen, split_address

SECRET = b"the secret of the tests"
DEADLINE_S = 10.0


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition, at most `DEADLINE_S`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + DEADLINE_S
    while not condition():
        assert loop.time() < end, f"not within {DEADLINE_S} s: {what}"
        await asyncio.sleep(0.002)


@dataclass
class Recorder:
    """A receiver that keeps what it gets, and answers frames of kind CALL if told to echo."""

    echo: bool = False
    frames: list[tuple[int, int, int, int, int, bytes]] = field(default_factory=list)
    losses: list[Exception | None] = field(default_factory=list)
    channel: Channel | None = None

    def frame_received(
        self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
    ) -> None:
        self.frames.append((kind, stream, flags, load, revision, bytes(payload)))
        if self.echo:
            channel.send(3, stream, (payload,), flags, load, revision)

    def channel_lost(self, channel: Channel, error: Exception | None) -> None:
        self.losses.append(error)


class Server:
    """A listener that keeps the receivers of its channels."""

    def __init__(self, make: Callable[[], Receiver], secret: bytes = SECRET) -> None:
        self._make = make
        self._secret = secret
        self.listener: Listener
        self.channels: list[Channel] = []
        self.receivers: list[Receiver] = []

    async def start(self, address: str, handshake_timeout_s: float = 2.0) -> Server:
        self.listener = await listen(
            address, self.accept, role="replica", secret=self._secret, handshake_timeout_s=handshake_timeout_s
        )
        return self

    def accept(self, channel: Channel) -> Receiver:
        receiver = self._make()
        self.channels.append(channel)
        self.receivers.append(receiver)
        return receiver

    async def connect(self, receiver: Receiver, role: str = "gateway") -> Channel:
        return await connect(self.listener.address, receiver, role=role, secret=self._secret)

    async def accepted(self) -> Channel:
        await until(lambda: self.channels, "a channel is accepted")
        return self.channels[-1]

    async def stop(self) -> None:
        await self.listener.close()
        for channel in self.channels:
            channel.abort()


async def open_raw(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    scheme, target = split_address(address)
    if scheme == "unix":
        return await asyncio.open_unix_connection(target)
    host, _, port = target.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def closed_by_peer(reader: asyncio.StreamReader) -> bytes:
    """What the peer still sent before it closed."""
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except (ConnectionResetError, BrokenPipeError):
        return b""


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        await writer.wait_closed()
