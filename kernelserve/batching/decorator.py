"""`serve.batch`: the decorator, and what a decorated function is."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import inspect
import logging
import time
import types
from collections.abc import Callable
from typing import Any, TypeVar, overload

from kernelserve.batching.items import StreamItem, Ticket, UnaryItem, read_stream
from kernelserve.batching.queue import BatchQueue
from kernelserve.batching.settings import BatchSettings, SizeFunction, WaitTimeout
from kernelserve.bound import Bound, Decorated
from kernelserve.context import current_replica, current_request

_log = logging.getLogger(__name__)

Kind = TypeVar("Kind", UnaryItem, StreamItem)


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


class BatchedFunction(Decorated[BatchState]):
    """A function or method that takes one item a call, and runs on lists of them; made by `batch`.

    On an instance the setters and getters are those of that instance; on a plain function, or on
    the class, those of all calls that have none of their own.
    """

    kind = "batch"

    def __init__(
        self, func: Callable[..., Any], settings: BatchSettings, label: str = "", is_method: bool = False
    ) -> None:
        super().__init__(func, label, is_method)
        self.settings = settings
        self._streams = inspect.isasyncgenfunction(func)

    def bind(self, instance: Any) -> BoundBatch:
        return BoundBatch(self, instance)

    def new_state(self, home: int) -> BatchState:
        return BatchState(home)

    def parameters(self) -> tuple[Any, ...]:
        return (self.settings,)

    def invoke(self, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        # A stream waits in the queue from its call on, an answer from its `await` on.
        return self._stream(instance, args, kwargs) if self._streams else self._answer(instance, args, kwargs)

    async def _answer(self, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        queue, item = self._enqueue(UnaryItem, instance, args, kwargs)
        return await item.answer(queue.abandon)

    def _stream(self, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        queue, item = self._enqueue(StreamItem, instance, args, kwargs)
        return read_stream(Ticket(item, queue.abandon))

    def _enqueue(
        self, kind: type[Kind], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[BatchQueue, Kind]:
        call = self.func if instance is None else types.MethodType(self.func, instance)
        args, kwargs = self._arguments(call, args, kwargs)
        state = self.state(instance)
        queue = state.queue_here(self.label)
        if not state.warned:
            self._warn_of_limit(state)
        request = current_request.get()
        model_id = request.multiplexed_model_id if request is not None else ""
        item = kind(queue.loop, args, kwargs, request, time.monotonic())
        # A view of an older revision is another object with another function: its items run by themselves.
        key = (self.func, id(instance), model_id, len(args), *kwargs)
        queue.put(item, key, model_id, call, lambda: state.settings(self.settings))
        return queue, item

    def _arguments(
        self, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments, each in its place: ``f(x)`` and ``f(item=x)`` go into one batch."""
        if not kwargs and args and len(args) + isinstance(call, types.MethodType) == self._positional:
            return args, kwargs
        bound = inspect.signature(call).bind(*args, **kwargs)
        if not bound.args and not bound.kwargs:
            raise TypeError(f"{self.label}() was called without an item. Pass one: the function gets a list of them.")
        return bound.args, bound.kwargs

    @functools.cached_property
    def _positional(self) -> int:
        """How many arguments the function takes, if each has a place of its own; else -1."""
        parameters = inspect.signature(self.func).parameters.values()
        plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return len(parameters) if all(one.kind in plain for one in parameters) else -1

    def _warn_of_limit(self, state: BatchState) -> None:
        state.warned = True
        replica, settings = current_replica.get(), state.settings(self.settings)
        limit = getattr(replica, "max_ongoing_requests", 0)
        wanted = settings.max_batch_size * settings.max_concurrent_batches
        if 0 < limit < wanted:
            _log.warning(
                "%s asks for batches of %d items, %d at once, but the deployment's max_ongoing_requests is %d: "
                "batches never get full. Set max_ongoing_requests to %d or more.",
                self.label, settings.max_batch_size, settings.max_concurrent_batches, limit, wanted,
            )  # fmt: skip

    # --- settings ---

    def _set(self, name: str, value: Any) -> None:
        self.settings = dataclasses.replace(self.settings, **{name: value})
        if self._own is not None:
            self._own.changed()

    def set_max_batch_size(self, new_max_batch_size: int) -> None:
        """Change `max_batch_size`."""
        self._set("max_batch_size", new_max_batch_size)

    def set_batch_wait_timeout_s(self, new_batch_wait_timeout_s: WaitTimeout) -> None:
        """Change `batch_wait_timeout_s`."""
        self._set("batch_wait_timeout_s", new_batch_wait_timeout_s)

    def set_max_concurrent_batches(self, new_max_concurrent_batches: int) -> None:
        """Change `max_concurrent_batches`."""
        self._set("max_concurrent_batches", new_max_concurrent_batches)

    def _get_max_batch_size(self) -> int:
        return self.settings.max_batch_size

    def _get_batch_wait_timeout_s(self) -> WaitTimeout:
        return self.settings.batch_wait_timeout_s

    def _get_max_concurrent_batches(self) -> int:
        return self.settings.max_concurrent_batches

    async def _is_batching_task_alive(self) -> bool:
        return _alive(self.state(None))

    def _get_curr_iteration_start_times(self) -> StartTimes:
        return _start_times(self.state(None))


class BoundBatch(Bound):
    # A batched method of an instance; see BatchedFunction.
    __slots__ = ()

    def _set(self, name: str, value: Any) -> None:
        # Checked whole, as at the decorator, before anything changes.
        checked = dataclasses.replace(self._decorated.settings, **{name: value})
        self._state.set(name, getattr(checked, name))

    @property
    def _state(self) -> BatchState:
        state: BatchState = self._decorated.state(self.__self__)
        return state

    @property
    def _settings(self) -> BatchSettings:
        return self._state.settings(self._decorated.settings)

    def set_max_batch_size(self, new_max_batch_size: int) -> None:
        """Change `max_batch_size` of this instance."""
        self._set("max_batch_size", new_max_batch_size)

    def set_batch_wait_timeout_s(self, new_batch_wait_timeout_s: WaitTimeout) -> None:
        """Change `batch_wait_timeout_s` of this instance."""
        self._set("batch_wait_timeout_s", new_batch_wait_timeout_s)

    def set_max_concurrent_batches(self, new_max_concurrent_batches: int) -> None:
        """Change `max_concurrent_batches` of this instance."""
        self._set("max_concurrent_batches", new_max_concurrent_batches)

    def _get_max_batch_size(self) -> int:
        return self._settings.max_batch_size

    def _get_batch_wait_timeout_s(self) -> WaitTimeout:
        return self._settings.batch_wait_timeout_s

    def _get_max_concurrent_batches(self) -> int:
        return self._settings.max_concurrent_batches

    async def _is_batching_task_alive(self) -> bool:
        return _alive(self._state)

    def _get_curr_iteration_start_times(self) -> StartTimes:
        return _start_times(self._state)


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


def _alive(state: BatchState) -> bool:
    # There is no task to be alive: a queue works as long as its event loop does.
    return state.queue is not None and not state.queue.loop.is_closed()


def _start_times(state: BatchState) -> StartTimes:
    return StartTimes([batch.started_wall for batch in state.queue.running] if state.queue is not None else [])


@overload
def batch(_func: Callable[..., Any], /) -> BatchedFunction: ...


@overload
def batch(
    _func: None = None,
    /,
    max_batch_size: int = 10,
    batch_wait_timeout_s: WaitTimeout = 0.01,
    max_concurrent_batches: int = 1,
    batch_size_fn: SizeFunction | None = None,
) -> Callable[[Callable[..., Any]], BatchedFunction]: ...


def batch(
    _func: Callable[..., Any] | None = None,
    /,
    max_batch_size: int = 10,
    batch_wait_timeout_s: WaitTimeout = 0.01,
    max_concurrent_batches: int = 1,
    batch_size_fn: SizeFunction | None = None,
) -> BatchedFunction | Callable[[Callable[..., Any]], BatchedFunction]:
    """Make a function of one item from an ``async def`` that works on a list of items.

    Calls wait until `max_batch_size` of them are there or the first has waited `batch_wait_timeout_s`; then
    the function runs once, in the context of the first. It returns a list with one element for each item, in
    order; an `Exception` in the list is raised for that caller only. An async generator function yields such
    lists, and each caller gets an async generator of its elements; `StopIteration` in the list ends that
    caller's stream. Calls for different multiplexed models never share a batch. A caller that is cancelled
    leaves, and the others go on. It works in plain Python too, outside a deployment.

    Args:
        max_batch_size: items in a batch at most.
        batch_wait_timeout_s: seconds that the first item waits for others; 0: for nobody. ``"auto"`` waits only if
            the rate of arrivals and the run times seen say that it pays; see `WaitEstimator`.
        max_concurrent_batches: batches that run at once.
        batch_size_fn: the size of a list of items, where their number does not tell it (tokens, pixels). An
            item larger than `max_batch_size` runs alone.

    Raises:
        TypeError: not an ``async def``, or a parameter of the wrong type.
        ValueError: a parameter out of range.

    Example:
        >>> @batch(max_batch_size=4, batch_wait_timeout_s=0.05)
        ... async def double(numbers: list[int]) -> list[int]:
        ...     return [2 * number for number in numbers]
        >>> async def main():
        ...     return await asyncio.gather(double(1), double(2))
        >>> asyncio.run(main())
        [2, 4]
    """
    settings = BatchSettings(max_batch_size, batch_wait_timeout_s, max_concurrent_batches, batch_size_fn)

    def decorate(func: Callable[..., Any]) -> BatchedFunction:
        if not (inspect.iscoroutinefunction(func) or inspect.isasyncgenfunction(func)):
            raise TypeError(
                f"Functions decorated with @serve.batch must be 'async def', and {func!r} is not. "
                "Write `async def`, with the work inside."
            )
        return BatchedFunction(func, settings)

    return decorate if _func is None else decorate(_func)
