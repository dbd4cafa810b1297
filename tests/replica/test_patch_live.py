"""Patches of a running system that the replica alone does not show: what callers see."""

from __future__ import annotations

import threading

import pytest
from system_helpers import Cells, actions, get, wait_for

import kernelserve as serve
from kernelserve.exceptions import RevisionGoneError
from kernelserve.replica import gate

pytestmark = pytest.mark.parametrize("session", ["local"], indirect=True)

SOURCE = """
import asyncio, threading

class Net:
    def __init__(self, weight):
        self.weight = weight
    def forward(self, x):
        return {FORWARD}

@serve.deployment(graceful_shutdown_timeout_s=0.3, max_ongoing_requests=100)
class Model:
    def __init__(self):
        self.net, self.loads, self.open = Net(2), 1, threading.Event()
    async def __call__(self, request):
        await asyncio.sleep(0.002)
        return [self.tag(), self.net.forward(1), self.tag()]
    async def count(self):
        n = 0
        while not self.open.is_set():
            yield n
            n += 1
            await asyncio.sleep(0.005)
    def release(self):
        self.open.set()
    def state(self):
        return self.loads, id(self.net)
    def tag(self):
        return "{TAG}"

app = Model.bind()
"""


def model(tag: str, forward: str) -> str:
    return SOURCE.replace("{TAG}", tag).replace("{FORWARD}", forward)


def test_a_helper_object_changes_under_load_without_a_mixed_or_failed_answer(cells: Cells, name: str) -> None:
    cells.serve(model("0", "0"), name)
    state = serve.get_app_handle(name).state.remote().result(timeout_s=10)
    url = serve.app(name).url or ""
    answers: list[tuple[int, list[object]]] = []
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            answers.append(get(url))

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, 6):
            outcome = cells.serve(model(str(number), f"{number} * x"), name)
            assert actions(outcome) == {"Model": "patch"}
            seen = len(answers)
            wait_for(lambda seen=seen: len(answers) > seen + 10, "more answers")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert {status for status, _ in answers} == {200}
    assert all(tag == again == str(net) for _, (tag, net, again) in answers), "one revision, to its helper objects"
    assert answers[-1][1] == ["5", 5, "5"]
    assert serve.get_app_handle(name).state.remote().result(timeout_s=10) == state, "the state is the first one's"


def test_a_stream_of_a_patched_revision_is_cut_at_the_drain_time(cells: Cells, name: str) -> None:
    cells.serve(model("0", "0"), name)
    handle = serve.get_app_handle(name)
    stream = handle.options(stream=True).count.remote()
    assert next(iter(stream)) == 0
    assert actions(cells.serve(model("1", "0"), name)) == {"Model": "patch"}
    with pytest.raises(RevisionGoneError, match="r1 was replaced, and its drain time is over"):
        for _ in stream:
            pass
    assert handle.state.remote().result(timeout_s=10)[0] == 1


def test_a_patch_that_cannot_be_alone_in_time_is_replaced_without_a_lost_request(
    cells: Cells, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "PATIENCE_S", 0.1)
    slow = model("0", "0").replace("graceful_shutdown_timeout_s=0.3", "graceful_shutdown_timeout_s=30")
    cells.serve(slow, name)
    handle = serve.get_app_handle(name)
    before = handle.state.remote().result(timeout_s=10)
    stream = handle.options(stream=True).count.remote()
    assert next(iter(stream)) == 0
    outcome = cells.serve(slow.replace('"0"', '"1"').replace("return 0", "return 1"), name)
    assert actions(outcome) == {"Model": "patch"}
    assert get(serve.app(name).url or "") == (200, ["1", 1, "1"])
    assert handle.state.remote().result(timeout_s=10) != before, "a fresh replica has loaded again"
    assert next(iter(stream)) > 0, "the old request goes on at the old replica"
    stream.cancel()


def test_a_task_of_a_constructor_calls_whatever_is_current(cells: Cells, name: str) -> None:
    source = """
    import asyncio

    @serve.deployment(graceful_shutdown_timeout_s=0.2)
    class Child:
        def ask(self):
            return 1

    @serve.deployment
    class Parent:
        async def __init__(self, child):
            self.child, self.seen = child, 0
            self.task = asyncio.create_task(self.watch())
        async def watch(self):
            while True:
                self.seen += await self.child.ask.remote()
                await asyncio.sleep(0.005)
        def last(self):
            return "{TAG}", self.seen, self.task.done()

    app = Parent.bind(Child.bind())
    """
    cells.serve(source.replace("{TAG}", "0"), name)
    last = serve.get_app_handle(name).last
    for tag in ("1", "2", "3"):
        assert actions(cells.serve(source.replace("{TAG}", tag), name)) == {"Child": "keep", "Parent": "patch"}
        told, seen, done = last.remote().result(timeout_s=10)
        assert (told, done) == (tag, False)
        wait_for(lambda seen=seen: last.remote().result(timeout_s=10)[1] > seen + 2, "the task goes on")


INGRESS = """
import threading, time
from fastapi import FastAPI
web = FastAPI()

class Tool:
    def use(self):
        return "{TAG}"

@serve.deployment
@serve.ingress(web)
class Web:
    def __init__(self):
        self.tool, self.on, self.turns = Tool(), True, 0
    def work(self):
        while self.on:
            self.seen = self.tag()
            self.turns += 1
            time.sleep(0.001)
    def tag(self):
        return "{TAG}"
    @web.get("/begin")
    async def begin(self):
        self.me = [self]
        threading.Thread(target=self.work, daemon=True).start()
    @web.get("/ask")
    async def ask(self):
        turns = self.turns
        while self.turns < turns + 2:
            time.sleep(0.001)
        return [self.tool.use(), self.tag(), self.me[0].tag(), self.seen, str(id(self.tool))]
    @web.get("/end")
    async def end(self):
        self.on = False

app = Web.bind()
"""


def test_an_ingress_is_patched_with_its_helpers_back_references_and_threads(cells: Cells, name: str) -> None:
    cells.serve(INGRESS.replace("{TAG}", "0"), name)
    url = serve.app(name).url
    get(f"{url}/begin")
    try:
        first = get(f"{url}/ask")[1]
        for tag in ("1", "2", "3"):
            assert actions(cells.serve(INGRESS.replace("{TAG}", tag), name)) == {"Web": "patch"}
            assert get(f"{url}/ask") == (200, [*[tag] * 4, first[-1]])
    finally:
        get(f"{url}/end")
