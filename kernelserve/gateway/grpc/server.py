"""The gRPC server of a gateway, on the gateway's event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping

import grpc
from google.protobuf import descriptor_pool
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from kernelserve.code.store import UnitStore
from kernelserve.config import DEFAULT_GRPC_PORT, gRPCOptions, is_loopback
from kernelserve.exceptions import PortTakenError
from kernelserve.gateway.grpc.own_services import API_SERVICES, EitherPool, api_handlers, make_pool
from kernelserve.gateway.grpc.rpc import Front, Rpcs
from kernelserve.gateway.grpc.services import Services
from kernelserve.gateway.options import MIB
from kernelserve.gateway.server import bind
from kernelserve.observe.entering import WireCounts
from kernelserve.observe.journal import Journal
from kernelserve.observe.metrics import Registry
from kernelserve.observe.tracing import Tracing
from kernelserve.routing.directory import AppRoutes
from kernelserve.routing.runtime import Runtime
from kernelserve.routing.subscription import Subscription

MAX_REQUESTS = 10_000
"""Requests at once; further ones get RESOURCE_EXHAUSTED."""
MAX_MESSAGE = 256 * MIB
"""Bytes of one message of a client; a longer one is refused with RESOURCE_EXHAUSTED."""

_CALLABLE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}
"""What a client on this machine calls an address that means all of them."""
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class GrpcGateway:
    """The gRPC front door of all apps. Belongs to the event loop that makes and starts it.

    Args:
        host: address to bind, as for HTTP.
        options: services and limits.
        subscription: of the gateway, with its directory.
        journals: by app, where its requests are kept.
        registry: counts the requests.
        tracing: decides which requests are traced.

    Raises:
        ImportError, TypeError: a servicer function cannot be used; see `Services`.
    """

    def __init__(
        self,
        host: str,
        options: gRPCOptions,
        subscription: Subscription,
        journals: Mapping[str, Journal],
        registry: Registry,
        tracing: Tracing,
    ) -> None:
        assert subscription.directory is not None
        self.address = ""
        self._host = host
        self._options = options
        self._directory = subscription.directory
        self._stores: dict[str, UnitStore] = {}
        loop = asyncio.get_running_loop()
        runtime = Runtime(loop, threading.get_ident(), self._directory, self._store, subscription.subscribe, entry=True)
        runtime.journals = journals
        runtime.tracing = tracing
        counts = WireCounts(registry, "grpc")
        self._front = Front(runtime, options.request_timeout_s, is_loopback(host), counts)
        self._services = Services(options.grpc_servicer_functions)
        self._health = health.aio.HealthServicer()
        self._loop = loop
        self._telling: set[asyncio.Task[None]] = set()
        # Let go of in `close`: gRPC ends its own thread with its last server.
        self._server: grpc.aio.Server | None = self._make_server()

    async def start(self) -> None:
        """Listen at `address`, which is known from then on.

        Raises:
            PortTakenError: the port is in use.
        """
        assert self._server is not None
        port = self._options.port
        # Found with a socket of our own: gRPC writes a failure to bind to stderr before it raises.
        with bind(self._host, DEFAULT_GRPC_PORT if port is None else port, search=port is None) as free:
            found = free.getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        try:
            self._server.add_insecure_port(f"{host}:{found}")
        except RuntimeError as error:
            raise PortTakenError(
                f"The gRPC gateway cannot listen on port {found} of {self._host}: {error}. Give another port."
            ) from error
        self.address = f"{_CALLABLE.get(host, host)}:{found}"
        self._directory.on_change.append(self._apps_changed)
        await self._tell_health()
        await self._server.start()

    async def close(self, timeout_s: float) -> None:
        """Take no new requests, and cancel those that have not ended in time. Idempotent."""
        if self._apps_changed in self._directory.on_change:
            self._directory.on_change.remove(self._apps_changed)
        await self._health.enter_graceful_shutdown()
        server, self._server = self._server, None
        if server is not None:
            await server.stop(timeout_s)

    def _store(self, app: str) -> UnitStore:
        return self._stores.setdefault(app, UnitStore())

    def _make_server(self) -> grpc.aio.Server:
        server = grpc.aio.server(
            options=[
                ("grpc.so_reuseport", 0),  # Else two systems would share one port, and each its clients.
                ("grpc.max_receive_message_length", MAX_MESSAGE),
                ("grpc.max_send_message_length", -1),
            ],
            maximum_concurrent_rpcs=MAX_REQUESTS,
        )
        pool = make_pool()
        server.add_generic_rpc_handlers((Rpcs(self._front, self._services), *api_handlers(pool, self._front.apps)))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if self._options.enable_reflection:
            names = [*self._services.names, health.SERVICE_NAME, reflection.SERVICE_NAME]
            names += [f"{package}.{service}" for package, service in API_SERVICES]
            reflection.enable_server_reflection(names, server, EitherPool(descriptor_pool.Default(), pool))
        return server

    def _apps_changed(self, app: AppRoutes) -> None:
        self._front.counts.follow(app)
        task = self._loop.create_task(self._tell_health())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell_health(self) -> None:
        """The gateway is well while it answers; a service is while there is an app that may answer for it."""
        await self._health.set("", _SERVING)
        for name in self._services.names:
            await self._health.set(name, _SERVING if self._front.apps() else _NOT_SERVING)
