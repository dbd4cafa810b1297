from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest
from transport_helpers import SECRET, Recorder, Server, until

from kernelserve.exceptions import ChannelClosedError, ControlCallError, ProtocolError
from kernelserve.transport.base import Buffer, Channel, FrameKind
from kernelserve.transport.connect import connect, listen
from kernelserve.transport.frames import join_parts
from kernelserve.transport.messages import (
    CheckHealth,
    Delete,
    GetGraph,
    GetReplicaInfo,
    GetStatus,
    Message,
    Ok,
    Retire,
)
from kernelserve.transport.rpc import FIRST_STREAM, Rpc, is_control_frame

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("no_leaks")]


class Peer:
    """Handles a few messages, and waits on GetGraph until told."""

    def __init__(self) -> None:
        self.seen: list[Message] = []
        self.go = asyncio.Event()

    async def __call__(self, message: Message) -> Message | None:
        self.seen.append(message)
        match message:
            case GetStatus():
                return Ok(value={"apps": ["a"]})
            case GetGraph():
                await self.go.wait()
                return Ok(value=message.app)
            case CheckHealth():
                raise LookupError("no model")
        return None


async def start(address: str) -> tuple[Rpc, Server, Peer]:
    peer = Peer()
    server = Server(lambda: Rpc(peer))
    await server.start(address)
    client = Peer()
    rpc = Rpc(client)
    rpc.attach(await server.connect(rpc))
    return rpc, server, peer


async def test_a_call_gets_its_reply(address: str) -> None:
    rpc, server, peer = await start(address)
    assert await rpc.call(GetStatus()) == Ok(value={"apps": ["a"]})
    assert await rpc.call(Delete(app="x"), timeout_s=5) == Ok()
    assert peer.seen == [GetStatus(), Delete(app="x")]
    await server.stop()


async def test_calls_overlap_and_answers_find_their_call(address: str) -> None:
    rpc, server, peer = await start(address)
    waiting = [asyncio.create_task(rpc.call(GetGraph(app=str(number)))) for number in range(20)]
    await until(lambda: len(peer.seen) == 20, "all calls arrive")
    assert await rpc.call(GetStatus()) == Ok(value={"apps": ["a"]})
    peer.go.set()
    assert [reply.value for reply in await asyncio.gather(*waiting)] == [str(n) for n in range(20)]  # type: ignore[attr-defined]
    await server.stop()


async def test_both_sides_call_over_one_channel(address: str) -> None:
    rpc, server, _ = await start(address)
    await server.accepted()
    far = server.receivers[0]
    assert isinstance(far, Rpc)
    far.attach(server.channels[0])
    replies = await asyncio.gather(rpc.call(GetStatus()), far.call(GetStatus()))
    assert replies == [Ok(value={"apps": ["a"]})] * 2
    await server.stop()


async def test_notify_has_no_answer_and_keeps_its_order(address: str) -> None:
    rpc, server, peer = await start(address)
    for revision in range(10):
        rpc.notify(Retire(revision=revision))
    await rpc.call(GetStatus())
    assert peer.seen[:10] == [Retire(revision=revision) for revision in range(10)]
    await server.stop()


async def test_what_was_pushed_before_an_answer_is_handled_before_the_call_returns(address: str) -> None:
    far: list[Rpc] = []

    async def push_then_answer(message: Message) -> Message | None:
        for revision in range(3):
            far[0].notify(Retire(revision=revision))
        return None

    def accept(channel: Channel) -> Rpc:
        far.append(Rpc(push_then_answer, channel))
        return far[0]

    listener = await listen(address, accept, role="controller", secret=SECRET)
    client = Peer()
    rpc = Rpc(client)
    rpc.attach(await connect(listener.address, rpc, role="client", secret=SECRET))
    await rpc.call(GetStatus())
    assert client.seen == [Retire(revision=revision) for revision in range(3)]
    assert rpc.channel is not None
    rpc.channel.close()
    await until(lambda: far[0].closed, "the close")
    await listener.close()


async def test_what_the_handler_raises_is_raised_at_the_caller(address: str) -> None:
    rpc, server, _ = await start(address)
    with pytest.raises(ControlCallError) as caught:
        await rpc.call(CheckHealth())
    assert (caught.value.type_name, caught.value.message) == ("LookupError", "no model")
    assert 'raise LookupError("no model")' in caught.value.traceback
    assert str(caught.value).startswith("LookupError: no model\n")
    assert await rpc.call(GetStatus()) == Ok(value={"apps": ["a"]})
    await server.stop()


async def test_a_notify_that_fails_is_logged(address: str, caplog: pytest.LogCaptureFixture) -> None:
    rpc, server, _ = await start(address)
    with caplog.at_level(logging.ERROR):
        rpc.notify(CheckHealth())
        await rpc.call(GetStatus())
    assert "The handler of CheckHealth raised" in caplog.text
    await server.stop()


class Unknown(msgspec.Struct, tag=True):
    field: int = 1


async def test_a_message_that_cannot_be_read_is_an_error_and_the_channel_stays(address: str) -> None:
    rpc, server, peer = await start(address)
    with pytest.raises(ControlCallError, match="Unknown"):
        await rpc.call(Unknown())  # type: ignore[arg-type]
    rpc.notify(Unknown())  # type: ignore[arg-type]
    assert rpc.channel is not None
    rpc.channel.send(FrameKind.REQUEST, 5, [b"\xc1 not msgpack"])
    rpc.channel.send(FrameKind.REPLY, 5, [b"to nobody"])
    rpc.channel.send(FrameKind.ERROR, 5, [b"to nobody"])
    rpc.channel.send(FrameKind.CALL, 5, [b"not control"])
    assert await rpc.call(GetStatus()) == Ok(value={"apps": ["a"]})
    assert peer.seen == [GetStatus()]
    await server.stop()


@pytest.mark.parametrize("kind", [FrameKind.REPLY, FrameKind.ERROR])
@pytest.mark.parametrize("payload", [b"", b"\xc1", b"".join(join_parts([])), b"".join(join_parts([b"\xc1"]))])
async def test_an_answer_that_cannot_be_read_fails_its_call_only(address: str, kind: FrameKind, payload: bytes) -> None:
    class Garbles(Recorder):
        def frame_received(
            self, channel: Channel, kind_: int, stream: int, flags: int, load: int, revision: int, payload_: Buffer
        ) -> None:
            channel.send(kind, stream, [payload])

    server = await Server(Garbles).start(address)
    rpc = Rpc(Peer())
    rpc.attach(await server.connect(rpc))
    with pytest.raises(ProtocolError, match="cannot be read"):
        await rpc.call(GetStatus())
    assert not rpc.closed
    await server.stop()


async def test_a_late_answer_is_dropped(address: str) -> None:
    rpc, server, peer = await start(address)
    with pytest.raises(TimeoutError):
        await rpc.call(GetGraph(app="slow"), timeout_s=0.02)
    peer.go.set()
    assert await rpc.call(GetStatus()) == Ok(value={"apps": ["a"]})
    await server.stop()


async def test_a_lost_channel_fails_what_waits(address: str) -> None:
    rpc, server, peer = await start(address)
    losses: list[Exception | None] = []
    rpc.on_lost = losses.append
    waiting = [asyncio.create_task(rpc.call(GetGraph(app="a"))) for _ in range(3)]
    await until(lambda: len(peer.seen) == 3, "the calls arrive")
    await server.stop()
    for outcome in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(outcome, ChannelClosedError) and "replica was lost before the answer" in str(outcome)
    assert len(losses) == 1 and rpc.closed
    with pytest.raises(ChannelClosedError, match="GetStatus was not sent"):
        await rpc.call(GetStatus())
    rpc.notify(GetStatus())
    peer.go.set()


async def test_a_call_before_attach_is_refused() -> None:
    with pytest.raises(ChannelClosedError, match="GetStatus"):
        await Rpc(Peer()).call(GetStatus())


async def test_a_handler_outlives_the_channel_of_its_caller(address: str) -> None:
    rpc, server, peer = await start(address)
    calling = asyncio.create_task(rpc.call(GetGraph(app="a")))
    await until(lambda: peer.seen, "the call arrives")
    assert rpc.channel is not None
    rpc.channel.close()
    with pytest.raises(ChannelClosedError):
        await calling
    far = server.receivers[0]
    assert isinstance(far, Rpc)
    await until(lambda: far.closed, "the far side is told")
    assert len(far._tasks) == 1
    peer.go.set()
    await until(lambda: not far._tasks, "the handler ends")
    await server.stop()


async def test_a_cancelled_handler_is_an_error_at_the_caller(address: str) -> None:
    rpc, server, peer = await start(address)
    calling = asyncio.create_task(rpc.call(GetGraph(app="a")))
    await until(lambda: peer.seen, "the call arrives")
    far = server.receivers[0]
    assert isinstance(far, Rpc)
    for task in far._tasks:
        task.cancel()
    with pytest.raises(ControlCallError, match="GetGraph was cancelled"):
        await calling
    await server.stop()


async def test_an_outer_receiver_shares_the_channel(address: str) -> None:
    class DataAndControl(Recorder):
        def __init__(self, rpc: Rpc) -> None:
            super().__init__(echo=True)
            self.rpc = rpc

        def frame_received(
            self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
        ) -> None:
            target = self.rpc if is_control_frame(kind, stream) else super()
            target.frame_received(channel, kind, stream, flags, load, revision, payload)

        def channel_lost(self, channel: Channel, error: Exception | None) -> None:
            super().channel_lost(channel, error)
            self.rpc.channel_lost(channel, error)

    peer = Peer()
    listener = await listen(address, lambda channel: DataAndControl(Rpc(peer)), role="replica", secret=SECRET)
    client = DataAndControl(Rpc(Peer()))
    client.echo = False
    channel = await connect(listener.address, client, role="controller", secret=SECRET)
    client.rpc.attach(channel)
    channel.send(FrameKind.CALL, 1, [b"data"])
    assert await client.rpc.call(GetReplicaInfo()) == Ok()
    with pytest.raises(ControlCallError):
        await client.rpc.call(CheckHealth())
    await until(lambda: client.frames, "the data's echo")
    assert [frame[:2] for frame in client.frames] == [(FrameKind.RESULT, 1)]
    channel.close()
    await until(lambda: client.losses, "the close")
    assert client.rpc.closed
    await listener.close()


async def test_control_streams_stay_in_their_half_and_skip_those_in_use() -> None:
    rpc = Rpc(Peer())
    rpc._next_stream = 2**32 - 1
    rpc._pending[FIRST_STREAM] = asyncio.get_running_loop().create_future()
    assert [rpc._new_stream() for _ in range(3)] == [2**32 - 1, FIRST_STREAM + 1, FIRST_STREAM + 2]
    assert is_control_frame(FrameKind.ERROR, FIRST_STREAM) and not is_control_frame(FrameKind.ERROR, 1)
