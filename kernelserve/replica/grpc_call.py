"""A gRPC request in a replica: its arguments, its context, and what of these goes back to the client."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import Any, Self

import msgspec

from kernelserve.exceptions import RayServeException, gRPCStatusError
from kernelserve.grpc_util import RayServegRPCContext, code_number, gRPCInputStream
from kernelserve.replica.exchange import Exchange
from kernelserve.transport.base import FLAG_STATUS, FLAG_STREAM, FLAG_UNITS, FrameKind
from kernelserve.transport.frames import split_parts
from kernelserve.transport.messages import CallMeta, GrpcMeta, GrpcStatus

_encode = msgspec.msgpack.Encoder().encode


class GrpcCall:
    """One gRPC request; a context manager around the user's method, that tells the client what it has set.

    Args:
        meta: the head of its frame, whose `grpc` is there.
        store: the replica's `code.UnitStore`.
    """

    def __init__(
        self, exchange: Exchange, meta: CallMeta, grpc: GrpcMeta, store: Any, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._exchange = exchange
        self._method = meta.method
        self._store = store
        self._loop = loop
        self._context = RayServegRPCContext(
            grpc.metadata, grpc.peer, grpc.peer_identities, grpc.peer_identity_key, grpc.auth_context, meta.request_id
        )

    def arguments(self, method: Callable[..., Any], parts: list[memoryview]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What the user's method is called with."""
        args, kwargs = self._load(bool(self._exchange.flags & FLAG_UNITS), parts)
        if self._exchange.incoming is not None:
            args = (self._input_stream(),)
        if _takes_context(method):
            kwargs = {**kwargs, "grpc_context": self._context}
        return args, kwargs

    def encoded(self, result: Any) -> Any:
        """The user's result as the gateway takes it: messages are encoded here, and not once more on the way.

        Raises:
            TypeError: one message where a stream is wanted, or the other way.
        """
        streams = bool(self._exchange.flags & FLAG_STREAM)
        if streams != isinstance(result, Iterator | AsyncIterator):
            wanted, use = ("a stream of messages", "yield") if streams else ("one message", "return")
            raise TypeError(
                f"The gRPC method {self._method} answers with {wanted}, and gave a {type(result).__name__}. "
                f"Let it {use} what the service says."
            )
        if not streams:
            return _encoded(result)
        return _each_async(result) if isinstance(result, AsyncIterator) else _each(result)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        status = self._status(error)
        if status != GrpcStatus() and not self._exchange.answered:
            self._exchange.channel.send(
                FrameKind.CHUNK, self._exchange.stream, (_encode(status),), FLAG_STATUS, 0, self._exchange.revision
            )

    def _status(self, error: BaseException | None) -> GrpcStatus:
        context = self._context
        code, details = context.code(), context.details()
        if isinstance(error, gRPCStatusError):
            code, details = error.grpc_code or code, error.grpc_details or details or str(error)
        compression = getattr(context._compression, "value", None)
        return GrpcStatus(code_number(code), details, context.trailing_metadata(), compression)

    def _input_stream(self) -> gRPCInputStream[Any]:
        stream = gRPCInputStream[Any](self._receive, self._loop)
        if self._exchange.request is not None:
            self._exchange.request.pending.add(stream)  # A thread that waits for a message can be woken only there.
        return stream

    async def _receive(self) -> Any:
        assert self._exchange.incoming is not None
        piece = await self._exchange.incoming.next()
        if piece is None or not piece.more:
            raise StopAsyncIteration
        return self._load(piece.by_unit, split_parts(piece.data))

    def _load(self, by_unit: bool, parts: list[memoryview]) -> Any:
        try:
            return self._store.loads(by_unit, parts)
        except ImportError as error:
            raise RayServeException(
                f"The message of the gRPC method {self._method} cannot be read in this replica: {error}. "
                "Generated modules are imported by name: install the package on this machine, or put it on "
                "PYTHONPATH before the start."
            ) from error


def _takes_context(method: Callable[..., Any]) -> bool:
    try:
        return "grpc_context" in inspect.signature(method).parameters
    except (TypeError, ValueError):
        return False


def _encoded(message: Any) -> tuple[str | None, Any]:
    descriptor = getattr(message, "DESCRIPTOR", None)
    if descriptor is None or not hasattr(message, "SerializeToString"):
        return None, message  # The service has a serializer of its own, which runs in the gateway.
    return descriptor.full_name, message.SerializeToString()


def _each(items: Iterator[Any]) -> Iterator[tuple[str | None, Any]]:
    with contextlib.ExitStack() as stack:
        if hasattr(items, "close"):
            stack.callback(items.close)
        for item in items:
            yield _encoded(item)


async def _each_async(items: AsyncIterator[Any]) -> AsyncIterator[tuple[str | None, Any]]:
    async with contextlib.AsyncExitStack() as stack:
        if hasattr(items, "aclose"):
            stack.push_async_callback(items.aclose)
        async for item in items:
            yield _encoded(item)
