"""`DeploymentHandle` and `DeploymentResponse`: calls from Python to a deployment."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import itertools
import os
import pickle
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import msgspec

from kernelserve import context
from kernelserve.config import did_you_mean
from kernelserve.exceptions import (
    DeploymentUnavailableError,
    FeatureNotBuiltError,
    RayServeException,
    RemoteTraceback,
    RequestCancelledError,
)
from kernelserve.routing.call import Call
from kernelserve.routing.directory import AppRoutes
from kernelserve.routing.router import Router
from kernelserve.routing.runtime import Runtime, current_runtime
from kernelserve.transport.base import FLAG_UNITS, Buffer, FrameKind
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import CallMeta, ErrorMeta

T = TypeVar("T")

_encode = msgspec.msgpack.Encoder().encode
_decode_error = msgspec.msgpack.Decoder(ErrorMeta).decode
_request_prefix = os.urandom(6).hex()
_request_numbers = itertools.count(1)

RawResult = tuple[bool, list[Buffer]]
"""An answer as it came: whether the unit codec pickled it, and the pickle with its buffers."""


def new_request_id() -> str:
    """An id unique to this process and call; cheap, not secret."""
    return f"{_request_prefix}-{next(_request_numbers):x}"


# Ray Serve's, with the values that ask for nothing.
_OPTIONS_NOT_BUILT: dict[str, tuple[Any, ...]] = {
    "multiplexed_model_id": ("",),
    "session_id": ("",),
    "_prefer_local_routing": (False,),
    "_by_reference": (True, False),
    "request_serialization": ("cloudpickle", "pickle"),
    "response_serialization": ("cloudpickle", "pickle"),
}
_METHODS_NOT_BUILT = (
    "broadcast",
    "choose_replica",
    "dispatch",
    "is_initialized",
    "running_replicas_populated",
    "shutdown",
    "shutdown_async",
)


@dataclass(frozen=True, slots=True)
class HandleOptions:
    method_name: str = "__call__"
    multiplexed_model_id: str = ""
    session_id: str = ""


class DeploymentHandle(Generic[T]):
    """Calls a deployment's methods; picklable, and works in notebooks, scripts and replicas.

    Example:
        >>> handle = serve.app("search").handle          # doctest: +SKIP
        >>> await handle.remote("split a string")        # doctest: +SKIP
        >>> handle.top.remote(3).result(timeout_s=1)     # doctest: +SKIP
    """

    def __init__(self, deployment_name: str, app_name: str, _options: HandleOptions | None = None) -> None:
        self.deployment_name = deployment_name
        self.app_name = app_name
        self._options = _options or HandleOptions()
        # A handle made inside a replica belongs to that replica's loop, whichever thread uses it later.
        self._runtime: Runtime | None = context.current_runtime.get()

    def options(
        self,
        *,
        method_name: str | None = None,
        stream: bool = False,
        **other: Any,
    ) -> DeploymentHandle[Any]:
        """A copy with other options.

        Args:
            method_name: the method that `remote` calls.

        Raises:
            FeatureNotBuiltError: ``stream=True``, and Ray Serve's other options: model and session ids,
                serialization, local routing.
            TypeError: no such option in Ray Serve either; says the nearest valid one.
        """
        if stream:
            raise FeatureNotBuiltError(
                "handle.options(stream=True) is not built yet. Return a list, or call repeatedly."
            )
        for name, value in other.items():
            if name not in _OPTIONS_NOT_BUILT:
                known = ("method_name", "stream", *_OPTIONS_NOT_BUILT)
                raise TypeError(f"Unknown handle option {name}={value!r}. {did_you_mean(name, known)}")
            if value not in _OPTIONS_NOT_BUILT[name]:
                raise FeatureNotBuiltError(f"handle.options({name}={value!r}) is not built yet. Leave it out.")
        changed = self._options if method_name is None else replace(self._options, method_name=method_name)
        handle: DeploymentHandle[Any] = DeploymentHandle(self.deployment_name, self.app_name, changed)
        handle._runtime = self._runtime
        return handle

    def __getattr__(self, name: str) -> DeploymentHandle[Any]:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")
        if name in _METHODS_NOT_BUILT:
            # In Ray Serve these are the handle's own, so they cannot mean the deployment's method here.
            raise FeatureNotBuiltError(
                f"handle.{name} is not built yet in kernelserve. "
                f"A method of your own of that name is called with options(method_name={name!r})."
            )
        return self.options(method_name=name)

    def remote(self, *args: Any, **kwargs: Any) -> DeploymentResponse[Any]:
        """Call the deployment; returns at once.

        A `DeploymentResponse` among the arguments is resolved on the way: its payload goes on to the
        replica as it came, without being made into Python objects here.
        """
        runtime = self._runtime or current_runtime()
        options = self._options
        request = context.current_request.get()
        request_id = request.request_id if request is not None else new_request_id()
        meta = CallMeta(
            request_id,
            options.method_name,
            options.multiplexed_model_id or (request.multiplexed_model_id if request is not None else ""),
            options.session_id or (request.session_id if request is not None else ""),
            request.route if request is not None else "",
        )
        revision = request.revision if request is not None and request.app_name == self.app_name else 0
        response: DeploymentResponse[Any] = DeploymentResponse(self, runtime, request_id)
        upstream = [value for value in (*args, *kwargs.values()) if isinstance(value, DeploymentResponse)]
        start: Callable[[], None]
        if upstream:
            start = functools.partial(response._start_after, upstream, meta, revision, args, kwargs)
        else:
            by_unit, parts = runtime.stores(self.app_name).dumps((args, kwargs))
            start = functools.partial(response._start, meta, revision, by_unit, parts)
        if runtime.on_own_thread():
            start()
        else:
            runtime.loop.call_soon_threadsafe(start)
        return response

    def __reduce__(self) -> tuple[Any, ...]:
        return DeploymentHandle, (self.deployment_name, self.app_name, self._options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeploymentHandle) and self.__reduce__()[1] == other.__reduce__()[1]

    def __hash__(self) -> int:
        return hash((self.deployment_name, self.app_name))

    def __repr__(self) -> str:
        return f"DeploymentHandle(deployment={self.deployment_name!r}, app={self.app_name!r})"


class _HandleCall(Call):
    """A call from a handle; on the runtime's loop."""

    __slots__ = ("entered", "response")

    response: DeploymentResponse[Any]
    entered: AppRoutes | None

    def on_frame(self, kind: int, flags: int, payload: Buffer) -> None:
        self._leave()
        try:
            parts: list[Buffer] = list(split_parts(payload))
        except RayServeException as error:
            self.response._future.set_exception(error)
            return
        if kind == FrameKind.RESULT:
            self.response._future.set_result((bool(flags & FLAG_UNITS), parts))
        else:
            self.response._set_remote_error(bool(flags & FLAG_UNITS), parts)

    def on_failure(self, error: Exception) -> None:
        self._leave()
        self.response._future.set_exception(error)

    def _leave(self) -> None:
        if self.entered is not None:
            self.entered.leave(self.revision)
            self.entered = None


class DeploymentResponse(Generic[T]):
    """The answer to come of `DeploymentHandle.remote`: ``await`` it, or wait with `result`."""

    def __init__(self, handle: DeploymentHandle[Any], runtime: Runtime, request_id: str) -> None:
        self.request_id = request_id
        self._handle = handle
        self._runtime = runtime
        self._future: concurrent.futures.Future[RawResult] = concurrent.futures.Future()
        self._call: _HandleCall | None = None
        self._router: Router | None = None
        self._cancelled = False

    def result(self, timeout_s: float | None = None) -> T:
        """Wait for the answer. Works in a notebook cell, in scripts and in replicas' ``def`` methods.

        Args:
            timeout_s: seconds to wait; the request goes on after a timeout. None waits for ever.

        Raises:
            TimeoutError: no answer in time.
            RuntimeError: called on the event loop that has to bring the answer; use ``await``.
            Exception: what the deployment raised, with its own type.
        """
        if self._runtime.on_own_thread() and not self._future.done():
            raise RuntimeError(
                f"{self!r}.result() was called on the replica's event loop, which would wait for itself. "
                "Use `await response` in an async method or constructor, or make the method a plain `def`."
            )
        try:
            raw = self._future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            raise TimeoutError(
                f"{self._handle!r} has not answered within {timeout_s} s (request {self.request_id}). "
                "Wait longer, or look at serve.status()."
            ) from None
        return self._decode(raw)

    def __await__(self) -> Generator[Any, None, T]:
        future = self._future
        if not future.done():
            loop = asyncio.get_running_loop()
            waiter: asyncio.Future[None] = loop.create_future()
            if loop is self._runtime.loop:
                future.add_done_callback(lambda _: _wake(waiter))
            else:
                future.add_done_callback(lambda _: loop.call_soon_threadsafe(_wake, waiter))
            try:
                yield from waiter
            except asyncio.CancelledError:
                self.cancel()
                raise
        return self._decode(future.result())

    def cancel(self) -> None:
        """Ask for the request to be stopped, here and in everything that it called."""
        self._cancelled = True
        self._runtime.loop.call_soon_threadsafe(self._cancel_on_loop)

    def cancelled(self) -> bool:
        """True if `cancel` was called before the answer came, and the request has ended with it."""
        return self._future.done() and isinstance(self._future.exception(), RequestCancelledError)

    def done(self) -> bool:
        return self._future.done()

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(
            f"{self!r} cannot be pickled. Pass it as a plain argument of another handle's remote(), "
            "not inside a list, or await it first."
        )

    def __repr__(self) -> str:
        state = "done" if self._future.done() else "pending"
        return f"<DeploymentResponse of {self._handle.app_name}#{self._handle.deployment_name}, {state}>"

    # --- on the runtime's loop ---

    def _start(self, meta: CallMeta, revision: int, by_unit: bool, parts: list[Buffer]) -> None:
        app = self._handle.app_name
        routes = self._runtime.directory.apps.get(app)
        if routes is None or routes.stamp == (0, 0):
            self._spawn(self._subscribe_and_start(meta, revision, by_unit, parts))
            return
        if self._cancelled:
            self._future.set_exception(RequestCancelledError(self.request_id))
            return
        name = self._handle.deployment_name
        if not (revision or routes.current or routes.deleted_reason):
            self._future.set_exception(
                DeploymentUnavailableError(f"The first deploy of app {app!r} is not finished. Wait for it.")
            )
            return
        if not routes.deleted_reason and not routes.has_deployment(name):
            self._future.set_exception(
                DeploymentUnavailableError(
                    f"App {app!r} has no deployment {name!r}. It has: {', '.join(routes.deployments())}."
                )
            )
            return
        payload = join_parts([_encode(meta), *parts])
        call = _HandleCall(
            FrameKind.CALL,
            payload,
            revision or routes.current,
            FLAG_UNITS if by_unit else 0,
            routes.retry_on_replica_failure(name),
            self.request_id,
        )
        call.response = self
        call.entered = None
        if not revision and self._runtime.entry and routes.current:
            call.revision = routes.enter()
            call.entered = routes
        self._call = call
        self._router = routes.router(name)
        self._router.submit(call)

    def _start_after(self, upstream: list[DeploymentResponse[Any]], *call: Any) -> None:
        self._spawn(self._resolve_and_start(upstream, *call))

    async def _resolve_and_start(
        self,
        upstream: list[DeploymentResponse[Any]],
        meta: CallMeta,
        revision: int,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        raws = await asyncio.gather(*(asyncio.wrap_future(response._future) for response in upstream))
        passed = {id(response): _Passed(*raw) for response, raw in zip(upstream, raws, strict=True)}
        args = tuple(passed.get(id(value), value) for value in args)
        kwargs = {name: passed.get(id(value), value) for name, value in kwargs.items()}
        by_unit, parts = self._runtime.stores(self._handle.app_name).dumps((args, kwargs))
        self._start(meta, revision, by_unit, parts)

    async def _subscribe_and_start(self, meta: CallMeta, revision: int, by_unit: bool, parts: list[Buffer]) -> None:
        await self._runtime.subscribe(self._handle.app_name)
        self._runtime.directory.app(self._handle.app_name)  # Raises if there is none.
        self._start(meta, revision, by_unit, parts)

    def _spawn(self, coroutine: Any) -> None:
        def finished(task: asyncio.Task[None]) -> None:
            if self._future.done():
                return
            if task.cancelled():
                self._future.set_exception(RequestCancelledError(self.request_id))
            elif (error := task.exception()) is not None:
                self._future.set_exception(error)

        self._runtime.loop.create_task(coroutine).add_done_callback(finished)

    def _cancel_on_loop(self) -> None:
        if not self._future.done() and self._call is not None and self._router is not None:
            self._router.cancel(self._call)

    # --- decoding, in the thread that asked ---

    def _decode(self, raw: RawResult) -> T:
        by_unit, parts = raw
        store = self._runtime.stores(self._handle.app_name)
        value: T = _loads_in(store, by_unit, parts)
        return value

    def _set_remote_error(self, by_unit: bool, parts: list[Buffer]) -> None:
        store = self._runtime.stores(self._handle.app_name)
        self._future.set_exception(remote_error(store, by_unit, parts, self.request_id))


def remote_error(store: Any, by_unit: bool, parts: list[Buffer], request_id: str) -> BaseException:
    """The exception of an ERROR frame: the user's own type where it can be made, with the remote traceback."""
    meta = _decode_error(bytes(parts[0]))
    if meta.category == "cancelled":
        return RequestCancelledError(request_id)
    error: BaseException | None = None
    if len(parts) > 1 and parts[1]:
        try:
            loaded = _loads_in(store, by_unit, parts[1:])
        except Exception:  # The user's exception class may do anything when it is made again.
            loaded = None
        error = loaded if isinstance(loaded, BaseException) else None
    if error is None:
        error = RayServeException(f"{meta.type_name}: {meta.message}" if meta.category == "user" else meta.message)
    if meta.traceback:
        error.__cause__ = RemoteTraceback(meta.traceback)
    return error


class _Passed:
    """An answer on its way into another call: pickles as the payload that came, loads as its value."""

    def __init__(self, by_unit: bool, parts: list[Buffer]) -> None:
        self._by_unit = by_unit
        self._parts = parts

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return _load_passed, (self._by_unit, [pickle.PickleBuffer(part) for part in self._parts])


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _load_passed(by_unit: bool, parts: list[Any]) -> Any:
    store = context.current_store.get()
    return store.loads(by_unit, [memoryview(part) for part in parts])


def _loads_in(store: Any, by_unit: bool, parts: list[Buffer]) -> Any:
    token = context.current_store.set(store)
    try:
        return store.loads(by_unit, parts)
    finally:
        context.current_store.reset(token)
