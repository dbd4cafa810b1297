"""ASGI applications in a replica: one request's ``receive`` and ``send``, and the lifespan of an app.

The protocol is ASGI 3.0 (https://asgi.readthedocs.io, HTTP and WebSocket message format 2.3, lifespan 2.0).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from kernelserve.exceptions import RayServeException
from kernelserve.replica.streams import Incoming, Outgoing
from kernelserve.transport.base import Buffer
from kernelserve.transport.messages import HttpResponse

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_log = logging.getLogger(__name__)
_encode = msgspec.msgpack.Encoder().encode

ANSWER_EARLY_S = 0.001
"""After its last byte an app may go on (background tasks): the answer leaves then, unless the app ends first."""


class HttpMessages:
    """``receive`` and ``send`` of one HTTP request.

    Args:
        body: what came with the request.
        incoming: the rest of a body that streams, or None.
        outgoing: the answer's stream.
        answer: sends the RESULT frame with these parts; called at most once, early if the app goes on after
            its last byte.
    """

    def __init__(
        self, body: Buffer, incoming: Incoming | None, outgoing: Outgoing, answer: Callable[[list[Buffer]], None]
    ) -> None:
        self.status = 0
        self.complete = False
        self._body: Buffer | None = body
        self._incoming = incoming
        self._outgoing = outgoing
        self._answer = answer
        self._head: HttpResponse | None = None
        self._payload: list[Buffer] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._gone: asyncio.Future[None] | None = None

    async def receive(self) -> Message:
        """The body, piece by piece, then a disconnect when the exchange is over."""
        body, self._body = self._body, None
        if self._incoming is None:
            if body is not None:
                return {"type": "http.request", "body": bytes(body), "more_body": False}
        else:
            piece = await self._incoming.next()
            if piece is not None:
                return {"type": "http.request", "body": bytes(piece.data), "more_body": piece.more}
        if not self.complete:
            self._gone = asyncio.get_running_loop().create_future()
            await self._gone
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take the answer: whole in one frame if it comes in one piece, else as a stream."""
        kind = message["type"]
        if kind == "http.response.start":
            if self._head is not None:
                raise RuntimeError("http.response.start was sent twice. Send it once, before the body.")
            self.status = message["status"]
            self._head = HttpResponse(self.status, [(bytes(n), bytes(v)) for n, v in message.get("headers", ())])
        elif kind == "http.response.body":
            await self._send_body(message.get("body", b""), message.get("more_body", False))
        elif kind not in ("http.response.debug", "http.response.trailers", "http.response.pathsend"):
            raise RuntimeError(
                f"Unexpected ASGI message {kind!r} in an HTTP request. Send http.response.start or body."
            )

    async def _send_body(self, body: Buffer, more: bool) -> None:
        if self._head is None:
            raise RuntimeError("http.response.body was sent before http.response.start. Send the start first.")
        if self.complete:
            return
        out = self._outgoing
        if not out.started:
            if not more:
                self._complete([_encode(self._head), body])
                return
            out.start(_encode(self._head))
        await out.send_bytes(body)
        if not more:
            self._complete([])

    def _complete(self, payload: list[Buffer]) -> None:
        self.complete = True
        self._payload = payload
        self._timer = asyncio.get_running_loop().call_later(ANSWER_EARLY_S, self.flush)
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)

    def flush(self) -> None:
        """Send the answer now, if it is complete and not sent."""
        payload = self.take()
        if payload is not None:
            self._answer(payload)

    def take(self) -> list[Buffer] | None:
        """The parts of the RESULT frame, if it is complete and was not sent early."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        payload, self._payload = self._payload, None
        return payload

    @property
    def unfinished(self) -> str:
        """Why the app's answer is not one, or ""."""
        if self.complete:
            return ""
        return "began its answer and did not end it" if self._outgoing.started else "ended without an answer"


class Lifespan:
    """Startup and shutdown of one ASGI app; an app that knows no lifespan is left alone."""

    def __init__(self, app: AsgiApp) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._supported = False

    async def startup(self) -> None:
        """Run the app's startup.

        Raises:
            Exception: what it raised; `RayServeException` if it only reported a failure.
        """
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        self._inbox.put_nowait({"type": "lifespan.startup"})
        self._task = asyncio.ensure_future(self._app(scope, self._inbox.get, self._send))
        answer = asyncio.ensure_future(self._answers.get())
        await asyncio.wait([self._task, answer], return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            # Raising at once is how an app says that it has no lifespan; returning, too.
            if self._task.exception() is not None:
                _log.debug("The ASGI app has no lifespan: %r", self._task.exception())
            self._task = None
            return
        failure = answer.result()
        if failure:
            task, self._task = self._task, None
            # The app tells the failure first and raises it then: its own exception says more.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(task), 1.0)
            raise RayServeException(f"The startup of the ASGI app failed: {failure}. Correct its lifespan.")
        self._supported = True

    async def shutdown(self, timeout_s: float = 5.0) -> None:
        """Run the app's shutdown; a failure is logged, as the app is ending anyway."""
        task, self._task = self._task, None
        if task is None or not self._supported:
            return
        self._inbox.put_nowait({"type": "lifespan.shutdown"})
        try:
            await asyncio.wait_for(task, timeout_s)
        except Exception as error:  # User code at its end: nobody waits for it but the log.
            _log.warning("The shutdown of the ASGI app failed: %r", error)

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "lifespan.startup.complete":
            self._answers.put_nowait("")
        elif kind == "lifespan.startup.failed":
            self._answers.put_nowait(message.get("message") or "no reason given")
