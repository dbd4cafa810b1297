"""Handles over scripted replicas: options, what goes along with a call, errors, cancellation, passing on."""

from __future__ import annotations

import asyncio
import gc
import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from handle_helpers import Asked, Elsewhere, Stage
from system_helpers import until, wait_for

from kernelserve import context
from kernelserve.context import RequestContext
from kernelserve.exceptions import (
    BackPressureError,
    CallCycleError,
    FeatureNotBuiltError,
    RayServeException,
    RequestCancelledError,
    ShipError,
)
from kernelserve.handle import DeploymentHandle
from kernelserve.observe.spans import decode_spans, encode_work
from kernelserve.outgoing import HandleCall, Outgoing
from kernelserve.transport.base import FLAG_TRACE

Handle = DeploymentHandle[Any]


async def echo(asked: Asked) -> None:
    asked.result((asked.meta.method, asked.args, asked.kwargs))


async def hang(asked: Asked) -> None:
    await asked.cancelled.wait()
    asked.error(RequestCancelledError(), "cancelled")


@contextmanager
def inside(**fields: Any) -> Iterator[RequestContext]:
    """The code runs for a request of app ``shop``, as it does in a replica."""
    request = RequestContext("req-7", "shop", 1, **fields)
    token = context.current_request.set(request)
    try:
        yield request
    finally:
        context.current_request.reset(token)


# --- options ---


def test_options_are_kept_changed_and_pickled() -> None:
    handle: Handle = DeploymentHandle("Model", "shop")
    both = handle.options(method_name="go", session_id="s").options(multiplexed_model_id="m")
    assert (both._options.method_name, both._options.session_id, both._options.multiplexed_model_id) == ("go", "s", "m")
    assert pickle.loads(pickle.dumps(both)) == both
    assert handle.go == handle.options(method_name="go") != handle
    assert handle.options(stream=True).go._options.stream  # type: ignore[attr-defined]
    assert not handle.options(stream=True).options(stream=False)._options.stream  # type: ignore[attr-defined]


def test_options_that_change_nothing_are_taken_and_others_refused_by_name() -> None:
    handle: Handle = DeploymentHandle("Model", "shop")
    assert handle.options(_prefer_local_routing=True, _by_reference=False, request_serialization="pickle") == handle
    for serializer in ("msgpack", "orjson"):
        with pytest.raises(FeatureNotBuiltError, match=serializer):
            handle.options(response_serialization=serializer)
    with pytest.raises(ValueError, match=r"'xml'.*Use one of 'cloudpickle', 'pickle'"):
        handle.options(request_serialization="xml")
    with pytest.raises(TypeError, match="Did you mean 'session_id'"):
        handle.options(sesion_id="s")
    with pytest.raises(TypeError, match="takes a str, and got 3"):
        handle.options(session_id=3)  # type: ignore[call-overload]
    with pytest.raises(AttributeError):
        handle._private  # noqa: B018


async def test_what_a_handle_knows_of_its_app(stage: Stage, handle: Handle) -> None:
    assert not handle.is_initialized
    assert not handle.running_replicas_populated()
    await stage.replica(echo)
    stage.push()
    assert handle.is_initialized
    assert handle.running_replicas_populated()
    handle._init(_prefer_local_routing=True)
    handle.shutdown()
    await handle.shutdown_async()
    assert await handle.remote(1) == ("__call__", (1,), {})


def test_a_handle_outside_any_system_knows_nothing() -> None:
    handle: Handle = DeploymentHandle("Model", "shop")
    assert not handle.is_initialized
    with pytest.raises(RayServeException, match="nowhere to send"):
        handle.remote()


# --- what goes along ---


async def test_a_call_carries_the_requests_ids_route_and_chain(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(echo)
    stage.push()
    with inside(route="/r", multiplexed_model_id="m1", session_id="s1", chain=("shop#Front",)):
        await handle.remote()
        await handle.options(multiplexed_model_id="m2", session_id="s2").remote()
    first, second = (asked.meta for asked in replica.asked)
    assert (first.request_id, first.route, first.chain) == ("req-7", "/r", ("shop#Front",))
    assert (first.multiplexed_model_id, first.session_id) == ("m1", "s1")
    assert (second.multiplexed_model_id, second.session_id) == ("m2", "s2")
    assert first.timeout_s is None
    await handle.remote()
    assert replica.asked[-1].meta.chain == ()
    assert replica.asked[-1].meta.request_id != "req-7"


async def test_what_is_left_of_the_deadline_goes_along_and_a_past_one_is_not_sent(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(echo)
    stage.push()
    with inside(deadline=time.monotonic() + 100):
        await handle.remote()
    left = replica.asked[0].meta.timeout_s
    assert left is not None
    assert 0 < left <= 100
    with inside(deadline=time.monotonic() - 1), pytest.raises(TimeoutError, match="req-7 has no time left"):
        await handle.remote()
    assert len(replica.asked) == 1


async def test_a_timeout_at_the_replica_is_a_timeout_error_that_names_the_request(stage: Stage, handle: Handle) -> None:
    async def late(asked: Asked) -> None:
        asked.error(RuntimeError("not done after 3 s"), "timeout")

    await stage.replica(late)
    stage.push()
    response = handle.remote()
    with pytest.raises(TimeoutError, match=f"{response.request_id} was given up at its deadline: not done after 3 s"):
        await response


async def test_spans_of_calls_go_to_the_request_that_asks_for_them(stage: Stage, handle: Handle) -> None:
    async def traced(asked: Asked) -> None:
        wanted = bool(asked.flags & FLAG_TRACE)
        work = encode_work("Deep", "app#Deep#1", "__call__", 5.0, 0.25) if wanted else None
        asked.result(wanted, work, FLAG_TRACE if wanted else 0)

    await stage.replica(traced)
    stage.push()
    with inside(spans=[]) as request:
        assert await handle.remote() is True
    assert request.spans is not None
    (span,) = map(decode_spans, request.spans)
    assert (span.deployment, span.run_s, span.attempts) == ("Deep", 0.25, 1)
    assert span.duration_s > 0
    with inside():
        assert await handle.remote() is False


# --- cycles ---


async def test_a_call_that_waits_for_itself_is_refused_by_name(stage: Stage, handle: Handle) -> None:
    await stage.replica(echo, max_ongoing=1)
    await stage.replica(echo, max_ongoing=1)
    stage.push()
    with inside(chain=("shop#Model", "shop#Other")):
        await handle.remote()  # One of two slots is held.
    with inside(chain=("shop#Model", "shop#Other", "shop#Model")), pytest.raises(CallCycleError) as caught:
        await handle.remote()
    assert "shop#Model → shop#Other → shop#Model → shop#Model can never run" in str(caught.value)
    assert isinstance(caught.value, RecursionError)
    with inside(chain=("shop#A", "shop#B") * 50), pytest.raises(CallCycleError, match="100 is the limit"):
        await handle.remote()


# --- cancellation ---


async def test_calls_of_a_cancelled_request_are_cancelled_also_those_that_nobody_awaits(
    stage: Stage, handle: Handle
) -> None:
    replica = await stage.replica(hang, max_ongoing=3)
    stage.push()
    with inside() as request:
        responses = [handle.remote(number) for number in range(2)]
        stream = handle.options(stream=True).remote()
        await until(lambda: len(replica.asked) == 3, "all are there")
        queued = handle.remote("queued")
        assert len(request.pending) == 4
        request.cancel_calls()
        for response in (*responses, queued):
            with pytest.raises(RequestCancelledError):
                await response
            assert response.cancelled()
        with pytest.raises(RequestCancelledError):
            await stream.__anext__()
    assert request.pending == set()
    assert [asked.args for asked in replica.asked] == [(0,), (1,), ()], "the queued one never came"


async def test_an_abandoned_request_makes_no_more_calls(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(echo)
    stage.push()
    with inside() as request:
        request.abandoned = True
        with pytest.raises(RequestCancelledError):
            await handle.remote()
        other = handle.remote(handle.remote())
        with pytest.raises(RequestCancelledError):
            await other
    assert replica.asked == []


async def test_a_cancelled_await_cancels_the_call(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(hang)
    stage.push()

    async def wait() -> None:
        await handle.remote()

    task = asyncio.ensure_future(wait())
    await until(lambda: len(replica.asked) == 1, "it came")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(replica.asked[0].cancelled.is_set, "the replica is told")


async def test_a_call_that_waits_for_another_is_cancelled_at_once(stage: Stage, handle: Handle) -> None:
    await stage.replica(hang)
    stage.push()
    first = handle.remote()
    second = handle.remote(first)
    second.cancel()
    with pytest.raises(RequestCancelledError):
        await second
    first.cancel()
    with pytest.raises(RequestCancelledError):
        await first


async def test_a_thousand_cancelled_calls_leave_nothing(stage: Stage, handle: Handle) -> None:
    replica = await stage.replica(hang, max_ongoing=500)
    stage.push()
    with inside() as request:
        responses = [handle.remote(number) for number in range(1000)]
    await until(lambda: len(replica.asked) == 500, "half of them run")
    request.cancel_calls()
    await asyncio.gather(*responses, return_exceptions=True)
    router = stage.directory.app("shop").router("Model")
    assert (router.queued, router.ongoing, request.pending) == (0, 0, set())
    assert all(response.cancelled() for response in responses)


# --- answers ---


async def test_gather_and_responses_as_arguments(stage: Stage, handle: Handle) -> None:
    await stage.replica(echo)
    stage.push()
    answers = await asyncio.gather(*(handle.remote(number) for number in range(50)))
    assert answers == [("__call__", (number,), {}) for number in range(50)]
    inner = handle.remote("in")
    outer = handle.remote(inner, 2, again=inner)
    assert await outer == ("__call__", (await inner, 2), {"again": await inner})


async def test_a_failed_argument_is_the_error_of_the_call(stage: Stage, handle: Handle) -> None:
    async def fail(asked: Asked) -> None:
        asked.error(LookupError("no such item"), traceback="in the cell")

    replica = await stage.replica(fail)
    stage.push()
    with pytest.raises(LookupError, match="no such item") as caught:
        await handle.remote(handle.remote("first"))
    assert "in the cell" in str(caught.value.__cause__)
    assert len(replica.asked) == 1


async def test_a_nested_response_is_refused_with_the_way_out(stage: Stage, handle: Handle) -> None:
    await stage.replica(echo)
    stage.push()
    inner = handle.remote()
    with pytest.raises(ShipError, match="plain argument"):
        handle.remote([inner])
    for name in ("_to_object_ref", "_to_object_ref_sync"):
        with pytest.raises(FeatureNotBuiltError, match="not supported"):
            getattr(inner, name)()
    assert inner.by_reference is False
    await inner


async def test_back_pressure_keeps_its_fields_through_a_replica(stage: Stage, handle: Handle) -> None:
    async def full_below(asked: Asked) -> None:
        asked.error(BackPressureError(7, 5, 429, 2.5))

    await stage.replica(full_below)
    stage.push()
    with pytest.raises(BackPressureError) as caught:
        await handle.remote()
    seen = caught.value
    assert (seen.num_queued_requests, seen.max_queued_requests, seen.status_code, seen.retry_after_s) == (
        7,
        5,
        429,
        2.5,
    )


def test_result_waits_in_any_other_thread_and_times_out_by_name(elsewhere: Elsewhere) -> None:
    elsewhere.play(hang)
    response = elsewhere.handle.remote()
    with pytest.raises(TimeoutError, match=r"shop#Model has not answered within 0\.01 s"):
        response.result(timeout_s=0.01)
    response.cancel()
    with pytest.raises(RequestCancelledError):
        response.result(timeout_s=10)


def test_a_timeout_error_of_user_code_is_not_taken_for_ours(elsewhere: Elsewhere) -> None:
    async def slow_database(asked: Asked) -> None:
        asked.error(TimeoutError("the database is slow"))

    elsewhere.play(slow_database)
    with pytest.raises(TimeoutError, match="the database is slow"):
        elsewhere.handle.remote().result(timeout_s=10)


def test_a_handle_of_a_system_that_was_shut_down_says_so() -> None:
    elsewhere = Elsewhere()
    elsewhere.play(echo)
    handle = elsewhere.handle
    handle.remote().result(timeout_s=10)
    elsewhere.close()
    response = handle.remote()
    with pytest.raises(RayServeException, match="shut down"):
        response.result(timeout_s=10)
    response.cancel()


def test_requests_that_enter_are_counted_until_they_are_answered() -> None:
    elsewhere = Elsewhere()
    try:
        elsewhere.stage.runtime.entry = True
        elsewhere.play(echo)
        routes = elsewhere.stage.directory.app("shop")
        response = elsewhere.handle.remote()
        response.result(timeout_s=10)
        wait_for(lambda: routes.live == {}, "nothing is live")
    finally:
        elsewhere.close()


async def test_calls_that_have_ended_are_freed_without_a_garbage_collection(stage: Stage, handle: Handle) -> None:
    async def answer(asked: Asked) -> None:
        if asked.args[0] == "stream":
            asked.start()
            await asked.item(1)
            asked.end()
        elif asked.args[0] == "fail":
            asked.error(ValueError("no"))
        else:
            asked.result(1)

    await stage.replica(answer)
    stage.push()
    await handle.remote(1)
    gc.collect()
    gc.disable()
    try:
        before = len(_outgoing())
        for _ in range(20):
            await handle.remote(1)
            assert [item async for item in handle.options(stream=True).remote("stream")] == [1]
            response = handle.remote("fail")
            await until(response.done, "it failed")
        del response
        assert len(_outgoing()) == before
    finally:
        gc.enable()


def _outgoing() -> list[object]:
    return [thing for thing in gc.get_objects() if issubclass(type(thing), Outgoing | HandleCall)]
