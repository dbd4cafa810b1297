"""The parts that need no system: statuses, the context of user code, input streams, the user's services."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import grpc
import pytest
from grpc_helpers import SERVICE
from system_helpers import until

from kernelserve.code.store import UnitStore
from kernelserve.exceptions import (
    BackPressureError,
    DeploymentUnavailableError,
    RayServeException,
    ReplicaUnavailableError,
    RequestCancelledError,
    RevisionGoneError,
    RevisionNotFoundError,
)
from kernelserve.gateway.grpc.services import Services
from kernelserve.gateway.grpc.statuses import MAX_DETAILS, ReplicaError, RpcFailure, failure_of, shortened
from kernelserve.grpc_util import RayServegRPCContext, gRPCInputStream
from kernelserve.replica.exchange import Exchange
from kernelserve.replica.grpc_call import GrpcCall
from kernelserve.transport.messages import CallMeta, ErrorMeta, GrpcMeta, GrpcStatus

Code = grpc.StatusCode


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BackPressureError(3, 3), Code.RESOURCE_EXHAUSTED),
        (DeploymentUnavailableError("gone"), Code.UNAVAILABLE),
        (ReplicaUnavailableError("died"), Code.UNAVAILABLE),
        (RevisionGoneError("old"), Code.UNAVAILABLE),
        (RevisionNotFoundError("none"), Code.NOT_FOUND),
        (RequestCancelledError("r"), Code.CANCELLED),
        (TimeoutError("late"), Code.DEADLINE_EXCEEDED),
        (RpcFailure(Code.NOT_FOUND, "no"), Code.NOT_FOUND),
        (KeyError("x"), Code.INTERNAL),
        (ReplicaError(ErrorMeta("user", "ValueError", "x")), Code.INTERNAL),
        (ReplicaError(ErrorMeta("user", "TimeoutError", "the user's own")), Code.INTERNAL),
        (ReplicaError(ErrorMeta("user", "BackPressureError", "further down")), Code.RESOURCE_EXHAUSTED),
        (ReplicaError(ErrorMeta("timeout", "TimeoutError", "x")), Code.DEADLINE_EXCEEDED),
        (ReplicaError(ErrorMeta("cancelled", "RequestCancelledError", "x")), Code.CANCELLED),
        (ReplicaError(ErrorMeta("bad_request", "AttributeError", "x")), Code.UNIMPLEMENTED),
        (ReplicaError(ErrorMeta("unavailable", "X", "x")), Code.UNAVAILABLE),
    ],
)
def test_every_error_has_its_code(error: Exception, code: grpc.StatusCode) -> None:
    assert failure_of(error, GrpcStatus(), "r1", show_errors=True).code is code


def test_what_user_code_raised_is_not_told_on_open_hosts() -> None:
    error = ReplicaError(ErrorMeta("user", "ValueError", "secret"))
    closed = failure_of(error, GrpcStatus(), "r1", show_errors=False)
    assert "secret" not in closed.details and "ValueError" not in closed.details and "r1" in closed.details
    told = failure_of(error, GrpcStatus(5, "not here"), "r1", show_errors=False)
    assert (told.code, told.details) == (Code.NOT_FOUND, "not here")


def test_an_error_is_never_ok() -> None:
    error = ReplicaError(ErrorMeta("user", "ValueError", "x"))
    assert failure_of(error, GrpcStatus(0, None), "r", show_errors=True).code is Code.INTERNAL


@pytest.mark.parametrize("text", ["", "short", "a" * MAX_DETAILS])
def test_texts_that_fit_stay(text: str) -> None:
    assert shortened(text) == text


@pytest.mark.parametrize("text", ["a" * (MAX_DETAILS + 1), "é" * 5000, "\n" * 5000, "日" * 5000])
def test_long_texts_are_cut(text: str) -> None:
    cut = shortened(text)
    assert cut.endswith("…") and len(cut) <= MAX_DETAILS and text.startswith(cut[:-1])


def test_the_context_keeps_what_is_set() -> None:
    context = RayServegRPCContext([("a", "b")], "ipv4:1", None, None, {"x": [b"y"]})
    assert context.invocation_metadata() == [("a", "b")]
    assert (context.peer(), context.peer_identities(), context.peer_identity_key()) == ("ipv4:1", None, None)
    assert context.auth_context() == {"x": [b"y"]}
    assert (context.request_id(), context.application(), context.traceparent()) == (None, None, None)
    assert (context.code(), context.details(), context.trailing_metadata()) == (None, None, [])
    context.set_code(Code.ABORTED)
    context.set_details("why")
    context.set_trailing_metadata([("k", "v"), ("k-bin", b"\x00")])
    assert (context.code(), context.details()) == (Code.ABORTED, "why")
    assert context.trailing_metadata() == [("k", "v"), ("k-bin", b"\x00")]


def test_the_context_reads_what_the_client_has_said() -> None:
    said = [("application", "a"), ("multiplexed_model_id", "m"), ("traceparent", "t"), ("tracestate", "s")]
    context = RayServegRPCContext(said, request_id="r")
    assert (context.request_id(), context.application(), context.multiplexed_model_id()) == ("r", "a", "m")
    assert (context.traceparent(), context.tracestate()) == ("t", "s")


BAD_ENTRIES = [
    ("Upper", "v"),
    ("", "v"),
    ("grpc-x", "v"),
    ("k", "é"),
    ("k", "a\nb"),
    ("k", b"v"),
    ("k-bin", "v"),
    (1, "v"),
]


@pytest.mark.parametrize("entry", BAD_ENTRIES)
def test_metadata_that_grpc_refuses_is_refused_where_it_is_set(entry: Any) -> None:
    context = RayServegRPCContext()
    with pytest.raises(ValueError, match="metadata"):
        context.set_trailing_metadata([("good", "x"), entry])
    assert context.trailing_metadata() == []


def test_other_values_are_refused() -> None:
    context = RayServegRPCContext()
    with pytest.raises(ValueError, match=r"grpc\.StatusCode"):
        context.set_code(5)
    with pytest.raises(TypeError, match="string"):
        context.set_details(None)  # type: ignore[arg-type]


def input_stream(values: list[int]) -> gRPCInputStream[int]:
    async def receive() -> int:
        if not values:
            raise StopAsyncIteration
        return values.pop(0)

    return gRPCInputStream(receive, asyncio.get_running_loop())


async def test_input_streams_are_iterated_both_ways() -> None:
    assert [value async for value in input_stream([1, 2])] == [1, 2]
    stream = input_stream([1, 2, 3])
    assert not stream.is_exhausted
    assert await asyncio.to_thread(list, stream) == [1, 2, 3]
    assert stream.is_exhausted and not stream.is_cancelled()
    assert await asyncio.to_thread(list, stream) == []


async def test_plain_for_on_the_loop_is_refused() -> None:
    with pytest.raises(RuntimeError, match="async for"):
        next(input_stream([1]))


async def test_a_thread_that_waits_is_woken_by_cancel() -> None:
    stream = gRPCInputStream(asyncio.Event().wait, asyncio.get_running_loop())
    waiting = asyncio.create_task(asyncio.to_thread(next, stream))
    await until(lambda: stream._waiting is not None, "the thread waits")
    stream.cancel()
    with pytest.raises(RequestCancelledError):
        await asyncio.wait_for(waiting, 20)
    with pytest.raises(RequestCancelledError):
        await asyncio.to_thread(next, stream)
    assert stream.is_cancelled()


async def test_input_streams_stay_where_they_are() -> None:
    with pytest.raises(TypeError, match="one reader"):
        pickle.dumps(input_stream([]))


def test_a_replica_that_cannot_import_a_message_says_which() -> None:
    loop = asyncio.new_event_loop()
    exchange = Exchange(channel=None, stream=1, flags=0, revision=1, view=None)  # type: ignore[arg-type]
    call = GrpcCall(exchange, CallMeta("r", "Say"), GrpcMeta([]), UnitStore(), loop)
    pickled = b"cno_such_pb2\nText\n."
    with pytest.raises(RayServeException, match=r"method Say cannot be read.*no_such_pb2.*PYTHONPATH"):
        call.arguments(print, [memoryview(pickled)])
    loop.close()


def test_services_are_read_from_generated_functions(generated: None) -> None:
    from kernelserve_echo.echo_pb2_grpc import add_EchoServicer_to_server

    class Details(grpc.HandlerCallDetails):
        method = f"/{SERVICE}/Chat"
        invocation_metadata = ()

    services = Services([add_EchoServicer_to_server])
    assert services.names == [SERVICE]
    rpc = services.find(Details())
    assert rpc is not None and services.find(Details()) is rpc
    assert (rpc.name, rpc.streams_in, rpc.streams_out) == ("Chat", True, True)
    assert rpc.answers_with == "kernelserve_test.Text"
    Details.method = f"/{SERVICE}/Nope"
    assert services.find(Details()) is None
