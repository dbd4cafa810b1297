"""`Outcome`: a value or an error to come, for any thread or event loop; what a call hands to who waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Waitable(Protocol[T_co]):
    """What `wait_for` takes: an `Outcome`, or a `concurrent.futures.Future`."""

    def done(self) -> bool: ...
    def result(self) -> T_co: ...
    def add_done_callback(self, fn: Callable[[Any], object], /) -> None: ...


class Outcome(Generic[T]):
    """A `concurrent.futures.Future` with what calls of handles need, at a third of its cost.

    Set once, by one thread.

    Example:
        >>> outcome = Outcome()
        >>> outcome.add_done_callback(lambda one: print(one.result()))
        >>> outcome.set_result("here")
        here
    """

    __slots__ = ("_callbacks", "_done", "_error", "_lock", "_value")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done = False
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[Outcome[T]], object]] = []

    def done(self) -> bool:
        """Whether it is here."""
        return self._done

    def set_result(self, value: T) -> None:
        """It is a value."""
        self._value = value
        self._finish()

    def set_exception(self, error: BaseException) -> None:
        """It is an error."""
        self._error = error
        self._finish()

    def result(self) -> T:
        """The value, or the error raised; only when it is done."""
        if self._error is not None:
            raise self._error
        return self._value

    def exception(self) -> BaseException | None:
        """The error, or None; only when it is done."""
        return self._error

    def wait(self, timeout_s: float | None = None) -> bool:
        """Block this thread until it is here; False at the timeout."""
        if self._done:
            return True
        arrived = threading.Lock()
        arrived.acquire()
        self.add_done_callback(lambda _: arrived.release())
        return arrived.acquire(timeout=-1 if timeout_s is None else min(max(timeout_s, 0.0), threading.TIMEOUT_MAX))

    def add_done_callback(self, fn: Callable[[Outcome[T]], object], /) -> None:
        """Call it when this is done, in the thread that sets it; now if it is done already."""
        with self._lock:
            if not self._done:
                self._callbacks.append(fn)
                return
        fn(self)

    def _finish(self) -> None:
        with self._lock:
            self._done = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(self)


def wake(waiter: asyncio.Future[None]) -> None:
    """Let who awaits it go on; for the waiter's loop."""
    if not waiter.done():
        waiter.set_result(None)


def call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *args: Any) -> bool:
    """`call_soon_threadsafe`; False if the loop has ended."""
    try:
        loop.call_soon_threadsafe(callback, *args)
    except RuntimeError:
        if not loop.is_closed():
            raise
        return False
    return True
