"""One call in a batch: what was asked, and how its answer or its stream gets back to the caller."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from kernelserve.context import RequestContext

if TYPE_CHECKING:
    from kernelserve.batching.running import Batch

STREAM_BUFFER = 1_000
"""Elements that a caller of a streaming batch may be behind. The batch then waits for that caller: its memory is
bounded, also where nobody reads."""


class Item:
    """A call that waits, or runs in a batch.

    Attributes:
        batch: the batch that it runs in; None while it waits.
        open: nothing more is known of its outcome yet, and the caller is there.
    """

    __slots__ = ("args", "batch", "context", "entered", "error", "kwargs", "loop", "open", "request", "trace", "waker")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        request: RequestContext | None,
        entered: float,
    ) -> None:
        self.loop = loop
        self.args = args
        self.kwargs = kwargs
        self.request = request
        self.entered = entered
        self.context = contextvars.copy_context()
        self.batch: Batch | None = None
        self.open = True
        self.error: BaseException | None = None
        self.trace: TracebackType | None = None
        self.waker: asyncio.Future[None] | None = None

    @property
    def value(self) -> Any:
        """What `batch_size_fn` sees: the first argument."""
        return self.args[0] if self.args else next(iter(self.kwargs.values()))

    @property
    def gone(self) -> bool:
        """The caller was cancelled a moment ago, and has not come to say so."""
        return not self.open or (self.waker is not None and self.waker.cancelled())

    def fail(self, error: BaseException) -> None:
        """End with an error."""
        if self.open:
            self.error, self.trace = error, error.__traceback__
            self.close()

    def close(self) -> None:
        """The outcome is there."""
        self.open = False
        batches = self.request.batches if self.request is not None else None
        if batches is not None and self.batch is not None:
            # Before the caller wakes, which may end the request and close its record.
            run_s = time.monotonic() - self.batch.started
            batches.append((self.batch.started - self.entered, len(self.batch.items), run_s))
        self.wake()

    def wake(self) -> None:
        if self.waker is not None and not self.waker.done():
            self.waker.set_result(None)

    def raise_error(self) -> None:
        if self.error is None:
            return
        error, trace = self.error, self.trace
        self.error = self.trace = None
        try:
            # The error is one object for all callers of a batch: without this each would lengthen its traceback.
            raise error.with_traceback(trace)
        finally:
            del error, trace  # They would hold this frame, which holds them: arguments stay until a collection.

    async def pause(self) -> None:
        """Until the next `wake`."""
        self.waker = self.loop.create_future()
        await self.waker


class UnaryItem(Item):
    """A call with one answer."""

    __slots__ = ("result",)

    def finish(self, result: Any) -> None:
        """End with an answer; an `Exception` in its place is this caller's error."""
        if isinstance(result, Exception):
            self.fail(result)
        elif self.open:
            self.result = result
            self.close()

    async def answer(self, abandon: Callable[[Item], None]) -> Any:
        """The caller's side: wait for the answer."""
        try:
            if self.open:
                await self.pause()
        finally:
            if self.open:  # Cancelled, or closed with the event loop.
                abandon(self)
        self.raise_error()
        return self.result


class StreamItem(Item):
    """A call that is answered by a stream."""

    __slots__ = ("buffer",)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.buffer: deque[Any] = deque()

    def put(self, element: Any) -> None:
        """The next element. `StopIteration` and `StopAsyncIteration`, as class or instance, end this stream."""
        if not self.open:
            return
        if element is StopIteration or element is StopAsyncIteration or isinstance(element, _ENDS):
            self.end()
        elif isinstance(element, Exception):
            self.fail(element)
        else:
            self.buffer.append(element)
            self.wake()

    def end(self) -> None:
        """No more elements."""
        if self.open:
            self.close()


_ENDS = (StopIteration, StopAsyncIteration)


class Ticket:
    """Gives an item up when its stream is dropped without being read: a generator not begun runs no `finally`."""

    __slots__ = ("abandon", "item")

    def __init__(self, item: StreamItem, abandon: Callable[[Item], None]) -> None:
        self.item = item
        self.abandon = abandon

    def __del__(self) -> None:
        item = self.item
        # The collector may run in any thread.
        if item.open and not item.loop.is_closed():
            item.loop.call_soon_threadsafe(self.abandon, item)


async def read_stream(ticket: Ticket) -> AsyncGenerator[Any, None]:
    """The caller's side of a stream."""
    item = ticket.item
    buffer = item.buffer
    try:
        while buffer or item.open:
            if not buffer:
                await item.pause()
                continue
            element = buffer.popleft()
            if item.batch is not None:
                item.batch.has_room()
            yield element
        item.raise_error()
    finally:
        if item.open:
            ticket.abandon(item)
