"""A gRPC request on its way to a replica: handle calls that carry gRPC's metadata, and client streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import msgspec

from kernelserve.exceptions import RequestCancelledError
from kernelserve.gateway.flow import amount_in
from kernelserve.gateway.grpc.statuses import ReplicaError
from kernelserve.gateway.recording import error_of
from kernelserve.observe.record import RequestRecord
from kernelserve.observe.trace_context import Entered
from kernelserve.outgoing import Answer, HandleCall, HandleOptions, Outgoing
from kernelserve.response_stream import ItemStream
from kernelserve.routing.directory import AppRoutes
from kernelserve.routing.link import ReplicaLink
from kernelserve.routing.payloads import RawValue
from kernelserve.routing.runtime import Runtime
from kernelserve.transport.base import FLAG_MORE, FLAG_STATUS, FLAG_TRACE, FLAG_UNITS, Buffer, FrameKind, chunk_cost
from kernelserve.transport.frames import join_parts
from kernelserve.transport.messages import ErrorMeta, GrpcMeta, GrpcStatus
from kernelserve.types import DeploymentID

_decode_error = msgspec.msgpack.Decoder(ErrorMeta).decode
_decode_status = msgspec.msgpack.Decoder(GrpcStatus).decode


class GrpcCall(Outgoing):
    """What the two kinds of answers have in common. Belongs to the gateway's loop.

    Attributes:
        status: what user code has set for the client.
        upload: sends the rest of the request; None: its one message is its argument.
    """

    def __init__(
        self,
        to: DeploymentID,
        runtime: Runtime,
        method: str,
        meta: GrpcMeta,
        upload: Upload | None,
        revision: int = 0,
        traced: Entered | None = None,
    ) -> None:
        super().__init__(to, runtime, HandleOptions(method_name=method, revision=revision))
        self.meta = msgspec.structs.replace(self.meta, grpc=meta)
        self._enter_trace(traced)
        self._journal = runtime.journals.get(to.app_name)
        if self._journal is not None:
            self.flags |= FLAG_TRACE
        self.status = GrpcStatus()
        self.upload = upload
        if upload is not None:
            self.flags |= FLAG_MORE
            upload.call = self

    def send(self, parts: Sequence[Buffer], flags: int) -> None:
        """Send a CHUNK, if the request still runs."""
        call = self._call
        if call is not None and isinstance(call.channel, ReplicaLink):
            call.channel.send_more(call, FrameKind.CHUNK, parts, flags)

    def streamed(self, kind: int, flags: int, payload: Buffer) -> None:
        if kind == FrameKind.CHUNK and flags & FLAG_STATUS:
            self.status = _decode_status(payload)
        elif kind == FrameKind.CREDIT:
            if self.upload is not None:
                self.upload.grant(amount_in(payload))
        else:
            super().streamed(kind, flags, payload)

    def answered(self, kind: int, flags: int, parts: list[Buffer]) -> None:
        if kind != FrameKind.ERROR:
            super().answered(kind, flags, parts)
            return
        # Not by way of the user's exception: its class need not be here, and only its name and text are wanted.
        meta = _decode_error(parts[0])
        error = RequestCancelledError(self.request_id) if meta.category == "cancelled" else ReplicaError(meta)
        if self._sent:
            self._note(parts[-1] if flags & FLAG_TRACE else b"", error, ())
        self.fail(error)

    def _make_call(self, routes: AppRoutes, raw: RawValue) -> HandleCall:
        if self._journal is not None:
            self._arguments = raw[1]
        return super()._make_call(routes, raw)

    def _record(
        self, work: Buffer, error: BaseException | None, answer: Sequence[Buffer], duration_s: float
    ) -> RequestRecord:
        record = super()._record(work, error, answer, duration_s)
        record = msgspec.structs.replace(record, path=self.meta.route)
        if isinstance(error, ReplicaError):
            record = msgspec.structs.replace(record, error=error_of(error.meta))
        return record


class GrpcAnswer(GrpcCall, Answer):
    """A call with one answer."""


class GrpcItems(GrpcCall, ItemStream):
    """A call with a stream of answers."""


class Upload:
    """The messages of a client that streams, sent as its replica takes them: none is read before.

    Args:
        messages: the client's.
        runtime: the gateway's.
        confirm_end: returns if the end of `messages` was the client's; else it raises, or does not return.
    """

    def __init__(
        self, messages: AsyncIterator[Any], runtime: Runtime, confirm_end: Callable[[], Awaitable[None]]
    ) -> None:
        self.call: GrpcCall | None = None
        self.error: Exception | None = None
        self._messages = messages
        self._runtime = runtime
        self._confirm_end = confirm_end
        self._credit = 0
        self._granted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, when the call was launched."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """The request has ended, whether all was sent or not."""
        if self._task is not None:
            self._task.cancel()

    def grant(self, amount: int) -> None:
        """The replica takes `amount` more bytes."""
        self._credit += amount
        if self._credit > 0:
            self._granted.set()

    async def _run(self) -> None:
        assert self.call is not None
        try:
            await self._send_all(self.call)
        except Exception as error:  # The boundary to the user's deserializer; it is told to who waits for the answer.
            self.error = error
            self.call.cancel()

    async def _send_all(self, call: GrpcCall) -> None:
        store = self._runtime.stores(call.to.app_name)
        await self._granted.wait()
        async for message in self._messages:
            by_unit, parts = store.dumps(message)
            self._send(call, join_parts(parts), FLAG_MORE | FLAG_UNITS if by_unit else FLAG_MORE)
            await self._granted.wait()
        await self._confirm_end()
        self._send(call, (), 0)

    def _send(self, call: GrpcCall, parts: Sequence[Buffer], flags: int) -> None:
        call.send(parts, flags)
        self._credit -= chunk_cost(sum(map(len, parts)))
        if self._credit <= 0:
            self._granted.clear()
