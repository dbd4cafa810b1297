"""Receives requests in a replica: admission, cancellation, deadlines, draining."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import time
from typing import Any

from kernelserve.exceptions import ProtocolError, RayServeException
from kernelserve.observe.log_capture import current_log
from kernelserve.replica.access import AccessLog
from kernelserve.replica.counts import ReplicaCounts
from kernelserve.replica.exchange import Answer, Exchange, error_answer
from kernelserve.replica.failure import user_traceback
from kernelserve.replica.gate import Frame
from kernelserve.replica.servable import Servable
from kernelserve.replica.streams import Incoming
from kernelserve.replica.threads import LeftBehind
from kernelserve.replica.work import BadCall, Work
from kernelserve.transport.base import FLAG_MORE, FLAG_TRACE, Buffer, Channel, FrameKind

_CALL, _HTTP, _CANCEL = int(FrameKind.CALL), int(FrameKind.HTTP), int(FrameKind.CANCEL)
_CHUNK, _CREDIT, _REJECT = int(FrameKind.CHUNK), int(FrameKind.CREDIT), int(FrameKind.REJECT)
_REQUESTS = frozenset((_CALL, _HTTP))

_log = logging.getLogger(__name__)


class Execution:
    """Receives the data frames of every channel of a replica; on the replica's event loop.

    Args:
        app: the application's name.
        deployment: this replica's deployment.
        replica_id: its own id.
        base: context variables that user code sees (replica, runtime).
        counts: counts the requests.

    Attributes:
        access_log: told of each answer; None: nobody asks.
    """

    def __init__(
        self,
        app: str,
        deployment: str,
        replica_id: str,
        servable: Servable,
        store: Any,
        loop: asyncio.AbstractEventLoop,
        base: contextvars.Context,
        counts: ReplicaCounts,
    ) -> None:
        self.ongoing = 0
        self.draining = False
        self.access_log: AccessLog | None = None
        self.running: dict[tuple[int, int], Exchange] = {}
        self._deployment = deployment
        self._replica_id = replica_id
        self._servable = servable
        self._store = store
        self._loop = loop
        self._base = base
        self._counts = counts
        counts.watch(lambda: self.ongoing, lambda: servable.options.max_ongoing_requests)
        self._work = Work(app, deployment, servable, store, loop, self)
        self._idle = asyncio.Event()
        self._idle.set()

    # --- Receiver ---

    def frame_received(
        self, channel: Channel, kind: int, stream: int, flags: int, load: int, revision: int, payload: Buffer
    ) -> None:
        if kind in _REQUESTS:
            view = self._servable.view(revision)
            if view.gate is not None and not self.draining:
                frame = Frame(channel, kind, stream, flags, load, revision, payload)
                view.gate.hold(frame, self.frame_received, self._servable.options.max_ongoing_requests, self.ongoing)
                return
            if self.draining or self.ongoing >= self._servable.options.max_ongoing_requests:
                channel.send(_REJECT, stream, (), 0, self.ongoing)
                return
            # Counted here and not in the task: code that a request was given must not end before the task starts.
            self.ongoing += 1
            self._idle.clear()
            exchange = Exchange(channel, stream, flags, revision, view)
            if kind == _HTTP:
                exchange.http = True
            if flags & FLAG_TRACE:
                exchange.in_bytes = len(payload)
            if flags & FLAG_MORE:
                exchange.incoming = Incoming(channel, stream, revision)
            exchange.task = self._loop.create_task(self._serve(exchange, kind, payload), context=self._base.copy())
            self.running[exchange.key] = exchange
        else:
            known = self.running.get((id(channel), stream))
            if known is not None:
                self._continued(known, kind, flags, payload)
            elif kind == _CANCEL and self._servable.gate is not None:
                self._servable.gate.cancel((id(channel), stream))

    def _continued(self, exchange: Exchange, kind: int, flags: int, payload: Buffer) -> None:
        """A frame of a request that runs here; of one that has ended it would mean nothing."""
        try:
            if kind == _CANCEL:
                self._cancel(exchange)
            elif kind == _CHUNK and exchange.incoming is not None:
                exchange.incoming.feed(payload, flags)
            elif kind == _CREDIT and exchange.outgoing is not None:
                exchange.outgoing.grant(payload)
        except ProtocolError as error:
            _log.error("A sender broke the protocol: %s", error)
            exchange.channel.abort()

    def channel_lost(self, channel: Channel, error: Exception | None) -> None:
        """The sender is gone: what it asked for is stopped."""
        for exchange in list(self.running.values()):
            if exchange.channel is channel:
                self._cancel(exchange)
        if self._servable.gate is not None:
            self._servable.gate.channel_lost(channel)

    def _cancel(self, exchange: Exchange) -> None:
        assert exchange.task is not None
        if exchange.outgoing is not None:
            exchange.outgoing.close()
        if exchange.request is not None:
            exchange.request.cancel_calls()
        exchange.task.cancel()
        if not exchange.started:
            # The task will never run a line, so nobody else does this.
            self._end(exchange, exchange.stopped())

    def expire(self, exchange: Exchange) -> None:
        """The deadline of a request has passed."""
        if exchange.key in self.running:
            exchange.expired = True
            self._cancel(exchange)

    # --- requests ---

    async def _serve(self, exchange: Exchange, kind: int, payload: Buffer) -> None:
        exchange.started = True
        answer: Answer | None
        try:
            if kind == _HTTP:
                answer = await self._work.http(exchange, payload)
            else:
                answer = await self._work.call(exchange, payload)
        except asyncio.CancelledError:
            answer = exchange.stopped()
        except LeftBehind as left:
            # The caller is answered now; the slot stays taken until the thread ends.
            if exchange.request is not None:
                exchange.request.abandoned = True
                exchange.request.cancel_calls()  # What its thread has called since the first time.
            self.answer(exchange, exchange.stopped())
            left.thread.add_done_callback(lambda _: self._end(exchange, None))
            return
        except BaseException as error:  # The request boundary: whatever user code raised is its answer.
            answer = self._failure(error)
            if exchange.answered:
                _log.error("%s failed after its answer was sent", self._id_of(exchange), exc_info=error)
        self._end(exchange, answer)

    def _end(self, exchange: Exchange, answer: Answer | None) -> None:
        # Before the answer is sent: what follows that keeps the sender's thread waiting, where it shares the process.
        route = exchange.request.route if exchange.request is not None else ""
        self._counts.ended(route, exchange.error if answer is None else answer.error, exchange.began)
        self.ongoing -= 1
        self.running.pop(exchange.key, None)
        if exchange.timer is not None:
            exchange.timer.cancel()
        if self.ongoing == 0:
            self._idle.set()
        if answer is not None:
            self.answer(exchange, answer)
        if self.ongoing == 0:
            self._servable.alone()

    def answer(self, exchange: Exchange, answer: Answer) -> None:
        """Send the answer, with this replica's span if it was asked for."""
        work = None
        if exchange.flags & FLAG_TRACE and not exchange.answered:
            work = exchange.work(self._deployment, self._replica_id, answer)
        if self.access_log is not None and not exchange.answered:
            self.access_log(exchange, answer)
        exchange.answer(answer, self.ongoing, work)

    def _failure(self, error: BaseException) -> Answer:
        category = "user"
        if isinstance(error, BadCall) and error.__cause__ is not None:
            category, error = "bad_request", error.__cause__
        if not isinstance(error, Exception):
            # SystemExit or KeyboardInterrupt of user code ends the request, not the replica or its caller.
            error = RayServeException(f"User code raised {type(error).__name__}: {error}").with_traceback(
                error.__traceback__
            )
        traceback = user_traceback(error)
        log = current_log.get()
        if log is not None and category == "user":
            log.told("ERROR", traceback or f"{type(error).__name__}: {error}")
        try:
            by_unit, pickled = self._store.dumps(error)
        except Exception:  # An exception that cannot be pickled travels as text.
            by_unit, pickled = False, []
        return error_answer(category, type(error).__name__, str(error), traceback, pickled, by_unit, error)

    @staticmethod
    def _id_of(exchange: Exchange) -> str:
        return f"Request {exchange.request.request_id}" if exchange.request is not None else "A request"

    # --- lifecycle ---

    def retired(self, revision: int, overdue: bool) -> None:
        """Views below `revision` are retired. What still runs there has the drain time, if it has not had it."""
        if overdue or not any(exchange.view.revision < revision for exchange in self.running.values()):
            self._cut(revision)
        else:
            self._loop.call_later(self._servable.options.graceful_shutdown_timeout_s, self._cut, revision)
        if self.ongoing == 0:
            self._servable.alone()

    def _cut(self, revision: int) -> None:
        """The drain time of views below `revision` is over: stop what runs there, and say what it is."""
        for exchange in list(self.running.values()):
            if exchange.view.revision < revision:
                _log.warning(
                    "%s: code of an old revision still runs after its drain time: %s of r%d, for %.1f s so far. %s",
                    self._replica_id, exchange.method or "a request", exchange.revision,
                    time.monotonic() - exchange.began, self._what_becomes_of(exchange),
                )  # fmt: skip
                if not exchange.answered:
                    exchange.outlived = True
                    self._cancel(exchange)

    @staticmethod
    def _what_becomes_of(exchange: Exchange) -> str:
        if exchange.answered:
            return "Its caller has been answered; it goes on beside the new code."
        return "It is stopped (a `def` runs on, as a thread cannot be), and its caller gets RevisionGoneError."

    async def drain(self, timeout_s: float) -> int:
        """Take no new request and wait for those that run; returns how many are left at the timeout."""
        self.draining = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        return self.ongoing

    def close(self) -> None:
        """Cancel what runs and let the threads end."""
        for exchange in list(self.running.values()):
            exchange.evicted = True
            self._cancel(exchange)
        self._work.close()
