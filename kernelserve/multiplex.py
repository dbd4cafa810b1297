"""`serve.multiplexed`: a loader of models by id, which keeps those used last. Pure asyncio."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import logging
import time
import types
import weakref
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, overload

from kernelserve.bound import Decorated
from kernelserve.code.codehash import code_digest
from kernelserve.context import model_reporter
from kernelserve.exceptions import RayServeException, RequestCancelledError
from kernelserve.observe.models import ModelCounts, model_counts

_log = logging.getLogger(__name__)

Key = tuple[str, str]
"""Model id, and the digest of the loader's code: after an edit of the loader its models are loaded anew."""

Loader = Callable[[], Coroutine[Any, Any, Any]]


class _Load:
    """A load under way, how many wait for it, and what came of it."""

    __slots__ = ("model", "task", "waiters")

    def __init__(self) -> None:
        self.task: asyncio.Task[Any] | None = None
        self.waiters = 0
        self.model: Any = None


class ModelCache(OrderedDict[Key, Any]):
    """The models of one loader on one instance, the one used last at the end.

    A dict, so that who looks through an instance's state sees the models. Copies and pickles of the
    instance begin with an empty one.

    A model that leaves while a task still works with it is unloaded when that task ends, or asks for another
    model: nobody's model is unloaded under his hands.

    Attributes:
        home: see `bound.HomeState`.
    """

    __slots__ = ("_counts", "_handed", "_loads", "_lock", "_loop", "_retired", "_users", "home")

    def __init__(self, home: int = 0) -> None:
        super().__init__()
        self.home = home
        self._counts: ModelCounts | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = asyncio.Lock()
        self._loads: dict[Key, _Load] = {}
        self._handed: list[_Load] = []  # Loaded; those who waited have not all woken.
        self._users: dict[asyncio.Task[Any], Any] = {}
        self._retired: list[Any] = []

    # One cache is never another, whatever is in it; this also makes it fit for a set.
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__

    def __reduce__(self) -> Any:
        return ModelCache, ()

    async def get_or_load(self, key: Key, load: Loader, limit: int) -> Any:
        """The model; loaded by `load` if it is not there. All who ask meanwhile share one load.

        Args:
            key: of the model.
            load: loads it.
            limit: models to keep, or -1.
        """
        self._join_loop()
        if self._counts is not None:
            self._counts.asked.value += 1
        user = asyncio.current_task()
        self._released(user)
        if key in self:
            self.move_to_end(key)
            model = self[key]
            self._used_by(user, model)
            return model
        return await self._share_load(key, load, limit, user)

    async def unload_all(self) -> None:
        """Unload every model, the one not used longest first; for the end of a replica."""
        self._join_loop()
        async with self._lock:
            while self:
                await self._retire(next(iter(self)))
            while self._retired:
                await _unload(self._retired.pop(), self._counts)
            _report(self)

    def _join_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # Loads and users that belong to another loop cannot be waited for here.
            self._loop, self._lock, self._loads = loop, asyncio.Lock(), {}
            self._handed, self._users = [], {}
            self._counts = model_counts()

    # --- loading ---

    async def _share_load(self, key: Key, load: Loader, limit: int, user: asyncio.Task[Any] | None) -> Any:
        self._refuse_inside_load(key)
        shared = self._loads.get(key)
        if shared is None:
            shared = self._loads[key] = _Load()
            work = self._load(key, load, limit, shared)
            shared.task = asyncio.get_running_loop().create_task(work, name=f"kernelserve-load {key[0]}")
        assert shared.task is not None
        shared.waiters += 1
        try:
            # Shielded: who gives up waiting does not take the load from the others.
            model = await asyncio.shield(shared.task)
            self._used_by(user, model)
            return model
        finally:
            shared.waiters -= 1
            if shared.waiters == 0:
                self._nobody_waits(key, shared)

    def _refuse_inside_load(self, key: Key) -> None:
        for cache, shared, outer in _loading.get():
            if cache is self and shared.task is not None and not shared.task.done():
                raise RayServeException(
                    f"The loader was called for model {key[0]!r} while it loads {outer!r}, and loads are done "
                    "one after the other: it would wait for itself. Load what models share in a plain method, or by a "
                    "@serve.multiplexed method of its own."
                )

    def _nobody_waits(self, key: Key, shared: _Load) -> None:
        if shared.task is not None and not shared.task.done():
            # Nobody wants it any more, and it holds up all other loads.
            self._forget(key, shared)
            shared.task.cancel()
        elif shared in self._handed:
            self._handed.remove(shared)
            self._unload_if_free(shared.model)

    async def _load(self, key: Key, load: Loader, limit: int, shared: _Load) -> Any:
        _loading.set((*_loading.get(), (self, shared, key[0])))
        try:
            # One after the other, so that there are never more models in memory than the limit says.
            async with self._lock:
                if key not in self:
                    await self._make_room(limit)
                    self[key] = await _timed(key[0], load, self._counts)
                    await self._drop_older(key)
                    _report(self)
                shared.model = self[key]
                self._handed.append(shared)
                return shared.model
        except asyncio.CancelledError:
            if shared.waiters:  # The loader's own doing: those who wait are not cancelled themselves.
                raise RequestCancelledError() from None
            raise
        finally:
            self._forget(key, shared)

    def _forget(self, key: Key, shared: _Load) -> None:
        if self._loads.get(key) is shared:
            del self._loads[key]

    # --- unloading ---

    async def _make_room(self, limit: int) -> None:
        while 0 < limit <= len(self):
            await self._retire(next(iter(self)))
            _report(self)

    async def _drop_older(self, key: Key) -> None:
        """Unload the same model as earlier versions of the loader made it."""
        for other in [one for one in self if one[0] == key[0] and one != key]:
            await self._retire(other)

    async def _retire(self, key: Key) -> None:
        model = self.pop(key)
        if self._is_used(model):
            self._retired.append(model)
        else:
            await _unload(model, self._counts)

    def _is_used(self, model: Any) -> bool:
        in_use = (*self._users.values(), *(shared.model for shared in self._handed), *self.values())
        return any(one is model for one in in_use)

    def _used_by(self, user: asyncio.Task[Any] | None, model: Any) -> None:
        if user is not None:
            self._users[user] = model
            user.remove_done_callback(self._released)
            user.add_done_callback(self._released)

    def _released(self, user: asyncio.Task[Any] | None) -> None:
        """A task works with its model no more."""
        if user in self._users:
            self._unload_if_free(self._users.pop(user))

    def _unload_if_free(self, model: Any) -> None:
        """Unload a model that has left the cache, if this was its last user."""
        index = next((index for index, one in enumerate(self._retired) if one is model), None)
        if index is None or self._is_used(model) or self._loop is None or self._loop.is_closed():
            return
        del self._retired[index]
        task = self._loop.create_task(_unload(model, self._counts), name="kernelserve-unload")
        _unloading.add(task)
        task.add_done_callback(_unloading.discard)


_loading: contextvars.ContextVar[tuple[tuple[ModelCache, _Load, str], ...]] = contextvars.ContextVar(
    "kernelserve_loading", default=()
)
"""The loads that the code is a part of, with their model ids."""

_unloading: set[asyncio.Task[None]] = set()
"""Keeps the tasks from the garbage collector, which the event loop does not."""

_caches: weakref.WeakKeyDictionary[Callable[..., None], weakref.WeakSet[ModelCache]] = weakref.WeakKeyDictionary()
"""The caches whose models are told to a reporter: all of one replica."""


def _report(cache: ModelCache) -> None:
    reporter = model_reporter.get()
    if reporter is not None:
        caches = _caches.setdefault(reporter, weakref.WeakSet())
        caches.add(cache)
        models = frozenset(model_id for one in caches for model_id, _ in one)
        reporter(models)
        if cache._counts is not None:
            cache._counts.models = models


async def unload_models() -> None:
    """Unload all models of the present replica, which ends."""
    reporter = model_reporter.get()
    if reporter is not None:
        for cache in list(_caches.get(reporter, ())):
            await cache.unload_all()


async def _timed(model_id: str, load: Loader, counts: ModelCounts | None) -> Any:
    started = time.monotonic()
    model = await load()
    seconds = time.monotonic() - started
    _log.debug("Loaded model %r in %.3f s", model_id, seconds)
    if counts is not None:
        counts.loaded(seconds)
    return model


async def _unload(model: Any, counts: ModelCounts | None) -> None:
    """Finalize a model that has left the cache."""
    finalizer = getattr(model, "__del__", None)
    started = time.monotonic()
    if finalizer is not None:
        await _finalize(model, finalizer)
    if counts is not None:
        counts.unloaded(None if finalizer is None else time.monotonic() - started)


async def _finalize(model: Any, finalizer: Callable[[], Any]) -> None:
    """Call the model's `__del__` now, as Ray Serve does; the garbage collector will not call it again."""
    _finalize_once(model)
    try:
        if inspect.iscoroutinefunction(finalizer):
            await finalizer()
        else:
            await asyncio.to_thread(finalizer)
    except Exception:  # The boundary to the user's __del__: as everywhere in Python, its errors stop nothing.
        _log.exception("__del__ of a %s failed while the model was unloaded", type(model).__name__)


def _finalize_once(model: Any) -> None:
    cls: Any = type(model)
    body = {"__slots__": (), "__module__": cls.__module__, "__qualname__": cls.__qualname__, "__del__": _nothing}
    try:
        model.__class__ = type(cls)(cls.__name__, (cls,), body)
    except Exception:  # The boundary to the user's metaclass and __init_subclass__; some layouts refuse it too.
        _log.debug("__del__ of a %s may run again when it is collected", cls.__name__, exc_info=True)


def _nothing(model: object) -> None:
    """In the place of a `__del__` that has run."""


class MultiplexedFunction(Decorated[ModelCache]):
    """A loader with a cache; made by `multiplexed`."""

    kind = "models"

    def __init__(
        self, func: Callable[..., Any], max_num_models_per_replica: int, label: str = "", is_method: bool = False
    ) -> None:
        super().__init__(func, label, is_method)
        self.max_num_models_per_replica = max_num_models_per_replica

    def new_state(self, home: int) -> ModelCache:
        return ModelCache(home)

    def parameters(self) -> tuple[Any, ...]:
        return (self.max_num_models_per_replica,)

    async def invoke(self, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        call = self.func if instance is None else types.MethodType(self.func, instance)
        model_id = self._model_id(call, args, kwargs)
        cache = self.state(instance)
        key = (model_id, self._digest)
        return await cache.get_or_load(key, lambda: call(model_id), self.max_num_models_per_replica)

    @functools.cached_property
    def _digest(self) -> str:
        return code_digest(self.func.__code__)

    def _model_id(self, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        given = (*args, *kwargs.values())
        if len(given) != 1:
            raise TypeError(
                f"{self.label}() takes exactly one argument, the model id, but got {len(given)}. "
                "Pass serve.get_multiplexed_model_id()."
            )
        if kwargs:
            inspect.signature(call).bind(**kwargs)  # The name must be the parameter's.
        model_id = given[0]
        if not isinstance(model_id, str):
            raise TypeError(
                f"The model ID must be a string, and {self.label}() got {model_id!r} ({type(model_id).__name__}). "
                "Pass serve.get_multiplexed_model_id()."
            )
        if not model_id:
            raise ValueError(
                f"The model ID cannot be empty, and {self.label}() got ''. Send the request with a model id: "
                "handle.options(multiplexed_model_id=...), or the HTTP header serve_multiplexed_model_id."
            )
        return model_id


@overload
def multiplexed(func: Callable[..., Any]) -> MultiplexedFunction: ...


@overload
def multiplexed(
    func: None = None, max_num_models_per_replica: int = 3
) -> Callable[[Callable[..., Any]], MultiplexedFunction]: ...


def multiplexed(
    func: Callable[..., Any] | None = None, max_num_models_per_replica: int = 3
) -> MultiplexedFunction | Callable[[Callable[..., Any]], MultiplexedFunction]:
    """Give a loader of models a cache of the models used last.

    The loader is an ``async def`` function or method that takes a model id. Requests with a model id go to
    replicas that have it loaded. Calls for a model that is being loaded wait for that load; a load that fails
    fails them all and is tried again by the next call. With `max_num_models_per_replica` models in memory the one not
    used longest makes room: its ``__del__``, if it has one, is called (awaited, if it is ``async``).

    Args:
        max_num_models_per_replica: models to keep; -1: all.

    Raises:
        TypeError: not an ``async def`` that takes a model id, or the limit is no int.
        ValueError: the limit is neither positive nor -1.

    Example:
        >>> class Translator:
        ...     @multiplexed(max_num_models_per_replica=2)
        ...     async def model(self, model_id: str) -> str:
        ...         return f"weights of {model_id}"
        >>> asyncio.run(Translator().model("de"))
        'weights of de'
    """
    limit = max_num_models_per_replica
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise TypeError(f"max_num_models_per_replica must be an integer, got {limit!r}. Pass -1 for no limit.")
    if limit != -1 and limit <= 0:
        raise ValueError(f"max_num_models_per_replica must be positive, or -1, got {limit}. Pass -1 for no limit.")

    def decorate(loader: Callable[..., Any]) -> MultiplexedFunction:
        if not inspect.iscoroutinefunction(loader):
            raise TypeError(
                f"@serve.multiplexed can only be used to decorate async functions or methods, not {loader!r}. "
                "Write `async def`."
            )
        count = len(inspect.signature(loader).parameters)
        if not 1 <= count <= 2:
            raise TypeError(
                f"@serve.multiplexed needs a function (or method) of one 'model_id: str', but {loader.__qualname__} "
                f"takes {count} arguments. Give it the model id only."
            )
        return MultiplexedFunction(loader, limit)

    return decorate if func is None else decorate(func)
