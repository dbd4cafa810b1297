"""``/-/metrics``, and what the gateway counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from gateway_helpers import Door, Raw, end, fail, grant, hold, start, until
from prometheus_client.parser import text_string_to_metric_families

from kernelserve.gateway import metrics_page
from kernelserve.transport.messages import Routing
from kernelserve.transport.observed import Series

OpenDoor = Callable[..., Awaitable[Door]]
GET = b"GET %b HTTP/1.1\r\nhost: x\r\n\r\n"


async def page(raw: Raw) -> dict[tuple[str, ...], float]:
    """The page's samples, by name and label values in the order of the label names; without buckets."""
    await raw.send(GET % b"/-/metrics")
    status, headers, body = await raw.answer()
    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    families = text_string_to_metric_families(body.decode())
    return {
        (one.name.removeprefix("kernelserve_"), *(one.labels[key] for key in sorted(one.labels))): one.value
        for family in families
        for one in family.samples
        if "le" not in one.labels
    }


async def get(raw: Raw, path: bytes) -> int:
    await raw.send(GET % path)
    return (await raw.answer())[0]


async def test_requests_are_counted_by_what_became_of_them(door: OpenDoor) -> None:
    opened = await door(route_prefix="/shop")
    raw = await opened.connect()
    assert await get(raw, b"/shop/a") == 200
    assert await get(raw, b"/shop/b") == 200
    opened.router.script = lambda router, call: fail(call, "user")
    assert await get(raw, b"/shop/c") == 500
    assert await get(raw, b"/elsewhere") == 404
    assert await get(raw, b"/-/healthz") == 200  # Not a request of anybody.
    found = await page(raw)
    assert found["num_http_requests_total", "app", "GET", "/shop", "200"] == 2
    assert found["num_http_requests_total", "app", "GET", "/shop", "500"] == 1
    assert found["num_http_error_requests_total", "app", "500", "GET", "/shop"] == 1
    assert found["num_http_requests_total", "", "GET", "", "404"] == 1
    assert found["http_request_latency_ms_count", "app", "/shop"] == 3
    assert found["num_ongoing_http_requests", "app", "/shop"] == 0
    assert sum(value for key, value in found.items() if key[0] == "num_http_requests_total") == 4
    raw.close()


async def test_what_is_under_way_what_leaves_and_what_breaks(door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_page, "KEPT_S", -1.0)
    opened = await door(hold)
    gone, broken, watcher = await opened.connect(), await opened.connect(), await opened.connect()
    await gone.send(GET % b"/gone")
    await opened.submitted(1)
    await broken.send(GET % b"/broken")
    await opened.submitted(2)
    assert (await page(watcher))["num_ongoing_http_requests", "app", "/"] == 2

    gone.reset()
    await until(lambda: len(opened.router.cancelled) == 1)
    start(opened.router.calls[1])
    fail(opened.router.calls[1], "user")
    await broken.rest()
    found = await page(watcher)
    assert found["num_ongoing_http_requests", "app", "/"] == 0
    assert found["num_http_requests_total", "app", "GET", "/", "499"] == 1
    assert found["num_http_requests_total", "app", "GET", "/", "200"] == 1
    errors = {key: value for key, value in found.items() if key[0] == "num_http_error_requests_total"}
    assert errors == {("num_http_error_requests_total", "app", "200", "GET", "/"): 1}  # Its head had been sent.
    watcher.close()


async def test_a_refused_body_is_one_request(door: OpenDoor) -> None:
    opened = await door(hold, max_body_bytes=600_000)
    raw, other = await opened.connect(), await opened.connect()
    piece = b"186a0\r\n" + b"x" * 100_000 + b"\r\n"
    await raw.send(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + piece * 4)
    await opened.submitted(1)
    grant(opened.router.calls[0], 1_000_000)
    await raw.send(piece * 3)
    assert (await raw.rest()).startswith(b"HTTP/1.1 413 ")
    found = await page(other)
    counted = {key: value for key, value in found.items() if key[0] == "num_http_requests_total"}
    assert counted == {("num_http_requests_total", "app", "POST", "/", "413"): 1}
    other.close()


async def test_a_websocket_is_counted_when_it_ends(door: OpenDoor) -> None:
    opened = await door(hold)
    raw, other = await opened.connect(), await opened.connect()
    shake = b"upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: "
    await raw.send(b"GET / HTTP/1.1\r\nhost: x\r\n" + shake + b"dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    await opened.submitted(1)
    start(opened.router.calls[0], 101, [])
    assert (await raw.head())[0] == 101
    end(opened.router.calls[0])
    found = await page(other)
    assert found["num_http_requests_total", "app", "GET", "/", "101"] == 1
    assert found["http_request_latency_ms_count", "app", "/"] == 0  # How long it is open is no latency.
    raw.reset()
    other.close()


async def test_the_series_of_a_deleted_app_go_with_it(door: OpenDoor) -> None:
    opened = await door()
    raw = await opened.connect()
    await get(raw, b"/")
    opened.directory.apply(Routing(app="app", epoch=1, version=9, current=0, deleted_reason="It was deleted."))
    assert not [key for key in await page(raw) if "app" in key]
    raw.close()


async def test_head_other_methods_and_bodies(door: OpenDoor) -> None:
    opened = await door()
    raw, other = await opened.connect(), await opened.connect()
    await raw.send(b"HEAD /-/metrics HTTP/1.1\r\nhost: x\r\n\r\n")
    status, headers = await raw.head()
    assert status == 200 and int(headers["content-length"]) > 0
    await raw.send(b"POST /-/metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc")
    assert (await raw.answer())[0] == 200
    raw.close()
    await other.send(b"GET /-/metrics HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n")
    assert (await other.rest()).startswith(b"HTTP/1.1 400 ")


async def test_the_page_is_asked_for_once_a_second(door: OpenDoor) -> None:
    asked: list[int] = []

    async def ask() -> list[Series]:
        asked.append(1)
        return [Series("from_controller", "gauge", (), len(asked))]

    opened = await door(ask=ask)
    raw, other = await opened.connect(), await opened.connect()
    await raw.send(GET % b"/-/metrics" * 3)  # Pipelined.
    await other.send(GET % b"/-/metrics")
    bodies = {(await one.answer())[2] for one in (raw, raw, raw, other)}
    assert len(bodies) == len(asked) == 1
    assert b"kernelserve_from_controller 1.0" in bodies.pop()
    raw.close()
    other.close()


async def test_without_a_controller_the_last_numbers_are_told_with_their_age(
    door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_page, "KEPT_S", -1.0)
    answers: list[list[Series] | None] = [None, [Series("known", "gauge", (), 5)], None]

    async def ask() -> list[Series] | None:
        return answers.pop(0)

    opened = await door(ask=ask)
    raw = await opened.connect()
    assert ("num_ongoing_http_requests", "app", "/") in await page(raw)  # None was ever had: the gateway's own.
    fresh = await page(raw)
    assert fresh["known",] == 5
    stale = await page(raw)
    assert stale["known",] == 5
    assert stale["scrape_age_seconds",] > fresh["scrape_age_seconds",]
    raw.close()


async def test_requests_go_on_while_a_client_leaves_in_the_middle_of_a_scrape(door: OpenDoor) -> None:
    opened = await door()
    leaver = await opened.connect()
    await leaver.send(GET % b"/-/metrics")
    leaver.reset()
    raw = await opened.connect()
    assert await get(raw, b"/") == 200
    assert ("scrape_age_seconds",) in await page(raw)
    raw.close()
