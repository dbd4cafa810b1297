"""`DeploymentHandle`: calls from Python to a deployment. What it returns is in `response` and `response_stream`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, cast, overload

from kernelserve import context
from kernelserve.config import did_you_mean
from kernelserve.exceptions import FeatureNotBuiltError, RayServeException
from kernelserve.outgoing import Answer, HandleOptions, on_loop, wait_for
from kernelserve.replica_choice import DispatchedAnswer, ReplicaSelection, SlotRequest
from kernelserve.response import DeploymentBroadcastResponse, DeploymentResponse
from kernelserve.response_stream import DeploymentResponseGenerator, ItemStream
from kernelserve.routing.payloads import RawValue
from kernelserve.routing.runtime import Runtime, current_runtime
from kernelserve.types import DeploymentID

__all__ = [
    "DeploymentBroadcastResponse",
    "DeploymentHandle",
    "DeploymentResponse",
    "DeploymentResponseGenerator",
    "ReplicaSelection",
]

T = TypeVar("T")

_SERIALIZERS = ("cloudpickle", "pickle")
_NOT_BUILT_SERIALIZERS = ("msgpack", "orjson")
# Ray Serve's, which ask for nothing that there is a choice of here.
_WITHOUT_EFFECT = ("_prefer_local_routing", "_by_reference")
_OPTIONS = (
    "method_name", "stream", "multiplexed_model_id", "session_id", "revision", "request_serialization",
    "response_serialization",
    *_WITHOUT_EFFECT,
)  # fmt: skip


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

    @overload
    def options(
        self,
        *,
        stream: Literal[True],
        method_name: str | None = None,
        multiplexed_model_id: str | None = None,
        session_id: str | None = None,
        revision: int | None = None,
        **other: Any,
    ) -> StreamingHandle: ...

    @overload
    def options(
        self,
        *,
        stream: bool | None = None,
        method_name: str | None = None,
        multiplexed_model_id: str | None = None,
        session_id: str | None = None,
        revision: int | None = None,
        **other: Any,
    ) -> DeploymentHandle[Any]: ...

    def options(
        self,
        *,
        stream: bool | None = None,
        method_name: str | None = None,
        multiplexed_model_id: str | None = None,
        session_id: str | None = None,
        revision: int | None = None,
        **other: Any,
    ) -> Any:
        """A copy with other options; what is not given stays as it is.

        Args:
            stream: `remote` calls a generator and returns a `DeploymentResponseGenerator`.
            method_name: the method that `remote` calls.
            multiplexed_model_id: the model that the request is for: goes to a replica that has it loaded. Calls
                made by a request have its model id and session id without saying so.
            session_id: requests of one session go to one replica while that takes requests.
            revision: the revision that answers: the current one or one on trial. For handles of notebooks and scripts;
                calls that a request makes have the revision of the request. 0 leaves it to the app.
            other: `request_serialization` and `response_serialization` may be ``"cloudpickle"`` or ``"pickle"``, which
                are one codec here. `_prefer_local_routing` and `_by_reference` are taken and change nothing: all
                replicas are on this machine, and values do not go through an object store.

        Raises:
            FeatureNotBuiltError: another serialization of Ray Serve.
            TypeError: no such option; says the nearest valid one.

        Example:
            >>> handle.options(method_name="generate", stream=True).remote("Once")     # doctest: +SKIP
        """
        for name, value in other.items():
            _check_other(name, value)
        given = {
            "stream": stream,
            "method_name": method_name,
            "multiplexed_model_id": multiplexed_model_id,
            "session_id": session_id,
            "revision": revision,
        }
        changed = {name: value for name, value in given.items() if value is not None}
        for name, value in changed.items():
            _check_type(name, value)
        return self._with(replace(self._options, **cast(Any, changed)))

    def __getattr__(self, name: str) -> DeploymentHandle[Any]:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")
        return self._with(replace(self._options, method_name=name))

    def remote(self, *args: Any, **kwargs: Any) -> DeploymentResponse[Any]:
        """Call the deployment; returns at once.

        A `DeploymentResponse` among the arguments is resolved on the way: its payload goes on to the
        replica as it came, without being made into Python objects here.

        Returns:
            A `DeploymentResponse`, or a `DeploymentResponseGenerator` with ``options(stream=True)``.

        Raises:
            ShipError: an argument cannot be sent; the message has the path to it.
            TypeError: a `DeploymentResponseGenerator` among the arguments.
        """
        runtime = self._runtime or current_runtime()
        if self._options.stream:
            stream = ItemStream(self._to, runtime, self._options)
            stream.launch(args, kwargs, _upstream(args, kwargs))
            return cast("DeploymentResponse[Any]", DeploymentResponseGenerator[Any](stream))
        answer = Answer(self._to, runtime, self._options)
        answer.launch(args, kwargs, _upstream(args, kwargs))
        return DeploymentResponse(answer)

    # --- certain replicas ---

    @contextlib.asynccontextmanager
    async def choose_replica(self, *args: Any, **kwargs: Any) -> AsyncIterator[ReplicaSelection]:
        """Choose a replica as `remote` would, and keep a slot of it for one `dispatch` inside the block.

        Args:
            args: not used: the choice looks at load, model and session. As `kwargs`.

        Example:
            >>> async with handle.choose_replica() as selection:          # doctest: +SKIP
            ...     answer = await handle.dispatch(selection, "text")
        """
        runtime = self._runtime or current_runtime()
        slot = SlotRequest(self._to, runtime, self._options)
        slot.launch_raw((False, []))
        try:
            replica_id = await wait_for(slot.future, runtime)
        except asyncio.CancelledError:
            on_loop(runtime, slot.release)
            raise
        selection = ReplicaSelection(slot, replica_id)
        try:
            yield selection
        finally:
            selection.release()

    def dispatch(self, selection: ReplicaSelection, *args: Any, **kwargs: Any) -> DeploymentResponse[Any]:
        """Call the deployment at the replica that was chosen; returns at once.

        Raises:
            RuntimeError: the selection was used already, or its block has ended.
            FeatureNotBuiltError: the handle has ``stream=True``.
        """
        if self._options.stream:
            raise FeatureNotBuiltError(
                f"{self!r}.dispatch with stream=True is not built. Use remote() for a stream, or return a list."
            )
        slot = selection.take_slot(self._to)
        try:
            answer = DispatchedAnswer(slot, selection.replica_id, self._options)
            answer.launch(args, kwargs, _upstream(args, kwargs))
        except RayServeException:
            on_loop(slot.runtime, slot.release)
            raise
        return DeploymentResponse(answer)

    def broadcast(self, method_name: str, *args: Any, **kwargs: Any) -> DeploymentBroadcastResponse[Any]:
        """Call a method once at every running replica; returns at once. Full replicas get it when they are free.

        Example:
            >>> handle.broadcast("load", "v2").results(timeout_s=30)     # doctest: +SKIP
        """
        runtime = self._runtime or current_runtime()
        options = replace(self._options, method_name=method_name, stream=False)
        first = Answer(self._to, runtime, options)
        upstream = _upstream(args, kwargs)
        raw = None if upstream else runtime.stores(self.app_name).dumps((args, kwargs))

        async def send() -> list[DeploymentResponse[Any]]:
            values: RawValue = raw if raw is not None else await first.resolve(args, kwargs, upstream)
            await runtime.subscribe(self.app_name)
            routes = runtime.directory.app(self.app_name)
            replicas = sorted(routes.replica_ids(self.deployment_name, first.revision or routes.current))
            answers = [Answer(self._to, runtime, options) for _ in replicas]
            for answer, replica_id in zip(answers, replicas, strict=True):
                answer.target = replica_id
                answer.launch_raw(values)
            return [DeploymentResponse(answer) for answer in answers]

        sent = asyncio.run_coroutine_threadsafe(send(), runtime.loop)
        return DeploymentBroadcastResponse(self._to, runtime, first.request_id, sent)

    # --- state ---

    @property
    def is_initialized(self) -> bool:
        """Whether this process knows where the app's replicas are; the first call sees to it."""
        return self._known_replicas() is not None

    def running_replicas_populated(self) -> bool:
        """Whether at least one replica of the deployment is known here."""
        return bool(self._known_replicas())

    def _init(self, **options: Any) -> None:
        """Ray Serve's early initialisation. Takes its options, which have no effect: nothing waits for it here."""

    def shutdown(self) -> None:
        """Ray Serve's end of a handle's router. Nothing ends: the process's handles share their connections.

        They are closed with the app, or with the process.
        """

    async def shutdown_async(self) -> None:
        """As `shutdown`."""

    def _known_replicas(self) -> list[str] | None:
        try:
            runtime = self._runtime or current_runtime()
        except RayServeException:
            return None
        routes = runtime.directory.apps.get(self.app_name)
        if routes is None or routes.stamp == (0, 0):
            return None
        return routes.replica_ids(self.deployment_name, routes.current)

    @property
    def _to(self) -> DeploymentID:
        return DeploymentID(self.app_name, self.deployment_name)

    def _with(self, options: HandleOptions) -> DeploymentHandle[Any]:
        handle: DeploymentHandle[Any] = DeploymentHandle(self.deployment_name, self.app_name, options)
        handle._runtime = self._runtime
        return handle

    def __reduce__(self) -> tuple[Any, ...]:
        return DeploymentHandle, (self.deployment_name, self.app_name, self._options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeploymentHandle) and self.__reduce__()[1] == other.__reduce__()[1]

    def __hash__(self) -> int:
        return hash((self.deployment_name, self.app_name))

    def __repr__(self) -> str:
        return f"DeploymentHandle(deployment={self.deployment_name!r}, app={self.app_name!r})"


if TYPE_CHECKING:

    class StreamingHandle(Protocol):
        """A handle with ``stream=True``, as a type checker sees it: `remote` gives items."""

        deployment_name: str
        app_name: str

        def options(self, **options: Any) -> StreamingHandle: ...
        def remote(self, *args: Any, **kwargs: Any) -> DeploymentResponseGenerator[Any]: ...
        def __getattr__(self, name: str) -> StreamingHandle: ...


def _upstream(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[int, Answer]:
    """The calls whose responses stand among the arguments, by the response's id."""
    found: dict[int, Answer] = {}
    for value in (*args, *kwargs.values()):
        if isinstance(value, DeploymentResponse):
            found[id(value)] = value._answer
        elif isinstance(value, DeploymentResponseGenerator):
            raise TypeError(
                f"{value!r} cannot be passed to another deployment: a stream has one reader, and it is here. "
                "Iterate it, and pass its items on."
            )
    return found


def _check_other(name: str, value: Any) -> None:
    if name in ("request_serialization", "response_serialization"):
        if value in _NOT_BUILT_SERIALIZERS:
            raise FeatureNotBuiltError(f"handle.options({name}={value!r}) is not built yet. Use 'cloudpickle'.")
        if value not in _SERIALIZERS:
            known = ", ".join(map(repr, _SERIALIZERS))
            raise ValueError(f"handle.options({name}={value!r}): there is no such serialization. Use one of {known}.")
    elif name not in _WITHOUT_EFFECT:
        raise TypeError(f"Unknown handle option {name}={value!r}. {did_you_mean(name, _OPTIONS)}")


def _check_type(name: str, value: Any) -> None:
    wanted = {"stream": bool, "revision": int}.get(name, str)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise TypeError(
            f"handle.options({name}=…) takes a {wanted.__name__}, and got {value!r}. Give it as a {wanted.__name__}."
        )
