"""Requests by handle and HTTP, on both placements."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from system_helpers import Cells, get, wait_for

import kernelserve as serve
from kernelserve.exceptions import BackPressureError, DeploymentUnavailableError, RayServeException

GRAPH = """
@serve.deployment
class Doubler:
    async def __call__(self, x):
        return x * 2

    def slowly(self, x):
        return x * 2

@serve.deployment
class Top:
    def __init__(self, child, offset=1):
        self.child, self.offset = child, offset

    async def __call__(self, request):
        data = await request.json()
        return {"answer": await self.child.remote(data["x"]) + self.offset, "path": request.url.path,
                "root": request.scope["root_path"], "id": request.headers.get("x-mine")}

    async def add(self, x):
        return await self.child.remote(x) + self.offset

    def add_in_thread(self, x):
        return self.child.slowly.remote(x).result(timeout_s=10) + self.offset

app = Top.bind(Doubler.bind(), offset=5)
"""


def test_http_and_handle_reach_the_same_graph(cells: Cells, name: str) -> None:
    outcome = cells.serve(GRAPH, name)
    assert outcome.outcome == "applied"
    assert outcome.revision == 1
    live = serve.app(name)
    answer = get(f"{live.url}/deeper", {"x": 4}, {"x-mine": "7"})
    assert answer == (200, {"answer": 13, "path": f"/{name}/deeper", "root": f"/{name}", "id": "7"})
    assert live.handle.add.remote(10).result(timeout_s=10) == 25
    assert live.handle.add_in_thread.remote(10).result(timeout_s=10) == 25
    assert serve.get_deployment_handle("Doubler", name).remote(3).result(timeout_s=10) == 6


def test_a_response_is_awaited_in_a_running_loop(cells: Cells, name: str) -> None:
    cells.serve(GRAPH, name)
    handle = serve.get_app_handle(name)

    async def many() -> list[int]:
        return list(await asyncio.gather(*(handle.add.remote(i) for i in range(50))))

    assert asyncio.run(many()) == [2 * i + 5 for i in range(50)]

    async def blocking() -> int:
        return handle.add.remote(1).result(timeout_s=10)

    assert asyncio.run(blocking()) == 7, "result() works inside a notebook's running loop"


def test_a_response_is_passed_on(cells: Cells, name: str) -> None:
    cells.serve(GRAPH, name)
    doubler = serve.get_deployment_handle("Doubler", name)
    twice = doubler.remote(doubler.remote(np.arange(200_000)))
    assert np.array_equal(twice.result(timeout_s=10), np.arange(200_000) * 4)


def test_user_errors_keep_their_type_and_show_the_cells_lines(cells: Cells, name: str) -> None:
    cells.serve(
        """
        class NoStock(Exception):
            def __init__(self, item, left):
                super().__init__(item, left)
                self.item, self.left = item, left

        @serve.deployment
        class Shop:
            def buy(self, item):
                raise NoStock(item, 3)  # the line to see

            async def __call__(self, request):
                return self.buy("tea")

            def bad_value(self):
                raise ValueError("plain")

        app = Shop.bind()
        """,
        name,
    )
    shop = serve.get_app_handle(name)
    with pytest.raises(cells["NoStock"]) as caught:
        shop.buy.remote("cup").result(timeout_s=10)
    assert (caught.value.item, caught.value.left) == ("cup", 3)
    assert "raise NoStock(item, 3)  # the line to see" in str(caught.value.__cause__)
    assert "kernelserve/replica" not in str(caught.value.__cause__)
    with pytest.raises(ValueError, match="plain"):
        shop.bad_value.remote().result(timeout_s=10)
    status, text = get(serve.app(name).url or "")
    assert status == 500
    assert "raise NoStock(item, 3)" in text


def test_a_missing_method_is_an_error_that_lists_what_there_is(cells: Cells, name: str) -> None:
    cells.serve(GRAPH, name)
    with pytest.raises(AttributeError, match=r"Top has no method 'ad'. It has: .*add"):
        serve.get_app_handle(name).ad.remote(1).result(timeout_s=10)
    with pytest.raises(DeploymentUnavailableError, match=r"has no deployment 'Nope'\. It has: Doubler, Top"):
        serve.get_deployment_handle("Nope", name)


def test_function_deployments_and_results(cells: Cells, name: str) -> None:
    cells.serve(
        """
        @serve.deployment
        def echo(request):
            kind = request.query_params.get("kind", "json")
            return {"json": {"a": [1, 2]}, "text": "plain", "bytes": b"raw", "none": None}[kind]

        app = echo.bind()
        """,
        name,
    )
    url = serve.app(name).url
    assert get(f"{url}?kind=json") == (200, {"a": [1, 2]})
    assert get(f"{url}?kind=text") == (200, "plain")
    assert get(f"{url}?kind=bytes") == (200, "raw")
    assert get(f"{url}?kind=none") == (200, "")


def test_max_ongoing_requests_is_kept_and_the_rest_waits(cells: Cells, name: str) -> None:
    cells.serve(
        """
        import asyncio

        @serve.deployment(max_ongoing_requests=3, num_replicas=2)
        class Counted:
            running = peak = 0
            def __init__(self):
                self.running = self.peak = 0
            async def __call__(self, i):
                self.running += 1
                self.peak = max(self.peak, self.running)
                await asyncio.sleep(0.01)
                self.running -= 1
                return self.peak

        app = Counted.bind()
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    responses = [handle.remote(i) for i in range(60)]
    peaks = [response.result(timeout_s=20) for response in responses]
    assert max(peaks) == 3


def test_a_full_queue_is_back_pressure(cells: Cells, name: str) -> None:
    cells.serve(
        """
        import asyncio
        from kernelserve.config import BackpressureConfig

        @serve.deployment(max_ongoing_requests=1, max_queued_requests=1,
                          backpressure_config=BackpressureConfig(status_code=429, retry_after_s=1.5))
        class Slow:
            async def __call__(self, seconds):
                await asyncio.sleep(seconds)
                return "done"

        app = Slow.bind()
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    assert handle.remote(0).result(timeout_s=10) == "done"
    responses = [handle.remote(0.3) for _ in range(3)]
    with pytest.raises(BackPressureError, match="max_queued_requests is 1"):
        responses[2].result(timeout_s=10)
    assert [response.result(timeout_s=10) for response in responses[:2]] == ["done", "done"]


def test_cancelling_reaches_the_user_code_and_what_it_called(cells: Cells, name: str) -> None:
    cells.serve(
        """
        import asyncio

        @serve.deployment
        class Deep:
            def __init__(self):
                self.cancelled = 0
            async def wait(self):
                try:
                    await asyncio.sleep(30)
                except asyncio.CancelledError:
                    self.cancelled += 1
                    raise
            async def count(self):
                return self.cancelled

        @serve.deployment
        class Front:
            def __init__(self, deep):
                self.deep = deep
            async def wait(self):
                await self.deep.wait.remote()
            async def count(self):
                return await self.deep.count.remote()

        app = Front.bind(Deep.bind())
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    response = handle.wait.remote()
    assert handle.count.remote().result(timeout_s=10) == 0
    response.cancel()
    with pytest.raises(serve.exceptions.RequestCancelledError):
        response.result(timeout_s=10)
    assert response.cancelled()
    wait_for(lambda: handle.count.remote().result(timeout_s=10) == 1, "the inner call is cancelled")


def test_replica_context_and_user_config(cells: Cells, name: str) -> None:
    cells.serve(
        """
        @serve.deployment(user_config={"greeting": "hi"})
        class Greeter:
            def reconfigure(self, config):
                self.greeting = config["greeting"]
            def where(self):
                context = serve.get_replica_context()
                return context.app_name, context.deployment, context.servable_object is self, self.greeting

        app = Greeter.bind()
        """,
        name,
    )
    assert serve.get_app_handle(name).where.remote().result(timeout_s=10) == (name, "Greeter", True, "hi")
    with pytest.raises(RayServeException, match="outside a replica"):
        serve.get_replica_context()


def test_result_on_the_replicas_own_loop_says_what_to_do(cells: Cells, name: str) -> None:
    cells.serve(
        """
        @serve.deployment
        class Child:
            async def __call__(self):
                return 1

        @serve.deployment
        class Parent:
            def __init__(self, child):
                self.child = child
            async def wrong(self):
                return self.child.remote().result()

        app = Parent.bind(Child.bind())
        """,
        name,
    )
    with pytest.raises(RuntimeError, match="Use `await response`"):
        serve.get_app_handle(name).wrong.remote().result(timeout_s=10)


def test_same_name_twice_gets_a_suffix(cells: Cells, name: str) -> None:
    cells.serve(
        """
        @serve.deployment
        class Part:
            def __init__(self, value):
                self.value = value
            async def __call__(self):
                return self.value

        @serve.deployment
        class Both:
            def __init__(self, parts):
                self.parts = parts
            async def __call__(self):
                return [await part.remote() for part in self.parts]

        app = Both.bind([Part.bind("a"), Part.bind("b")])
        """,
        name,
    )
    assert serve.get_app_handle(name).remote().result(timeout_s=10) == ["a", "b"]
    assert {"Part", "Part_1", "Both"} == {node["name"] for node in serve.app(name).graph()["nodes"]}
