"""What every channel promises, over every kind of link."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from transport_helpers import SECRET, Recorder, Server, until

from kernelserve.exceptions import ChannelClosedError, ProtocolError
from kernelserve.transport.base import MAX_FRAME, Buffer, Channel, FrameKind
from kernelserve.transport.connect import connect, listen
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.inproc import InprocChannel

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("no_leaks")]


async def test_frames_go_both_ways_with_all_their_fields(address: str) -> None:
    server = await Server(lambda: Recorder(echo=True)).start(address)
    client = Recorder()
    channel = await server.connect(client)
    channel.send(FrameKind.CALL, 2**32 - 1, [b"he", memoryview(b"ll"), bytearray(b"o")], flags=1, load=9, revision=12)
    await until(lambda: client.frames, "the echo")
    assert client.frames == [(FrameKind.RESULT, 2**32 - 1, 1, 9, 12, b"hello")]
    assert server.receivers[0].frames == [(FrameKind.CALL, 2**32 - 1, 1, 9, 12, b"hello")]  # type: ignore[attr-defined]
    await server.stop()
    await until(lambda: client.losses, "the loss")


async def test_each_side_learns_the_peers_role(address: str) -> None:
    server = await Server(Recorder).start(address)
    channel = await server.connect(Recorder(), role="controller")
    assert channel.role == "replica"
    assert (await server.accepted()).role == "controller"
    await server.stop()


PRESENT: contextvars.ContextVar[str] = contextvars.ContextVar("present", default="none")


class Observer(Recorder):
    """Keeps the value of `PRESENT` at each frame."""

    seen: list[str]

    def frame_received(
        self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
    ) -> None:
        self.seen.append(PRESENT.get())
        super().frame_received(channel, kind, stream, flags, load, revision, payload)


async def test_context_variables_of_a_sender_stay_with_it(address: str) -> None:
    """A receiver's timers and tasks would keep what a request of the sender has in its context."""

    def observer() -> Observer:
        one = Observer(echo=True)
        one.seen = []
        return one

    server = await Server(observer).start(address)
    client = Recorder()
    channel = await server.connect(client)
    token = PRESENT.set("a request of the sender")
    channel.send(FrameKind.CALL, 1, [b"x"])
    await until(lambda: client.frames, "the echo")
    PRESENT.reset(token)
    assert server.receivers[0].seen == ["none"]  # type: ignore[attr-defined]
    await server.stop()
    await until(lambda: client.losses, "the loss")


async def test_frames_keep_their_order(address: str) -> None:
    server = await Server(lambda: Recorder(echo=True)).start(address)
    client = Recorder()
    channel = await server.connect(client)
    payloads = [str(number).encode() * (number % 7) for number in range(5000)]
    for number, payload in enumerate(payloads):
        channel.send(FrameKind.CALL, number, [payload])
        if number % 500 == 0:
            await asyncio.sleep(0)
    await until(lambda: len(client.frames) == len(payloads), "all echoes")
    assert [frame[1] for frame in client.frames] == list(range(len(payloads)))
    assert [frame[5] for frame in client.frames] == payloads
    await server.stop()


async def test_a_large_payload_between_small_ones(address: str) -> None:
    server = await Server(lambda: Recorder(echo=True)).start(address)
    client = Recorder()
    channel = await server.connect(client)
    large = os.urandom(1024) * (20 * 1024)
    channel.send(FrameKind.CALL, 1, [b"before"])
    channel.send(FrameKind.CALL, 2, join_parts([b"head", large, memoryview(large)[:100_000], b"tail"]))
    channel.send(FrameKind.CALL, 3, [b"after"])
    assert channel.unsent_bytes > len(large)
    await until(lambda: len(client.frames) == 3, "three echoes")
    assert [frame[1] for frame in client.frames] == [1, 2, 3]
    assert [bytes(part) for part in split_parts(client.frames[1][5])] == [b"head", large, large[:100_000], b"tail"]
    await until(lambda: channel.unsent_bytes == 0, "all is sent")
    await server.stop()


async def test_a_small_mutable_part_may_change_after_send(address: str) -> None:
    server = await Server(lambda: Recorder(echo=True)).start(address)
    client = Recorder()
    channel = await server.connect(client)
    part = bytearray(b"first")
    channel.send(FrameKind.CALL, 1, [part])
    part[:] = b"other"
    await until(lambda: client.frames, "the echo")
    assert client.frames[0][5] == b"first"
    await server.stop()


async def test_close_sends_what_is_queued(address: str) -> None:
    server = await Server(Recorder).start(address)
    client = Recorder()
    channel = await server.connect(client)
    await server.accepted()
    channel.send(FrameKind.CALL, 1, [b"x" * 3_000_000])
    channel.send(FrameKind.CALL, 2, [b"last"])
    channel.close()
    channel.close()
    assert channel.closed
    channel.send(FrameKind.CALL, 3, [b"too late"])
    far = server.receivers[0]
    assert isinstance(far, Recorder)
    await until(lambda: far.losses and client.losses, "both sides are told")
    assert [frame[1] for frame in far.frames] == [1, 2]
    assert far.losses == [None] and client.losses == [None]
    assert server.channels[0].closed
    await server.stop()


async def test_abort_drops_what_is_queued(address: str) -> None:
    server = await Server(Recorder).start(address)
    client = Recorder()
    channel = await server.connect(client)
    await server.accepted()
    channel.send(FrameKind.CALL, 1, [b"dropped"])
    channel.abort()
    channel.abort()
    channel.close()
    far = server.receivers[0]
    assert isinstance(far, Recorder)
    await until(lambda: far.losses and client.losses, "both sides are told")
    assert far.frames == []
    assert len(far.losses) == 1 and len(client.losses) == 1
    assert isinstance(client.losses[0], ChannelClosedError) and "aborted on this side" in str(client.losses[0])
    assert channel.unsent_bytes == 0
    await server.stop()


async def test_both_sides_may_close_at_once(address: str) -> None:
    server = await Server(Recorder).start(address)
    client = Recorder()
    channel = await server.connect(client)
    (await server.accepted()).close()
    channel.close()
    far = server.receivers[0]
    assert isinstance(far, Recorder)
    await until(lambda: far.losses and client.losses, "both sides are told")
    await asyncio.sleep(0.02)
    assert client.losses == [None] and far.losses == [None]
    await server.stop()


async def test_nothing_is_delivered_after_a_receiver_closed(address: str) -> None:
    class ClosesAtOnce(Recorder):
        def frame_received(self, channel: Channel, *frame: object) -> None:
            self.frames.append(frame)  # type: ignore[arg-type]
            channel.close()

    server = await Server(ClosesAtOnce).start(address)
    client = Recorder()
    channel = await server.connect(client)
    for number in range(5):
        channel.send(FrameKind.CALL, number)
    await until(lambda: client.losses, "the loss")
    far = server.receivers[0]
    assert isinstance(far, Recorder)
    assert len(far.frames) == 1
    await server.stop()


async def test_a_receiver_that_raises_loses_its_channel(address: str) -> None:
    class Raises(Recorder):
        def frame_received(self, channel: Channel, *frame: object) -> None:
            raise LookupError("a bug")

    reported = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: reported.append(context["exception"]))
    server = await Server(Raises).start(address)
    client = Recorder()
    channel = await server.connect(client)
    channel.send(FrameKind.CALL, 1)
    channel.send(FrameKind.CALL, 2)
    await until(lambda: client.losses, "the loss")
    far = server.receivers[0]
    assert isinstance(far, Recorder)
    await until(lambda: far.losses, "the receiver is told")
    assert [type(error) for error in far.losses] == [LookupError]
    assert [type(error) for error in reported] == [LookupError]
    await server.stop()


async def test_accept_may_send_at_once(address: str) -> None:
    def accept(channel: Channel) -> Recorder:
        channel.send(FrameKind.NOTIFY, 1, [b"welcome"])
        return Recorder()

    listener = await listen(address, accept, role="controller", secret=SECRET)
    client = Recorder()
    channel = await connect(listener.address, client, role="client", secret=SECRET)
    await until(lambda: client.frames, "the welcome")
    assert client.frames[0][5] == b"welcome"
    channel.close()
    await listener.close()
    await until(lambda: client.losses, "the close")


async def test_a_payload_over_the_limit_leaves_the_channel_open(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernelserve.transport.frames.MAX_FRAME", 1000)
    monkeypatch.setattr("kernelserve.transport.inproc.MAX_FRAME", 1000)
    server = await Server(lambda: Recorder(echo=True)).start(address)
    client = Recorder()
    channel = await server.connect(client)
    with pytest.raises(ProtocolError, match="limit is 1,000"):
        channel.send(FrameKind.CALL, 1, [b"x" * 1001])
    channel.send(FrameKind.CALL, 2, [b"x"])
    await until(lambda: client.frames, "the echo")
    assert [frame[1] for frame in client.frames] == [2]
    assert MAX_FRAME > 1000
    await server.stop()


async def test_open_channels_outlive_their_listener(address: str) -> None:
    server = await Server(lambda: Recorder(echo=True)).start(address)
    client = Recorder()
    channel = await server.connect(client)
    await server.accepted()
    await server.listener.close()
    await server.listener.close()
    channel.send(FrameKind.CALL, 1)
    await until(lambda: client.frames, "the echo")
    await server.stop()


async def test_two_loops_in_two_threads(address: str) -> None:
    """The listener lives on another thread's loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    seen_on: set[int] = set()

    class Echo(Recorder):
        def frame_received(
            self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
        ) -> None:
            seen_on.add(threading.get_ident())
            super().frame_received(channel, kind, stream, flags, load, revision, payload)

    async def there(coroutine: object) -> object:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, loop))  # type: ignore[arg-type]

    server = Server(lambda: Echo(echo=True))
    await there(server.start(address))
    client = Recorder()
    channel = await server.connect(client)
    for number in range(1000):
        channel.send(FrameKind.CALL, number, [b"x" * number])
        if number % 50 == 0:
            await asyncio.sleep(0)
    await until(lambda: len(client.frames) == 1000, "all echoes")
    assert [frame[1] for frame in client.frames] == list(range(1000))
    assert seen_on == {thread.ident}
    await until(lambda: channel.unsent_bytes == 0, "all is taken")
    await there(server.stop())
    await until(lambda: client.losses, "the loss")
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def test_a_peer_whose_loop_is_closed_is_a_lost_channel() -> None:
    loop = asyncio.new_event_loop()
    near, far = InprocChannel(asyncio.get_running_loop(), "replica"), InprocChannel(loop, "client")
    near._peer, far._peer = far, near
    client = Recorder()
    near.start(client)
    loop.close()
    near.send(FrameKind.CALL, 1)
    await until(lambda: client.losses, "the loss")
    assert len(client.losses) == 1 and "event loop is closed" in str(client.losses[0])


async def test_in_process_batches_cross_threads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.new_event_loop()
    crossings = []
    monkeypatch.setattr(loop, "call_soon_threadsafe", lambda callback, *args, context: crossings.append(args))
    near, far = InprocChannel(asyncio.get_running_loop(), "replica"), InprocChannel(loop, "client")
    near._peer, far._peer = far, near
    near.start(Recorder())
    for number in range(100):
        near.send(FrameKind.CALL, number)
    await until(lambda: crossings, "the batch")
    assert [len(args[0]) for args in crossings] == [100]
    near.close()
    loop.close()
    await asyncio.sleep(0)


PEER = """
    import asyncio, sys
    from kernelserve.transport.connect import connect
    sys.path.insert(0, {helpers!r})
    from transport_helpers import SECRET, Recorder

    async def main():
        channel = await connect({address!r}, Recorder(), role="client", secret=SECRET)
        channel.send(1, 1, [b"hello"])
        channel.send(1, 2, [b"x" * {size}])
        await asyncio.sleep(60)

    asyncio.run(main())
"""


@pytest.mark.parametrize("size", [10, 2_000_000])
async def test_a_killed_peer_is_a_lost_channel(socket_address: str, size: int) -> None:
    server = await Server(Recorder).start(socket_address)
    code = PEER.format(helpers=str(Path(__file__).parent), address=server.listener.address, size=size)
    peer = await asyncio.to_thread(subprocess.Popen, [sys.executable, "-c", textwrap.dedent(code)])
    try:
        await server.accepted()
        far = server.receivers[0]
        assert isinstance(far, Recorder)
        await until(lambda: len(far.frames) == 2, "the peer's frames")
        assert far.losses == []
    finally:
        peer.send_signal(signal.SIGKILL)
        await asyncio.to_thread(peer.wait)
    await until(lambda: far.losses, "the loss")
    await asyncio.sleep(0.02)
    assert len(far.losses) == 1
    assert server.channels[0].closed
    await server.stop()


async def test_a_peer_that_dies_within_a_frame_is_an_error(socket_address: str) -> None:
    server = await Server(Recorder).start(socket_address)
    client = Recorder()
    channel = await server.connect(client)
    await server.accepted()
    channel._transport.write(b"\x64\0\0\0\x01")  # type: ignore[attr-defined]
    channel.close()
    far = server.receivers[0]
    assert isinstance(far, Recorder)
    await until(lambda: far.losses, "the loss")
    assert isinstance(far.losses[0], ChannelClosedError) and "middle of a frame" in str(far.losses[0])
    await server.stop()


async def test_a_broken_frame_closes_the_channel(socket_address: str) -> None:
    server = await Server(Recorder).start(socket_address)
    client = Recorder()
    channel = await server.connect(client)
    await server.accepted()
    channel.send(FrameKind.CALL, 1)
    channel.send(99, 2)
    channel.send(FrameKind.CALL, 3)
    far = server.receivers[0]
    assert isinstance(far, Recorder)
    await until(lambda: far.losses and client.losses, "both sides are told")
    assert [frame[1] for frame in far.frames] == [1]
    assert len(far.losses) == 1 and isinstance(far.losses[0], ProtocolError)
    await server.stop()


async def test_abort_ends_a_close_that_waits_for_a_peer_that_does_not_read(socket_address: str) -> None:
    server = await Server(Recorder).start(socket_address)
    client = Recorder()
    channel = await server.connect(client)
    far = await server.accepted()
    far._transport.pause_reading()  # type: ignore[attr-defined]
    channel.send(FrameKind.CALL, 1, [bytes(30_000_000)])
    channel.close()
    await asyncio.sleep(0.05)
    assert client.losses == [] and channel.unsent_bytes > 0
    channel.abort()
    await until(lambda: client.losses, "the loss")
    await server.stop()
