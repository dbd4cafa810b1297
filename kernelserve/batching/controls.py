"""Setters and getters of a batched function, under Ray Serve's names."""

from __future__ import annotations

import dataclasses
from typing import Any

from kernelserve.batching.settings import BatchSettings, WaitTimeout
from kernelserve.batching.state import BatchState


class BatchControls:
    """What a batched function offers besides being called.

    A subclass says whose settings and state they are.
    """

    __slots__ = ()

    def _set(self, name: str, value: Any) -> None:
        raise NotImplementedError

    def _reset(self, name: str) -> None:
        """Back to what the decorator says."""
        raise NotImplementedError

    def _override(self, name: str) -> Any:
        """What was set in place of what the decorator says, or None."""
        raise NotImplementedError

    @property
    def _settings(self) -> BatchSettings:
        raise NotImplementedError

    @property
    def _state(self) -> BatchState:
        raise NotImplementedError

    def set_max_batch_size(self, new_max_batch_size: int) -> None:
        """Change `max_batch_size`; waiting calls count."""
        self._set("max_batch_size", new_max_batch_size)

    def set_batch_wait_timeout_s(self, new_batch_wait_timeout_s: WaitTimeout) -> None:
        """Change `batch_wait_timeout_s`; for waiting calls too, counted from their arrival."""
        self._set("batch_wait_timeout_s", new_batch_wait_timeout_s)

    def set_max_concurrent_batches(self, new_max_concurrent_batches: int) -> None:
        """Change `max_concurrent_batches`; batches that run already go on."""
        self._set("max_concurrent_batches", new_max_concurrent_batches)

    def _get_max_batch_size(self) -> int:
        return self._settings.max_batch_size

    def _get_batch_wait_timeout_s(self) -> WaitTimeout:
        return self._settings.batch_wait_timeout_s

    def _get_max_concurrent_batches(self) -> int:
        return self._settings.max_concurrent_batches

    async def _is_batching_task_alive(self) -> bool:
        # There is no task that could die: a queue works as long as its event loop does.
        queue = self._state.queue
        return queue is not None and not queue.loop.is_closed()

    def _get_curr_iteration_start_times(self) -> StartTimes:
        queue = self._state.queue
        return StartTimes([batch.started_wall for batch in queue.running] if queue is not None else [])


@dataclasses.dataclass(frozen=True, slots=True)
class StartTimes:
    """When the batches that run now were started, in seconds since the epoch."""

    start_times: list[float]

    @property
    def min_start_time(self) -> float | None:
        return min(self.start_times, default=None)

    @property
    def mean_start_time(self) -> float | None:
        return sum(self.start_times) / len(self.start_times) if self.start_times else None

    @property
    def max_start_time(self) -> float | None:
        return max(self.start_times, default=None)

    @property
    def num_requests(self) -> int:
        return len(self.start_times)
