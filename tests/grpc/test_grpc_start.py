"""Options, ports and errors of the start; each test starts a local system of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from grpc_helpers import ADD, Client, failure

import kernelserve as serve
from kernelserve.cluster.session import Session, get_session
from kernelserve.config import DEFAULT_GRPC_PORT, gRPCOptions
from kernelserve.exceptions import PortTakenError, RayServeException

Code = grpc.StatusCode


@pytest.fixture(autouse=True)
def nothing_runs(generated: None) -> Iterator[None]:
    yield
    serve.shutdown(all=True)
    assert get_session() is None


def start(**grpc_options: Any) -> Session:
    serve.start(placement="local", http_options={"port": 0}, grpc_options=grpc_options)
    session = get_session()
    assert session is not None
    return session


@serve.deployment
class Slow:
    async def Say(self, request: Any) -> Any:
        await asyncio.sleep(60)

    def Count(self, request: Any) -> Any:
        for _ in range(100):
            time.sleep(0.05)
            yield request


def test_without_services_there_is_no_grpc() -> None:
    assert start(port=0).grpc_address == ""


def test_a_function_object_will_do_and_reflection_can_be_off() -> None:
    from kernelserve_echo.echo_pb2_grpc import add_EchoServicer_to_server

    session = start(port=0, grpc_servicer_functions=[add_EchoServicer_to_server], enable_reflection=False)
    client = Client(session.grpc_address)
    error = failure(client.stub.Say, client.text("x"))
    assert error.code() is Code.NOT_FOUND  # The service is known, and no app runs.
    reflection = client.channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
    assert failure(reflection, iter([b""])).code() is Code.UNIMPLEMENTED
    client.channel.close()


def test_request_timeout() -> None:
    session = start(port=0, grpc_servicer_functions=[ADD], request_timeout_s=0.3)
    serve.run(Slow.bind(), route_prefix=None)
    client = Client(session.grpc_address)
    for error in (
        failure(client.stub.Say, client.text("")),
        failure(client.stub.Count, client.pb.Number(value=1)),
    ):
        assert error.code() is Code.DEADLINE_EXCEEDED
        assert "time" in error.details()
    client.channel.close()


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} of 127.0.0.1 is in use"):
            start(port=port, grpc_servicer_functions=[ADD])


def test_the_next_free_port_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:
        with contextlib.suppress(OSError):  # Somebody else has it, which is as good.
            taken.bind(("127.0.0.1", DEFAULT_GRPC_PORT))
            taken.listen()
        with caplog.at_level(logging.WARNING):
            session = start(grpc_servicer_functions=[ADD])
    port = session.grpc_address.rpartition(":")[2]
    assert int(port) > DEFAULT_GRPC_PORT
    assert f"Port 9000 is taken; serving gRPC on {port}." in caplog.text


def test_options_come_too_late_for_a_running_system(caplog: pytest.LogCaptureFixture) -> None:
    start(port=0)
    with caplog.at_level(logging.WARNING):
        start(port=0, grpc_servicer_functions=[ADD])
    assert "keeps its HTTP, gRPC and tracing options" in caplog.text


def test_without_grpcio_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith("kernelserve.gateway.grpc")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "grpc_health.v1", None)
    with pytest.raises(RayServeException, match=r"pip install 'kernelserve\[grpc\]'"):
        start(port=0, grpc_servicer_functions=[ADD])


@pytest.mark.parametrize(
    ("function", "error", "text"),
    [
        ("no.such.module.add", ImportError, "'no.such.module.add' cannot be imported here"),
        ("kernelserve_echo.echo_pb2_grpc.add_Nope", ImportError, "cannot be imported here"),
        ("add", ImportError, "whole path"),
        ("os.getpid", TypeError, "could not be called with a servicer and a server"),
    ],
)
def test_functions_that_do_not_fit(function: str, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        start(port=0, grpc_servicer_functions=[function])


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"port": 70000}, ValueError, "port is 70000"),
        ({"prot": 9000}, TypeError, "Did you mean 'port'"),
        ({"request_timeout_s": 0}, ValueError, "request_timeout_s is 0"),
        ({"request_timeout_s": "x"}, ValueError, "request_timeout_s is 'x'"),
        ({"enable_reflection": 1}, ValueError, "enable_reflection is 1"),
        ({"grpc_servicer_functions": "a.b"}, ValueError, "Use a list"),
        ({"grpc_servicer_functions": [3]}, ValueError, "has 3"),
    ],
)
def test_bad_options(options: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        gRPCOptions.of(options)


def test_options_travel_by_name() -> None:
    from kernelserve_echo.echo_pb2_grpc import add_EchoServicer_to_server as add

    def local(servicer: object, server: object) -> None: ...

    assert gRPCOptions(grpc_servicer_functions=[add, local]).grpc_servicer_functions == (ADD, local)
    same = gRPCOptions(9)
    assert gRPCOptions.of(same) is same
    assert gRPCOptions.of(None) == gRPCOptions() == gRPCOptions(None, (), None, True)
