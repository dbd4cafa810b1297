"""What batched functions count where they run in a replica."""

from __future__ import annotations

import time
import weakref
from typing import TYPE_CHECKING

from kernelserve.observe.metrics import Registry, present_registry

if TYPE_CHECKING:
    from kernelserve.batching.queue import BatchQueue
    from kernelserve.batching.running import Batch


class BatchCounts:
    """Batches of one method in one replica, on all instances that it may have there.

    Args:
        registry: of the replica.
        method: name of the method, or of a plain function.
    """

    def __init__(self, registry: Registry, method: str) -> None:
        tags = {**registry.tags, "method": method}
        self._wait = registry.histogram("batch_wait_time_ms", **tags)
        self._run = registry.histogram("batch_execution_time_ms", **tags)
        self._size = registry.histogram("actual_batch_size", **tags)
        self._fill = registry.histogram("batch_utilization_percent", **tags)
        self._batches = registry.counter("batches_processed", **tags)
        self._queues: list[weakref.ref[BatchQueue]] = []
        registry.gauge_of("batch_queue_length", self._waiting, **tags)

    def watch(self, queue: BatchQueue) -> None:
        """Count what waits there too."""
        # A new list: the gauge may be read in another thread.
        self._queues = [*(one for one in self._queues if one() is not None), weakref.ref(queue)]

    def started(self, batch: Batch, limit: int) -> None:
        """A batch starts.

        Args:
            limit: items that it may have.
        """
        size = len(batch.items)
        self._wait.observe((batch.started - batch.items[0].entered) * 1000)
        self._size.observe(size)
        self._fill.observe(100 * size / limit)

    def ended(self, batch: Batch) -> None:
        """A batch has ended."""
        self._run.observe((time.monotonic() - batch.started) * 1000)
        self._batches.value += 1

    def _waiting(self) -> int:
        queues = [reference() for reference in self._queues]
        return sum(len(queue) for queue in queues if queue is not None)


def counts_of(queue: BatchQueue, label: str) -> BatchCounts | None:
    """Counts for a queue of the replica in which the calling code runs; None outside of one.

    Args:
        label: of the batched function, as ``Owner.method``.
    """
    registry = present_registry()
    if registry is None:
        return None
    method = label.rpartition(".")[2]
    counts = registry.part(f"batch {method}", lambda: BatchCounts(registry, method))
    counts.watch(queue)
    return counts
