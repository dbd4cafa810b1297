"""One gateway with its link to the controller: what a gateway thread or actor runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kernelserve.config import DEFAULT_PORT, FrontOptions
from kernelserve.exceptions import ChannelClosedError, ControlCallError, RayServeException
from kernelserve.gateway.options import GatewayOptions
from kernelserve.gateway.server import Gateway
from kernelserve.observe.journals import Journals
from kernelserve.observe.metrics import Registry
from kernelserve.observe.sending import sender_series
from kernelserve.observe.tracing import Tracing
from kernelserve.routing.subscription import Subscription, make_directory
from kernelserve.transport.messages import GetSeries, Hello, SeriesFound

if TYPE_CHECKING:
    from kernelserve.gateway.grpc.server import GrpcGateway
    from kernelserve.transport.observed import Series

ASK_TIMEOUT_S = 2.0
"""For what all processes have counted: after it the last that is known is told."""


class GatewayNode:
    """Serves HTTP and gRPC on the current event loop for all apps of a controller.

    Args:
        controller: the controller's address.
        front: where to listen; without a port, 8000 or the next free one. Without gRPC services, there is no gRPC.
    """

    def __init__(self, controller: str, secret: bytes, front: FrontOptions, node_id: str = "") -> None:
        http = front.http
        self._journals = Journals()
        self._registry = Registry()
        self._tracing = Tracing(front.tracing)
        self._subscription = Subscription(
            controller,
            role="gateway",
            secret=secret,
            hello=Hello(name="gateway", entry=True, node_id=node_id),
            journals=self._journals,
            counted=self._registry.series,
        )
        self._options = GatewayOptions(
            host=http.host,
            port=DEFAULT_PORT if http.port is None else http.port,
            port_search=http.port is None,
            request_timeout_s=http.request_timeout_s,
            keep_alive_s=http.keep_alive_timeout_s,
        )
        self._grpc_options = front.grpc
        self.gateway: Gateway | None = None
        self.grpc: GrpcGateway | None = None

    @property
    def grpc_address(self) -> str:
        """Where gRPC listens, ``host:port``; "" without it."""
        return self.grpc.address if self.grpc is not None else ""

    async def start(self) -> str:
        """Listen, and follow all apps; returns the base URL."""
        directory = make_directory(self._subscription, asyncio.get_running_loop())
        self._registry.add_source(lambda: sender_series(directory.apps))
        self.gateway = Gateway(
            directory, self._options, self._journals.by_app, self._registry, self._all_counted, self._tracing
        )
        await self.gateway.start()
        self._subscription.start()
        await self._subscription.subscribe("*")
        if self._grpc_options.grpc_servicer_functions:
            gateway = _grpc_gateway_class()
            self.grpc = gateway(
                self._options.host, self._grpc_options, self._subscription, self._journals.by_app, self._registry,
                self._tracing,
            )  # fmt: skip
            await self.grpc.start()
        return self.gateway.url

    async def counts(self) -> dict[str, int]:
        """What the gateway holds now: tasks of its loop, connections, bytes, and requests on their way."""
        gateway = self.gateway
        assert gateway is not None, "start comes first"
        return {
            **gateway.directory.counts(),
            "tasks": len(asyncio.all_tasks()) - 1,  # Not the one that counts.
            "connections": gateway.connections,
            "held_bytes": gateway.held_bytes,
            "timed": gateway.timed,
            **gateway.mirror_counts,
        }

    async def _all_counted(self) -> list[Series] | None:
        """What every process has counted, as the controller knows it; None if it does not answer."""
        subscription = self._subscription
        if not subscription.connected:
            return None
        subscription.tell_counted()  # On the same channel, so it comes first: what this process counts is current.
        try:
            found = await subscription.call(GetSeries(), timeout_s=ASK_TIMEOUT_S)
        except (ChannelClosedError, ControlCallError, TimeoutError):
            return None
        return found.series if isinstance(found, SeriesFound) else None

    async def close(self, timeout_s: float = 2.0) -> None:
        if self.grpc is not None:
            await self.grpc.close(timeout_s)
        if self.gateway is not None:
            await self.gateway.close(timeout_s)
            self.gateway.directory.close()
        await self._subscription.close()
        await self._tracing.aclose()


def _grpc_gateway_class() -> type[GrpcGateway]:
    try:
        # Late: grpcio is an extra.
        from kernelserve.gateway.grpc.server import GrpcGateway
    except ModuleNotFoundError as error:
        raise RayServeException(
            f"grpc_options has servicer functions, and gRPC is not installed ({error}). "
            "Install it: pip install 'kernelserve[grpc]'."
        ) from error
    return GrpcGateway
