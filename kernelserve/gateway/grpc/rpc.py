"""One gRPC request, from the client's call to its status."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any, NoReturn

import grpc

from kernelserve import context
from kernelserve.context import RequestContext
from kernelserve.gateway.grpc.calls import GrpcAnswer, GrpcItems, Upload
from kernelserve.gateway.grpc.services import Rpc, Services
from kernelserve.gateway.grpc.statuses import CODES, Code, RpcFailure, failure_of, shortened
from kernelserve.gateway.request_head import REVISION_HEADER, RequestIds, revision_of
from kernelserve.observe.entering import WireCounts, WireEntry
from kernelserve.observe.trace_context import Entered
from kernelserve.response import DeploymentResponse
from kernelserve.response_stream import DeploymentResponseGenerator
from kernelserve.routing.directory import AppRoutes
from kernelserve.routing.runtime import Runtime
from kernelserve.transport.messages import GrpcMeta, GrpcStatus, MetadataEntries
from kernelserve.types import DeploymentID

ServicerContext = grpc.aio.ServicerContext[Any, Any]
_Prepared = tuple[DeploymentID, Runtime, str, GrpcMeta, Upload | None, int, Entered | None]

REQUEST_ID = "request_id"
CANCEL_LAG_S = 0.02
"""Far more than gRPC takes from the end of a cancelled request's stream to its cancellation."""


class Front:
    """What the requests of one gateway share.

    Args:
        runtime: sends to the apps of the gateway's directory.
        timeout_s: seconds that a request may take, or None.
        show_errors: tell clients what user code has raised.
        counts: counts the requests.
    """

    def __init__(self, runtime: Runtime, timeout_s: float | None, show_errors: bool, counts: WireCounts) -> None:
        self.runtime = runtime
        self.timeout_s = timeout_s
        self.show_errors = show_errors
        self.counts = counts
        self.ids = RequestIds()

    def apps(self) -> list[str]:
        """Names of the running apps."""
        found = self.runtime.directory.apps.values()
        return sorted(app.name for app in found if app.current and not app.deleted_reason)

    def app(self, name: str) -> AppRoutes:
        """The app that a client asks for; "" is the only one there is.

        Raises:
            RpcFailure: there is none, or it is not clear which.
        """
        names = self.apps()
        if not name and len(names) == 1:
            name = names[0]
        if name in names:
            return self.runtime.directory.apps[name]
        known = f"Running: {', '.join(names)}" if names else "None is running"
        if name:
            raise RpcFailure(Code.NOT_FOUND, f"There is no application {name!r}. {known}. Name another, or deploy it.")
        raise RpcFailure(
            Code.NOT_FOUND,
            f"The request does not say for which application it is. {known}. "
            "Send its name as the metadata entry 'application'.",
        )


class Rpcs(grpc.GenericRpcHandler):
    """Serves the methods of the user's services."""

    def __init__(self, front: Front, services: Services) -> None:
        self._front = front
        self._services = services
        self._handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        path = handler_call_details.method
        handler = self._handlers.get(path)
        if handler is None:
            rpc = self._services.find(handler_call_details)
            if rpc is None:
                return None
            handler = self._handlers[path] = _handler(self._front, rpc)
        return handler


def _handler(front: Front, rpc: Rpc) -> grpc.RpcMethodHandler[Any, Any]:
    async def one(request: Any, context: ServicerContext) -> bytes:
        return await RpcRequest(front, rpc, context).one(request)

    async def many(request: Any, context: ServicerContext) -> None:
        await RpcRequest(front, rpc, context).many(request)

    make: Any = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }[rpc.streams_in, rpc.streams_out]
    # Messages are decoded by us: gRPC would log a traceback for each that a client has got wrong.
    handler: grpc.RpcMethodHandler[Any, Any] = make(many if rpc.streams_out else one)
    return handler


class RpcRequest:
    """One request, in a task of its own, which gRPC cancels with the request."""

    def __init__(self, front: Front, rpc: Rpc, context: ServicerContext) -> None:
        self._front = front
        self._rpc = rpc
        self._context = context
        self._metadata: MetadataEntries = [(key, value) for key, value in context.invocation_metadata() or ()]
        self._request_id = front.ids.accept(self._said(REQUEST_ID).encode())
        self._timeout_s = _shorter(front.timeout_s, context.time_remaining())
        self._upload: Upload | None = None
        self._call: GrpcAnswer | GrpcItems | None = None
        self._came = time.monotonic()
        self._entry: WireEntry | None = None
        self._code = Code.CANCELLED

    async def one(self, request: Any) -> bytes:
        """Give the one answer."""
        try:
            async with asyncio.timeout(self._timeout_s):
                call = self._call = GrpcAnswer(*self._prepared(request))
                self._launch(request)
                message = await DeploymentResponse[Any](call)  # Is cancelled with this task.
            answer = self._encoded(message)
            self._set_status(call.status)
        except Exception as error:  # The boundary of a request: each error has its status.
            await self._fail(error)
        finally:
            self._ended()
        return answer

    async def many(self, request: Any) -> None:
        """Write the answers as they come."""
        try:
            async with asyncio.timeout(self._timeout_s):
                call = self._call = GrpcItems(*self._prepared(request))
                self._launch(request)
                with contextlib.closing(DeploymentResponseGenerator[Any](call)) as messages:
                    async for message in messages:
                        await self._context.write(self._encoded(message))
            self._set_status(call.status)
        except Exception as error:  # As above.
            await self._fail(error)
        finally:
            self._ended()

    def _prepared(self, request: Any) -> _Prepared:
        """Arguments of the call; the request becomes the present one of this task."""
        app = self._front.app(self._said("application"))
        self._count_in(app.name)
        try:
            revision = revision_of(self._said(REVISION_HEADER))
        except ValueError as error:
            raise RpcFailure(Code.INVALID_ARGUMENT, str(error)) from None
        runtime = self._front.runtime
        deadline = None if self._timeout_s is None else time.monotonic() + self._timeout_s
        context.current_request.set(
            RequestContext(
                self._request_id, app.name, 0, self._rpc.path, self._said("multiplexed_model_id"),
                self._said("session_id"), deadline,
            )
        )  # fmt: skip
        if self._rpc.streams_in:
            self._upload = Upload(self._decoded_each(request), runtime, self._confirm_end)
        meta = GrpcMeta(
            self._metadata,
            self._context.peer(),
            _listed(self._context.peer_identities()),
            self._context.peer_identity_key(),
            {key: list(values) for key, values in self._context.auth_context().items()},
        )
        traced = None
        if runtime.tracing is not None:
            traced = runtime.tracing.enter(self._said("traceparent"), self._said("tracestate"))
        return DeploymentID(app.name, app.ingress), runtime, self._rpc.name, meta, self._upload, revision, traced

    def _launch(self, request: Any) -> None:
        assert self._call is not None
        if self._upload is None:
            self._call.launch((self._decoded(request),), {}, {})
        else:
            self._call.launch((), {}, {})
            self._upload.start()

    async def _confirm_end(self) -> None:
        """Wait until it is sure that the client's stream has ended, and was not cut off.

        gRPC ends the stream of a cancelled request as if it were complete, and cancels its task a moment later.
        """
        if self._rpc.streams_out:
            await asyncio.sleep(CANCEL_LAG_S)
        else:
            # No need to guess: what is sent now is done after gRPC has told of the cancellation.
            await self._context.send_initial_metadata(())

    def _ended(self) -> None:
        if self._upload is not None:
            self._upload.stop()
        entry = self._entry or self._count_in("")
        entry.ended(self._rpc.name, self._code.name, self._code not in (Code.OK, Code.CANCELLED), self._came)

    def _count_in(self, app: str) -> WireEntry:
        entry = self._entry = self._front.counts.entry(app, self._rpc.path)
        entry.ongoing.value += 1
        return entry

    def _said(self, key: str) -> str:
        """What the client's metadata says under a key, or ""."""
        for name, value in self._metadata:
            if name == key:
                return value if isinstance(value, str) else value.decode("utf-8", "replace")
        return ""

    def _decoded(self, data: bytes) -> Any:
        """A message of the client."""
        if self._rpc.deserialize is None:
            return data
        try:
            return self._rpc.deserialize(data)
        except Exception as error:  # The service's deserializer, and whatever the client has sent it.
            raise RpcFailure(
                Code.INVALID_ARGUMENT,
                f"A message for {self._rpc.path} cannot be read: {len(data)} bytes, {type(error).__name__}: {error}. "
                "Send the message that the service says.",
            ) from error

    async def _decoded_each(self, messages: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async for data in messages:
            yield self._decoded(data)

    def _encoded(self, answer: tuple[str | None, Any]) -> bytes:
        """A message as it goes on the wire."""
        name, message = answer
        wanted = self._rpc.answers_with
        if name is not None:
            if wanted and name != wanted:
                raise self._wrong_answer(f"a {name}", f"it is a {wanted}")
            return bytes(message)
        if self._rpc.serialize is None:
            return bytes(message)
        try:
            return self._rpc.serialize(message)
        except Exception as error:  # The service's serializer, and whatever the method has given it.
            raise self._wrong_answer(f"a {type(message).__name__}", f"{type(error).__name__}: {error}") from error

    def _wrong_answer(self, seen: str, wanted: str) -> RpcFailure:
        return RpcFailure(
            Code.INTERNAL,
            f"{self._rpc.name} of the application gave {seen}, which is no answer of {self._rpc.path}: {wanted}. "
            "Return the message that the service says.",
        )

    def _set_status(self, status: GrpcStatus) -> None:
        """What user code has set, beside an answer."""
        self._code = CODES.get(status.code or 0, Code.UNKNOWN)
        self._context.set_trailing_metadata(self._trailing(status))
        if status.code:
            self._context.set_code(self._code)
        if status.details is not None:
            self._context.set_details(shortened(status.details))
        if status.compression is not None and not (self._rpc.streams_in or self._rpc.streams_out):
            self._context.set_compression(grpc.Compression(status.compression))

    def _trailing(self, status: GrpcStatus) -> tuple[tuple[str, str | bytes], ...]:
        own = () if any(key == REQUEST_ID for key, _ in status.trailing) else ((REQUEST_ID, self._request_id),)
        return (*own, *status.trailing)

    async def _fail(self, error: Exception) -> NoReturn:
        """End with an error; raises what ends gRPC's handler."""
        if self._upload is not None and self._upload.error is not None:
            error = self._upload.error
        if isinstance(error, TimeoutError) and not str(error):
            error = TimeoutError(
                f"Request {self._request_id} had no answer within {self._timeout_s:g} s. Give it more time: the "
                "client's timeout, or request_timeout_s in grpc_options."
            )
        status = self._call.status if self._call is not None else GrpcStatus()
        failure = failure_of(error, status, self._request_id, self._front.show_errors)
        self._code = failure.code
        await self._context.abort(failure.code, shortened(failure.details), self._trailing(status))


def _shorter(*timeouts_s: float | None) -> float | None:
    return min((timeout_s for timeout_s in timeouts_s if timeout_s is not None), default=None)


def _listed(values: Any) -> list[bytes] | None:
    return None if values is None else list(values)
