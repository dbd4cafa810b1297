"""Request bodies that are too large to be collected: credit, limits, early answers, vanished clients."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from gateway_helpers import (
    Door,
    Raw,
    ScriptedRouter,
    answer,
    channel_of,
    chunk,
    end,
    fail,
    get,
    grant,
    hold,
    request_in,
    start,
    take_all,
    until,
)

from kernelserve.exceptions import DeploymentUnavailableError
from kernelserve.gateway.body import COLLECTED
from kernelserve.routing.call import Call
from kernelserve.transport.base import CHUNK_BYTES, FLAG_MORE, WINDOW

MakeDoor = Callable[..., Awaitable[Door]]
MIB = 1024 * 1024
# What asyncio and uvloop read at once.
READ_BYTES = 256 * 1024


def post(*headers: str) -> bytes:
    return get("/up", *headers).replace(b"GET", b"POST", 1)


async def begun(opened: Door, count: int = 1) -> tuple[Call, bytes]:
    """The newest call, and the body in its frame. `parts` are let go of at the first grant, so look before."""
    await opened.submitted(count)
    call = opened.router.calls[-1]
    assert call.flags & FLAG_MORE
    return call, request_in(call)[1]


async def flood(raw: Raw, size: int) -> int:
    """Send until nothing goes out any more, or `size` bytes are out; returns how many went."""
    sent = idle = 0
    block = b"u" * 65536
    while sent < size and idle < 50:
        if raw.writer.transport.get_write_buffer_size() < 65536:
            raw.writer.write(block)
            sent += len(block)
            idle = 0
        else:
            idle += 1
        await asyncio.sleep(0 if not idle else 0.002)
    return sent


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [0, 1, COLLECTED - 1, COLLECTED])
async def test_small_bodies_travel_in_one_frame(door: MakeDoor, size: int) -> None:
    opened = await door()
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        assert len((await client.post("/", content=b"x" * size)).content) == size + 2
    (call,) = opened.router.calls
    assert call.flags == 0 and channel_of(call).chunks == []


@pytest.mark.asyncio
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [COLLECTED + 1, 5 * MIB + 17])
async def test_large_bodies_stream(door: MakeDoor, chunked: bool, size: int) -> None:
    opened = await door(hold)
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]

    async def pieces() -> AsyncIterator[bytes]:
        for offset in range(0, size, 100_000):
            yield data[offset : offset + 100_000]

    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        sending = asyncio.create_task(client.post("/up", content=pieces() if chunked else data))
        call, first = await begun(opened)
        channel = channel_of(call)
        assert len(first) <= COLLECTED + READ_BYTES and channel.chunks == []
        await take_all(call)
        assert max(len(payload) for payload, _ in channel.chunks) <= CHUNK_BYTES
        assert all(flags == FLAG_MORE for _, flags in channel.chunks[:-1]) and channel.chunks[-1][1] == 0
        assert hashlib.sha256(first + channel.body).digest() == hashlib.sha256(data).digest()
        answer(call, b"thanks")
        assert (await sending).content == b"thanks"
        # The connection goes on.
        opened.router.script = lambda router, call: answer(call, b"again")
        assert (await client.get("/")).content == b"again"
        assert opened.gateway.connections == 1


@pytest.mark.asyncio
async def test_nothing_is_sent_without_credit_and_reading_stops(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    total = 64 * MIB
    await raw.send(post(f"content-length: {total}"))
    sent = await flood(raw, total)
    call, first = await begun(opened)
    assert sent < total
    assert channel_of(call).chunks == []
    assert opened.gateway.held_bytes <= len(first) + WINDOW + 2 * READ_BYTES
    grant(call, 1)
    await until(lambda: len(channel_of(call).chunks) == 1)
    # The first frame is the replica's from then on.
    assert opened.gateway.held_bytes <= WINDOW + 2 * READ_BYTES
    grant(call, 1)  # Still in debt for the first chunk.
    await asyncio.sleep(0.02)
    assert len(channel_of(call).chunks) == 1
    grant(call)
    await until(lambda: len(channel_of(call).chunks) > 3)
    raw.close()
    await until(lambda: grant(call) or opened.router.cancelled == [call])  # type: ignore[func-returns-value]
    await opened.settled()


@pytest.mark.asyncio
async def test_a_rejected_upload_is_sent_again_whole(door: MakeDoor) -> None:
    """A REJECT comes before any credit: what the router sends again is the first frame, as it was."""
    opened = await door(hold)
    raw = await opened.connect()
    size = COLLECTED + 300_000
    await raw.send(post(f"content-length: {size}") + b"r" * size)
    call, first = await begun(opened)
    before = b"".join(call.parts)
    await asyncio.sleep(0.02)
    assert b"".join(call.parts) == before and channel_of(call).chunks == []
    opened.router.submit(call)  # As the router does after a REJECT, on another channel.
    grant(call, 4 * MIB)
    await until(lambda: channel_of(call).complete)
    assert len(first) + len(channel_of(call).body) == size
    answer(call)
    assert (await raw.answer())[0] == 200
    raw.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("vanish", [Raw.close, Raw.reset])
async def test_a_client_that_vanishes_in_its_upload_is_cancelled(door: MakeDoor, vanish: Callable[[Raw], None]) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    # Also if it asked not to be watched: a body without its end is of no use.
    await raw.send(post("content-length: 1000000", "x-request-disconnect-disabled: ?1") + b"x" * 400_000)
    call, _ = await begun(opened)
    grant(call, 4 * MIB)
    vanish(raw)
    await until(lambda: opened.router.cancelled == [call])
    assert not channel_of(call).complete
    await opened.settled()


@pytest.mark.asyncio
@pytest.mark.parametrize("end_it", [lambda call: answer(call, b"too large", 413), lambda call: fail(call, "user")])
async def test_an_answer_before_the_bodys_end_closes_after_it(door: MakeDoor, end_it: Callable[[Call], None]) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(post("content-length: 100000000") + b"x" * 400_000)
    call, _ = await begun(opened)
    end_it(call)
    sending = asyncio.create_task(flood(raw, 100_000_000))
    status, headers, _ = await raw.answer()
    assert status in (413, 500) and headers["connection"] == "close"
    assert await raw.rest() == b""
    await sending
    await opened.settled()


@pytest.mark.asyncio
async def test_an_answer_in_the_call_itself(door: MakeDoor) -> None:
    def refuse(router: ScriptedRouter, call: Call) -> None:
        call.on_failure(DeploymentUnavailableError("not here"))

    opened = await door(refuse)
    reply = await opened.exchange(post("content-length: 300000") + b"x" * 300_000 + get("/not-run"))
    assert reply.startswith(b"HTTP/1.1 503 ") and reply.count(b"HTTP/1.1") == 1
    assert len(opened.router.calls) == 1
    await opened.settled()


@pytest.mark.asyncio
async def test_an_answer_may_stream_while_the_body_comes(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(post("transfer-encoding: chunked") + b"493e0\r\n" + b"x" * 300_000 + b"\r\n")
    call, first = await begun(opened)
    grant(call, 4 * MIB)
    start(call)
    chunk(call, b"got some")
    assert (await raw.head())[1]["connection"] == "close"
    assert await raw.chunk() == b"got some"
    await raw.send(b"3\r\nend\r\n0\r\n\r\n")
    await until(lambda: channel_of(call).complete)
    assert first + channel_of(call).body == b"x" * 300_000 + b"end"
    chunk(call, b"got all")
    end(call)
    assert await raw.chunk() == b"got all" and await raw.chunk() == b""
    assert await raw.rest() == b""
    await opened.settled()


@pytest.mark.asyncio
async def test_a_stream_that_ends_before_the_body_closes(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(post("content-length: 1000000") + b"x" * 400_000)
    call, _ = await begun(opened)
    start(call)
    chunk(call, b"enough")
    end(call)
    await raw.head()
    assert await raw.chunk() == b"enough" and await raw.chunk() == b""
    await raw.send(b"x" * 100_000)
    assert await raw.rest() == b""
    await opened.settled()


@pytest.mark.asyncio
@pytest.mark.parametrize("begin", [False, True])
@pytest.mark.parametrize("framing", ["content-length: 1000000", "transfer-encoding: chunked"])
async def test_silence_in_an_upload_is_a_408(door: MakeDoor, begin: bool, framing: str) -> None:
    opened = await door(hold, body_timeout_s=0.6)
    raw = await opened.connect()
    body = b"x" * 400_000 if "length" in framing else b"61a80\r\n" + b"x" * 400_000 + b"\r\n"
    await raw.send(post(framing) + body)
    call, _ = await begun(opened)
    grant(call, 4 * MIB)
    if begin:
        start(call)
        chunk(call, b"begun")
    reply = await raw.rest()
    assert opened.router.cancelled == [call]
    # An answer that has begun can only be cut off.
    assert (b"408" in reply) is not begin and (b"begun" in reply) is begin and not reply.endswith(b"0\r\n\r\n")
    await opened.settled()


@pytest.mark.asyncio
async def test_waiting_for_the_replica_is_not_the_clients_silence(door: MakeDoor) -> None:
    opened = await door(hold, body_timeout_s=0.1)
    raw = await opened.connect()
    await raw.send(post("content-length: 2000000"))
    sending = asyncio.create_task(raw.send(b"x" * 2_000_000))
    call, _ = await begun(opened)
    await asyncio.sleep(0.5)
    assert opened.router.cancelled == []
    grant(call, 4 * MIB)
    await until(lambda: channel_of(call).complete)
    await sending
    answer(call)
    assert (await raw.answer())[0] == 200
    raw.close()


@pytest.mark.asyncio
async def test_a_body_beyond_the_limit_is_a_413(door: MakeDoor) -> None:
    opened = await door(hold, max_body_bytes=600_000)
    announced = await opened.exchange(post("content-length: 600001") + b"x" * 300_000)
    assert announced.startswith(b"HTTP/1.1 413 ") and opened.router.calls == []
    raw = await opened.connect()
    chunks = b"186a0\r\n" + b"x" * 100_000 + b"\r\n"
    await raw.send(post("transfer-encoding: chunked") + chunks * 4)
    call, _ = await begun(opened)
    grant(call, 4 * MIB)
    await raw.send(chunks * 3)
    assert (await raw.rest()).startswith(b"HTTP/1.1 413 ")
    assert opened.router.cancelled == [call] and not channel_of(call).complete
    await opened.settled()


@pytest.mark.asyncio
@pytest.mark.parametrize("bad", [b"XYZ\r\n", b"5\r\nabc"])
async def test_a_malformed_body_in_the_middle_cancels(door: MakeDoor, bad: bytes) -> None:
    opened = await door(hold, body_timeout_s=0.2)
    raw = await opened.connect()
    await raw.send(post("transfer-encoding: chunked") + b"61a80\r\n" + b"x" * 400_000 + b"\r\n")
    call, _ = await begun(opened)
    grant(call, 4 * MIB)
    await raw.send(bad)
    reply = await raw.rest()
    assert reply.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 408 "))
    assert opened.router.cancelled == [call]
    await opened.settled()


@pytest.mark.asyncio
async def test_one_byte_chunks_do_not_become_one_frame_each(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(post("transfer-encoding: chunked") + b"493e0\r\n" + b"x" * 300_000 + b"\r\n")
    call, first = await begun(opened)
    grant(call, 4 * MIB)
    await raw.send(b"1\r\ny\r\n" * 50_000 + b"0\r\n\r\n")
    await until(lambda: channel_of(call).complete)
    assert first + channel_of(call).body == b"x" * 300_000 + b"y" * 50_000
    assert len(channel_of(call).chunks) < 1000
    answer(call)
    assert (await raw.answer())[0] == 200
    raw.close()


@pytest.mark.asyncio
async def test_an_upload_waits_for_earlier_answers(door: MakeDoor) -> None:
    opened = await door(hold, max_pipelined=1)
    raw = await opened.connect()
    size = 3 * MIB
    await raw.send(get("/first"))
    await opened.submitted(1)
    sending = asyncio.create_task(raw.send(post(f"content-length: {size}") + b"x" * size + get("/last")))
    await until(lambda: opened.gateway.held_bytes > COLLECTED)
    assert len(opened.router.calls) == 1
    answer(opened.router.calls[0], b"first")
    assert (await raw.answer())[2] == b"first"
    call, first = await begun(opened, 2)
    grant(call, 8 * MIB)
    await until(lambda: channel_of(call).complete)
    await sending
    assert len(first + channel_of(call).body) == size
    answer(call, b"second")
    assert (await raw.answer())[2] == b"second"
    await opened.submitted(3)
    answer(opened.router.calls[2], b"last")
    assert (await raw.answer())[2] == b"last"
    raw.close()


@pytest.mark.asyncio
async def test_a_client_that_leaves_while_its_upload_waits_its_turn(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/first") + post("content-length: 9000000") + b"x" * 400_000)
    await until(lambda: opened.gateway.held_bytes > COLLECTED)
    raw.reset()
    await opened.settled()
    assert len(opened.router.calls) == 1 and opened.router.cancelled == opened.router.calls


@pytest.mark.asyncio
async def test_uploads_that_wait_are_bounded_together(door: MakeDoor) -> None:
    opened = await door(hold, max_held_bytes=MIB)
    clients = [await opened.connect() for _ in range(4)]
    for raw in clients:
        await raw.send(post("transfer-encoding: chunked"))
        raw.writer.write(b"f4240\r\n" + b"x" * 1_000_000)
    refused = [await raw.head() for raw in await _answered(clients)]
    assert refused and all(status == 503 for status, _ in refused)
    assert opened.gateway.held_bytes <= MIB + READ_BYTES
    for raw in clients:
        raw.reset()
    await opened.settled()


async def _answered(clients: list[Raw]) -> list[Raw]:
    """Those that get an answer while nobody grants anything."""
    waiting = {asyncio.create_task(raw.reader.read(1)): raw for raw in clients}
    done, rest = await asyncio.wait(waiting, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.wait(waiting)
    return [waiting[task] for task in done]


@pytest.mark.asyncio
async def test_a_timeout_in_an_upload(door: MakeDoor) -> None:
    opened = await door(hold, request_timeout_s=0.15)
    raw = await opened.connect()
    await raw.send(post("content-length: 1000000") + b"x" * 400_000)
    status, headers, body = await raw.answer()
    assert status == 408 and headers["connection"] == "close" and b"0.15 s" in body
    assert await raw.rest() == b""
    assert opened.router.cancelled == opened.router.calls
    await opened.settled()


@pytest.mark.asyncio
async def test_expect_continue_for_a_large_body(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(post("content-length: 300000", "expect: 100-continue"))
    assert await raw.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert opened.router.calls == []
    await raw.send(b"x" * 300_000)
    call, first = await begun(opened)
    grant(call, 4 * MIB)
    await until(lambda: channel_of(call).complete)
    assert len(first + channel_of(call).body) == 300_000
    answer(call)
    assert (await raw.answer())[0] == 200
    raw.close()
