"""A thread that runs one event loop: the way in which every part lives beside user code."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


class LoopThread:
    """A daemon thread with a uvloop event loop.

    Example:
        >>> thread = LoopThread("example")
        >>> thread.run(asyncio.sleep(0, "done"))
        'done'
        >>> thread.stop()
    """

    def __init__(self, name: str) -> None:
        self.loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)
        self._thread.start()

    @property
    def ident(self) -> int:
        """The thread's identifier, as in `threading.get_ident`."""
        return self._thread.ident or 0

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start a coroutine on the loop, from any thread."""
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        except RuntimeError:  # The loop is closed.
            coroutine.close()
            raise

    def run(self, coroutine: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """Run a coroutine on the loop and wait for it, from another thread.

        The coroutine is cancelled if the wait is interrupted (KeyboardInterrupt) or times out.
        """
        future = self.submit(coroutine)
        try:
            return future.result(timeout_s)
        except BaseException:
            future.cancel()
            raise

    def stop(self, timeout_s: float = 5.0) -> None:
        """Cancel what runs, end the loop and the thread. Idempotent."""
        if self.loop.is_closed():
            return
        self.loop.call_soon_threadsafe(self.loop.stop)
        if threading.get_ident() != self.ident:
            self._thread.join(timeout_s)

    def _main(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self._finish()

    def _finish(self) -> None:
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            # A task that swallows its cancellation must not keep the thread.
            self.loop.run_until_complete(asyncio.wait(tasks, timeout=2.0))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()
