"""Runs ``def`` code of the user in threads, beside the event loop."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class LeftBehind(BaseException):
    """A request was cancelled whose ``def`` runs in a thread, which cannot be stopped."""

    def __init__(self, thread: asyncio.Future[Any]) -> None:
        super().__init__(thread)
        self.thread = thread


class Threads:
    """A pool that grows with `max_ongoing_requests`, so that no admitted request waits for a thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pool: ThreadPoolExecutor | None = None
        self._size = 0

    async def run(self, function: Callable[[], T], size: int) -> T:
        """Run `function` in a thread, with the caller's context variables.

        Args:
            size: threads that may be wanted at once.

        Raises:
            LeftBehind: the caller was cancelled, and the thread goes on.
        """
        here = contextvars.copy_context()
        thread = self._loop.run_in_executor(self._sized(size), here.run, function)
        try:
            return await asyncio.shield(thread)
        except asyncio.CancelledError:
            if thread.done():
                raise
            raise LeftBehind(thread) from None

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _sized(self, size: int) -> ThreadPoolExecutor:
        if self._pool is None or size > self._size:
            if self._pool is not None:
                self._pool.shutdown(wait=False)
            self._pool = ThreadPoolExecutor(max_workers=size, thread_name_prefix="kernelserve-def")
            self._size = size
        return self._pool
