"""Services of the gateway itself, beside health and reflection: which apps run, and whether all is well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Field = descriptor_pb2.FieldDescriptorProto

# Package and service. The first is Ray Serve's, so that its clients find what they look for.
API_SERVICES = (("ray.serve", "RayServeAPIService"), ("kernelserve", "KernelServeAPIService"))
HEALTHY = "success"


def _file(package: str, service: str) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name=f"kernelserve/{service}.proto", package=package, syntax="proto3")
    for method in ("ListApplications", "Healthz"):
        file.message_type.add(name=f"{method}Request")
        file.message_type.add(name=f"{method}Response")
    file.message_type[1].field.add(
        name="application_names", number=1, type=Field.TYPE_STRING, label=Field.LABEL_REPEATED
    )
    file.message_type[3].field.add(name="message", number=1, type=Field.TYPE_STRING, label=Field.LABEL_OPTIONAL)
    added = file.service.add(name=service)
    for method in ("ListApplications", "Healthz"):
        added.method.add(
            name=method, input_type=f".{package}.{method}Request", output_type=f".{package}.{method}Response"
        )
    return file


def make_pool() -> descriptor_pool.DescriptorPool:
    """A pool of their own: Ray, in the same process, has its part of these names in the default one."""
    pool = descriptor_pool.DescriptorPool()
    for package, service in API_SERVICES:
        pool.Add(_file(package, service))
    return pool


def api_handlers(pool: descriptor_pool.DescriptorPool, apps: Callable[[], list[str]]) -> list[grpc.GenericRpcHandler]:
    """Handlers of both services.

    Args:
        pool: as of `make_pool`.
        apps: gives the names of the running apps.
    """
    return [_service(pool, package, service, apps) for package, service in API_SERVICES]


def _service(
    pool: descriptor_pool.DescriptorPool, package: str, service: str, apps: Callable[[], list[str]]
) -> grpc.GenericRpcHandler:
    def message(name: str) -> Any:
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))

    async def list_applications(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        return message("ListApplicationsResponse")(application_names=apps())

    async def healthz(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        return message("HealthzResponse")(message=HEALTHY)

    methods = {"ListApplications": list_applications, "Healthz": healthz}
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(
            method,
            request_deserializer=message(f"{name}Request").FromString,
            response_serializer=message(f"{name}Response").SerializeToString,
        )
        for name, method in methods.items()
    }
    return grpc.method_handlers_generic_handler(f"{package}.{service}", handlers)


class EitherPool:
    """Two descriptor pools as one, as far as reflection asks."""

    def __init__(self, first: Any, second: Any) -> None:
        self._pools = (first, second)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def find(*args: Any) -> Any:
            try:
                return getattr(self._pools[0], name)(*args)
            except KeyError:
                return getattr(self._pools[1], name)(*args)

        return find
