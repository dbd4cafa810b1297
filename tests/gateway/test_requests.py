"""What a client sees: answers, status codes, headers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import httpx
import msgspec
import pytest
from gateway_helpers import Door, ScriptedRouter, answer, echo, fail, get, hold, payload_of, request_in, until

from kernelserve.exceptions import (
    BackPressureError,
    DeploymentUnavailableError,
    ReplicaUnavailableError,
    RequestCancelledError,
    RevisionGoneError,
)
from kernelserve.gateway import http
from kernelserve.routing.call import Call
from kernelserve.transport.base import FrameKind
from kernelserve.transport.messages import ErrorMeta

MakeDoor = Callable[..., Awaitable[Door]]


@pytest.mark.asyncio
async def test_requests_reach_the_replica_whole(door: MakeDoor) -> None:
    opened = await door(route_prefix="/search")
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        response = await client.post("/search/caf%C3%A9?q=1&r=a%20b", content=b"x" * 100_000, headers={"X-Mine": "1"})
    assert response.status_code == 200
    assert response.text == "/search/café|" + "x" * 100_000
    meta, body = request_in(opened.router.calls[0])
    assert (meta.method, meta.path, meta.raw_path) == ("POST", "/search/café", b"/search/caf%C3%A9")
    assert (meta.query, meta.root_path, meta.route) == (b"q=1&r=a%20b", "/search", "/search")
    assert (b"x-mine", b"1") in meta.headers
    assert meta.client is not None and meta.client[0] == "127.0.0.1"
    assert meta.server == ("127.0.0.1", opened.gateway.port)
    assert meta.request_id == response.headers["x-request-id"]
    assert len(body) == 100_000


@pytest.mark.asyncio
async def test_keep_alive_uses_one_connection(door: MakeDoor) -> None:
    opened = await door()
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        for number in range(20):
            assert (await client.get(f"/{number}")).text == f"/{number}|"
            assert opened.gateway.connections == 1


@pytest.mark.asyncio
async def test_the_root_apps_root_path_is_empty(door: MakeDoor) -> None:
    opened = await door()
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        await client.get("/x")
    assert request_in(opened.router.calls[0])[0].root_path == ""


@pytest.mark.asyncio
async def test_own_pages_and_not_found(door: MakeDoor) -> None:
    opened = await door(route_prefix="/search")
    opened.directory.push("second", "/second")
    opened.directory.push("hidden", None)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        assert (await client.get("/-/healthz")).text == "success"
        assert (await client.get("/-/routes")).json() == {"/search": "app", "/second": "second"}
        missing = await client.get("/x")
        assert missing.status_code == 404
        assert missing.text == "Path '/x' not found. Ping http://.../-/routes for available routes."
        opened.directory.push("second", "/moved", current=2)
        assert (await client.get("/second")).status_code == 404
        assert (await client.get("/moved/a")).text == "/moved/a|"
        opened.directory.push("second", "/moved", current=0)
        assert (await client.get("/moved")).status_code == 404


@pytest.mark.asyncio
async def test_two_apps_with_one_prefix_keep_the_first(door: MakeDoor) -> None:
    opened = await door(route_prefix="/a")
    opened.directory.push("late", "/a")
    assert opened.gateway.routes == {"/a": "app"}
    opened.directory.push("app", "/b")
    assert opened.gateway.routes == {"/a": "late", "/b": "app"}


@pytest.mark.asyncio
async def test_head_has_the_length_and_no_body(door: MakeDoor) -> None:
    opened = await door(lambda router, call: answer(call, b"12345"))
    raw = await opened.connect()
    await raw.send(get().replace(b"GET", b"HEAD") + get())
    head = await raw.reader.readuntil(b"\r\n\r\n")
    assert b"content-length: 5\r\n" in head
    assert (await raw.answer())[2] == b"12345"
    raw.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [204, 304])
async def test_statuses_without_a_body(door: MakeDoor, status: int) -> None:
    opened = await door(lambda router, call: answer(call, b"dropped", status))
    raw = await opened.connect()
    await raw.send(get())
    head = await raw.reader.readuntil(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode()) and b"content-length" not in head
    await raw.send(get())
    assert (await raw.answer())[0] == status
    raw.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("category", "status"),
    [
        ("user", 500), ("internal", 500), ("bad_request", 500), ("timeout", 408), ("cancelled", 499),
        ("revision_gone", 503), ("unavailable", 503),
    ],
)  # fmt: skip
async def test_error_frames_become_statuses(door: MakeDoor, category: str, status: int) -> None:
    opened = await door(lambda router, call: fail(call, category, "no such word", "Traceback: cell 3"))
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        response = await client.get("/")
    assert response.status_code == status
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert "ValueError: no such word" in response.text and "Traceback: cell 3" in response.text


@pytest.mark.asyncio
async def test_tracebacks_stay_inside_when_errors_are_not_shown(door: MakeDoor) -> None:
    opened = await door(lambda router, call: fail(call, "user", "secret", "Traceback: secret"), show_errors=False)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        response = await client.get("/", headers={"x-request-id": "id-7"})
    assert response.status_code == 500
    assert "secret" not in response.text and "id-7" in response.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (BackPressureError(5, 5, 503, 1.2), 503, "2"), (BackPressureError(5, 5, 429, None), 429, None),
        (DeploymentUnavailableError("gone"), 503, None), (ReplicaUnavailableError("died"), 503, None),
        (RevisionGoneError("retired"), 503, None), (RequestCancelledError("x"), 499, None),
        (RuntimeError("odd"), 500, None),
    ],
)  # fmt: skip
async def test_failures_become_statuses(door: MakeDoor, error: Exception, status: int, retry_after: str | None) -> None:
    opened = await door(lambda router, call: call.on_failure(error))
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        response = await client.get("/")
    assert response.status_code == status
    assert response.headers.get("retry-after") == retry_after
    assert str(error) in response.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "headers",
    [
        [(b"x-a", b"1\r\nset-cookie: stolen=1")], [(b"x-a", b"1\nb: 2")], [(b"x-a\r\nb", b"1")], [(b"x a", b"1")],
        [(b"", b"1")], [(b"x-a", b"nul\0")], [(b"x-a:", b"1")],
    ],
)  # fmt: skip
async def test_header_injection_is_a_500(door: MakeDoor, headers: list[tuple[bytes, bytes]]) -> None:
    opened = await door(lambda router, call: answer(call, b"body", 200, headers))
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        response = await client.get("/")
    assert response.status_code == 500 and "invalid header" in response.text
    assert "set-cookie" not in response.headers and "b" not in response.headers


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [0, 100, 101, 199, 1000])
async def test_a_status_that_is_not_final_is_a_500(door: MakeDoor, status: int) -> None:
    opened = await door(lambda router, call: answer(call, b"body", status))
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        assert (await client.get("/")).status_code == 500


@pytest.mark.asyncio
@pytest.mark.parametrize("payload", [b"", b"garbage that is not parts", b"\1\0\0\0\1\0\0\0\xc1"])
async def test_an_unreadable_answer_is_a_500(door: MakeDoor, payload: bytes) -> None:
    for kind in (3, 4):
        opened = await door(lambda router, call, kind=kind: call.on_frame(kind, 0, payload))
        async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
            assert (await client.get("/")).status_code == 500


@pytest.mark.asyncio
async def test_app_headers_pass_and_framing_headers_do_not(door: MakeDoor) -> None:
    headers = [(b"Content-Length", b"999"), (b"transfer-encoding", b"chunked"), (b"set-cookie", b"a=1"),
               (b"set-cookie", b"b=2"), (b"x-request-id", b"forged")]  # fmt: skip
    opened = await door(lambda router, call: answer(call, b"body", 201, headers))
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        response = await client.get("/", headers={"x-request-id": "mine"})
    assert (response.status_code, response.text) == (201, "body")
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert response.headers["x-request-id"] == "mine"
    assert "date" in response.headers


@pytest.mark.asyncio
async def test_an_app_may_close_the_connection(door: MakeDoor) -> None:
    opened = await door(lambda router, call: answer(call, b"bye", 200, [(b"connection", b"close")]))
    data = await opened.exchange(get() + get())
    assert data.count(b"HTTP/1.1 200") == 1 and b"connection: close" in data


@pytest.mark.asyncio
@pytest.mark.parametrize("bad", ["", "x" * 129, "tab\there", "é"])
async def test_request_ids_are_checked(door: MakeDoor, bad: str) -> None:
    opened = await door()
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        replaced = await client.get("/", headers=[(b"x-request-id", bad.encode())])
        again = await client.get("/")
    ids = {replaced.headers["x-request-id"], again.headers["x-request-id"]}
    assert len(ids) == 2 and bad not in ids


@pytest.mark.asyncio
async def test_retry_safe_follows_the_method(door: MakeDoor) -> None:
    opened = await door()
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH"):
            await client.request(method, "/")
    assert [call.retry_safe for call in opened.router.calls] == [True] * 5 + [False] * 2


@pytest.mark.asyncio
async def test_timeouts(door: MakeDoor) -> None:
    opened = await door(hold, request_timeout_s=0.1)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        by_option = await client.get("/")
        assert by_option.status_code == 408 and "0.1 s" in by_option.text
        by_header = await client.get("/", headers={"x-request-timeout-seconds": "0.05"})
        assert by_header.status_code == 408 and "0.05 s" in by_header.text
        assert (await client.get("/", headers={"x-request-timeout-seconds": "soon"})).status_code == 400
        assert (await client.get("/", headers={"x-request-timeout-seconds": "nan"})).status_code == 400
    assert opened.router.cancelled == opened.router.calls
    assert [request_in(call)[0].timeout_s for call in opened.router.calls] == [0.1, 0.05]
    answer(opened.router.calls[0], b"too late")


@pytest.mark.asyncio
async def test_pipelined_requests_time_out_one_by_one(door: MakeDoor) -> None:
    opened = await door(hold, request_timeout_s=0.05)
    raw = await opened.connect()
    await raw.send(get() * 5)
    for _ in range(5):
        assert (await raw.answer())[0] == 408
    assert opened.router.cancelled == opened.router.calls and len(opened.router.calls) == 5
    raw.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("value", ["0", "-1", "inf"])
async def test_the_timeout_header_can_disable(door: MakeDoor, value: str) -> None:
    opened = await door(request_timeout_s=30.0)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        await client.get("/", headers={"x-request-timeout-seconds": value})
    assert request_in(opened.router.calls[0])[0].timeout_s is None


@pytest.mark.asyncio
async def test_a_disconnect_cancels(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(b"POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 4\r\n\r\nbody")
    await until(lambda: len(opened.router.calls) == 1)
    assert (opened.live, opened.gateway.held_bytes) == (1, 4)
    raw.close()
    await until(lambda: opened.router.cancelled == opened.router.calls)
    await opened.settled()


@pytest.mark.asyncio
async def test_a_detached_request_outlives_its_client(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/", "x-request-disconnect-disabled: ?1"))
    await until(lambda: len(opened.router.calls) == 1)
    raw.reset()
    await until(lambda: opened.gateway.connections == 0)
    assert opened.router.cancelled == [] and opened.live == 1
    answer(opened.router.calls[0])
    await opened.settled()


@pytest.mark.asyncio
async def test_a_detached_request_is_answered_after_a_half_close(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/", "x-request-disconnect-disabled: ?1"))
    raw.writer.write_eof()
    await until(lambda: len(opened.router.calls) == 1)
    await asyncio.sleep(0.02)
    answer(opened.router.calls[0], b"late")
    assert (await raw.rest()).endswith(b"late")


@pytest.mark.asyncio
async def test_an_answer_given_before_a_half_close_arrives(door: MakeDoor) -> None:
    opened = await door(echo)
    raw = await opened.connect()
    await raw.send(get("/now"))
    raw.writer.write_eof()
    assert (await raw.rest()).endswith(b"/now|")


@pytest.mark.asyncio
async def test_an_app_deleted_while_its_request_waits_is_a_503(door: MakeDoor) -> None:
    opened = await door(hold)
    raw = await opened.connect()
    await raw.send(get("/1") + get("/2"))
    await until(lambda: len(opened.router.calls) == 1)
    opened.directory.push("app", "/", current=0)
    answer(opened.router.calls[0])
    assert (await raw.answer())[0] == 200
    status, _, body = await raw.answer()
    assert status == 503 and b"not serving" in body
    raw.close()


@pytest.mark.asyncio
async def test_large_answers_arrive_whole(door: MakeDoor) -> None:
    body = bytes(range(256)) * 40_000

    def large(router: ScriptedRouter, call: Call) -> None:
        answer(call, body)

    opened = await door(large)
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        for _ in range(3):
            assert (await client.get("/")).content == body


@pytest.mark.asyncio
@pytest.mark.parametrize("header", ["serve_multiplexed_model_id", "serve-multiplexed-model-id"])
async def test_headers_that_name_a_model_and_a_session(door: MakeDoor, header: str) -> None:
    opened = await door()
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        await client.get("/", headers={header: "model-é".encode(), "x-session-id": "s-1"})
        await client.get("/")
    first, second = (request_in(call)[0] for call in opened.router.calls)
    assert (first.multiplexed_model_id, first.session_id) == ("model-é", "s-1")
    assert (second.multiplexed_model_id, second.session_id) == ("", "")
    assert (first.type, first.scheme) == ("http", "http")
    # What the router looks at.
    assert opened.router.calls[0].multiplexed_model_id == "model-é" and opened.router.calls[0].session_id == "s-1"


@pytest.mark.asyncio
async def test_a_downstream_backpressure_error_is_a_503(door: MakeDoor) -> None:
    meta = msgspec.msgpack.encode(ErrorMeta("unavailable", "BackPressureError", "full"))
    opened = await door(lambda router, call: call.on_frame(FrameKind.ERROR, 0, payload_of(meta, b"")))
    async with httpx.AsyncClient(base_url=opened.gateway.url) as client:
        assert (await client.get("/")).status_code == 503


@pytest.mark.asyncio
async def test_a_slow_reader_gets_a_last_answer_whole(door: MakeDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LINGER_S", 0.1)
    body = b"z" * 20_000_000
    opened = await door(lambda router, call: answer(call, body), keep_alive_s=0.2)
    raw = await opened.connect()
    cast(asyncio.Transport, raw.writer.transport).pause_reading()
    await raw.send(get("/", "connection: close"))
    await opened.submitted(1)
    await asyncio.sleep(0.6)
    cast(asyncio.Transport, raw.writer.transport).resume_reading()
    assert len((await raw.answer())[2]) == len(body)
    raw.close()
