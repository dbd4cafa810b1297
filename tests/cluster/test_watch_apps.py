"""Watching apps: what is pushed, how often, to whom; over a restart of the controller; to who does not read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from system_helpers import Cells, until, wait_for

import kernelserve as serve
from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.client import Client
from kernelserve.cluster.session import ensure_session
from kernelserve.control import watchers
from kernelserve.control.counted import CountedSeries
from kernelserve.control.machine import Controller
from kernelserve.control.senders import Sender
from kernelserve.control.service import ControlService
from kernelserve.control.storage import NoStorage
from kernelserve.exceptions import ControlCallError
from kernelserve.handle import DeploymentHandle
from kernelserve.loops import LoopThread
from kernelserve.placement.local import LocalPlacement
from kernelserve.replica.main import make_replica
from kernelserve.routing.runtime import set_default_runtime
from kernelserve.transport.connect import connect
from kernelserve.transport.messages import (
    AppNews,
    Counted,
    GetHistory,
    GetSeries,
    Hello,
    Message,
    SeriesFound,
    Watch,
)
from kernelserve.transport.observed import Series
from kernelserve.transport.rpc import Rpc

CELL = """
@serve.deployment
class Model:
    async def __call__(self):
        return WORD

app = Model.bind()
"""
SECRET = b"the secret of the tests"


@pytest.fixture
def cells() -> Iterator[Cells]:
    yield Cells(ensure_session("local", http_options={"port": 0}))
    serve.shutdown(all=True)


def test_a_watcher_sees_plans_replicas_requests_and_the_end(cells: Cells) -> None:
    cells.serve(CELL.replace("WORD", "1"), "model")
    news: list[AppNews] = []
    everything: list[AppNews] = []
    client = cells.session.client
    end = client.watch("model", news.append)
    assert len(news) == 1 and news[0].view is not None
    end_all = client.watch("*", everything.append)
    (node,) = news[0].view["nodes"]
    assert (node["name"], node["status"], node["target"]) == ("Model", "HEALTHY", 1)

    live = LiveApp(cells.session, "model")
    for _ in range(3):
        live.handle.remote().result()
    wait_for(lambda: sum(point.entered for one in news for point in one.points) == 3, "the steps have the requests")
    assert sum(point.entered for point in client.history("model")) == 3

    cells.serve(CELL.replace("WORD", "2"), "model")
    wait_for(lambda: [one.view["revision"] for one in news if one.view][-1] == 2, "the new revision is seen")
    assert [one.view["nodes"][0]["last_action"] for one in news if one.view][-1] == "patch"

    end()
    seen = len(news)
    cells.session.delete("model")
    wait_for(lambda: any(one.view == {} and one.app == "model" for one in everything), "it is gone")
    end_all()
    assert len(news) == seen


class System:
    """A controller that can be started again; its replica and its client go on."""

    def __init__(self, name: str) -> None:
        self.address = f"inproc://{name}"
        self.thread = LoopThread("controller")
        self.placement = LocalPlacement(make_replica, SECRET)
        self.service: ControlService | None = None
        self.saved: list[Any] = []

    def start(self, epoch: int) -> None:
        self.thread.run(self._start(epoch))

    def stop(self, replicas: bool) -> None:
        assert self.service is not None
        self.saved = self.service.driver.controller.snapshot()
        self.thread.run(self.service.close(replicas=replicas), timeout_s=30.0)

    async def _start(self, epoch: int) -> None:
        controller, instructions = Controller.restore(self.saved, epoch, time.time())
        self.service = ControlService(
            controller, placement=self.placement, secret=SECRET, storage=NoStorage(), address=self.address
        )
        await self.service.start()
        self.service.driver.resume(instructions)


def test_a_restart_of_the_controller_does_not_end_a_watch_and_makes_no_giant_step(cells: Cells) -> None:
    cells.run(CELL.replace("WORD", "1"))
    system = System("controller-of-watchers")
    system.start(1)
    client = Client(system.address, SECRET, owner="test", leased=False)
    news: list[AppNews] = []
    try:
        graph = client.build(cells["app"], name="again", route_prefix=None, sources=None)
        assert client.deploy(graph, request_id="1").outcome == "applied"
        end = client.watch("again", news.append)
        handle = _handle(client)
        for _ in range(20):
            handle.remote().result()
        wait_for(lambda: sum(p.nodes["Model"].requests for p in client.history("again")) == 20, "counted")

        system.stop(replicas=False)
        seen = len(news)
        system.start(2)
        wait_for(lambda: any(one.view for one in news[seen:]), "the new controller tells, too")
        wait_for(lambda: news[-1].view is None or news[-1].view["status"] == "RUNNING", "adopted")
        handle.remote().result()
        wait_for(lambda: sum(p.entered for p in client.history("again")) == 1, "only what came since")
        assert sum(p.nodes["Model"].requests for p in client.history("again")) <= 1
        end()
    finally:
        set_default_runtime(cells.session.client.runtime)
        client.close()
        system.stop(replicas=True)
        system.thread.stop()


def _handle(client: Client) -> Any:
    set_default_runtime(client.runtime)
    return DeploymentHandle("Model", "again")


def test_who_does_not_read_gets_the_newest_when_it_does(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    cells.serve(CELL.replace("WORD", "1"), "model")
    for name, value in (("UNREAD_BYTES", 0), ("NEWS_PERIOD_S", 0.0), ("LATE_S", 0.1)):
        monkeypatch.setattr(watchers, name, value)
    system = cells.session._system
    deaf = Client(system.address, system.secret, owner="deaf", leased=False)
    busy, go_on = threading.Event(), threading.Event()
    heard: list[AppNews] = []

    def hear(news: AppNews) -> None:
        heard.append(news)
        if busy.is_set():
            go_on.wait(60.0)

    try:
        deaf.watch("model", hear)
        before = len(heard)
        busy.set()
        live = LiveApp(cells.session, "model")
        for number in range(8):
            live.update("Model", max_ongoing_requests=10 + number)
        go_on.set()
        wait_for(lambda: [one.view["revision"] for one in heard if one.view][-1] == 9, "it has the newest")
        assert len(heard) - before < 8, "and not what came between"
    finally:
        go_on.set()
        deaf.close()


async def test_a_controller_answers_for_what_was_counted_and_forgets_who_has_left() -> None:
    service = ControlService(
        Controller(epoch=1), placement=LocalPlacement(make_replica, SECRET), secret=SECRET, storage=NoStorage(),
        address="inproc://controller-that-counts",
    )  # fmt: skip
    await service.start()
    heard: list[Message] = []

    async def sender(value: float, hear: list[Message]) -> Rpc:
        async def handle(message: Message) -> None:
            hear.append(message)

        rpc = Rpc(handle)
        rpc.attach(await connect("inproc://controller-that-counts", rpc, role="client", secret=SECRET))
        await rpc.call(Hello(name="one", entry=True))
        tags = (("application", "none"), ("route", "/"))
        rpc.notify(Counted(series=[Series("num_http_requests", "counter", tags, value)]))
        return rpc

    async def counted(rpc: Rpc) -> dict[str, float]:
        found = await rpc.call(GetSeries())
        assert isinstance(found, SeriesFound)
        return {one.name: one.value for one in found.series}

    first = await sender(3.0, heard)
    await first.call(Watch(app="none"))
    assert [(one.app, one.view) for one in heard if isinstance(one, AppNews)] == [("none", {})]
    with pytest.raises(ControlCallError, match="no application 'none'"):
        await first.call(GetHistory(app="none"))
    values = await counted(first)
    assert values["num_http_requests"] == 3 and values["controller_loop_lag_ms"] >= 0

    assert first.channel is not None
    first.channel.close()
    await until(lambda: not service.driver.senders.all, "it has left")
    again = await sender(4.0, [])  # The same process: what it counts now is all that it has counted.
    assert (await counted(again))["num_http_requests"] == 4
    await service.close()


def test_counters_outlive_their_processes_but_not_their_apps() -> None:
    def counter(name: str, **tags: str) -> Series:
        return Series(name, "counter", tuple(sorted(tags.items())), 1.0)

    counted = CountedSeries()
    for number in range(40):
        gone = Sender(Rpc(_nothing), Hello(name=f"client {number}"), "client")
        calls = counter("handle_request_counter", application="a", deployment="d", caller="")
        counted.counted(gone, [calls, counter("deployment_request_counter", application="a", replica="r")])
        counted.left(gone)
    assert [(one.name, one.value) for one in counted.all()] == [("handle_request_counter", 40.0)]
    counted.forget("a")
    assert counted.all() == []


async def _nothing(message: Message) -> None:
    pass
