"""Calls to certain replicas: chosen with a slot that is kept, broadcast to all, and by model or session."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any

import pytest
from handle_helpers import Asked, Elsewhere, Stage
from system_helpers import until

from kernelserve.exceptions import FeatureNotBuiltError, ReplicaUnavailableError, RequestCancelledError, ShipError
from kernelserve.handle import DeploymentHandle
from kernelserve.routing.link import ReplicaLink

Handle = DeploymentHandle[Any]


async def name(asked: Asked) -> None:
    asked.result(asked.replica.endpoint.replica_id)


def links(stage: Stage) -> dict[str, ReplicaLink]:
    return stage.directory.app("shop").router("Model")._links


async def connected(stage: Stage) -> None:
    stage.directory.app("shop").router("Model")
    await until(lambda: all(replica.reached for replica in stage.replicas), "all are connected")


# --- choose and dispatch ---


async def test_a_slot_is_kept_until_it_is_used_and_the_call_goes_there(stage: Stage, handle: Handle) -> None:
    for _ in range(2):
        await stage.replica(name, max_ongoing=1)
    stage.push()
    await connected(stage)
    async with handle.choose_replica("a prompt") as selection:
        assert links(stage)[selection.replica_id].load == 1, "the slot is taken"
        others = {await handle.remote() for _ in range(5)}
        assert others == set(links(stage)) - {selection.replica_id}
        assert await handle.dispatch(selection) == selection.replica_id
        with pytest.raises(RuntimeError, match="dispatched already"):
            handle.dispatch(selection)
    assert all(link.load == 0 for link in links(stage).values())


async def test_a_slot_that_is_not_used_is_given_back_and_wakes_who_waits(stage: Stage, handle: Handle) -> None:
    await stage.replica(name, max_ongoing=1)
    stage.push()
    await connected(stage)
    async with handle.choose_replica() as selection:
        waiting = handle.remote()
        await asyncio.sleep(0)
        assert not waiting.done()
    assert await waiting == selection.replica_id
    with pytest.raises(RuntimeError, match="block has ended"):
        handle.dispatch(selection)


async def test_slots_are_given_in_the_order_of_the_queue(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(name, max_ongoing=1)
    stage.push()
    order: list[int] = []

    async def use(number: int) -> None:
        async with handle.choose_replica() as selection:
            order.append(number)
            assert await handle.dispatch(selection) == replica.endpoint.replica_id

    await asyncio.gather(*(use(number) for number in range(10)))
    assert order == list(range(10))


async def test_a_cancelled_wait_for_a_slot_leaves_none(stage: Stage, handle: Handle) -> None:
    await stage.replica(name, max_ongoing=1)
    stage.push()
    await connected(stage)
    stack = contextlib.AsyncExitStack()
    await stack.enter_async_context(handle.choose_replica())
    task = asyncio.ensure_future(contextlib.AsyncExitStack().enter_async_context(handle.choose_replica()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await stack.aclose()
    assert stage.directory.app("shop").router("Model").queued == 0
    assert await handle.remote()


async def test_arguments_that_cannot_be_sent_give_the_slot_back(stage: Stage, handle: Handle) -> None:
    await stage.replica(name, max_ongoing=1)
    stage.push()
    async with handle.choose_replica() as selection:
        with pytest.raises(ShipError):
            handle.dispatch(selection, threading.Lock())
        assert await handle.remote() == selection.replica_id


@pytest.mark.parametrize("retry", [False, True])
async def test_a_chosen_replica_that_dies_is_an_error_and_not_another_replica(
    stage: Stage, handle: Handle, retry: bool
) -> None:
    a, b = await stage.replica(name), await stage.replica(name)
    stage.push(retry_on_replica_failure=retry)
    await connected(stage)
    async with handle.choose_replica() as selection:
        dead = a if selection.replica_id == a.endpoint.replica_id else b
        await dead.close()
        await until(lambda: links(stage)[selection.replica_id].channel is None, "it is lost")
        with pytest.raises(ReplicaUnavailableError):
            await handle.dispatch(selection)


async def test_a_selection_is_for_the_handle_that_made_it(stage: Stage, handle: Handle) -> None:
    await stage.replica(name)
    stage.push()
    other: Handle = DeploymentHandle("Other", "shop")
    async with handle.choose_replica() as selection:
        with pytest.raises(RuntimeError, match="not of shop#Other"):
            other.dispatch(selection)
        with pytest.raises(FeatureNotBuiltError, match="stream=True"):
            handle.options(stream=True).dispatch(selection)  # type: ignore[attr-defined]
        assert await handle.dispatch(selection)


def test_choosing_works_on_another_loop(elsewhere: Elsewhere) -> None:
    replica = elsewhere.play(name)

    async def use() -> Any:
        async with elsewhere.handle.choose_replica() as selection:
            return await elsewhere.handle.dispatch(selection)

    assert asyncio.run(use()) == replica.endpoint.replica_id


# --- broadcast ---


async def test_a_broadcast_reaches_every_replica_once(stage: Stage, handle: Handle) -> None:
    for _ in range(3):
        await stage.replica(name)
    stage.push()
    response = handle.broadcast("clear", 1, deep=True)
    assert await response.results_async(timeout_s=10) == ["r0", "r1", "r2"]
    for replica in stage.replicas:
        (asked,) = replica.asked
        assert (asked.meta.method, asked.args, asked.kwargs) == ("clear", (1,), {"deep": True})
        assert asked.meta.request_id == response.request_id or response.request_id
    with pytest.raises(RuntimeError, match="results_async"):
        response.results()
    with pytest.raises(TypeError, match="results"):
        response.__reduce__()


async def test_a_full_replica_gets_the_broadcast_when_it_is_free(stage: Stage, handle: Handle) -> None:
    free = asyncio.Event()

    async def slow(asked: Asked) -> None:
        await free.wait()
        asked.result(asked.meta.method)

    for _ in range(2):
        await stage.replica(slow, max_ongoing=1)
    stage.push()
    running = [handle.remote() for _ in range(2)]
    await until(lambda: all(replica.asked for replica in stage.replicas), "both are full")
    response = handle.broadcast("clear")
    task = asyncio.ensure_future(response.results_async(timeout_s=10))
    await asyncio.sleep(0)
    free.set()
    assert await task == ["clear", "clear"]
    await asyncio.gather(*running)


async def test_a_replica_that_rejects_is_asked_again_and_no_other(stage: Stage, handle: Handle) -> None:
    async def reject_once(asked: Asked) -> None:
        if len(asked.replica.asked) == 1:
            asked.reject()
        else:
            asked.result(asked.replica.endpoint.replica_id)

    for _ in range(2):
        await stage.replica(reject_once)
    stage.push()
    assert await handle.broadcast("clear").results_async(timeout_s=10) == ["r0", "r1"]
    assert [len(replica.asked) for replica in stage.replicas] == [2, 2]


async def test_errors_of_some_replicas(stage: Stage, handle: Handle) -> None:
    async def odd_fails(asked: Asked) -> None:
        if asked.replica.endpoint.replica_id == "r1":
            asked.error(OSError("disk"))
        else:
            asked.result("ok")

    for _ in range(3):
        await stage.replica(odd_fails)
    stage.push()
    first, second, third = await handle.broadcast("save").results_async(return_exceptions=True)
    assert (first, third) == ("ok", "ok")
    assert isinstance(second, OSError)
    with pytest.raises(OSError, match="disk"):
        await handle.broadcast("save").results_async()


def test_results_in_a_thread_with_a_timeout_and_cancel(elsewhere: Elsewhere) -> None:
    async def hang(asked: Asked) -> None:
        if asked.args:
            asked.result(asked.args[0])
        else:
            await asked.cancelled.wait()
            asked.error(RequestCancelledError(), "cancelled")

    elsewhere.play(hang)
    elsewhere.play(hang)
    assert elsewhere.handle.broadcast("m", 4).results(timeout_s=10) == [4, 4]
    inner = elsewhere.handle.remote(5)
    assert elsewhere.handle.broadcast("m", inner).results(timeout_s=10) == [5, 5]
    response = elsewhere.handle.broadcast("m")
    with pytest.raises(TimeoutError, match=r"Not every replica of shop#Model has answered within 0\.05 s"):
        response.results(timeout_s=0.05)
    response.cancel()
    outcome = response.results(timeout_s=10, return_exceptions=True)
    assert [type(error) for error in outcome] == [RequestCancelledError] * 2


# --- models and sessions ---


async def test_concurrent_first_calls_of_a_model_go_to_one_replica(stage: Stage, handle: Handle) -> None:
    for _ in range(4):
        await stage.replica(name, max_ongoing=50)
    stage.push()
    await connected(stage)
    calls = [handle.options(multiplexed_model_id=f"m{number % 4}").remote() for number in range(40)]
    places = await asyncio.gather(*calls)
    by_model = [set(places[number::4]) for number in range(4)]
    assert all(len(each) == 1 for each in by_model), "each model is at one replica"
    assert len(set().union(*by_model)) == 4, "each replica has one model"


async def test_calls_follow_the_models_that_replicas_tell_of(stage: Stage, handle: Handle) -> None:
    a, b = await stage.replica(name, max_ongoing=50), await stage.replica(name, max_ongoing=50)
    stage.push()
    await connected(stage)
    b.tell_models("m", "n")
    await until(lambda: links(stage)["r1"].models == {"m", "n"}, "it was told")
    model = handle.options(multiplexed_model_id="m")
    assert {await model.remote() for _ in range(10)} == {"r1"}
    assert {await handle.options(multiplexed_model_id="new").remote() for _ in range(5)} == {"r0"}, "it has fewer"
    b.tell_models("n")
    a.tell_models("m")
    await until(lambda: links(stage)["r0"].models == {"m"} and "m" not in links(stage)["r1"].models, "it moved")
    assert {await model.remote() for _ in range(10)} == {"r0"}


async def test_a_deployment_that_loads_no_models_is_not_skewed_by_a_model_id(stage: Stage, handle: Handle) -> None:
    """The id of a request goes down to all that it calls; plain deployments keep their balance."""
    hold = asyncio.Event()

    async def held(asked: Asked) -> None:
        if asked.args:
            await hold.wait()
        asked.result(asked.replica.endpoint.replica_id)

    for _ in range(2):
        await stage.replica(held, max_ongoing=50)
    stage.push()
    await connected(stage)
    model = handle.options(multiplexed_model_id="m")
    await model.remote()  # Answered, and nobody told of a model.
    calls = [model.remote("wait") for _ in range(40)]
    await until(lambda: sum(len(replica.asked) for replica in stage.replicas) == 41, "all came")
    hold.set()
    places = await asyncio.gather(*calls)
    assert abs(places.count("r0") - 20) <= 1


async def test_a_session_stays_at_its_replica_while_that_takes_requests(stage: Stage, handle: Handle) -> None:
    for _ in range(4):
        await stage.replica(name)
    stage.push()
    await connected(stage)
    places = {session: await handle.options(session_id=session).remote() for session in map(str, range(40))}
    assert len(set(places.values())) == 4
    for session, place in places.items():
        assert await handle.options(session_id=session).remote() == place
    gone = stage.replicas[0]
    stage.push(*stage.replicas[1:])
    for session, place in places.items():
        now = await handle.options(session_id=session).remote()
        assert now == place or place == gone.endpoint.replica_id, "only the sessions of the one that left have moved"
