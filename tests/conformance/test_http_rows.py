"""What an HTTP client of Ray Serve relies on: pages, statuses, headers, encodings. On both placements."""

from __future__ import annotations

import httpx
import pytest
from system_helpers import Cells, wait_for

import kernelserve as serve

WAITING = """
import asyncio
from kernelserve.config import BackpressureConfig

@serve.deployment
class Deep:
    def __init__(self):
        self.running, self.cancelled = 0, 0
    async def wait(self, seconds):
        self.running += 1
        try:
            await asyncio.sleep(seconds)
            return "done"
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
    async def state(self):
        return [self.running, self.cancelled]

@serve.deployment(max_ongoing_requests=LIMIT, max_queued_requests=QUEUE,
                  backpressure_config=BackpressureConfig(status_code=429, retry_after_s=1.5))
class Front:
    def __init__(self, deep):
        self.deep = deep
    async def __call__(self, request):
        seconds = float(request.query_params.get("seconds", "0"))
        return await self.deep.wait.remote(seconds)

app = Front.bind(Deep.bind())
"""


@pytest.fixture
def waiting(cells: Cells, name: str) -> serve.LiveApp:
    cells.serve(WAITING.replace("LIMIT", "5").replace("QUEUE", "-1"), name)
    live = serve.app(name)
    assert httpx.get(str(live.url), timeout=20).text == "done"  # So that the connections are there.
    return live


def state(name: str) -> list[int]:
    return list(serve.get_deployment_handle("Deep", name).state.remote().result(timeout_s=10))


def test_own_pages(waiting: serve.LiveApp, cells: Cells) -> None:
    base = cells.session.base_url
    healthy = httpx.get(f"{base}/-/healthz", timeout=20)
    assert (healthy.status_code, healthy.text) == (200, "success")
    assert httpx.get(f"{base}/-/routes", timeout=20).json() == {f"/{waiting.name}": waiting.name}
    missing = httpx.get(f"{base}/nowhere", timeout=20)
    assert missing.status_code == 404
    assert "/nowhere" in missing.text


def test_the_longest_prefix_wins_and_is_the_root_path(cells: Cells, name: str) -> None:
    source = """
    @serve.deployment
    class Where:
        def __call__(self, request):
            return [serve.get_replica_context().app_name, request.scope["root_path"], request.url.path]
    app = Where.bind()
    """
    cells.serve(source, f"{name}-outer", route_prefix=f"/{name}")
    cells.serve(source, f"{name}-inner", route_prefix=f"/{name}/a")
    base = cells.session.base_url
    assert httpx.get(f"{base}/{name}/a/b", timeout=20).json() == [f"{name}-inner", f"/{name}/a", f"/{name}/a/b"]
    assert httpx.get(f"{base}/{name}/ab", timeout=20).json() == [f"{name}-outer", f"/{name}", f"/{name}/ab"]


def test_an_app_without_a_route_has_handles_only(cells: Cells, name: str) -> None:
    cells.serve(WAITING.replace("LIMIT", "5").replace("QUEUE", "-1"), name, route_prefix=None)
    assert serve.app(name).url is None
    assert httpx.get(f"{cells.session.base_url}/{name}", timeout=20).status_code == 404
    assert state(name) == [0, 0]


def test_a_request_has_an_id_everywhere(cells: Cells, name: str) -> None:
    cells.serve(
        """
        from kernelserve.context import request as current

        @serve.deployment
        class Inner:
            def __call__(self):
                return current().request_id

        @serve.deployment
        class Outer:
            def __init__(self, inner):
                self.inner = inner
            async def __call__(self, request):
                return [current().request_id, await self.inner.remote()]
            async def by_handle(self):
                return current().request_id

        app = Outer.bind(Inner.bind())
        """,
        name,
    )
    live = serve.app(name)
    given = httpx.get(str(live.url), headers={"X-Request-ID": "mine-1"}, timeout=20)
    assert (given.json(), given.headers["x-request-id"]) == (["mine-1", "mine-1"], "mine-1")
    made = httpx.get(str(live.url), timeout=20)
    assert made.json() == [made.headers["x-request-id"]] * 2
    response = live.handle.by_handle.remote()
    assert response.result(timeout_s=10) == response.request_id


def test_a_request_that_its_time_ends_is_a_408_and_cancelled_downstream(waiting: serve.LiveApp) -> None:
    answer = httpx.get(f"{waiting.url}?seconds=60", headers={"x-request-timeout-seconds": "1"}, timeout=20)
    assert answer.status_code == 408
    wait_for(lambda: state(waiting.name) == [0, 1], "the inner call is cancelled")
    unlimited = httpx.get(f"{waiting.url}?seconds=0.3", headers={"x-request-timeout-seconds": "0"}, timeout=20)
    assert unlimited.text == "done"


def test_a_client_that_leaves_cancels_downstream_unless_it_says_otherwise(waiting: serve.LiveApp) -> None:
    for headers, cancelled in (({}, 1), ({"x-request-disconnect-disabled": "?1"}, 1)):
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{waiting.url}?seconds=4", headers=headers, timeout=httpx.Timeout(20, read=1.0))
        wait_for(lambda count=cancelled: state(waiting.name) == [0, count], "the inner call has ended")


def test_a_full_queue_is_the_deployments_status_with_retry_after(cells: Cells, name: str) -> None:
    cells.serve(WAITING.replace("LIMIT", "1").replace("QUEUE", "0"), name)
    url = str(serve.app(name).url)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(
            f"{url}?seconds=60",
            headers={"x-request-disconnect-disabled": "?1", "x-request-timeout-seconds": "3"},
            timeout=httpx.Timeout(20, read=0.5),
        )
    refused = httpx.get(url, timeout=20)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    wait_for(lambda: httpx.get(url, timeout=20).status_code == 200, "there is room again")


def test_results_are_encoded_as_ray_serve_does(cells: Cells, name: str) -> None:
    cells.serve(
        """
        import datetime, numpy, pandas
        from dataclasses import dataclass
        from pydantic import BaseModel
        from starlette.responses import Response

        @dataclass
        class Point:
            x: int

        class Model(BaseModel):
            y: float

        VALUES = {
            "none": None, "text": "text", "bytes": b"bytes", "array": numpy.arange(3), "scalar": numpy.float32(0.5),
            "frame": pandas.DataFrame({"a": [1, 2]}), "point": Point(1), "model": Model(y=2), "set": {1},
            "nested": {"at": datetime.date(2020, 1, 2), "of": [numpy.int64(3)]}, "error": ValueError("wrong"),
        }

        @serve.deployment
        def encode(request):
            if request.query_params["kind"] == "response":
                return Response("made", 418, headers={"x-made": "yes"}, media_type="text/x-made")
            return VALUES[request.query_params["kind"]]

        app = encode.bind()
        """,
        name,
    )
    with httpx.Client(base_url=str(serve.app(name).url), timeout=20) as client:

        def answer(kind: str) -> httpx.Response:
            return client.get("", params={"kind": kind})

        for kind, text in (("none", ""), ("text", "text"), ("bytes", "bytes")):
            assert (answer(kind).text, answer(kind).headers["content-type"][:10]) == (text, "text/plain")
        expected = {
            "array": [0, 1, 2],
            "scalar": 0.5,
            "frame": [{"a": 1}, {"a": 2}],
            "point": {"x": 1},
            "model": {"y": 2.0},
            "set": [1],
            "nested": {"at": "2020-01-02", "of": [3]},
        }
        assert {kind: answer(kind).json() for kind in expected} == expected
        assert "wrong" in answer("error").text
        made = answer("response")
        assert (made.status_code, made.text, made.headers["x-made"]) == (418, "made", "yes")
        assert made.headers["content-type"].startswith("text/x-made")


def test_a_session_stays_at_its_replica(cells: Cells, name: str) -> None:
    cells.serve(
        """
        from kernelserve.context import request as current

        @serve.deployment(num_replicas=3)
        class Where:
            def __call__(self, request=None):
                return [serve.get_replica_context().replica_id, current().session_id]
        app = Where.bind()
        """,
        name,
    )
    live = serve.app(name)
    answers = [httpx.get(str(live.url), headers={"x-session-id": "s1"}, timeout=20).json() for _ in range(12)]
    assert len({replica for replica, _ in answers}) == 1
    assert {session for _, session in answers} == {"s1"}
    by_handle = live.handle.options(session_id="s1")
    assert {by_handle.remote().result(timeout_s=10)[0] for _ in range(5)} == {answers[0][0]}


def test_http_goes_to_the_outermost_of_two_ingresses(cells: Cells, name: str) -> None:
    """Ray Serve refuses the second one; here it is a deployment like any other."""
    cells.serve(
        """
        from fastapi import FastAPI
        first, second = FastAPI(), FastAPI()

        @serve.deployment
        @serve.ingress(first)
        class Inner:
            @first.get("/inner")
            def read(self):
                return "inner"

        @serve.deployment
        @serve.ingress(second)
        class Outer:
            def __init__(self, inner):
                self.inner = inner
            @second.get("/outer")
            async def read(self):
                return await self.inner.read.remote()

        app = Outer.bind(Inner.bind())
        """,
        name,
    )
    url = str(serve.app(name).url)
    assert httpx.get(f"{url}/outer", timeout=20).json() == "inner"
    assert httpx.get(f"{url}/inner", timeout=20).status_code == 404
