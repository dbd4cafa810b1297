"""What the programs must do, on whatever serves them: HTTP, WebSockets and handles only, no import of a serve module.

`compat` runs the same functions against Ray Serve, so they say nothing that only one of the two has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Target:
    """A program that runs.

    Attributes:
        url: of its route, without a trailing slash.
        handle: of its ingress.
        program: its names.
        run: deploys another application under the program's name and returns the handle.
    """

    url: str
    handle: Any
    program: dict[str, Any]
    run: Callable[[Any], Any]

    def http(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=TIMEOUT_S, trust_env=False, **options)

    def websocket(self, path: str) -> ClientConnection:
        return connect(f"ws{self.url.removeprefix('http')}{path}", open_timeout=TIMEOUT_S, proxy=None)


Check = Callable[[Target], None]
CHECKS: dict[str, list[Check]] = {"crud": [], "composition": [], "chat": []}


def check(program: str) -> Callable[[Check], Check]:
    def note(function: Check) -> Check:
        CHECKS[program].append(function)
        return function

    return note


def cases() -> Iterator[tuple[str, Check]]:
    """Every program with each of its checks."""
    for program, checks in CHECKS.items():
        for function in checks:
            yield program, function


def eventually(condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {TIMEOUT_S} s: {what}"
        time.sleep(0.05)


def shop(target: Target) -> httpx.Client:
    return target.http(headers={"x-key": target.program["KEY"]})


RECORD = {"title": "Kind of Blue", "artist": "Miles Davis", "year": 1959, "tags": ["jazz"]}


@check("crud")
def create_read_update_delete(target: Target) -> None:
    with shop(target) as c:
        made = c.post("/records", json=RECORD)
        assert made.status_code == 201
        record = made.json()
        assert record == {**RECORD, "medium": "vinyl", "id": record["id"]}
        assert made.headers["location"] == f"/records/{record['id']}"
        path = f"/records/{record['id']}"
        assert c.get(path).json() == record
        assert c.patch(path, json={"year": 1960}).json() == {**record, "year": 1960}
        assert c.get(path).json()["year"] == 1960
        gone = c.delete(path)
        assert (gone.status_code, gone.content) == (204, b"")
        assert c.get(path).status_code == 404
        assert c.get(path).json() == {"detail": f"there is no record {record['id']}"}


@check("crud")
def search_with_dependencies(target: Target) -> None:
    with shop(target) as c:
        for year in range(1970, 1975):
            tags = ["live"] if year % 2 else ["live", "rare"]
            c.post("/records", json={"title": f"No {year}", "artist": "Search", "year": year, "tags": tags})
        page = c.get("/records", params={"artist": "Search", "offset": 1, "limit": 2}).json()
        assert (page["total"], [record["year"] for record in page["records"]]) == (5, [1971, 1972])
        tagged = c.get("/records", params={"artist": "Search", "tag": ["live", "rare"]}).json()
        assert [record["year"] for record in tagged["records"]] == [1970, 1972, 1974]
        assert c.get("/records", params={"limit": 0}).status_code == 422


@check("crud")
def wrong_input_is_the_clients_error(target: Target) -> None:
    with shop(target) as c:
        for wrong in ({**RECORD, "year": 1800}, {**RECORD, "title": ""}, {**RECORD, "medium": "cd"}, {}):
            answer = c.post("/records", json=wrong)
            assert answer.status_code == 422
            assert answer.json()["detail"][0]["loc"][0] == "body"
        assert c.post("/records", content=b"{", headers={"content-type": "application/json"}).status_code == 422
        assert c.get("/records/one").status_code == 422
        assert c.get("/nowhere").status_code == 404
        assert c.put("/records", json=RECORD).status_code == 405
        assert c.post("/records", json=RECORD, headers={"x-key": "guess"}).json() == {"detail": "the key is wrong"}


@check("crud")
def files_go_up_and_down(target: Target) -> None:
    with shop(target) as c:
        path = f"/records/{c.post('/records', json=RECORD).json()['id']}/cover"
        assert c.get(path).status_code == 404
        image = bytes(range(256)) * 4000
        assert c.put(path, files={"cover": ("blue.png", image)}).json() == {"name": "blue.png", "size": len(image)}
        answer = c.get(path)
        assert (answer.content, answer.headers["content-type"]) == (image, "image/png")
        assert c.put(path, files={"cover": ("large.png", bytes(2_000_001))}).status_code == 413


@check("crud")
def handlers_middleware_and_openapi(target: Target) -> None:
    with shop(target) as c:
        path = f"/records/{c.post('/records', json=RECORD).json()['id']}"
        bought = c.post(f"{path}/buy")
        assert (bought.status_code, bought.json()) == (409, {"detail": "Kind of Blue is sold out"})
        assert bought.headers["x-shop"] == "catalogue"
        assert c.get("/about").json() == {"shop": "catalogue"}
        schema = c.get("/openapi.json").json()
        assert schema["info"] == {"title": "Catalogue", "version": "1.2"}
        assert schema["servers"] == [{"url": httpx.URL(target.url).path}]
        assert set(schema["paths"]["/records/{record_id}"]) == {"get", "patch", "delete"}
        names = [parameter["name"] for parameter in schema["paths"]["/records"]["get"]["parameters"]]
        assert sorted(names) == ["artist", "limit", "offset", "tag"], "no self"
        assert c.get("/docs").status_code == 200


@check("crud")
def handles_call_other_methods(target: Target) -> None:
    before = target.handle.count.remote().result(timeout_s=TIMEOUT_S)
    with shop(target) as c:
        c.post("/records", json=RECORD)
    assert target.handle.count.remote().result(timeout_s=TIMEOUT_S) == before + 1


@check("composition")
def one_verdict(target: Target) -> None:
    with target.http() as c:
        assert c.post("/", json={"text": "a great long film"}).json() == {"score": 1.5, "see it": True}
        assert c.post("/", json={"text": "bad and short"}).json() == {"score": -0.5, "see it": False}
        assert c.post("/", content=b"not json").status_code == 500


@check("composition")
def many_verdicts_by_handle(target: Target) -> None:
    texts = ["good " * (number % 5) for number in range(60)]
    verdicts = target.handle.judge_all.remote(texts).result(timeout_s=TIMEOUT_S)
    assert [verdict["score"] for verdict in verdicts] == [number % 5 for number in range(60)]
    sizes = target.handle.batch_sizes.remote().result(timeout_s=TIMEOUT_S)
    assert max(sizes) > 1, "calls were batched"
    assert max(sizes) <= 8


@check("composition")
def responses_are_awaited(target: Target) -> None:
    async def gather() -> list[Any]:
        return await asyncio.gather(*(target.handle.judge.remote("good") for _ in range(20)))

    assert asyncio.run(gather()) == [{"score": 1.0, "see it": True}] * 20


@check("composition")
def errors_keep_their_type(target: Target) -> None:
    try:
        target.handle.judge.remote(None).result(timeout_s=TIMEOUT_S)
    except AttributeError as error:
        assert "lower" in str(error)
    else:
        raise AssertionError("None has no words, and that is an error")


@check("composition")
def user_config_is_changed_by_a_deploy(target: Target) -> None:
    assert target.handle.current_threshold.remote().result(timeout_s=TIMEOUT_S) == 0.5
    handle = target.run(target.program["build"](threshold=5.0))
    assert handle.current_threshold.remote().result(timeout_s=TIMEOUT_S) == 5.0
    assert handle.judge.remote("great").result(timeout_s=TIMEOUT_S) == {"score": 2.0, "see it": False}
    target.run(target.program["app"])


WORDS = "one two three one two "


@check("chat")
def words_stream_over_http(target: Target) -> None:
    prompt = {"text": "one two three"}
    with target.http() as c, c.stream("POST", "/text", json=prompt) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        assert "content-length" not in answer.headers
        assert "".join(answer.iter_text()) == WORDS
    with target.http() as c:
        assert c.post("/whole", json=prompt).json() == {"text": WORDS.strip()}
        assert c.post("/text", json={"words": 3}).status_code == 422


@check("chat")
def events_stream_over_http(target: Target) -> None:
    with target.http() as c, c.stream("POST", "/events", json={"text": "a b", "words": 3}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-cache"
        lines = [line for line in answer.iter_lines() if line]
    assert lines == [f'data: {{"n": {n}, "word": "{word}"}}' for n, word in enumerate("aba")] + ["data: [DONE]"]


@check("chat")
def a_conversation_over_a_websocket(target: Target) -> None:
    with target.websocket("/chat/green?words=2") as socket:
        assert socket.recv(timeout=TIMEOUT_S) == '{"room":"green"}'
        for text in ("red blue", "day night"):
            socket.send(text)
            assert [socket.recv(timeout=TIMEOUT_S) for _ in range(3)] == [*text.split(), b"\0"]
        socket.send("bye")
        try:
            socket.recv(timeout=TIMEOUT_S)
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            assert closed.rcvd.code == 1000
        else:
            raise AssertionError("the socket should be closed")


@check("chat")
def many_conversations_at_once(target: Target) -> None:
    with ExitStack() as opened:
        sockets = [opened.enter_context(target.websocket(f"/chat/{number}?words=3")) for number in range(8)]
        for socket in sockets:
            socket.recv(timeout=TIMEOUT_S)
            socket.send("x y z")
        for socket in sockets:
            assert [socket.recv(timeout=TIMEOUT_S) for _ in range(3)] == ["x", "y", "z"]


@check("chat")
def handles_stream(target: Target) -> None:
    stream = target.handle.options(stream=True).words.remote("one two three", 5)
    assert "".join(stream) == WORDS

    async def read() -> str:
        return "".join([word async for word in target.handle.options(stream=True).words.remote("one two three", 5)])

    assert asyncio.run(read()) == WORDS


@check("chat")
def a_client_that_leaves_ends_the_model(target: Target) -> None:
    def state() -> dict[str, int]:
        found: dict[str, int] = target.handle.state.remote().result(timeout_s=TIMEOUT_S)
        return found

    eventually(lambda: state()["running"] == 0, "nothing runs")
    before = state()["ended"]
    with target.http() as c, c.stream("POST", "/text", json={"text": "for ever", "words": 1_000_000}) as answer:
        words = answer.iter_text()  # Held: the answer is closed with its iterator.
        assert next(words).startswith("for")
        assert state()["running"] == 1
    eventually(lambda: state() == {"running": 0, "ended": before + 1}, "the model has stopped")
