"""`serve.multiplexed` in plain Python: one load an id, the least recently used leaves, unloading, reports."""

from __future__ import annotations

import asyncio
import copy
import gc
import inspect
import logging
import pickle
import random
from collections.abc import Iterator
from typing import Any

import pytest
from system_helpers import until

from kernelserve.code.store import UnitStore
from kernelserve.context import model_reporter
from kernelserve.exceptions import RayServeException, RequestCancelledError
from kernelserve.multiplex import multiplexed, unload_models


class Model:
    """What a loader returns."""

    def __init__(self, model_id: str, unloaded: list[str]) -> None:
        self.model_id = model_id
        self.unloaded = unloaded

    def __del__(self) -> None:
        self.unloaded.append(self.model_id)


class Host:
    def __init__(self) -> None:
        self.loads: list[str] = []
        self.unloaded: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.fail = False
        self.cancelled = 0

    @multiplexed(max_num_models_per_replica=2)
    async def model(self, model_id: str) -> Model:
        """Load."""
        self.loads.append(model_id)
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fail:
            raise OSError(f"no file for {model_id}")
        return Model(model_id, self.unloaded)


async def use(host: Host, model_id: str) -> str:
    """As a request does: get the model, work with it, end."""
    model = await host.model(model_id)
    await asyncio.sleep(0)
    assert model_id not in host.unloaded or host.loads.count(model_id) > host.unloaded.count(model_id)
    return str(model.model_id)


async def request(host: Host, model_id: str) -> str:
    return await asyncio.create_task(use(host, model_id))


@pytest.fixture
def reports() -> Iterator[list[frozenset[str]]]:
    seen: list[frozenset[str]] = []
    token = model_reporter.set(lambda ids: seen.append(ids))
    yield seen
    model_reporter.reset(token)


async def test_the_least_recently_used_leaves() -> None:
    host = Host()
    for model_id in ("a", "b", "a", "c", "a", "b"):
        assert await request(host, model_id) == model_id
    assert host.loads == ["a", "b", "c", "b"]
    assert host.unloaded == ["b", "c"]


async def test_one_caller_may_go_from_model_to_model() -> None:
    host = Host()
    for model_id in ("a", "b", "c", "d"):
        assert (await host.model(model_id)).model_id == model_id
    assert host.unloaded == ["a", "b"]


async def test_first_requests_at_once_load_once() -> None:
    host = Host()
    host.open.clear()
    calls = [asyncio.create_task(use(host, "a")) for _ in range(10)]
    await until(lambda: host.loads, "a load")
    host.open.set()
    assert await asyncio.gather(*calls) == ["a"] * 10
    assert host.loads == ["a"]


async def test_a_failed_load_fails_those_who_wait_and_is_not_kept() -> None:
    host = Host()
    host.fail = True
    results = await asyncio.gather(*(use(host, "a") for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in results] == [OSError] * 3
    assert host.loads == ["a"]
    host.fail = False
    assert await use(host, "a") == "a"
    assert host.loads == ["a", "a"]


async def test_one_waiter_that_is_cancelled_does_not_end_the_load() -> None:
    host = Host()
    host.open.clear()
    calls = [asyncio.create_task(use(host, "a")) for _ in range(3)]
    await until(lambda: host.loads, "a load")
    calls[0].cancel()
    await asyncio.gather(calls[0], return_exceptions=True)
    host.open.set()
    assert await asyncio.gather(*calls[1:]) == ["a", "a"]
    assert (host.loads, host.cancelled) == (["a"], 0)


async def test_a_load_that_nobody_waits_for_is_cancelled_and_holds_up_nothing() -> None:
    host, before = Host(), asyncio.all_tasks()
    host.open.clear()
    calls = [asyncio.create_task(use(host, "a")) for _ in range(3)]
    await until(lambda: host.loads, "a load")
    for call in calls:
        call.cancel()
    await asyncio.sleep(0)
    host.open.set()
    assert await use(host, "a") == "a"
    assert (host.loads, host.cancelled) == (["a", "a"], 1)
    await until(lambda: asyncio.all_tasks() == before, "no task is left")


async def test_a_loader_that_cancels_itself() -> None:
    @multiplexed
    async def load(model_id: str) -> str:
        raise asyncio.CancelledError

    with pytest.raises(RequestCancelledError):
        await load("a")


async def test_a_model_in_use_is_unloaded_when_its_task_ends() -> None:
    host = Host()
    ready, go_on = asyncio.Event(), asyncio.Event()

    async def long_request() -> bool:
        model = await host.model("a")
        ready.set()
        await go_on.wait()
        return model.model_id in host.unloaded

    working = asyncio.create_task(long_request())
    await ready.wait()
    await request(host, "b")
    await request(host, "c")
    assert host.unloaded == []
    go_on.set()
    assert await working is False
    await until(lambda: host.unloaded == ["a"], "a is unloaded")


async def test_del_is_called_once_and_errors_in_it_stop_nothing(caplog: pytest.LogCaptureFixture) -> None:
    calls = []

    class Awkward:
        def __del__(self) -> None:
            calls.append("sync")
            raise ValueError("awkward")

    class Asynchronous:
        async def __del__(self) -> None:
            await asyncio.sleep(0)
            calls.append("async")

    class Quiet:
        pass

    made = iter([Awkward(), Asynchronous(), Quiet(), 5])

    @multiplexed(max_num_models_per_replica=1)
    async def load(model_id: str) -> Any:
        return next(made)

    with caplog.at_level(logging.ERROR):
        for model_id in "abcd":
            await load(model_id)
    gc.collect()
    assert calls == ["sync", "async"]
    assert "__del__ of a Awkward failed" in caplog.text


async def test_a_finalizer_that_cannot_be_replaced_runs_all_the_same() -> None:
    calls = []

    class Refuses:
        def __init_subclass__(cls) -> None:
            raise TypeError("final")

        def __del__(self) -> None:
            calls.append(self)

    @multiplexed(max_num_models_per_replica=1)
    async def load(model_id: str) -> Any:
        return Refuses()

    await load("a")
    await load("b")
    assert len(calls) >= 1
    calls.clear()


async def test_a_loader_that_calls_itself_is_refused_and_does_not_hang() -> None:
    @multiplexed
    async def load(model_id: str) -> str:
        return model_id if model_id == "base" else await load("base") + model_id

    with pytest.raises(RayServeException, match="for model 'base' while it loads 'adapter'"):
        await load("adapter")
    assert await load("base") == "base"
    assert await load("adapter") == "baseadapter"


async def test_no_limit() -> None:
    @multiplexed(max_num_models_per_replica=-1)
    async def load(model_id: str) -> object:
        return object()

    first = [await load(str(n)) for n in range(50)]
    assert [await load(str(n)) for n in range(50)] == first


async def test_models_are_told(reports: list[frozenset[str]]) -> None:
    host, other = Host(), Host()
    for model_id in ("a", "b", "a"):
        await use(host, model_id)
    assert reports == [{"a"}, {"a", "b"}]
    await use(host, "c")
    assert reports[2:] == [{"a"}, {"a", "c"}]
    await use(other, "x")
    assert reports[-1] == {"a", "c", "x"}
    await unload_models()
    assert reports[-1] == frozenset()
    assert sorted(host.unloaded + other.unloaded) == ["a", "b", "c", "x"]


async def test_a_second_view_of_the_state_has_the_models_and_an_edited_loader_loads_anew() -> None:
    def version(text: str) -> Any:
        space: dict[str, Any] = {"__name__": "__main__", "multiplexed": multiplexed}
        exec(
            f"""
class Host:
    @multiplexed
    async def model(self, model_id): return [{text!r}, model_id]
    def serve(self): return {text!r}
""".replace(f"[{text!r}, model_id]", text),
            space,
        )
        return space["Host"]

    first, patched, edited = version("[1, model_id]"), version("[1, model_id]"), version("[2, model_id]")
    old = first()
    model = await old.model("a")
    views = []
    for cls in (patched, edited):
        view = object.__new__(cls)
        view.__dict__ = old.__dict__
        views.append(view)
    assert await views[0].model("a") is model
    assert await views[1].model("a") == [2, "a"]
    assert await views[1].model("a") is await views[1].model("a")
    assert len(next(iter(old.__dict__.values()))) == 1


async def test_inspect_copies_and_units() -> None:
    host = Host()
    assert inspect.iscoroutinefunction(host.model)
    assert host.model.__doc__ == "Load."
    model = await loader("a")
    assert await loader("a") is model
    assert pickle.loads(pickle.dumps(loader)) is loader
    plain = Plain()
    await plain.model("a")
    for made in (copy.copy(plain), copy.deepcopy(plain), pickle.loads(pickle.dumps(plain))):
        assert await made.model("a") is not await plain.model("a")
    space: dict[str, Any] = {"__name__": "__main__", "multiplexed": multiplexed}
    exec("class Host:\n    @multiplexed\n    async def model(self, model_id): return model_id * 2", space)
    packed, store = UnitStore().pack(space["Host"]), UnitStore()
    store.add(packed.units)
    assert await store.unpack(packed.payload)().model("a") == "aa"


@multiplexed
async def loader(model_id: str) -> list[str]:
    return [model_id]


class Plain:
    @multiplexed
    async def model(self, model_id: str) -> list[str]:
        return [model_id]


def test_a_new_event_loop_keeps_the_models() -> None:
    plain = Plain()
    assert asyncio.run(plain.model("a")) is asyncio.run(plain.model("a"))


@pytest.mark.parametrize(
    ("limit", "error"), [(0, ValueError), (-2, ValueError), (1.5, TypeError), ("3", TypeError), (None, TypeError)]
)
def test_wrong_limits(limit: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="max_num_models_per_replica must be"):
        multiplexed(max_num_models_per_replica=limit)


def test_only_async_loaders_of_one_id() -> None:
    def sync(model_id: str) -> str:
        return model_id

    async def nothing() -> None: ...

    async def three(a: str, b: str, c: str) -> None: ...

    with pytest.raises(TypeError, match="async functions or methods"):
        multiplexed(sync)
    with pytest.raises(TypeError, match="takes 0 arguments"):
        multiplexed(nothing)
    with pytest.raises(TypeError, match="takes 3 arguments"):
        multiplexed()(three)


async def test_wrong_model_ids() -> None:
    host = Host()
    with pytest.raises(ValueError, match=r"cannot be empty.*serve_multiplexed_model_id"):
        await host.model("")
    with pytest.raises(TypeError, match=r"must be a string.*got 3"):
        await host.model(3)
    with pytest.raises(TypeError, match=r"exactly one argument.*got 0"):
        await host.model()
    with pytest.raises(TypeError, match=r"exactly one argument.*got 2"):
        await host.model("a", "b")
    with pytest.raises(TypeError, match="missing a required argument"):
        await host.model(name="a")
    assert (await host.model(model_id="a")).model_id == "a"
    assert host.loads == ["a"]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_thousand_requests_with_random_cancels(seed: int, reports: list[frozenset[str]]) -> None:
    host, before, chance = Host(), asyncio.all_tasks(), random.Random(seed)
    tasks = []
    for _ in range(1_000):
        tasks.append(asyncio.create_task(use(host, chance.choice("abcd"))))
        if chance.random() < 0.5:
            chance.choice(tasks).cancel()
        if chance.random() < 0.1:
            await asyncio.sleep(0)
        host.fail = chance.random() < 0.1
        if chance.random() < 0.2:
            host.open.set() if chance.random() < 0.7 else host.open.clear()
    host.open.set()
    results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 60)
    assert all(isinstance(one, str | OSError | asyncio.CancelledError) for one in results)
    await until(lambda: asyncio.all_tasks() == before, "no task is left")
    cache = Host.model.state(host)
    assert (cache._loads, cache._users, cache._retired) == ({}, {}, [])
    assert len(cache) <= 2
    assert all(len(ids) <= 2 for ids in reports)
