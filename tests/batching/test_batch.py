"""`serve.batch` in plain Python: sizes, waits, errors, settings, cancellation."""

from __future__ import annotations

import asyncio
import copy
import gc
import inspect
import logging
import pickle
import subprocess
import sys
import weakref
from dataclasses import replace
from typing import Any

import cloudpickle
import pytest
from system_helpers import until

from kernelserve.batching import batch
from kernelserve.code.fingerprint import fingerprint
from kernelserve.code.store import UnitStore
from kernelserve.context import (
    ReplicaContext,
    RequestContext,
    current_replica,
    current_request,
    get_multiplexed_model_id,
)
from kernelserve.exceptions import RayServeException, RequestCancelledError


class Recorder:
    """A model whose batches can be looked at, and held."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.cancelled = 0
        self.open = asyncio.Event()
        self.open.set()

    @batch(max_batch_size=3, batch_wait_timeout_s=0.01)
    async def work(self, items: list[Any]) -> list[Any]:
        self.batches.append(items)
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return [f"<{item}>" for item in items]


async def test_calls_are_batched_in_order_and_answered_each() -> None:
    model = Recorder()
    assert await asyncio.gather(*(model.work(n) for n in range(7))) == [f"<{n}>" for n in range(7)]
    assert model.batches == [[0, 1, 2], [3, 4, 5], [6]]


async def test_a_full_batch_does_not_wait_and_a_partial_one_does() -> None:
    model = Recorder()
    model.work.set_batch_wait_timeout_s(3600)
    assert await asyncio.gather(*(model.work(n) for n in range(3))) == ["<0>", "<1>", "<2>"]
    late = asyncio.create_task(model.work(9))
    for _ in range(5):
        await asyncio.sleep(0)
    assert model.batches == [[0, 1, 2]]
    model.work.set_batch_wait_timeout_s(0)
    assert await late == "<9>"


async def test_without_a_wait_calls_of_one_turn_go_together() -> None:
    model = Recorder()
    model.work.set_batch_wait_timeout_s(0)
    await asyncio.gather(model.work(1), model.work(2))
    assert model.batches == [[1, 2]]


async def test_decorator_forms() -> None:
    @batch
    async def bare(items: list[int]) -> list[int]:
        return items

    @batch()
    async def called(items: list[int]) -> list[int]:
        return items

    assert [await bare(1), await called(2)] == [1, 2]
    assert bare._get_max_batch_size() == 10
    assert bare._get_batch_wait_timeout_s() == 0.01
    assert bare._get_max_concurrent_batches() == 1


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        ({"max_batch_size": 0}, ValueError, "got 0"),
        ({"max_batch_size": 1.5}, TypeError, "got 1.5"),
        ({"max_batch_size": "2"}, TypeError, "got '2'"),
        ({"batch_wait_timeout_s": -1}, ValueError, "got -1"),
        ({"batch_wait_timeout_s": float("nan")}, ValueError, "got nan"),
        ({"batch_wait_timeout_s": "soon"}, TypeError, "got 'soon'"),
        ({"max_concurrent_batches": 0}, TypeError, "got 0"),
        ({"max_concurrent_batches": 1.0}, TypeError, "got 1.0"),
        ({"batch_size_fn": 3}, TypeError, "got int"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        batch(**parameters)


def test_a_whole_float_is_a_size() -> None:
    assert batch(max_batch_size=4.0)(Recorder.work.func)._get_max_batch_size() == 4  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [lambda items: items, 3, Recorder])
def test_only_async_functions(wrong: Any) -> None:
    with pytest.raises(TypeError, match="must be 'async def'"):
        batch(wrong)
    with pytest.raises(TypeError, match="must be 'async def'"):
        batch(max_batch_size=2)(wrong)


async def test_inspect_sees_the_users_function() -> None:
    model = Recorder()
    for one in (Recorder.work, model.work):
        assert inspect.iscoroutinefunction(one)
        assert inspect.isroutine(one)
        assert one.__name__ == "work"
    assert list(inspect.signature(model.work).parameters) == ["items"]
    assert model.work == model.work
    assert model.work != Recorder().work
    assert Recorder.work.__doc__ is None


async def test_several_arguments_become_several_lists() -> None:
    @batch(max_batch_size=3)
    async def join(a: list[int], b: list[int], *, c: list[int], d: int = 7) -> list[tuple[Any, ...]]:
        return [(x, y, z, d) for x, y, z in zip(a, b, c, strict=True)]

    assert await asyncio.gather(join(1, 2, c=3), join(a=4, c=6, b=5)) == [(1, 2, 3, 7), (4, 5, 6, 7)]
    with pytest.raises(TypeError, match="missing a required argument"):
        await join(1)
    with pytest.raises(TypeError, match="unexpected keyword"):
        await join(1, 2, c=3, e=4)


async def test_a_bound_method_and_a_method_put_on_a_class_later() -> None:
    class Model:
        async def pair(self, a: list[int], b: list[int]) -> list[tuple[Any, ...]]:
            return [(self, *both) for both in zip(a, b, strict=True)]

    model = Model()
    free = batch(model.pair)
    Model.late = batch(Model.pair)  # type: ignore[attr-defined]
    assert await free(1, 2) == await model.late(1, b=2) == (model, 1, 2)  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="missing a required argument: 'b'"):
        await free(1)


async def test_a_call_without_an_item_is_refused() -> None:
    @batch
    async def lazy(items: Any = ()) -> list[Any]:
        return list(items)

    with pytest.raises(TypeError, match="without an item"):
        await lazy()


async def test_methods_called_on_the_class_and_static_methods() -> None:
    class Model:
        @staticmethod
        @batch
        async def double(items: list[int]) -> list[int]:
            return [2 * item for item in items]

        @batch
        async def __call__(self, items: list[int]) -> list[int]:
            return [3 * item for item in items]

    model = Model()
    assert [await model.double(2), await Model.double(3), await model(4), await Model.__call__(model, 5)] == [
        4,
        6,
        12,
        15,
    ]
    with pytest.raises(TypeError, match="without an instance"):
        Model.__call__()


async def test_each_instance_has_a_queue_and_settings_of_its_own() -> None:
    one, other = Recorder(), Recorder()
    one.work.set_max_batch_size(5)
    one.work.set_max_concurrent_batches(2)
    assert (one.work._get_max_batch_size(), other.work._get_max_batch_size()) == (5, 3)
    assert (one.work._get_max_concurrent_batches(), other.work._get_max_concurrent_batches()) == (2, 1)
    await asyncio.gather(one.work(1), other.work(2))
    assert (one.batches, other.batches) == ([[1]], [[2]])
    with pytest.raises(ValueError, match="got 0"):
        one.work.set_max_batch_size(0)
    with pytest.raises(TypeError, match="got 0"):
        one.work.set_max_concurrent_batches(0)
    with pytest.raises(ValueError, match="got -1"):
        one.work.set_batch_wait_timeout_s(-1)
    assert one.work._get_max_batch_size() == 5


async def test_settings_of_a_function() -> None:
    sizes = []

    @batch(max_batch_size=2)
    async def work(items: list[int]) -> list[int]:
        sizes.append(len(items))
        return items

    await asyncio.gather(*map(work, range(4)))
    work.set_max_batch_size(4)
    work.set_batch_wait_timeout_s("auto")
    await asyncio.gather(*map(work, range(4)))
    assert sizes == [2, 2, 4]
    assert work._get_batch_wait_timeout_s() == "auto"


async def test_an_override_that_calls_super_does_not_wait_for_itself() -> None:
    class Child(Recorder):
        @batch(max_batch_size=2)
        async def work(self, items: list[Any]) -> list[Any]:
            return list(await asyncio.gather(*(super(Child, self).work(item) for item in items)))

    child = Child()
    assert await asyncio.wait_for(asyncio.gather(child.work(1), child.work(2)), 10) == ["<1>", "<2>"]


async def test_slots() -> None:
    class Slotted:
        __slots__ = ("__weakref__",)

        @batch(max_batch_size=2)
        async def work(self, items: list[int]) -> list[int]:
            return [len(items)] * len(items)

    class Closed:
        __slots__ = ()
        work = Slotted.work

    model = Slotted()
    model.work.set_max_batch_size(3)
    assert await asyncio.gather(*map(model.work, range(3))) == [3, 3, 3]
    assert Slotted().work._get_max_batch_size() == 2
    del model
    await until(lambda: not Slotted.work._slotted, "the state goes with its instance")
    with pytest.raises(TypeError, match="Add '__weakref__' to its __slots__"):
        await Closed().work(1)


# --- errors -------------------------------------------------------------------------------------


async def test_an_error_reaches_all_callers_and_the_next_batch_is_fine() -> None:
    @batch(max_batch_size=2)
    async def work(items: list[int]) -> list[int]:
        if 0 in items:
            raise KeyError("zero")
        return items

    results = await asyncio.gather(*map(work, [0, 1, 2, 3]), return_exceptions=True)
    assert [type(one) for one in results[:2]] == [KeyError, KeyError]
    assert results[2:] == [2, 3]
    assert await work._is_batching_task_alive()


async def test_one_bad_item_alone() -> None:
    @batch(max_batch_size=3)
    async def work(items: list[int]) -> list[Any]:
        return [ValueError(f"bad {item}") if item == 1 else item for item in items]

    results = await asyncio.gather(*map(work, range(3)), return_exceptions=True)
    assert (results[0], results[2]) == (0, 2)
    assert isinstance(results[1], ValueError)


@pytest.mark.parametrize(
    ("returned", "text"),
    [
        ([1], "length 2 and the returned list has length 1"),
        ([1, 2, 3], "length 2 and the returned list has length 3"),
        (None, "length 2 and it returned a NoneType without a length"),
        ("ab", "length 2 and it returned a str of length 2"),
        ({1: 2, 3: 4}, "returned a dict of length 2"),
        ({1, 2}, "returned a set of length 2"),
    ],
)
async def test_wrong_length_or_type(returned: Any, text: str) -> None:
    @batch(max_batch_size=2)
    async def work(items: list[int]) -> Any:
        return returned

    for result in await asyncio.gather(work(1), work(2), return_exceptions=True):
        assert isinstance(result, RayServeException)
        assert text in str(result)
        assert "must return a list" in str(result)


async def test_the_traceback_of_a_shared_error_does_not_grow() -> None:
    @batch(max_batch_size=20)
    async def work(items: list[int]) -> list[int]:
        raise ValueError("all")

    def frames(error: BaseException) -> int:
        trace, count = error.__traceback__, 0
        while trace is not None:
            trace, count = trace.tb_next, count + 1
        return count

    errors = await asyncio.gather(*map(work, range(20)), return_exceptions=True)
    assert all(isinstance(one, ValueError) and frames(one) < 8 for one in errors)


async def test_user_code_that_is_cancelled_from_within() -> None:
    @batch(max_batch_size=2)
    async def work(items: list[int]) -> list[int]:
        raise asyncio.CancelledError

    results = await asyncio.gather(work(1), work(2), return_exceptions=True)
    assert [type(one) for one in results] == [RequestCancelledError] * 2


# --- sizes --------------------------------------------------------------------------------------


async def test_batch_size_fn() -> None:
    batches = []

    @batch(max_batch_size=10, batch_size_fn=sum, batch_wait_timeout_s=0)
    async def work(items: list[int]) -> list[int]:
        batches.append(items)
        return items

    await asyncio.gather(*map(work, [4, 5, 2, 25, 3, 7, 1]))
    assert batches == [[4, 5], [2], [25], [3, 7], [1]]


async def test_an_error_in_batch_size_fn_fails_that_item_only() -> None:
    batches = []

    @batch(max_batch_size=10, batch_size_fn=lambda items: sum(len(item) for item in items))
    async def work(items: list[Any]) -> list[Any]:
        batches.append(items)
        return items

    results = await asyncio.gather(*map(work, ["ab", 5, "c", None]), return_exceptions=True)
    assert results[0::2] == ["ab", "c"]
    assert [type(one) for one in results[1::2]] == [TypeError, TypeError]
    assert batches == [["ab", "c"]]
    assert await work("later") == "later"


async def test_batch_size_fn_that_returns_no_number() -> None:
    @batch(batch_size_fn=lambda items: "many")  # type: ignore[arg-type,return-value]
    async def work(items: list[Any]) -> list[Any]:
        return items

    with pytest.raises(TypeError, match="must return an int, but for 1 items it returned 'many'"):
        await work(1)


async def test_a_cancelled_item_leaves_room_for_the_next() -> None:
    batches = []

    @batch(max_batch_size=10, batch_size_fn=sum, batch_wait_timeout_s=0.05)
    async def work(items: list[int]) -> list[int]:
        batches.append(items)
        return items

    first, second = asyncio.create_task(work(8)), asyncio.create_task(work(1))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    assert await asyncio.gather(second, work(9)) == [1, 9]
    assert batches == [[1, 9]]


# --- concurrency --------------------------------------------------------------------------------


async def test_max_concurrent_batches() -> None:
    model = Recorder()
    model.open.clear()
    model.work.set_max_batch_size(1)
    calls = [asyncio.create_task(model.work(n)) for n in range(5)]
    await until(lambda: len(model.batches) == 1, "one batch")
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(model.batches) == 1
    assert model.work._get_curr_iteration_start_times().num_requests == 1
    model.work.set_max_concurrent_batches(3)
    await until(lambda: len(model.batches) == 3, "three batches")
    times = model.work._get_curr_iteration_start_times()
    assert times.min_start_time <= times.mean_start_time <= times.max_start_time
    model.open.set()
    assert await asyncio.gather(*calls) == [f"<{n}>" for n in range(5)]
    assert model.work._get_curr_iteration_start_times().max_start_time is None


# --- cancellation -------------------------------------------------------------------------------


async def test_a_waiting_item_that_is_cancelled_leaves() -> None:
    model = Recorder()
    model.work.set_batch_wait_timeout_s(0.05)
    calls = [asyncio.create_task(model.work(n)) for n in range(2)]
    await asyncio.sleep(0)
    calls[0].cancel()
    assert await calls[1] == "<1>"
    assert calls[0].cancelled()
    assert model.batches == [[1]]


async def test_a_running_item_that_is_cancelled_does_not_harm_the_others() -> None:
    model = Recorder()
    model.open.clear()
    calls = [asyncio.create_task(model.work(n)) for n in range(3)]
    await until(lambda: model.batches, "a batch")
    calls[1].cancel()
    await asyncio.sleep(0)
    model.open.set()
    assert await asyncio.gather(calls[0], calls[2]) == ["<0>", "<2>"]
    assert model.cancelled == 0


async def test_a_batch_without_callers_is_cancelled() -> None:
    model = Recorder()
    model.open.clear()
    calls = [asyncio.create_task(model.work(n)) for n in range(3)]
    await until(lambda: model.batches, "a batch")
    for call in calls:
        call.cancel()
    await until(lambda: model.cancelled == 1, "the batch is cancelled")
    model.open.set()
    assert await model.work(5) == "<5>"


async def test_cancelled_in_the_turn_in_which_the_batch_starts() -> None:
    model = Recorder()
    calls = [asyncio.create_task(model.work(n)) for n in range(3)]
    await asyncio.sleep(0)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert await model.work(5) == "<5>"
    assert model.batches == [[5]]


async def test_a_timeout_of_a_waiting_call() -> None:
    model = Recorder()
    model.work.set_batch_wait_timeout_s(3600)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(model.work(1), 0.01)
    assert model.batches == []


# --- event loops, tasks, copies -----------------------------------------------------------------


def test_a_new_event_loop_begins_anew() -> None:
    async def both(model: Recorder) -> list[str]:
        return await asyncio.gather(model.work(1), model.work(2))

    model = asyncio.run(_make())
    model.work.set_max_batch_size(2)
    for _ in range(2):
        assert asyncio.run(both(model)) == ["<1>", "<2>"]
    assert model.work._get_max_batch_size() == 2
    assert model.batches == [[1, 2], [1, 2]]


async def _make() -> Recorder:
    return Recorder()


def test_an_event_loop_that_ends_with_calls_in_the_queue() -> None:
    async def leave(model: Recorder) -> None:
        model.open.clear()
        model.tasks = [asyncio.create_task(model.work(n)) for n in range(8)]  # type: ignore[attr-defined]
        await until(lambda: model.batches, "a batch")

    model = asyncio.run(_make())
    asyncio.run(leave(model))
    assert model.batches == [[0, 1, 2]]
    model.open = asyncio.run(_make()).open
    assert asyncio.run(_one(model)) == "<7>"


async def _one(model: Recorder) -> str:
    return await model.work(7)


async def test_no_task_is_left() -> None:
    before = asyncio.all_tasks()
    model = Recorder()
    await asyncio.gather(*(model.work(n) for n in range(10)))
    await until(lambda: asyncio.all_tasks() == before, "only the tasks of before")
    assert len(model.work._state.queue) == 0


async def test_arguments_and_results_are_let_go_without_the_garbage_collector() -> None:
    class Big:
        pass

    @batch(max_batch_size=2)
    async def work(items: list[Big]) -> list[Any]:
        if len(items) == 1:
            raise ValueError("alone")
        return [Big(), ValueError("second")]

    async def call(seen: list[weakref.ref[Big]]) -> None:
        item = Big()
        seen.append(weakref.ref(item))
        try:
            seen.append(weakref.ref(await work(item)))
        except ValueError:
            return

    seen: list[weakref.ref[Big]] = []
    gc.disable()
    try:
        await asyncio.gather(*(asyncio.create_task(call(seen)) for _ in range(3)))
        await until(lambda: not any(one() for one in seen), "all are gone")
    finally:
        gc.enable()
    assert len(seen) == 4


async def test_copies_and_pickles_of_an_instance() -> None:
    model = Plain()
    model.work.set_max_batch_size(2)
    await model.work(1)
    for made in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert await asyncio.gather(made.work(1), made.work(2)) == [made, made]
        assert made.work._state is not model.work._state
    assert pickle.loads(pickle.dumps(Plain.work)) is Plain.work
    assert pickle.loads(pickle.dumps(batched)) is batched
    assert await pickle.loads(pickle.dumps(model.work))(1) is not model


class Plain:
    @batch(max_batch_size=4)
    async def work(self, items: list[Any]) -> list[Any]:
        return [self for _ in items]


@batch
async def batched(items: list[int]) -> list[int]:
    return items


def test_cloudpickle_of_a_class_and_a_function() -> None:
    space: dict[str, Any] = {"__name__": "__main__", "batch": batch}
    code = """
class Model:
    def __init__(self): self.offset = 1
    @batch(max_batch_size=2, batch_size_fn=lambda items: len(items))
    async def work(self, items): return [item + self.offset for item in items]
@batch(max_batch_size=6)
async def twice(items): return [2 * item for item in items]
"""
    exec(code, space)

    async def use() -> None:
        await asyncio.gather(space["twice"](1), space["Model"]().work(1))

    asyncio.run(use())  # There is a queue now, with an event loop.
    program = """
import asyncio, pickle, sys
cls, twice = pickle.loads(sys.stdin.buffer.read())
async def main(): return await asyncio.gather(cls().work(1), twice(2))
print(asyncio.run(main()), cls.work._get_max_batch_size(), twice._get_max_batch_size(), cls.work.is_method)
"""
    sent = cloudpickle.dumps((space["Model"], space["twice"]))
    done = subprocess.run([sys.executable, "-c", program], input=sent, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[2, 4] 2 6 True"


async def test_a_class_goes_through_code_units_and_its_batch_settings_count_as_its_code() -> None:
    def model(size: int) -> Any:
        space: dict[str, Any] = {"__name__": "__main__", "batch": batch}
        code = f"""
class Model:
    @batch(max_batch_size={size})
    async def work(self, items): return [item + 1 for item in items]
"""
        exec(code, space)
        return space["Model"]

    packed, store = UnitStore().pack(model(4)), UnitStore()
    store.add(packed.units)
    loaded = store.unpack(packed.payload)
    assert await loaded().work(1) == 2
    assert loaded.work._get_max_batch_size() == 4
    first, same, other = fingerprint(model(4)), fingerprint(model(4)), fingerprint(model(5))
    assert first == same
    assert first.init == other.init
    assert first.serve["Model.work"] != other.serve["Model.work"]


# --- what surrounds a call ----------------------------------------------------------------------


def _request(request_id: str, model_id: str = "") -> RequestContext:
    return RequestContext(request_id, "app", 1, multiplexed_model_id=model_id)


async def _call(work: Any, item: Any, request: RequestContext) -> Any:
    current_request.set(request)
    return await work(item)


async def test_model_ids_are_never_mixed() -> None:
    batches = []

    @batch(max_batch_size=4, batch_wait_timeout_s=0.01, max_concurrent_batches=4)
    async def work(items: list[int]) -> list[Any]:
        batches.append((get_multiplexed_model_id(), items))
        return [get_multiplexed_model_id()] * len(items)

    requests = [_request(str(n), "ab"[n % 2]) for n in range(6)]
    calls = [asyncio.create_task(_call(work, n, request)) for n, request in enumerate(requests)]
    assert await asyncio.gather(*calls) == ["a", "b"] * 3
    assert sorted(batches) == [("a", [0, 2, 4]), ("b", [1, 3, 5])]


async def test_the_batch_runs_in_the_context_of_its_first_call() -> None:
    @batch(max_batch_size=2)
    async def work(items: list[int]) -> list[Any]:
        request = current_request.get()
        return [request.request_id if request else None] * len(items)

    calls = [asyncio.create_task(_call(work, n, _request(f"r{n}"))) for n in range(2)]
    assert await asyncio.gather(*calls) == ["r0", "r0"]


async def test_waits_and_runs_are_told_to_the_request() -> None:
    model = Recorder()
    requests = [_request(f"r{n}") for n in range(3)]
    requests = [replace(one, batches=[]) for one in requests[:2]] + requests[2:]
    await asyncio.gather(*(asyncio.create_task(_call(model.work, n, one)) for n, one in enumerate(requests)))
    assert requests[2].batches is None
    for request in requests[:2]:
        assert request.batches is not None
        ((wait_s, size, run_s),) = request.batches
        assert wait_s >= 0
        assert size == 3
        assert run_s >= 0


async def test_a_limit_that_keeps_batches_small_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    replica = ReplicaContext("app", "Model", "tag", "id", max_ongoing_requests=5)
    current_replica.set(replica)
    model = Recorder()
    with caplog.at_level(logging.WARNING):
        await model.work(1)
        assert not caplog.records
        model.work.set_max_concurrent_batches(2)
        await model.work(1)
        await model.work(1)
    (record,) = caplog.records
    assert "max_ongoing_requests is 5" in record.getMessage()
    assert "6 or more" in record.getMessage()


async def test_a_patch_keeps_queue_and_settings_and_calls_keep_their_code() -> None:
    class New:
        def __init__(self) -> None:
            raise AssertionError("a patch constructs nothing")

        @batch(max_batch_size=3, batch_wait_timeout_s=0.01)
        async def work(self, items: list[Any]) -> list[Any]:
            self.batches.append(items)  # type: ignore[attr-defined]
            return [f"new {item}" for item in items]

    New.__qualname__ = Recorder.__qualname__
    New.work.label = Recorder.work.label
    old = Recorder()
    old.work.set_max_batch_size(4)
    view: Any = object.__new__(New)
    view.__dict__ = old.__dict__
    assert view.work._state is old.work._state
    results = await asyncio.gather(old.work(1), view.work(2), old.work(3), view.work(4))
    assert results == ["<1>", "new 2", "<3>", "new 4"]
    assert old.batches == [[1, 3], [2, 4]]
    assert view.work._get_max_batch_size() == 4
