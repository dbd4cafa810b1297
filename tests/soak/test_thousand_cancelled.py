"""A thousand requests in flight are cancelled, each kind in each way: nothing is left of them, on both placements."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from soak_helpers import Client, Holdings
from system_helpers import Cells, get, until

import kernelserve as serve
from benchmarks.soak_app import COUNTS
from kernelserve.cluster.session import Session
from kernelserve.exceptions import RequestCancelledError

COUNT = {"ray": 1_000, "local": 250}
"""In one process, where client and all parts share an interpreter, a thousand show no more and take minutes."""
pytestmark = pytest.mark.timeout(300)

# Many runs all that comes. At Few and Threads most waits in the queue of the gateway or caller; the two calls that
# each asks of Many wait there for as long as the request does.
APP = """
import time

@serve.deployment(ray_actor_options={"num_cpus": 0.1})
class Waits:
    async def wait(self):
        await asyncio.sleep(100)

    def block(self):
        time.sleep(0.3)

    async def items(self):
        yield 0
        await asyncio.sleep(100)

    async def counts(self):
        return await count_here()

    async def __call__(self, request):
        if request.url.path.endswith("/stream"):
            return self.texts()
        if request.url.path.endswith("/block"):
            return await asyncio.to_thread(self.block)
        await self.wait()

    async def now(self):
        return "now"

    async def texts(self):
        yield "first"
        await asyncio.sleep(100)

@serve.deployment(ray_actor_options={"num_cpus": 0.1})
class Front:
    def __init__(self, *below):
        self.below = {handle.deployment_name: handle for handle in below}

    async def __call__(self, request):
        where, _, kind = request.url.path.strip("/").partition("/")[2].partition("/")
        handle = self.below[where]
        if kind == "now":
            return await handle.now.remote()
        if kind == "stream":
            return self.texts(handle)
        return await getattr(handle, kind).remote()

    async def texts(self, handle):
        async for item in handle.options(stream=True).items.remote():
            yield str(item)

    async def counts(self):
        return await count_here()

app = Front.options(max_ongoing_requests=2000).bind(
    Waits.options(name="Many", max_ongoing_requests=2000).bind(),
    Waits.options(name="Few", max_ongoing_requests=5).bind(),
    Waits.options(name="Threads", max_ongoing_requests=40).bind(),
)
"""
DEPLOYMENTS = ("Front", "Many", "Few", "Threads")
PLACES = [("Many", "wait"), ("Few", "wait"), ("Threads", "block")]


@pytest.fixture(scope="module")
def app(session: Session) -> Iterator[str]:
    Cells(session).serve(COUNTS + APP, "thousand")
    for below in DEPLOYMENTS[1:]:  # Connections between replicas are made by the first call, and stay.
        assert get(f"{serve.app('thousand').url}/{below}/now") == (200, "now")
    yield "thousand"
    session.delete("thousand")


async def _twice(holdings: Holdings, once: Callable[[int], Awaitable[None]]) -> None:
    """A few first, so that what is made for the first request is there; then all, and nothing more is there."""
    await once(20)
    await holdings.remember()
    await once(COUNT[holdings.session.kind])
    await holdings.check()


async def _on_their_way(holdings: Holdings, count: int) -> None:
    directory = holdings.session.client.runtime.directory
    await until(lambda: directory.counts()["live"] >= count, f"{count} calls are on their way", 60)


@pytest.mark.parametrize(("deployment", "method"), PLACES)
async def test_calls(session: Session, app: str, deployment: str, method: str) -> None:
    holdings = Holdings(session, app, *DEPLOYMENTS)
    handle: Any = serve.get_deployment_handle(deployment, app)

    async def once(count: int) -> None:
        responses = [getattr(handle, method).remote() for _ in range(count)]
        # Some of the quick ones may have ended before.
        await _on_their_way(holdings, count // 2 if method == "block" else count)
        for response in responses:
            response.cancel()
        outcomes = await asyncio.gather(*responses, return_exceptions=True)
        assert {type(one) for one in outcomes} <= {RequestCancelledError, *([type(None)] if method == "block" else [])}
        assert sum(isinstance(one, RequestCancelledError) for one in outcomes) >= count // 2

    await _twice(holdings, once)


@pytest.mark.parametrize("deployment", ["Many", "Few"])
async def test_waits_for_calls_that_time_out(session: Session, app: str, deployment: str) -> None:
    holdings = Holdings(session, app, *DEPLOYMENTS)
    handle: Any = serve.get_deployment_handle(deployment, app)

    async def one() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await handle.wait.remote()

    async def once(count: int) -> None:
        await asyncio.gather(*(one() for _ in range(count)))

    await _twice(holdings, once)


@pytest.mark.parametrize("deployment", ["Many", "Few"])
async def test_streams_of_handles(session: Session, app: str, deployment: str) -> None:
    holdings = Holdings(session, app, *DEPLOYMENTS)
    handle: Any = serve.get_deployment_handle(deployment, app).options(stream=True)

    async def once(count: int) -> None:
        streams = [handle.items.remote() for _ in range(count)]
        if deployment == "Many":
            assert await asyncio.gather(*(anext(stream) for stream in streams)) == [0] * count
        await _on_their_way(holdings, count)
        for stream in streams:
            stream.cancel()

    await _twice(holdings, once)


@pytest.mark.parametrize(("deployment", "method"), [*PLACES, ("Many", "stream")])
async def test_disconnects(session: Session, app: str, deployment: str, method: str) -> None:
    holdings = Holdings(session, app, *DEPLOYMENTS)
    url = f"{serve.app(app).url}/{deployment}/{method}"

    async def once(count: int) -> None:
        clients = await asyncio.gather(*(Client.get(url) for _ in range(count)))
        if method == "stream":
            assert all("200 ok" in head for head in await asyncio.gather(*(client.head() for client in clients)))
        elif method == "wait":
            await holdings.gateway_has("in_flight", count)
        for client in clients:
            await client.close()

    await _twice(holdings, once)


@pytest.mark.parametrize(("deployment", "method"), PLACES)
async def test_timeouts(session: Session, app: str, deployment: str, method: str) -> None:
    holdings = Holdings(session, app, *DEPLOYMENTS)
    url = f"{serve.app(app).url}/{deployment}/{method}"

    async def one() -> str:
        client = await Client.get(url, "x-request-timeout-seconds: 1\r\n")
        head = await client.head()
        await client.close()
        return head.split(" ", 2)[1]

    async def once(count: int) -> None:
        statuses = await asyncio.gather(*(one() for _ in range(count)))
        assert set(statuses) <= {"408", "200"} if method == "block" else set(statuses) == {"408"}

    await _twice(holdings, once)


async def test_a_queue_at_the_gateway(session: Session, app: str) -> None:
    """The ingress itself is full, so the requests wait in the gateway, and the last in a replica's thread."""
    name = "queue"
    Cells(session).serve(
        COUNTS + APP[: APP.index("app = ")] + "app = Waits.options(max_ongoing_requests=3).bind()", name
    )
    holdings = Holdings(session, name, "Waits")
    for path in ("", "/stream", "/block"):

        async def once(count: int, url: str = f"{serve.app(name).url}{path}") -> None:
            clients = await asyncio.gather(*(Client.get(url) for _ in range(count)))
            await holdings.gateway_has("connections", count)
            for client in clients:
                await client.close()

        await _twice(holdings, once)
    await asyncio.to_thread(session.delete, name)
