"""Calls of handles on their way: from the arguments to a frame, and from the answer's frames to who waits."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import msgspec

from kernelserve import context
from kernelserve.exceptions import (
    CallCycleError,
    DeploymentUnavailableError,
    RayServeException,
    RequestCancelledError,
    RevisionNotFoundError,
)
from kernelserve.observe.entering import HandleEntry
from kernelserve.observe.entry import call_record, call_status, keep, sender_span
from kernelserve.observe.journal import Journal
from kernelserve.observe.record import RequestRecord
from kernelserve.observe.spans import add_span
from kernelserve.observe.trace_context import Entered, hop
from kernelserve.outcome import Outcome, Waitable, call_soon, wake
from kernelserve.routing.call import HOLD, Call
from kernelserve.routing.directory import AppRoutes
from kernelserve.routing.payloads import Passed, RawValue, load, remote_error
from kernelserve.routing.recursion import MAX_CHAIN, cycle
from kernelserve.routing.router import Router
from kernelserve.routing.runtime import Runtime
from kernelserve.transport.base import FLAG_TRACE, FLAG_UNITS, Buffer, FrameKind
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import CallMeta
from kernelserve.types import DeploymentID

T = TypeVar("T")

_encode = msgspec.msgpack.Encoder().encode
_request_prefix = os.urandom(6).hex()
_request_numbers = itertools.count(1)


def new_request_id() -> str:
    """An id unique to this process and call; cheap, not secret."""
    return f"{_request_prefix}-{next(_request_numbers):x}"


@dataclass(frozen=True, slots=True)
class HandleOptions:
    """What `DeploymentHandle.options` sets."""

    method_name: str = "__call__"
    multiplexed_model_id: str = ""
    session_id: str = ""
    stream: bool = False
    revision: int = 0


class HandleCall(Call):
    """A call from a handle as the router has it; on the runtime's loop."""

    __slots__ = ("entered", "sender")

    sender: Outgoing
    entered: AppRoutes | None

    def on_frame(self, kind: int, flags: int, payload: Buffer) -> None:
        self.leave()
        try:
            parts: list[Buffer] = list(split_parts(payload)) if len(payload) else []
        except RayServeException as error:
            self.sender.fail(error)
        else:
            self.sender.answered(kind, flags, parts)

    def on_stream(self, kind: int, flags: int, payload: Buffer) -> None:
        self.sender.streamed(kind, flags, payload)

    def on_failure(self, error: Exception) -> None:
        self.leave()
        self.sender.unanswered(error)

    def leave(self) -> None:
        if self.entered is not None:
            self.entered.leave(self.revision)
            self.entered = None


class Outgoing:
    """One call and what becomes of it. Subclasses take the answer by `result` and `fail`, and tell `ended`.

    `launch` and `cancel` are for any thread; the rest runs on the runtime's loop.

    Args:
        to: the deployment.
        runtime: what sends it.
        options: the handle's.
        flags: frame flags of the call.
    """

    def __init__(self, to: DeploymentID, runtime: Runtime, options: HandleOptions, flags: int = 0) -> None:
        request = context.current_request.get()
        self.to = to
        self.runtime = runtime
        self.flags = flags
        self.target = ""
        self.revision = 0
        self._wanted = options.revision
        self._deadline: float | None = None
        self._sent = 0.0  # `time.monotonic`, only where a span is asked for.
        self._counted: HandleEntry | None = None
        self._entered_at = 0.0  # `time.monotonic`, only where it is counted.
        self._journal: Journal | None = None
        self._arguments: Sequence[Buffer] = ()  # Only for the journal.
        self._request = request
        self._traced: Entered | None = None  # The trace, if the call enters the app here.
        self._span_id = ""
        self._call: HandleCall | None = None
        self._router: Router | None = None
        if request is None:
            self.meta = CallMeta(
                new_request_id(), options.method_name, options.multiplexed_model_id, options.session_id
            )
            if runtime.tracing is not None:
                self._enter_trace(runtime.tracing.enter_call())
            return
        self.meta = CallMeta(
            request.request_id,
            options.method_name,
            options.multiplexed_model_id or request.multiplexed_model_id,
            options.session_id or request.session_id,
            request.route,
            None,
            request.chain,
        )
        self._deadline = request.deadline
        if request.app_name == to.app_name:
            self.revision = request.revision
        if request.spans is not None:
            self.flags |= FLAG_TRACE
        if request.traceparent:
            self._span_id, parent = hop(request.traceparent)
            self.meta = msgspec.structs.replace(self.meta, traceparent=parent, tracestate=request.tracestate)

    def _enter_trace(self, entered: Entered | None) -> None:
        """The call enters the app here, with that trace."""
        if entered is not None:
            self._traced, self._span_id = entered, entered.span_id
            self.meta = msgspec.structs.replace(
                self.meta, traceparent=entered.traceparent, tracestate=entered.tracestate
            )
            if entered.exporter is not None:
                self.flags |= FLAG_TRACE

    @property
    def request_id(self) -> str:
        return self.meta.request_id

    def launch(self, args: tuple[Any, ...], kwargs: dict[str, Any], upstream: Mapping[int, Answer]) -> None:
        """Send the call; returns at once.

        Args:
            upstream: calls whose answers stand among the arguments, by the id of the argument that is one.

        Raises:
            ShipError: an argument cannot be sent.
        """
        if upstream:
            self.launch_after(self.resolve(args, kwargs, upstream))
        else:
            self.launch_raw(self.runtime.stores(self.to.app_name).dumps((args, kwargs)))

    def launch_raw(self, raw: RawValue) -> None:
        """Send the call with arguments that are encoded already."""
        if self._register() and not on_loop(self.runtime, self._begin, raw):
            self.fail(self._loop_ended())

    def launch_after(self, work: Coroutine[Any, Any, RawValue]) -> None:
        """Send the call when its arguments are there."""
        begin = self._begin_after(work)
        if not self._register():
            begin.close()
            work.close()
        elif not on_loop(self.runtime, self._spawn, begin):
            begin.close()
            work.close()
            self.fail(self._loop_ended())

    def cancel(self) -> None:
        """Ask for it to be stopped. From any thread, any number of times."""
        on_loop(self.runtime, self._cancel_on_loop)

    # --- what becomes of it ---

    @property
    def done(self) -> bool:
        """Whether the call has its outcome."""
        raise NotImplementedError

    def result(self, raw: RawValue) -> None:
        """The answer, or the end of a stream."""
        raise NotImplementedError

    def fail(self, error: BaseException) -> None:
        """There is no answer, or it is an error."""
        raise NotImplementedError

    def streamed(self, kind: int, flags: int, payload: Buffer) -> None:
        """A frame of a stream. Replicas send these only to calls with `FLAG_STREAM`."""

    def answered(self, kind: int, flags: int, parts: list[Buffer]) -> None:
        """The last frame of the answer."""
        work = parts.pop() if flags & FLAG_TRACE and parts else b""
        by_unit = bool(flags & FLAG_UNITS)
        if kind == FrameKind.RESULT:
            if self._sent:
                self._note(work, None, parts)
            self._count(None)
            self.result((by_unit, parts))
            return
        error = remote_error(self.runtime.stores(self.to.app_name), by_unit, parts, self.request_id)
        if self._sent:
            self._note(work, error, ())
        self._count(error)
        self.fail(error)

    def unanswered(self, error: Exception) -> None:
        """No replica answered."""
        if self._sent:
            self._note(b"", error, ())
        self._count(error)
        self.fail(error)

    def _count(self, error: BaseException | None) -> None:
        """It has ended: count it, if it entered the app here."""
        if self._counted is not None:
            self._counted.ended(call_status(error), self._entered_at)
            self._counted = None

    def _note(self, work: Buffer, error: BaseException | None, answer: Sequence[Buffer]) -> None:
        """Give the call's span to the request that made it, or the whole to the journal."""
        if self._call is None:
            return  # It had its outcome before.
        if self._journal is not None or self._traced is not None:
            make = partial(self._record, work, error, answer)
            keep(self._journal, self._sent, call_status(error), make, self._traced)
        elif self._request is not None and self._request.spans is not None:
            add_span(self._request.spans, self._span(time.monotonic() - self._sent, work, error))

    def _span(self, duration_s: float, work: Buffer, error: BaseException | None) -> bytes:
        call = self._call
        assert call is not None
        return sender_span(
            self._sent,
            duration_s,
            work,
            deployment=self.to.name,
            method=self.meta.method,
            queued_until=call.left_queue,
            attempts=call.attempts,
            error="" if error is None else type(error).__name__,
            span_id=self._span_id,
        )

    def _record(
        self, work: Buffer, error: BaseException | None, answer: Sequence[Buffer], duration_s: float
    ) -> RequestRecord:
        call = self._call
        assert call is not None
        return call_record(
            request_id=self.request_id,
            app=self.to.app_name,
            deployment=self.to.name,
            method=self.meta.method,
            revision=call.revision,
            duration_s=duration_s,
            error=error,
            span=self._span(duration_s, work, error),
            request=self._arguments,
            answer=answer,
            trace_id=self._traced.trace_id if self._traced is not None else "",
        )

    def ended(self) -> None:
        """It has its outcome: let go of what it held."""
        if self._request is not None:
            self._request.pending.discard(self)
            self._request = None
        self._arguments = ()
        self._call = None  # Else the two would keep each other until a garbage collection.

    # --- on the way ---

    def _register(self) -> bool:
        """Make it known to the request that makes the call; False if that one may make none any more."""
        request = self._request
        if request is not None:
            request.pending.add(self)  # Before the look: who abandons the request cancels what is pending after.
            if request.abandoned:
                self.fail(RequestCancelledError(self.request_id))
                return False
        return True

    async def resolve(self, args: tuple[Any, ...], kwargs: dict[str, Any], upstream: Mapping[int, Answer]) -> RawValue:
        """The arguments, encoded, with the answers that they wait for as they came."""
        raws = await asyncio.gather(*(wait_for(answer.future, answer.runtime) for answer in upstream.values()))
        passed = dict(zip(upstream, map(Passed, raws), strict=True))
        args = tuple(passed.get(id(value), value) for value in args)
        kwargs = {name: passed.get(id(value), value) for name, value in kwargs.items()}
        return self.runtime.stores(self.to.app_name).dumps((args, kwargs))

    async def _begin_after(self, work: Coroutine[Any, Any, RawValue]) -> None:
        self._begin(await work)

    async def _begin_subscribed(self, raw: RawValue) -> None:
        await self.runtime.subscribe(self.to.app_name)
        self.runtime.directory.app(self.to.app_name)  # Raises if there is none.
        self._begin(raw)

    def _begin(self, raw: RawValue) -> None:
        if self.done:
            return  # It was cancelled on the way.
        routes = self.runtime.directory.apps.get(self.to.app_name)
        if routes is None or routes.stamp == (0, 0):
            self._spawn(self._begin_subscribed(raw))
            return
        refusal = self._refusal(routes)
        if refusal is not None:
            self.fail(refusal)
            return
        self._submit(self._make_call(routes, raw), routes)

    def _make_call(self, routes: AppRoutes, raw: RawValue) -> HandleCall:
        by_unit, parts = raw
        if self._request is None:
            self._journal = self.runtime.journals.get(self.to.app_name)
            if self._journal is not None:
                self._arguments = parts
                self.flags |= FLAG_TRACE
        meta = self.meta
        if self._deadline is not None:
            meta = msgspec.structs.replace(meta, timeout_s=self._deadline - time.monotonic())
        return HandleCall(
            FrameKind.CALL,
            join_parts([_encode(meta), *parts]),
            self.revision or routes.current,
            self.flags | FLAG_UNITS if by_unit else self.flags,
            request_id=meta.request_id,
        )

    def _submit(self, call: HandleCall, routes: AppRoutes) -> None:
        meta = self.meta
        call.sender = self
        call.entered = None
        call.multiplexed_model_id = meta.multiplexed_model_id
        call.session_id = meta.session_id
        call.target = self.target
        refusal = self._enter(call, routes)
        if refusal is not None:
            self.fail(refusal)
            return
        self._call = call
        # Not a slot: whoever has it was told where it is.
        call.retry_safe = call.kind != HOLD and routes.retry_on_replica_failure(self.to.name, call.revision)
        if call.entered is not None and self.runtime.counts is not None:
            self._counted = self.runtime.counts.entry(self.to.app_name, self.to.name)
            self._entered_at = time.monotonic()
        if call.flags & FLAG_TRACE:
            self._sent = time.monotonic()
        self._router = routes.router(self.to.name)
        if call.target:
            self._router.submit_to(call)
        else:
            self._router.submit(call)

    def _enter(self, call: HandleCall, routes: AppRoutes) -> BaseException | None:
        """Count the call under the revision that it enters, if it does; or say why it cannot be made."""
        enters = not self.revision and self.runtime.entry
        if self._wanted and not enters:
            return RayServeException(
                f"Request {self.request_id} asks for revision r{self._wanted} of {self.to} inside a replica, where the "
                "revision is that of the request. Choose one where requests enter: in a notebook or script."
            )
        if enters and routes.current:
            try:
                call.revision = self._entered(call, routes)
            except RevisionNotFoundError as error:
                return error
            call.entered = routes
            if routes.route(self.to.name, call.revision) is None:
                call.leave()
                return self._no_such_deployment(routes, call.revision)
        return None

    def _entered(self, call: HandleCall, routes: AppRoutes) -> int:
        if self._wanted:
            return routes.enter_at(self._wanted)
        if call.target:
            return routes.enter_at(routes.current)  # Its replica was chosen among those of the current one.
        return routes.enter(call.session_id, self.to.name)

    def _refusal(self, routes: AppRoutes) -> Exception | None:
        """Why the call cannot be made."""
        app, name = self.to.app_name, self.to.name
        if not (self.revision or routes.current or routes.deleted_reason):
            return DeploymentUnavailableError(f"The first deploy of app {app!r} is not finished. Wait for it.")
        if not routes.deleted_reason and not routes.has_deployment(name):
            return self._no_such_deployment(routes)
        chain = self.meta.chain
        if chain and (len(chain) >= MAX_CHAIN or str(self.to) in chain):
            why = cycle(chain, str(self.to), routes.slots(name, self.revision or routes.current))
            if why:
                return CallCycleError(why)
        if self._deadline is not None and self._deadline <= time.monotonic():
            return TimeoutError(
                f"Request {self.request_id} has no time left for a call of {self.to}: its deadline has passed. "
                "Raise request_timeout_s or the request's timeout header, or make it faster."
            )
        return None

    def _no_such_deployment(self, routes: AppRoutes, revision: int = 0) -> DeploymentUnavailableError:
        app, known = self.to.app_name, ", ".join(routes.deployments(revision))
        where = f"Revision r{revision} of app {app!r}" if revision else f"App {app!r}"
        return DeploymentUnavailableError(f"{where} has no deployment {self.to.name!r}. It has: {known}.")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        def finished(task: asyncio.Task[None]) -> None:
            if task.cancelled():
                error: BaseException | None = RequestCancelledError(self.request_id)
            else:
                error = task.exception()
            if error is not None and not self.done:
                self.fail(error)

        self.runtime.loop.create_task(work).add_done_callback(finished)

    def _cancel_on_loop(self) -> None:
        if self.done:
            return
        if self._call is None or self._router is None:
            self.fail(RequestCancelledError(self.request_id))  # It is not on its way yet, and will not be.
        else:
            self._router.cancel(self._call)

    def _loop_ended(self) -> RayServeException:
        return RayServeException(
            f"The call of {self.to} cannot be sent: the system that the handle belongs to was shut down. "
            "Deploy again, and take a new handle with serve.get_app_handle(...)."
        )


class Answer(Outgoing):
    """A call with one answer, which comes as it is to `future`."""

    def __init__(self, to: DeploymentID, runtime: Runtime, options: HandleOptions) -> None:
        super().__init__(to, runtime, options)
        self.future: Outcome[RawValue] = Outcome()

    @property
    def done(self) -> bool:
        return self.future.done()

    def result(self, raw: RawValue) -> None:
        self.future.set_result(raw)
        self.ended()

    def fail(self, error: BaseException) -> None:
        self.future.set_exception(error)
        self.ended()

    def load(self, raw: RawValue) -> Any:
        """The answer's value, in the thread that asked."""
        return load(self.runtime.stores(self.to.app_name), raw)


def on_loop(runtime: Runtime, callback: Callable[..., None], *args: Any) -> bool:
    """Run a callback on the runtime's loop: now if this is its thread, else soon. False if the loop has ended."""
    if runtime.on_own_thread():
        callback(*args)
        return True
    return call_soon(runtime.loop, callback, *args)


async def wait_for(future: Waitable[T], runtime: Runtime) -> T:
    """Wait for what the runtime's loop sets, on any loop; a cancelled wait leaves it alone."""
    if not future.done():
        await arrival(future, runtime)
    return future.result()


def arrival(future: Waitable[Any], runtime: Runtime) -> asyncio.Future[None]:
    """A future of the running loop that is done when the other is, which the runtime's loop sets."""
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()
    if loop is runtime.loop:
        future.add_done_callback(lambda _: wake(waiter))
    else:
        future.add_done_callback(lambda _: call_soon(loop, wake, waiter))
    return waiter
