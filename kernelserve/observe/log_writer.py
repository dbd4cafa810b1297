"""The thread of a process that writes what its replicas have logged: so that they never wait for a disk."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
import weakref
from typing import Protocol

FLUSH_S = 0.1
"""How long a line may wait: what is written a little earlier than a ``kill -9`` is there."""


class Flushed(Protocol):
    """Something with lines to write."""

    def flush(self, now: float | None = None) -> bool:
        """Write them; returns whether to call again soon. None: everything, as there may be no other time."""

    def after_fork(self) -> None:
        """This process was forked, with whatever state its threads were in."""


class Writer:
    """Calls `flush` of those that have asked for it by `touch`, in a thread that is there while something is open.

    It sleeps while there is nothing to write. A process that was forked has no such thread: there, `touch` flushes.
    """

    def __init__(self) -> None:
        self._dirty: set[Flushed] = set()
        self._known: weakref.WeakSet[Flushed] = weakref.WeakSet()
        self._open = 0
        self._wake = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        atexit.register(self.flush)
        os.register_at_fork(after_in_child=self._after_fork)

    def opened(self, one: Flushed) -> None:
        """`one` may ask from now on."""
        with self._starting:
            self._open += 1
            self._known.add(one)

    def closed(self, one: Flushed) -> None:
        """It has written what it had; the last one ends the thread."""
        with self._starting:
            self._open -= 1
        self._dirty.discard(one)
        self._wake.set()

    def touch(self, one: Flushed) -> None:
        """Flush it soon. Cheap, and from any thread."""
        if self._open <= 0:
            one.flush(time.time())
            return
        self._dirty.add(one)
        if not self._wake.is_set():
            self._wake.set()
        if self._thread is None:  # Whoever closed last may have left it awake.
            self._start()

    def flush(self) -> None:
        """Flush them all now."""
        while self._dirty:
            with contextlib.suppress(KeyError):  # The thread was quicker.
                self._dirty.pop().flush()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and self._open > 0:
                thread = threading.Thread(target=self._run, name="kernelserve logs", daemon=True)
                with contextlib.suppress(RuntimeError):  # The interpreter is ending; `flush` is called there.
                    thread.start()
                    self._thread = thread

    def _run(self) -> None:
        while True:
            self._wake.wait()
            if self._open > 0:
                time.sleep(FLUSH_S)
            self._wake.clear()
            dirty = list(self._dirty)
            self._dirty.difference_update(dirty)  # Before the flush: who asks meanwhile is flushed again.
            now = time.time()
            again = [one for one in dirty if one.flush(now)]
            self._dirty.update(again)
            if again:
                self._wake.set()
            with self._starting:
                if self._open <= 0:
                    self._thread = None
                    break
        self.flush()

    def _after_fork(self) -> None:
        self._dirty = set()
        self._open = 0
        self._wake, self._starting, self._thread = threading.Event(), threading.Lock(), None
        for one in self._known:
            one.after_fork()


WRITER = Writer()
