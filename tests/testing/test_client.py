"""`serve.testing`: clients of applications, without Ray, alone and several at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from system_helpers import threads_have_ended

import kernelserve as serve
from kernelserve.cluster.session import get_session
from kernelserve.exceptions import DeployError, RayServeException

ROOT = Path(__file__).parent.parent.parent
api = FastAPI()


@serve.deployment
@serve.ingress(api)
class Shop:
    def __init__(self, word: str = "tea") -> None:
        self.word = word

    @api.get("/word")
    def read(self) -> dict[str, str]:
        return {"word": self.word}

    @api.websocket("/ws")
    async def talk(self, socket: WebSocket) -> None:
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(f"{self.word}: {text}")

    def shout(self, text: str) -> str:
        return text.upper()


@serve.deployment
class Broken:
    def __init__(self) -> None:
        raise LookupError("no weights here")

    def __call__(self) -> None: ...


@serve.deployment
def echo(request: Any) -> dict[str, str]:
    return {"path": request.url.path, "root": request.scope["root_path"], "x": request.headers.get("x", "")}


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Any:
    before = set(threading.enumerate())
    yield
    assert get_session() is None
    threads_have_ended(before)


def test_a_client_speaks_http_handles_and_websockets() -> None:
    with serve.testing.client(Shop.bind("coffee")) as c:
        assert c.get("/word").json() == {"word": "coffee"}
        assert c.handle.shout.remote("a").result(timeout_s=10) == "A"
        assert c.live.status().status == "RUNNING"
        assert str(c.base_url).startswith(str(c.live.url))
        with c.websocket("/ws") as socket:
            socket.send("hello")
            assert socket.recv(timeout=10) == "coffee: hello"


async def test_an_async_client_does_the_same() -> None:
    async with serve.testing.async_client(Shop.bind(), headers={"x": "1"}) as c:
        assert (await c.get("/word")).json() == {"word": "tea"}
        answers = await asyncio.gather(*(c.handle.shout.remote(letter) for letter in "abc"))
        assert answers == ["A", "B", "C"]
        async with c.websocket("/ws") as socket:
            await socket.send("hello")
            assert await socket.recv() == "tea: hello"


def test_a_sync_client_works_inside_a_running_loop() -> None:
    async def in_a_notebook() -> str:
        with serve.testing.client(Shop.bind()) as c:
            return str(c.handle.shout.remote("b").result(timeout_s=10))

    assert asyncio.run(in_a_notebook()) == "B"


def test_nested_clients_share_a_system_and_have_routes_of_their_own() -> None:
    with serve.testing.client(echo.bind(), headers={"x": "outer"}) as outer:
        assert outer.get("/a").json() == {"path": "/a", "root": "", "x": "outer"}
        with serve.testing.client(echo.bind(), name="inner") as inner:
            assert inner.get("/a").json() == {"path": "/inner/a", "root": "/inner", "x": ""}
            assert inner.base_url.port == outer.base_url.port
            with (
                pytest.raises(ValueError, match="An app 'inner' runs already"),
                serve.testing.client(echo.bind(), name="inner"),
            ):
                pass
        assert outer.get("/a").status_code == 200
        assert list(serve.status().applications) == [outer.live.name]


def test_clients_of_several_threads() -> None:
    def one(number: int) -> str:
        with serve.testing.client(Shop.bind(f"word {number}")) as c:
            return str(c.get("/word").json()["word"])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(12))) == [f"word {number}" for number in range(12)]


def test_a_prefix_that_is_given_is_taken() -> None:
    with serve.testing.client(echo.bind(), route_prefix="/v1") as c:
        assert c.get("/x").json()["root"] == "/v1"
        with pytest.raises(DeployError, match="/v1"), serve.testing.client(echo.bind(), route_prefix="/v1"):
            pass


def test_an_app_without_http_has_handles() -> None:
    with serve.testing.client(Shop.bind(), route_prefix=None) as c:
        assert c.handle.shout.remote("a").result(timeout_s=10) == "A"
        assert c.get("/word").status_code == 404


def test_errors_of_the_deploy_are_raised_and_leave_nothing() -> None:
    broken = Broken.options(max_constructor_retry_count=1)
    with pytest.raises(DeployError, match="no weights here") as caught, serve.testing.client(broken.bind()):
        pass
    assert caught.value.deployment == "Broken"
    with pytest.raises(TypeError, match=r"Pass Shop\.bind"), serve.testing.client(Shop):  # type: ignore[arg-type]
        pass


def test_errors_of_the_test_end_the_app() -> None:
    with pytest.raises(ZeroDivisionError), serve.testing.client(Shop.bind()):
        raise ZeroDivisionError


def test_what_the_test_ends_itself_is_no_error() -> None:
    with serve.testing.client(Shop.bind()) as c:
        serve.delete(c.live.name)
    with serve.testing.client(Shop.bind()):
        serve.shutdown()


def test_a_system_of_the_tests_own_is_used_and_left() -> None:
    serve.start(placement="local", http_options={"port": 0})
    session = get_session()
    with serve.testing.client(Shop.bind()) as c:
        assert c.get("/word").status_code == 200
    assert get_session() is session
    serve.shutdown()


def test_an_app_that_runs_beside_is_left() -> None:
    with serve.testing.client(Shop.bind()):
        serve.run(echo.bind(), name="mine", route_prefix="/mine")
    assert list(serve.status().applications) == ["mine"]
    serve.shutdown()


def test_a_system_on_ray_is_no_place_for_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    serve.start(placement="local", http_options={"port": 0})
    session = get_session()
    assert session is not None
    session.kind = "ray"  # What counts is the kind of the session that runs; a Ray is not needed to say so.
    with pytest.raises(RayServeException, match=r"A 'ray' system runs .* Run serve\.shutdown\(\) first"):
        serve.run(echo.bind(), _local_testing_mode=True)
    with pytest.raises(RayServeException, match=r"serve\.shutdown\(\)"), serve.testing.client(echo.bind()):
        pass
    session.kind = "local"
    serve.shutdown()


def test_only_a_client_imports_httpx() -> None:
    code = "import sys, kernelserve as serve; serve.testing.client; assert 'httpx' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_without_httpx_it_says_what_to_install() -> None:
    code = """
import sys
sys.modules["httpx"] = None
import kernelserve as serve
try:
    with serve.testing.client(None): pass
except ImportError as error:
    assert "pip install httpx" in str(error), error
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_other_names_are_missing() -> None:
    assert serve.testing.Client.__name__ == "Client"
    assert not hasattr(serve.testing, "Clint")
