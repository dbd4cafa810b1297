"""One request's work in a replica: decode it, run the user's method, encode what it gives."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import time
from collections.abc import AsyncIterator, Callable, Iterator
from types import AsyncGeneratorType, GeneratorType
from typing import Any, Protocol

import msgspec

from kernelserve import context
from kernelserve.context import RequestContext
from kernelserve.observe.trace_context import checked_tracestate
from kernelserve.replica.asgi import AsgiApp, HttpMessages
from kernelserve.replica.exchange import Answer, Exchange
from kernelserve.replica.grpc_call import GrpcCall
from kernelserve.replica.http_request import BodyReceive, request_of, scope_of
from kernelserve.replica.http_result import encode_result, is_asgi_response, stream_form
from kernelserve.replica.servable import Servable
from kernelserve.replica.streams import Outgoing
from kernelserve.replica.threads import Threads
from kernelserve.replica.views import Method
from kernelserve.replica.websocket import WebSocketMessages, websocket_scope
from kernelserve.transport.base import FLAG_STREAM, FLAG_TRACE, FLAG_UNITS, Buffer, FrameKind
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import CallMeta, HttpRequest, HttpResponse

_RESULT = int(FrameKind.RESULT)
_GENERATORS = frozenset((GeneratorType, AsyncGeneratorType))

_decode_call = msgspec.msgpack.Decoder(CallMeta).decode
_decode_http = msgspec.msgpack.Decoder(HttpRequest).decode
_encode = msgspec.msgpack.Encoder().encode

_STREAM_END = Answer(_RESULT, [])
Send = Callable[[Any], list[Buffer]]


class Host(Protocol):
    """What the work needs of the execution that admitted it."""

    def answer(self, exchange: Exchange, answer: Answer) -> None: ...
    def expire(self, exchange: Exchange) -> None: ...


class BadCall(Exception):
    """A call that this deployment cannot run; its cause says why."""


class Work:
    """Runs the requests of one replica, on its event loop. Answers of None have been sent already."""

    def __init__(
        self,
        app: str,
        deployment: str,
        servable: Servable,
        store: Any,
        loop: asyncio.AbstractEventLoop,
        host: Host,
    ) -> None:
        self._app = app
        self._link = (f"{app}#{deployment}",)
        self._servable = servable
        self._store = store
        self._loop = loop
        self._threads = Threads(loop)
        self._host = host

    def close(self) -> None:
        """Let the threads end."""
        self._threads.close()

    # --- handle calls ---

    async def call(self, exchange: Exchange, payload: Buffer) -> Answer | None:
        """A CALL frame."""
        parts = split_parts(payload)
        meta = _decode_call(parts[0])
        exchange.method = meta.method
        self._begin(
            exchange,
            RequestContext(
                meta.request_id, self._app, exchange.revision, meta.route, meta.multiplexed_model_id, meta.session_id,
                None, meta.chain + self._link,
            ),
            meta.timeout_s,
        )  # fmt: skip
        if meta.traceparent:
            _trace(exchange, meta.traceparent, meta.tracestate)
        try:
            method = exchange.view.method(meta.method)
        except AttributeError as error:
            raise BadCall from error
        if meta.grpc is not None:
            with GrpcCall(exchange, meta, meta.grpc, self._store, self._loop) as grpc:
                args, kwargs = grpc.arguments(method.call, parts[1:])
                result = grpc.encoded(await self._run(method, args, kwargs))
                return await self._answer_call(exchange, meta, result)
        args, kwargs = self._store.loads(bool(exchange.flags & FLAG_UNITS), parts[1:])
        return await self._answer_call(exchange, meta, await self._run(method, args, kwargs))

    async def _answer_call(self, exchange: Exchange, meta: CallMeta, result: Any) -> Answer:
        if exchange.flags & FLAG_STREAM:
            return await self._stream_items(exchange, meta.method, result)
        if type(result) in _GENERATORS:
            await _close(result)
            raise TypeError(
                f"{meta.method} of {self._link[0]} is a generator, and was called for one answer. "
                "Call it with handle.options(stream=True)."
            )
        by_unit, out = self._store.dumps(result)
        return Answer(_RESULT, out, FLAG_UNITS if by_unit else 0)

    async def _stream_items(self, exchange: Exchange, method: str, result: Any) -> Answer:
        if not (isinstance(result, Iterator | AsyncIterator)):
            raise TypeError(
                f"{method} of {self._link[0]} was called with stream=True, and gave a {type(result).__name__}. "
                "Make it a generator, or call it without stream=True."
            )
        out = exchange.stream_out(self._loop)
        out.start()
        await self._pump(result, out, self._send_item, self._send_item_from_thread)
        return _STREAM_END

    def _encoded_item(self, item: Any) -> tuple[list[Buffer], int]:
        by_unit, parts = self._store.dumps(item)
        return join_parts(parts), FLAG_UNITS if by_unit else 0

    async def _send_item(self, out: Outgoing, item: Any) -> None:
        await out.send(*self._encoded_item(item))

    def _send_item_from_thread(self, out: Outgoing, item: Any) -> None:
        out.send_from_thread(*self._encoded_item(item))

    # --- HTTP ---

    async def http(self, exchange: Exchange, payload: Buffer) -> Answer | None:
        """An HTTP frame: a request, or the beginning of a WebSocket."""
        head, body = split_parts(payload)
        meta = _decode_http(head)
        exchange.method = meta.method
        self._begin(
            exchange,
            RequestContext(
                meta.request_id, self._app, exchange.revision, meta.route, meta.multiplexed_model_id, meta.session_id,
                None, self._link,
            ),
            meta.timeout_s,
        )  # fmt: skip
        if meta.traceparent:
            _trace(exchange, meta.traceparent, _tracestate(meta))
        if meta.type == "websocket":
            return await self._websocket(exchange, meta)
        if exchange.view.asgi is not None:
            return await self._asgi(exchange, exchange.view.asgi, meta, body)
        method = exchange.view.method("__call__")
        args: tuple[Any, ...] = ()
        if method.takes_request:
            args = (request_of(meta, self._receive(exchange, body)),)
        result = await self._run(method, args, {})
        if type(result) in _GENERATORS or isinstance(result, AsyncIterator):
            return await self._stream_http(exchange, meta, result)
        if is_asgi_response(result):
            return await self._asgi(exchange, result, meta, b"")
        status, headers, out = encode_result(result)
        return Answer(_RESULT, [_encode(HttpResponse(status, headers)), out])

    def _receive(self, exchange: Exchange, body: Buffer) -> Any:
        if exchange.incoming is None:
            return BodyReceive(body)
        return self._messages(exchange, body).receive

    def _messages(self, exchange: Exchange, body: Buffer) -> HttpMessages:
        if exchange.incoming is not None and body:
            exchange.incoming.put_first(body)
        out = exchange.stream_out(self._loop)
        return HttpMessages(body, exchange.incoming, out, functools.partial(self._answer_early, exchange))

    def _answer_early(self, exchange: Exchange, payload: list[Buffer]) -> None:
        self._host.answer(exchange, Answer(_RESULT, payload))

    async def _asgi(self, exchange: Exchange, app: AsgiApp, meta: HttpRequest, body: Buffer) -> Answer | None:
        messages = self._messages(exchange, body)
        scope = scope_of(meta, exchange.view.lifespan_state)
        try:
            await app(scope, messages.receive, messages.send)
        except Exception:
            messages.flush()  # Frameworks answer 500 and raise then, for the server's log.
            raise
        if messages.unfinished:
            raise RuntimeError(f"The ASGI app {messages.unfinished}. It must send http.response.start and the body.")
        payload = messages.take()
        return None if payload is None else Answer(_RESULT, payload)

    async def _websocket(self, exchange: Exchange, meta: HttpRequest) -> Answer | None:
        app = exchange.view.asgi
        if app is None or exchange.incoming is None:
            text = f"{self._link[0]} has no WebSocket. Give its class an ASGI app with one: @serve.ingress(app)."
            head = HttpResponse(501, [(b"content-type", b"text/plain; charset=utf-8")])
            return Answer(_RESULT, [_encode(head), text.encode()])
        messages = WebSocketMessages(
            exchange.incoming, exchange.stream_out(self._loop), functools.partial(self._answer_early, exchange)
        )
        await app(websocket_scope(scope_of(meta, exchange.view.lifespan_state), meta), messages.receive, messages.send)
        messages.flush()
        return None

    async def _stream_http(self, exchange: Exchange, meta: HttpRequest, result: Any) -> Answer:
        out = exchange.stream_out(self._loop)
        form = stream_form(meta.headers)

        async def send(out: Outgoing, item: Any) -> None:
            if not out.started:
                out.start(_encode(HttpResponse(200, [form.content_type(item)])))
            await out.send_bytes(form.encode(item))

        def send_from_thread(out: Outgoing, item: Any) -> None:
            if not out.started:
                out.started = True
                self._loop.call_soon_threadsafe(out.start, _encode(HttpResponse(200, [form.content_type(item)])))
            data = form.encode(item)
            if data:
                out.send_from_thread((data,))

        await self._pump(result, out, send, send_from_thread)
        if not out.started:
            return Answer(_RESULT, [_encode(HttpResponse(200, [form.content_type("")])), b""])
        return _STREAM_END

    # --- both ---

    def _begin(self, exchange: Exchange, request: RequestContext, timeout_s: float | None) -> None:
        exchange.request = request
        if exchange.flags & FLAG_TRACE:
            request.spans = []
            request.batches = []
        if timeout_s is not None:
            request.deadline = time.monotonic() + timeout_s
            exchange.watch_deadline(timeout_s, self._loop, self._host.expire)
        context.current_request.set(request)

    async def _run(self, method: Method, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if method.is_async:
            return await method.call(*args, **kwargs)
        if method.is_generator:
            return method.call(*args, **kwargs)  # Runs no line of it yet.
        function = functools.partial(method.call, *args, **kwargs)
        result = await self._threads.run(function, self._servable.options.max_ongoing_requests)
        return await result if inspect.isawaitable(result) else result

    async def _pump(
        self,
        result: Any,
        out: Outgoing,
        send: Callable[[Outgoing, Any], Any],
        send_from_thread: Callable[[Outgoing, Any], None],
    ) -> None:
        """Send what a generator yields, as fast as it is taken; the generator is closed at the end."""
        if isinstance(result, AsyncIterator):
            try:
                async for item in result:
                    await send(out, item)
            finally:
                await _close(result)
            return

        def drain() -> None:
            with contextlib.closing(result):
                for item in result:
                    send_from_thread(out, item)

        try:
            await self._threads.run(drain, self._servable.options.max_ongoing_requests)
        finally:
            out.close()  # A thread that waits for credit ends now.


def _trace(exchange: Exchange, traceparent: str, tracestate: str) -> None:
    """The request is part of a trace: its code shall know."""
    request = exchange.request
    assert request is not None
    request.traceparent, request.tracestate = traceparent, tracestate
    context.attach_trace(request)


def _tracestate(meta: HttpRequest) -> str:
    """Of a traced request that came by HTTP: what its client has sent."""
    lines = [value for name, value in meta.headers if name == b"tracestate"]
    return checked_tracestate(b",".join(lines).decode("latin-1"))


async def _close(generator: Any) -> None:
    if hasattr(generator, "aclose"):
        await generator.aclose()
    elif hasattr(generator, "close"):
        generator.close()
