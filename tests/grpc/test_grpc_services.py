"""Health, the list of applications, and reflection, on a running system."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_helpers import SERVICE, Client
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from system_helpers import wait_for

import kernelserve as serve

API = ["ray.serve.RayServeAPIService", "kernelserve.KernelServeAPIService"]


@serve.deployment
class Echo:
    def Say(self, request: Any) -> Any:
        return request


def strings(payload: bytes) -> list[str]:
    """The strings of field 1, each shorter than 128 bytes: read without the package's own descriptors."""
    found = []
    while payload:
        assert payload[0] == 0x0A
        found.append(payload[2 : 2 + payload[1]].decode())
        payload = payload[2 + payload[1] :]
    return found


@pytest.mark.parametrize("service", API)
def test_applications_are_listed(service: str, deploy: Any, client: Client, name: str) -> None:
    ask = client.channel.unary_unary(f"/{service}/ListApplications")
    assert strings(ask(b"", timeout=20)) == []
    deploy(Echo, name)
    deploy(Echo, f"{name}-two")
    assert strings(ask(b"", timeout=20)) == [name, f"{name}-two"]
    serve.delete(name)
    assert strings(ask(b"", timeout=20)) == [f"{name}-two"]


@pytest.mark.parametrize("service", API)
def test_healthz(service: str, client: Client) -> None:
    assert strings(client.channel.unary_unary(f"/{service}/Healthz")(b"", timeout=20)) == ["success"]


def test_health_of_gateway_and_services(deploy: Any, client: Client, name: str) -> None:
    health = health_pb2_grpc.HealthStub(client.channel)
    serving, not_serving = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING

    def check(service: str) -> int:
        return int(health.Check(health_pb2.HealthCheckRequest(service=service), timeout=20).status)

    assert check("") == serving
    wait_for(lambda: check(SERVICE) == not_serving, "no app is there for the service")
    deploy(Echo, name)
    wait_for(lambda: check(SERVICE) == serving, "an app is there for the service")
    with pytest.raises(grpc.RpcError) as caught:
        check("nope.Nope")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_reflection_knows_every_service(client: Client) -> None:
    reflection = reflection_pb2_grpc.ServerReflectionStub(client.channel)

    def ask(**question: str) -> Any:
        request = reflection_pb2.ServerReflectionRequest(**question)
        return next(iter(reflection.ServerReflectionInfo(iter([request]), timeout=20)))

    names = {service.name for service in ask(list_services="").list_services_response.service}
    health, own = "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"
    assert names == {SERVICE, health, own, *API}
    for service in names:
        files = ask(file_containing_symbol=service).file_descriptor_response.file_descriptor_proto
        protos = [descriptor_pb2.FileDescriptorProto.FromString(file) for file in files]
        found = {f"{proto.package}.{one.name}" for proto in protos for one in proto.service}
        assert service in found
    assert ask(file_containing_symbol="no.Such").HasField("error_response")
