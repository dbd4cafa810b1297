"""Malformed, oversized, slow and pipelined input over raw sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from gateway_helpers import Door, Raw, ScriptedRouter, answer, echo, get, hold, open_door, request_in, until
from hypothesis import given, settings
from hypothesis import strategies as st

from kernelserve.routing.call import Call

MakeDoor = Callable[..., Awaitable[Door]]
POST = b"POST / HTTP/1.1\r\nhost: t\r\n"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01", b"NONSENSE\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"GET / HTTP/1.1\r\n: empty\r\n\r\n",
        b"GET / HTTP/1.1\r\nx: a\0b\r\n\r\n", POST + b"content-length: -1\r\n\r\n",
        POST + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab",
        POST + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"transfer-encoding: chunked\r\n\r\nXYZ\r\n", POST + b"content-length: 99999999999999999999999\r\n\r\n",
    ],
)  # fmt: skip
async def test_malformed_requests_get_a_400_and_a_close(door: MakeDoor, data: bytes) -> None:
    opened = await door()
    reply = await opened.exchange(data)
    assert reply.startswith(b"HTTP/1.1 400 Bad Request\r\n") and b"connection: close" in reply
    assert opened.router.calls == []
    await opened.settled()


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/%ff%fe", "/a%00b", "/%", "/%zz", "/..%2f..", "/%C3%28"])
async def test_odd_paths_are_passed_on(door: MakeDoor, path: str) -> None:
    opened = await door()
    raw = await opened.connect()
    await raw.send(get(path))
    assert (await raw.answer())[0] == 200
    assert request_in(opened.router.calls[0])[0].raw_path == path.encode()
    raw.close()


@pytest.mark.asyncio
async def test_raw_bytes_in_a_path_do_not_crash(door: MakeDoor) -> None:
    opened = await door()
    reply = await opened.exchange(b"GET /\xff\xfe HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n")
    assert reply.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400"))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("target", "path"),
    [(b"http://other/x?q", "/x"), (b"http://other", "/"), (b"http://other?q=1", "/")],
)
async def test_absolute_targets(door: MakeDoor, target: bytes, path: str) -> None:
    opened = await door()
    raw = await opened.connect()
    await raw.send(b"GET " + target + b" HTTP/1.1\r\nhost: other\r\n\r\n")
    assert (await raw.answer())[0] == 200
    assert request_in(opened.router.calls[0])[0].path == path
    raw.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("end", [b"\r\n\r\n", b""])
@pytest.mark.parametrize("piece", [b"x-a: " + b"y" * 5000 + b"\r\n", b"y" * 5000])
async def test_huge_headers_get_a_431(door: MakeDoor, piece: bytes, end: bytes) -> None:
    opened = await door(max_header_bytes=4096)
    start = b"GET / HTTP/1.1\r\n" if piece.startswith(b"x-a") else b"GET / HTTP/1.1\r\nx-a: "
    raw = await opened.connect()
    try:
        await raw.send(start)
        for _ in range(100):
            await raw.send(piece)
        await raw.send(end)
    except (ConnectionResetError, BrokenPipeError):
        pass
    assert (await raw.rest()).startswith(b"HTTP/1.1 431 ")
    assert opened.router.calls == []


@pytest.mark.asyncio
async def test_headers_up_to_the_limit_pass_in_any_pieces(door: MakeDoor) -> None:
    opened = await door(max_header_bytes=4096)
    raw = await opened.connect()
    for byte in get("/x", "x-a: " + "y" * 2000):
        raw.writer.write(bytes([byte]))
    await raw.writer.drain()
    assert (await raw.answer())[0] == 200
    raw.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "head",
    [
        b"content-length: 2000\r\n\r\n", b"content-length: 2000\r\nexpect: 100-continue\r\n\r\n",
        b"transfer-encoding: chunked\r\n\r\n7d0\r\n",
    ],
)  # fmt: skip
async def test_large_bodies_get_a_413(door: MakeDoor, head: bytes) -> None:
    opened = await door(max_body_bytes=1000)
    reply = await opened.exchange(POST + head + b"z" * 2000)
    assert reply.startswith(b"HTTP/1.1 413 ") and b"max_body_bytes is 1000" in reply
    await opened.settled()


@pytest.mark.asyncio
async def test_held_bytes_are_bounded(door: MakeDoor) -> None:
    opened = await door(hold, max_held_bytes=1000)
    first, second, third = [await opened.connect() for _ in range(3)]
    await first.send(POST + b"content-length: 900\r\n\r\n" + b"z" * 900)
    await until(lambda: opened.gateway.held_bytes == 900)
    await second.send(POST + b"content-length: 200\r\n\r\n")
    assert (await second.rest()).startswith(b"HTTP/1.1 503 ")
    await third.send(POST + b"transfer-encoding: chunked\r\n\r\nc8\r\n" + b"z" * 200 + b"\r\n0\r\n\r\n")
    assert (await third.rest()).startswith(b"HTTP/1.1 503 ")
    answer(opened.router.calls[0])
    assert (await first.answer())[0] == 200
    assert opened.gateway.held_bytes == 0
    first.close()
    await opened.settled()


@pytest.mark.asyncio
async def test_connections_are_bounded(door: MakeDoor) -> None:
    opened = await door(max_connections=2)
    kept = [await opened.connect() for _ in range(2)]
    await until(lambda: opened.gateway.connections == 2)
    reply = await (await opened.connect()).rest()
    assert reply.startswith(b"HTTP/1.1 503 ") and b"retry-after" in reply
    for raw in kept:
        await raw.send(get())
        assert (await raw.answer())[0] == 200
        raw.close()
    await opened.settled()
    late = await opened.connect()
    await late.send(get())
    assert (await late.answer())[0] == 200
    late.close()


@pytest.mark.asyncio
async def test_chunked_bodies_are_joined(door: MakeDoor) -> None:
    opened = await door()
    raw = await opened.connect()
    await raw.send(POST + b"transfer-encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n")
    await raw.send(b"2\r\nde\r\n1\r\nf\r\n0\r\ntrailer: x\r\n\r\n")
    assert (await raw.answer())[2] == b"/|abcdef"
    assert b"trailer" not in dict(request_in(opened.router.calls[0])[0].headers)
    raw.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("flood", [b"0\r\nx: " + b"y" * 300_000, b"1;" + b"e" * 300_000])
async def test_trailers_and_extensions_without_end_are_refused(door: MakeDoor, flood: bytes) -> None:
    opened = await door(max_header_bytes=4096)
    reply = await opened.exchange(POST + b"transfer-encoding: chunked\r\n\r\n" + flood)
    assert reply.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))


@pytest.mark.asyncio
async def test_expect_continue(door: MakeDoor) -> None:
    opened = await door()
    raw = await opened.connect()
    await raw.send(POST + b"content-length: 2\r\nexpect: 100-continue\r\n\r\n")
    assert await raw.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await raw.send(b"hi")
    assert (await raw.answer())[2] == b"/|hi"
    raw.close()


@pytest.mark.asyncio
async def test_expect_continue_waits_for_earlier_answers(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/1") + POST + b"content-length: 2\r\nexpect: 100-continue\r\n\r\n")
    await until(lambda: len(opened.router.calls) == 1)
    answer(opened.router.calls[0], b"first")
    assert (await raw.answer())[2] == b"first"
    assert await raw.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await raw.send(b"hi")
    await until(lambda: len(opened.router.calls) == 2)
    answer(opened.router.calls[1], b"second")
    assert (await raw.answer())[2] == b"second"
    raw.close()


@pytest.mark.asyncio
async def test_refused_expectations(door: MakeDoor) -> None:
    opened = await door(route_prefix="/app")
    head = b"POST /%b HTTP/1.1\r\nhost: t\r\ncontent-length: 2\r\nexpect: %b\r\n\r\n"
    missing = await opened.exchange(head % (b"x", b"100-continue"))
    assert missing.startswith(b"HTTP/1.1 404 ") and missing.count(b"HTTP/1.1") == 1
    assert (await opened.exchange(head % (b"app", b"more"))).startswith(b"HTTP/1.1 417 ")


@pytest.mark.asyncio
async def test_tunnels_are_a_501(door: MakeDoor) -> None:
    opened = await door()
    reply = await opened.exchange(b"CONNECT other:443 HTTP/1.1\r\nhost: other\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 501 ") and b"not built" in reply


@pytest.mark.asyncio
async def test_an_offer_of_http2_is_ignored(door: MakeDoor) -> None:
    opened = await door()
    raw = await opened.connect()
    await raw.send(get("/1", "connection: Upgrade, HTTP2-Settings", "upgrade: h2c", "http2-settings: AA") + get("/2"))
    assert (await raw.answer())[2] == b"/1|"
    assert (await raw.answer())[2] == b"/2|"
    raw.close()


@pytest.mark.asyncio
async def test_pipelined_answers_are_in_order(door: MakeDoor) -> None:
    def sometimes_late(router: ScriptedRouter, call: Call) -> None:
        if len(router.calls) % 2:
            asyncio.get_running_loop().call_soon(echo, router, call)
        else:
            echo(router, call)

    opened = await door(sometimes_late)
    raw = await opened.connect()
    await raw.send(b"".join(get(f"/{number}") for number in range(300)) + get("/end", "connection: close"))
    for number in range(300):
        assert (await raw.answer())[2] == f"/{number}|".encode()
    assert (await raw.rest()).endswith(b"/end|")
    await opened.settled()


@pytest.mark.asyncio
async def test_pipelined_requests_run_one_after_the_other_and_reading_stops(door: MakeDoor) -> None:
    opened = await door(hold, max_pipelined=4)
    raw = await opened.connect()
    sent = 0
    chunk = b"".join(get(f"/{number}", "x: " + "y" * 1000) for number in range(100))
    # The gateway stops reading, so what we may send without waiting is bounded by the sockets' buffers.
    while raw.writer.transport.get_write_buffer_size() < 1_000_000:
        raw.writer.write(chunk)
        sent += 100
        await asyncio.sleep(0)
    await until(lambda: len(opened.router.calls) == 1)
    for number in range(sent):
        await opened.submitted(number + 1)
        answer(opened.router.calls[number], str(number).encode())
        assert (await raw.answer())[2] == str(number).encode()
    raw.close()
    await opened.settled()


@pytest.mark.asyncio
async def test_a_bad_request_is_answered_after_its_predecessors(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/1") + get("/2") + b"NONSENSE\r\n\r\n")
    for number in (1, 2):
        await opened.submitted(number)
        answer(opened.router.calls[-1])
        assert (await raw.answer())[0] == 200
    assert (await raw.answer())[0] == 400
    assert await raw.rest() == b""
    await opened.settled()


@pytest.mark.asyncio
async def test_http_1_0(door: MakeDoor) -> None:
    opened = await door()
    reply = await opened.exchange(b"GET /x HTTP/1.0\r\n\r\n")
    assert reply.endswith(b"/x|") and b"connection: close" in reply
    raw = await opened.connect()
    for _ in range(2):
        await raw.send(b"GET /x HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
        assert (await raw.answer())[1]["connection"] == "keep-alive"
    raw.close()


@pytest.mark.asyncio
async def test_bytes_after_a_last_request_are_dropped(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/", "connection: close") + b"garbage garbage\r\n")
    await until(lambda: len(opened.router.calls) == 1)
    answer(opened.router.calls[0], b"done")
    assert (await raw.rest()).endswith(b"done")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", b""), (b"GET / HT", b"HTTP/1.1 408 "), (POST + b"content-length: 9\r\n\r\nabc", b"HTTP/1.1 408 "),
        (POST + b"transfer-encoding: chunked\r\n\r\n5\r\nab", b"HTTP/1.1 408 "),
    ],
)  # fmt: skip
async def test_slow_clients_are_let_go(door: MakeDoor, data: bytes, status: bytes) -> None:
    opened = await door(header_timeout_s=0.1, body_timeout_s=0.1)
    reply = await opened.exchange(data)
    assert reply.startswith(status) and bool(reply) == bool(status)
    await opened.settled()


@pytest.mark.asyncio
async def test_headers_that_drip_are_not_waited_for(door: MakeDoor) -> None:
    """Slow-loris: each byte is progress of a kind, but the head as a whole has its time."""
    opened = await door(header_timeout_s=0.2)
    raw = await opened.connect()

    async def drip() -> None:
        for byte in get("/", *(f"x-{number}: y" for number in range(1000))):
            await raw.send(bytes([byte]))
            await asyncio.sleep(0.01)

    dripping = asyncio.create_task(drip())
    assert (await raw.head())[0] == 408
    dripping.cancel()
    raw.close()
    await opened.settled()


@pytest.mark.asyncio
async def test_header_values_that_are_not_utf8_pass(door: MakeDoor) -> None:
    opened = await door()
    raw = await opened.connect()
    names = (b"x-mine", b"x-session-id", b"serve_multiplexed_model_id", b"x-request-id")
    lines = b"".join(name + b": \xff\xfe\xc3\r\n" for name in names)
    await raw.send(b"GET /%C3%28 HTTP/1.1\r\nhost: t\r\n" + lines + b"\r\n")
    status, headers, _ = await raw.answer()
    assert status == 200 and headers["x-request-id"].isascii()
    meta = request_in(opened.router.calls[0])[0]
    assert (b"x-mine", b"\xff\xfe\xc3") in meta.headers and meta.raw_path == b"/%C3%28"
    assert meta.session_id == meta.multiplexed_model_id == "\ufffd\ufffd\ufffd"
    raw.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("framing", [b"content-length: 100000000", b"transfer-encoding: chunked"])
async def test_large_bodies_that_nobody_wants_are_not_read(door: MakeDoor, framing: bytes) -> None:
    opened = await door(route_prefix="/app")
    raw = await opened.connect()
    await raw.send(b"POST /missing HTTP/1.1\r\nhost: t\r\n" + framing + b"\r\n\r\n")
    raw.writer.write(b"493e0\r\n" + b"z" * 300_000 + b"\r\n")
    assert (await raw.head())[0] == 404
    assert (await raw.rest()).startswith(b"Path '/missing' not found")
    await opened.settled()


@pytest.mark.asyncio
async def test_idle_connections_are_closed(door: MakeDoor) -> None:
    opened = await door(keep_alive_s=0.1)
    raw = await opened.connect()
    await raw.send(get())
    assert (await raw.answer())[0] == 200
    assert await raw.rest() == b""


@pytest.mark.asyncio
async def test_the_first_connection_after_a_quiet_time_is_not_idle(door: MakeDoor) -> None:
    opened = await door(header_timeout_s=0.1, keep_alive_s=0.1)
    await asyncio.sleep(0.5)  # Longer than every limit: nothing was connected, so nothing was swept.
    raw = await opened.connect()
    await raw.send(get())
    assert (await raw.answer())[0] == 200
    raw.close()


@pytest.mark.asyncio
async def test_a_waiting_request_is_not_idle(door: MakeDoor) -> None:
    opened = await door(hold, keep_alive_s=0.05, header_timeout_s=0.05, body_timeout_s=0.05)
    raw = await opened.connect()
    await raw.send(get())
    await until(lambda: len(opened.router.calls) == 1)
    await asyncio.sleep(0.3)
    answer(opened.router.calls[0])
    assert (await raw.answer())[0] == 200
    raw.close()


@pytest.mark.asyncio
async def test_a_client_that_takes_no_answer_is_let_go(door: MakeDoor) -> None:
    opened = await door(lambda router, call: answer(call, b"z" * 20_000_000), send_timeout_s=0.2)
    raw = await opened.connect()
    cast(asyncio.Transport, raw.writer.transport).pause_reading()
    await raw.send(get("/1") + get("/2"))
    await until(lambda: bool(opened.router.calls))
    await until(lambda: opened.gateway.connections == 0)
    assert len(opened.router.calls) == 1
    raw.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("data", [b"GET / HT", POST + b"content-length: 9\r\n\r\nabc"])
async def test_a_half_close_inside_a_request_ends_quietly(door: MakeDoor, data: bytes) -> None:
    opened = await door()
    raw = await opened.connect()
    await raw.send(data)
    raw.writer.write_eof()
    assert await raw.rest() == b""
    await opened.settled()


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [get(), get("/x", "x-request-id: 1"), POST, b"content-length: 3\r\n\r\nabc", b"\r\n", b"\r\n\r\n",
                 b"transfer-encoding: chunked\r\n\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n", b"expect: 100-continue\r\n",
                 b"HEAD / HTTP/1.0\r\n\r\n", b"connection: upgrade\r\nupgrade: h2c\r\n"]
            ),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_any_bytes_end_in_a_close_and_leave_nothing(pieces: list[bytes]) -> None:
    async def scenario() -> None:
        opened = await open_door()
        raw = await opened.connect()
        for piece in pieces:
            raw.writer.write(piece)
        if raw.writer.can_write_eof():
            raw.writer.write_eof()
        reply = await raw.rest()
        assert reply == b"" or reply.startswith(b"HTTP/1.1 ")
        await opened.settled()
        other: Raw = await opened.connect()
        await other.send(get("/alive"))
        assert (await other.answer())[2] == b"/alive|"
        other.close()
        await opened.gateway.close(timeout=1)

    asyncio.run(scenario())
