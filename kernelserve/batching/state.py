"""What a batched function has on one instance: settings that were changed, and the queue."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from kernelserve.batching.queue import BatchQueue
from kernelserve.batching.settings import BatchSettings


class BatchState:
    """What a batched function has on one instance. Copies and pickles of the instance get a new one.

    Attributes:
        home: see `bound.HomeState`.
        overrides: settings that were set while running; they outlive a patch of the class and an event loop.
        queue: of the event loop of the last call.
    """

    __slots__ = ("__weakref__", "_effective", "home", "overrides", "queue", "warned")

    def __init__(self, home: int = 0) -> None:
        self.home = home
        self.overrides: dict[str, Any] = {}
        self.queue: BatchQueue | None = None
        self.warned = False
        self._effective: tuple[BatchSettings, BatchSettings] | None = None

    def settings(self, asked: BatchSettings) -> BatchSettings:
        """What was asked for at the decorator, with what was set since."""
        if not self.overrides:
            return asked
        if self._effective is None or self._effective[0] is not asked:
            self._effective = (asked, dataclasses.replace(asked, **self.overrides))
        return self._effective[1]

    def set(self, name: str, value: Any) -> None:
        """Set a setting of this instance."""
        self.overrides[name] = value
        self.changed()

    def changed(self) -> None:
        """The settings are other ones."""
        self._effective = None
        self.warned = False
        if self.queue is not None and not self.queue.loop.is_closed():
            self.queue.loop.call_soon_threadsafe(self.queue.settings_changed)

    def queue_here(self, name: str) -> BatchQueue:
        """The queue of the running event loop. One of another loop ends by itself."""
        loop = asyncio.get_running_loop()
        if self.queue is None or self.queue.loop is not loop:
            self.queue = BatchQueue(loop, name)
        return self.queue

    def __reduce__(self) -> Any:
        return BatchState, ()
