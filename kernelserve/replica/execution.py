"""Runs requests in a replica: admission, decoding, the user's method, the answer frame."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from kernelserve import context
from kernelserve.context import RequestContext
from kernelserve.exceptions import RayServeException
from kernelserve.replica.failure import user_traceback
from kernelserve.replica.http_request import request_of
from kernelserve.replica.http_result import encode_result
from kernelserve.replica.servable import Method, Servable, View
from kernelserve.transport.base import FLAG_UNITS, Buffer, Channel, FrameKind
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import CallMeta, ErrorMeta, HttpRequest, HttpResponse

_CALL, _HTTP, _CANCEL = int(FrameKind.CALL), int(FrameKind.HTTP), int(FrameKind.CANCEL)
_RESULT, _ERROR, _REJECT = int(FrameKind.RESULT), int(FrameKind.ERROR), int(FrameKind.REJECT)

_decode_call = msgspec.msgpack.Decoder(CallMeta).decode
_decode_http = msgspec.msgpack.Decoder(HttpRequest).decode
_encode = msgspec.msgpack.Encoder().encode


Answer = tuple[int, list[Buffer], int]
"""Kind, parts and flags of an answer frame."""


class Exchange:
    """One admitted request."""

    __slots__ = ("channel", "key", "revision", "started", "stream", "task", "view")

    def __init__(self, channel: Channel, stream: int, revision: int, view: View) -> None:
        self.channel = channel
        self.stream = stream
        self.key = (id(channel), stream)
        self.revision = revision
        self.view = view
        self.started = False
        self.task: asyncio.Task[None] | None = None


class _LeftBehind(BaseException):
    """A request was cancelled whose ``def`` runs in a thread, which cannot be stopped."""

    def __init__(self, thread: asyncio.Future[Any]) -> None:
        super().__init__(thread)
        self.thread = thread


class Execution:
    """Receives the data frames of every channel of a replica; on the replica's event loop.

    Args:
        base_context: context variables that user code sees (replica, runtime).
    """

    def __init__(
        self, app: str, servable: Servable, store: Any, loop: asyncio.AbstractEventLoop, base: contextvars.Context
    ) -> None:
        self.ongoing = 0
        self.draining = False
        self.running: dict[tuple[int, int], Exchange] = {}
        self._app = app
        self._servable = servable
        self._store = store
        self._loop = loop
        self._base = base
        self._pool: ThreadPoolExecutor | None = None
        self._pool_size = 0
        self._idle = asyncio.Event()
        self._idle.set()

    # --- Receiver ---

    def frame_received(
        self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
    ) -> None:
        if kind in (_CALL, _HTTP):
            if self.draining or self.ongoing >= self._servable.options.max_ongoing_requests:
                channel.send(_REJECT, stream, (), 0, self.ongoing)
                return
            # Counted here and not in the task: a view that is chosen must not end before the task starts.
            view = self._servable.view(revision)
            view.ongoing += 1
            self.ongoing += 1
            self._idle.clear()
            exchange = Exchange(channel, stream, revision, view)
            work = self._serve(exchange, kind, flags, payload)
            exchange.task = self._loop.create_task(work, context=self._base.copy())
            self.running[exchange.key] = exchange
        elif kind == _CANCEL:
            exchange_or_none = self.running.get((id(channel), stream))
            if exchange_or_none is not None:
                self._cancel(exchange_or_none)

    def channel_lost(self, channel: Channel, error: Exception | None) -> None:
        """The sender is gone: what it asked for is stopped."""
        for exchange in list(self.running.values()):
            if exchange.channel is channel:
                self._cancel(exchange)

    def _cancel(self, exchange: Exchange) -> None:
        assert exchange.task is not None
        exchange.task.cancel()
        if not exchange.started:
            # The task will never run a line, so nobody else does this.
            self._end(exchange, _error("cancelled", "RequestCancelledError", "The request was cancelled."))

    # --- requests ---

    async def _serve(self, exchange: Exchange, kind: int, flags: int, payload: Buffer) -> None:
        exchange.started = True
        try:
            if kind == _HTTP:
                answer = await self._serve_http(exchange.revision, payload, exchange.view)
            else:
                answer = await self._serve_call(exchange.revision, flags, payload, exchange.view)
        except asyncio.CancelledError:
            answer = _error("cancelled", "RequestCancelledError", "The request was cancelled.")
        except _LeftBehind as left:
            # The caller is answered now; the slot stays taken until the thread ends.
            kind, parts, flags = _error("cancelled", "RequestCancelledError", "The request was cancelled.")
            exchange.channel.send(kind, exchange.stream, parts, flags, self.ongoing, exchange.revision)
            left.thread.add_done_callback(lambda _: self._end(exchange, None))
            return
        except BaseException as error:  # The request boundary: whatever user code raised is its answer.
            answer = self._failure(error)
        self._end(exchange, answer)

    def _end(self, exchange: Exchange, answer: Answer | None) -> None:
        self.ongoing -= 1
        self.running.pop(exchange.key, None)
        self._servable.done(exchange.view)
        if self.ongoing == 0:
            self._idle.set()
        if answer is not None:
            exchange.channel.send(answer[0], exchange.stream, answer[1], answer[2], self.ongoing, exchange.revision)

    async def _serve_call(self, revision: int, flags: int, payload: Buffer, view: View) -> Answer:
        parts = split_parts(payload)
        meta = _decode_call(parts[0])
        context.current_request.set(
            RequestContext(meta.request_id, self._app, revision, meta.route, meta.multiplexed_model_id, meta.session_id)
        )
        args, kwargs = self._store.loads(bool(flags & FLAG_UNITS), parts[1:])
        try:
            method = view.method(meta.method)
        except AttributeError as error:
            return self._failure(error, category="bad_request")
        result = await self._run(method, args, kwargs)
        by_unit, out = self._store.dumps(result)
        return _RESULT, join_parts(out), FLAG_UNITS if by_unit else 0

    async def _serve_http(self, revision: int, payload: Buffer, view: View) -> Answer:
        head, body = split_parts(payload)
        meta = _decode_http(head)
        context.current_request.set(RequestContext(meta.request_id, self._app, revision, meta.route))
        method = view.method("__call__")
        args = (request_of(meta, bytes(body)),) if method.takes_request else ()
        status, headers, out = encode_result(await self._run(method, args, {}))
        return _RESULT, join_parts([_encode(HttpResponse(status, headers)), out]), 0

    async def _run(self, method: Method, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if method.is_async:
            return await method.call(*args, **kwargs)
        here = contextvars.copy_context()
        thread = self._loop.run_in_executor(self._threads(), lambda: here.run(method.call, *args, **kwargs))
        try:
            result = await asyncio.shield(thread)
        except asyncio.CancelledError:
            if thread.done():
                raise
            raise _LeftBehind(thread) from None
        return await result if inspect.isawaitable(result) else result

    def _threads(self) -> ThreadPoolExecutor:
        size = self._servable.options.max_ongoing_requests
        if self._pool is None or size > self._pool_size:
            if self._pool is not None:
                self._pool.shutdown(wait=False)
            self._pool = ThreadPoolExecutor(max_workers=size, thread_name_prefix="kernelserve-def")
            self._pool_size = size
        return self._pool

    def _failure(self, error: BaseException, category: str = "user") -> Answer:
        if not isinstance(error, Exception):
            # SystemExit or KeyboardInterrupt of user code ends the request, not the replica or its caller.
            error = RayServeException(f"User code raised {type(error).__name__}: {error}").with_traceback(
                error.__traceback__
            )
        traceback = user_traceback(error)
        try:
            by_unit, pickled = self._store.dumps(error)
        except Exception:  # An exception that cannot be pickled travels as text.
            by_unit, pickled = False, []
        return _error(category, type(error).__name__, str(error), traceback, pickled, by_unit)

    # --- lifecycle ---

    async def drain(self, timeout_s: float) -> int:
        """Take no new request and wait for those that run; returns how many are left at the timeout."""
        self.draining = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        return self.ongoing

    def close(self) -> None:
        """Cancel what runs and let the threads end."""
        for exchange in list(self.running.values()):
            self._cancel(exchange)
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def _error(
    category: str,
    type_name: str,
    message: str,
    traceback: str = "",
    pickled: list[Buffer] | None = None,
    by_unit: bool = False,
) -> Answer:
    meta = ErrorMeta(category, type_name, message, traceback)
    return _ERROR, join_parts([_encode(meta), *(pickled or [])]), FLAG_UNITS if by_unit else 0
