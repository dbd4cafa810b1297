"""`serve.batch`: the decorator, and what a decorated function is."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import logging
import time
import types
from collections.abc import Callable
from typing import Any, TypeVar, cast, overload

from kernelserve.batching.controls import BatchControls
from kernelserve.batching.items import StreamItem, Ticket, UnaryItem, read_stream
from kernelserve.batching.queue import BatchQueue
from kernelserve.batching.settings import BatchSettings, SizeFunction, WaitTimeout
from kernelserve.batching.state import BatchState
from kernelserve.bound import Bound, Decorated
from kernelserve.context import current_replica, current_request

_log = logging.getLogger(__name__)

Kind = TypeVar("Kind", UnaryItem, StreamItem)


class BatchedFunction(BatchControls, Decorated[BatchState]):
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
        self._asked = settings
        self._set_since: dict[str, Any] = {}
        self._streams = inspect.isasyncgenfunction(func)

    def bind(self, instance: Any) -> BoundBatch:
        return BoundBatch(self, instance)

    def new_state(self, home: int) -> BatchState:
        return BatchState(home)

    def parameters(self) -> tuple[Any, ...]:
        return (self.settings,)

    def adopt(self, former: Decorated[BatchState]) -> None:
        super().adopt(former)
        for name, value in cast(BatchedFunction, former)._set_since.items():
            self._set(name, value)

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
        if kwargs or not args or len(args) + (instance is not None) != self._positional:
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
        limit = replica.max_ongoing_requests if replica is not None else 0
        wanted = settings.max_batch_size * settings.max_concurrent_batches
        if 0 < limit < wanted:
            _log.warning(
                "%s asks for batches of %d items, %d at once, but the deployment's max_ongoing_requests is %d: "
                "batches never get full. Set max_ongoing_requests to %d or more.",
                self.label, settings.max_batch_size, settings.max_concurrent_batches, limit, wanted,
            )  # fmt: skip

    # --- settings ---

    @property
    def _settings(self) -> BatchSettings:
        return self.settings

    @property
    def _state(self) -> BatchState:
        return self.state(None)

    def _set(self, name: str, value: Any) -> None:
        self.settings = dataclasses.replace(self.settings, **{name: value})
        self._set_since[name] = getattr(self.settings, name)
        self._tell()

    def _reset(self, name: str) -> None:
        self.settings = dataclasses.replace(self.settings, **{name: getattr(self._asked, name)})
        self._set_since.pop(name, None)
        self._tell()

    def _override(self, name: str) -> Any:
        return self._set_since.get(name)

    def _tell(self) -> None:
        if self._own is not None:
            self._own.changed()

    def settings_on(self, instance: Any) -> BatchSettings:
        """What is in force on an instance (None: of a plain function); makes no state there."""
        state = self.state_if_any(instance)
        return self.settings if state is None else state.settings(self.settings)


class BoundBatch(BatchControls, Bound):
    # A batched method of an instance; see BatchedFunction.
    __slots__ = ()

    @property
    def _settings(self) -> BatchSettings:
        return self._state.settings(self._decorated.settings)

    @property
    def _state(self) -> BatchState:
        state: BatchState = self._decorated.state(self.__self__)
        return state

    def _set(self, name: str, value: Any) -> None:
        # Checked whole, as at the decorator, before anything changes.
        checked = dataclasses.replace(self._decorated.settings, **{name: value})
        self._state.set(name, getattr(checked, name))

    def _reset(self, name: str) -> None:
        if self._state.overrides.pop(name, None) is not None:
            self._state.changed()

    def _override(self, name: str) -> Any:
        return self._state.overrides.get(name)


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
