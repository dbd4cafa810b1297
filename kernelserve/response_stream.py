"""`DeploymentResponseGenerator`: the items to come of a streaming call."""

from __future__ import annotations

import asyncio
import functools
import struct
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, NoReturn, TypeVar, cast

from kernelserve.exceptions import RayServeException, RequestCancelledError
from kernelserve.outcome import call_soon, wake
from kernelserve.outgoing import HandleOptions, Outgoing, on_loop
from kernelserve.response import no_object_refs, refuse_on_own_loop
from kernelserve.routing.link import ReplicaLink
from kernelserve.routing.payloads import RawValue, load
from kernelserve.routing.runtime import Runtime
from kernelserve.transport.base import FLAG_STREAM, FLAG_UNITS, WINDOW, Buffer, FrameKind, chunk_cost
from kernelserve.transport.frames import split_parts
from kernelserve.types import DeploymentID

T = TypeVar("T")

_GRANT_AT = WINDOW // 2
_pack_credit = struct.Struct("<I").pack
_NOT_YET = object()


class ItemStream(Outgoing):
    """A call with a stream of items: takes frames on the runtime's loop, gives items to any thread or loop.

    What has come and is not taken is bounded by the credit of the contract (`transport.base`): credit is
    granted as items are taken, half a window at a time.
    """

    def __init__(self, to: DeploymentID, runtime: Runtime, options: HandleOptions) -> None:
        super().__init__(to, runtime, options, FLAG_STREAM)
        self._lock = threading.Lock()
        self._items: deque[tuple[RawValue, int]] = deque()
        self._error: BaseException | None = None
        self.was_cancelled = False
        self._finished = False
        self._dropped = False
        self._wakers: list[Callable[[], None]] = []
        self._ungranted = 0

    @property
    def done(self) -> bool:
        return self._finished

    # --- on the runtime's loop ---

    def streamed(self, kind: int, flags: int, payload: Buffer) -> None:
        if kind != FrameKind.CHUNK or self._finished:
            return
        try:
            item = bool(flags & FLAG_UNITS), list[Buffer](split_parts(payload))
        except RayServeException as error:
            self.cancel()
            self.fail(error)
            return
        with self._lock:
            if self._dropped:
                return
            self._items.append((item, chunk_cost(len(payload))))
            wakers = self._take_wakers()
        for waker in wakers:
            waker()

    def result(self, raw: RawValue) -> None:
        self._finish(None)

    def fail(self, error: BaseException) -> None:
        self._finish(error)

    def _finish(self, error: BaseException | None) -> None:
        with self._lock:
            if self._finished:
                return
            self._finished = True
            self.was_cancelled = isinstance(error, RequestCancelledError)
            self._error = None if self._dropped else error
            wakers = self._take_wakers()
        for waker in wakers:
            waker()
        self.ended()

    def _grant(self, credit: int) -> None:
        call = self._call
        if call is not None and isinstance(call.channel, ReplicaLink):
            call.channel.send_more(call, FrameKind.CREDIT, (_pack_credit(credit),))

    # --- in the thread or loop that iterates ---

    def next_in_thread(self) -> RawValue | None:
        """The next item, or None at the clean end; blocks. Raises the error that ended the stream, once."""
        while True:
            item = self._poll(None)
            if item is _NOT_YET:
                arrived = threading.Lock()
                arrived.acquire()
                item = self._poll(arrived.release)
                if item is _NOT_YET:
                    arrived.acquire()
                    continue
            return cast("RawValue | None", item)

    async def next_on_loop(self) -> RawValue | None:
        """As `next_in_thread`, on any loop. A wait that is cancelled leaves the stream as it is."""
        while True:
            item = self._poll(None)
            if item is _NOT_YET:
                loop = asyncio.get_running_loop()
                waiter: asyncio.Future[None] = loop.create_future()
                item = self._poll(functools.partial(self._wake, loop, waiter))
                if item is _NOT_YET:
                    await waiter
                    continue
            return cast("RawValue | None", item)

    def drop(self) -> None:
        """Nobody takes the rest: cancel the call. From any thread."""
        with self._lock:
            self._dropped = True
            self._items.clear()
            self._error = None
            finished = self._finished
        if not finished:
            self.cancel()

    def _poll(self, waker: Callable[[], None] | None) -> object:
        """An item, None at the end, or `_NOT_YET`: then the waker will be called, once, when there is news."""
        with self._lock:
            if self._items:
                item, cost = self._items.popleft()
                self._ungranted += cost
                credit = self._ungranted if self._ungranted >= _GRANT_AT else 0
                if credit:
                    self._ungranted = 0
            elif self._dropped or self._finished:
                error, self._error = self._error, None
                if error is not None:
                    raise error
                return None
            else:
                if waker is not None:
                    self._wakers.append(waker)
                return _NOT_YET
        if credit and not self._finished:
            on_loop(self.runtime, self._grant, credit)
        return item

    def _wake(self, loop: asyncio.AbstractEventLoop, waiter: asyncio.Future[None]) -> None:
        if loop is self.runtime.loop:
            wake(waiter)
        else:
            call_soon(loop, wake, waiter)

    def _take_wakers(self) -> list[Callable[[], None]]:
        wakers, self._wakers = self._wakers, []
        return wakers


class DeploymentResponseGenerator(Generic[T]):
    """The items to come of ``handle.options(stream=True)``: iterate with ``for`` or ``async for``.

    A consumer that stops leaves the deployment's generator waiting, at 256 KiB ahead of it. An unfinished one
    that is closed, or of which nobody keeps a reference, cancels the request.

    Example:
        >>> async for token in handle.options(stream=True).generate.remote("Once"):     # doctest: +SKIP
        ...     print(token, end="")
    """

    def __init__(self, stream: ItemStream) -> None:
        self._stream = stream

    @property
    def request_id(self) -> str:
        """Id of the request that the call belongs to; it is in logs and errors."""
        return self._stream.request_id

    @property
    def by_reference(self) -> bool:
        """False: items travel to who asks for them, and no object store is between."""
        return False

    def __iter__(self) -> DeploymentResponseGenerator[T]:
        return self

    def __next__(self) -> T:
        refuse_on_own_loop(self._stream.runtime, f"`for … in {self!r}`", "async for")
        raw = self._stream.next_in_thread()
        if raw is None:
            raise StopIteration
        return self._load(raw)

    def __aiter__(self) -> DeploymentResponseGenerator[T]:
        return self

    async def __anext__(self) -> T:
        raw = await self._stream.next_on_loop()
        if raw is None:
            raise StopAsyncIteration
        return self._load(raw)

    def cancel(self) -> None:
        """Ask for the request to be stopped; items that have come can still be taken, then it raises."""
        self._stream.cancel()

    def cancelled(self) -> bool:
        """True if the stream has ended because it was cancelled."""
        return self._stream.was_cancelled

    def done(self) -> bool:
        """Whether the last item, or the error in its place, has come."""
        return self._stream.done

    def close(self) -> None:
        """Stop taking items; cancels the request if it is not finished."""
        self._stream.drop()

    async def aclose(self) -> None:
        """As `close`, for `contextlib.aclosing`."""
        self._stream.drop()

    def result(self, timeout_s: float | None = None) -> NoReturn:
        """Not for streams.

        Raises:
            TypeError: always.
        """
        raise TypeError(f"{self!r} has no result(): it gives items. Use `for item in response`.")

    def __await__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be awaited: it gives items. Use `async for item in response`.")

    def _to_object_ref_gen(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise no_object_refs("response._to_object_ref_gen()", "Iterate the response")

    def _to_object_ref_gen_sync(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise no_object_refs("response._to_object_ref_gen_sync()", "Iterate the response")

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} cannot be pickled or passed to another deployment. Iterate it, and pass its items on."
        )

    def __del__(self) -> None:
        self._stream.drop()

    def __repr__(self) -> str:
        return f"<DeploymentResponseGenerator of {self._stream.to}, {'done' if self.done() else 'pending'}>"

    def _load(self, raw: RawValue) -> T:
        return cast(T, load(self._stream.runtime.stores(self._stream.to.app_name), raw))
