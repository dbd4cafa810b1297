"""The queue of a batched function on one event loop: which calls wait, and when a batch of them starts.

There is no task that waits for items: arrivals, ends of batches and one timer call `BatchQueue._pump`, and only
running batches are tasks. So nothing can die, hang or leak while the queue is empty.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from kernelserve.batching.adaptive import WaitEstimator
from kernelserve.batching.counts import counts_of
from kernelserve.batching.items import Item
from kernelserve.batching.running import Batch
from kernelserve.batching.settings import BatchSettings

_MAX_ESTIMATORS = 128
"""Model ids whose arrivals are remembered."""


class Group:
    """Calls that may run in one batch: of one function, on one view of the instance, for one model.

    Args:
        key: what tells it from others.
        call: the user's function, bound.
        name: of the function, for errors.
        settings: of the function, as it is at each moment.
        estimator: of the arrivals.
    """

    def __init__(
        self,
        key: Hashable,
        call: Callable[..., Any],
        name: str,
        settings: Callable[[], BatchSettings],
        estimator: WaitEstimator,
    ) -> None:
        self.key = key
        self.call = call
        self.name = name
        self.settings = settings
        self.estimator = estimator
        self.items: OrderedDict[Item, None] = OrderedDict()
        self._measured: list[Item] = []
        self._size = 0
        self._closed = False

    @property
    def first(self) -> Item:
        return next(iter(self.items))

    @property
    def full(self) -> bool:
        """Whether no waiting longer could make the next batch larger."""
        settings = self.settings()
        if settings.batch_size_fn is None:
            return len(self.items) >= settings.max_batch_size
        return self._closed or self._size >= settings.max_batch_size

    def deadline(self) -> float:
        """When the next batch should start, full or not."""
        timeout, first = self.settings().batch_wait_timeout_s, self.first
        if timeout != "auto":
            return first.entered + timeout
        last = next(reversed(self.items))
        return min(last.entered + self.estimator.wait_s(len(self.items)), first.entered + self.estimator.fixed_s)

    def add(self, item: Item) -> None:
        """Put an item at the end; it fails at once if its size cannot be told."""
        self.items[item] = None
        self.estimator.arrived(item.entered)
        self._measure(item)

    def remove(self, item: Item) -> None:
        """Take an item out; unknown ones are ignored."""
        if item in self.items:
            del self.items[item]
            if item in self._measured:
                self.measure_again()

    def take(self) -> list[Item]:
        """The items of the next batch, which leave the group; at least one, if the group has any."""
        settings = self.settings()
        if settings.batch_size_fn is None:
            count = min(len(self.items), settings.max_batch_size)
            taken = [self.items.popitem(last=False)[0] for _ in range(count)]
        else:
            taken = self._measured
            for item in taken:
                del self.items[item]
            self.measure_again()
        return taken

    def measure_again(self) -> None:
        """Find anew which items go into the next batch."""
        self._measured, self._size, self._closed = [], 0, False
        if self.settings().batch_size_fn is None:
            return
        for item in list(self.items):
            self._measure(item)
            if self._closed:
                return

    def _measure(self, item: Item) -> None:
        """Put an item into the next batch, if it still fits."""
        settings = self.settings()
        if settings.batch_size_fn is None or self.full:
            return
        try:
            size = settings.batch_size_fn([one.value for one in (*self._measured, item)])
            if not isinstance(size, int) and not hasattr(size, "__index__"):
                raise TypeError(
                    f"batch_size_fn must return an int, but for {len(self._measured) + 1} items it returned {size!r}. "
                    "Return the size of the whole list."
                )
        except Exception as error:  # The boundary to the user's batch_size_fn: its error is that item's.
            del self.items[item]
            item.fail(error)
            return
        # An item that is too large for any batch goes alone.
        if self._measured and size > settings.max_batch_size:
            self._closed = True
        else:
            self._measured.append(item)
            self._size = size


class BatchQueue:
    """All groups of one batched function on one instance. Its methods are for its event loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str) -> None:
        self.loop = loop
        self.running: set[Batch] = set()
        self._name = name
        self._groups: dict[Hashable, Group] = {}
        self._estimators: dict[str, WaitEstimator] = {}
        self._counts = counts_of(self, name)
        self._timer: asyncio.Handle | None = None
        self._timer_at = float("inf")

    def __len__(self) -> int:
        """Calls that wait. For any thread."""
        return sum(len(group.items) for group in list(self._groups.values()))

    def put(
        self, item: Item, key: Hashable, model_id: str, call: Callable[..., Any], settings: Callable[[], BatchSettings]
    ) -> None:
        """Add a call.

        Args:
            item: the call.
            key: calls with different keys never share a batch.
            model_id: of the multiplexed model that it is for; a part of `key`.
            call: the user's function, bound.
            settings: of it.
        """
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(key, call, self._name, settings, self._estimator(model_id))
        group.add(item)
        if self._dropped(group) or not self._has_slot(group):
            return  # The end of a batch looks here again.
        if group.full:
            self._pump()
        else:
            self._wake_at(group.deadline(), item.entered)

    def abandon(self, item: Item) -> None:
        """The caller of an item is gone."""
        item.open = False
        if self.loop.is_closed():
            return
        if item.batch is not None:
            item.batch.abandoned()
            return
        for group in list(self._groups.values()):
            group.remove(item)
            self._dropped(group)
        if not self._groups:
            self._stop_timer()

    def settings_changed(self) -> None:
        """Sizes or timeouts are other ones: look again."""
        for group in list(self._groups.values()):
            group.measure_again()
            self._dropped(group)
        self._pump()

    # --- starting batches ---

    def _pump(self, now: float | None = None) -> None:
        """Start what is due, and see to it that this is called when the next is."""
        self._stop_timer()
        now = time.monotonic() if now is None else now
        while True:
            waiting = [group for group in self._groups.values() if self._has_slot(group)]
            due = [group for group in waiting if group.full or group.deadline() <= now]
            if not due:
                break
            self._start(min(due, key=lambda group: group.first.entered))
        if waiting:
            self._wake_at(min(group.deadline() for group in waiting), now)

    def _has_slot(self, group: Group) -> bool:
        return len(self.running) < group.settings().max_concurrent_batches

    def _dropped(self, group: Group) -> bool:
        """Whether the group is empty; it is forgotten then."""
        if group.items:
            return False
        self._groups.pop(group.key, None)
        return True

    def _start(self, group: Group) -> None:
        items = [item for item in group.take() if not item.gone]
        self._dropped(group)
        if not items:
            return
        batch = Batch(group.call, group.name, items)
        self.running.add(batch)
        if self._counts is not None:
            self._counts.started(batch, group.settings().max_batch_size)
        # The context of the first call: its request, model id and whatever else the user's code put there.
        batch.task = self.loop.create_task(
            batch.run(), name=f"kernelserve-batch {self._name}", context=batch.items[0].context
        )
        batch.task.add_done_callback(lambda task: self._ended(batch, group, task))

    def _ended(self, batch: Batch, group: Group, task: asyncio.Task[None]) -> None:
        # Here and not in the task, which does not run a line if it is cancelled at once.
        self.running.discard(batch)
        if self._counts is not None:
            self._counts.ended(batch)
        if task.cancelled():
            batch.cancelled()
        elif batch.items:
            group.estimator.ran(len(batch.items), time.monotonic() - batch.started)
        batch.release()
        self._pump()

    def _estimator(self, model_id: str) -> WaitEstimator:
        estimator = self._estimators.get(model_id)
        if estimator is None:
            if len(self._estimators) >= _MAX_ESTIMATORS:
                del self._estimators[next(iter(self._estimators))]
            estimator = self._estimators[model_id] = WaitEstimator()
        return estimator

    # --- the timer ---

    def _wake_at(self, deadline: float, now: float) -> None:
        if deadline >= self._timer_at:
            return
        self._stop_timer()
        self._timer_at = deadline
        if deadline <= now:
            # Not at once: the calls that are made in this turn of the loop go together.
            self._timer = self.loop.call_soon(self._timer_rang, deadline)
        else:
            self._timer = self.loop.call_later(deadline - now, self._timer_rang, deadline)

    def _timer_rang(self, deadline: float) -> None:
        # The clocks may differ by a little: what the timer was set for is due.
        self._pump(max(deadline, time.monotonic()))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._timer_at = None, float("inf")
