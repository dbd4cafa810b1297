"""`@deployment`, `Deployment` and `Application`: what a user declares."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, overload

from kernelserve.batching.methods import asked_settings
from kernelserve.config import (
    DEFAULT,
    BackpressureConfig,
    DeploymentOptions,
    check_name,
    did_you_mean,
    merge_options,
    plain_options,
)
from kernelserve.exceptions import RayServeException
from kernelserve.schema import LoggingConfig

T = TypeVar("T")


class Application(Generic[T]):
    """A bound deployment: pass it to `run`, or to another deployment's `bind`.

    Made by `Deployment.bind`; bound applications among the arguments arrive in the constructor as
    `DeploymentHandle`.
    """

    _kernelserve_bound = True

    def __init__(self, deployment: Deployment[T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._deployment = deployment
        self.init_args = args
        self.init_kwargs = kwargs

    @property
    def deployment(self) -> Deployment[T]:
        """What was bound."""
        return self._deployment

    @property
    def name(self) -> str:
        return self._deployment.name

    @property
    def func_or_class(self) -> Callable[..., Any]:
        return self._deployment.func_or_class

    @property
    def options_dict(self) -> Mapping[str, Any]:
        """Options as plain data, defaults left out."""
        return plain_options(self._deployment._options)

    @property
    def batching(self) -> Mapping[str, Mapping[str, Any]]:
        """Its methods of `serve.batch` with what the decorator says of them."""
        return asked_settings(self.func_or_class)

    def __repr__(self) -> str:
        return f"Application({self.name})"


class Deployment(Generic[T]):
    """A class or function with serving options. Made by `deployment`; it is not called, but bound."""

    def __init__(
        self,
        func_or_class: Callable[..., Any],
        name: str,
        options: DeploymentOptions,
        given: Mapping[str, Any] | None = None,
    ) -> None:
        self.func_or_class = func_or_class
        self._name = check_name(name)
        self._options = options
        self._given = dict(given or {})

    @property
    def given(self) -> Mapping[str, Any]:
        """What `options` was given on the way here (``name`` among it), so that a redefined class can get it, too."""
        return self._given

    @property
    def name(self) -> str:
        return self._name

    @property
    def num_replicas(self) -> int:
        return self._options.num_replicas

    @property
    def user_config(self) -> Any:
        return self._options.user_config

    @property
    def max_ongoing_requests(self) -> int:
        return self._options.max_ongoing_requests

    @property
    def max_queued_requests(self) -> int:
        return self._options.max_queued_requests

    @property
    def ray_actor_options(self) -> dict[str, Any]:
        return dict(self._options.ray_actor_options)

    @property
    def backpressure_config(self) -> BackpressureConfig:
        return self._options.backpressure_config

    @property
    def version(self) -> None:
        """Always None, as edits are found by content."""

    @property
    def logging_config(self) -> LoggingConfig | None:
        return self._options.logging_config

    def set_logging_config(self, logging_config: LoggingConfig | Mapping[str, Any] | None) -> None:
        """Change the option in place, as Ray Serve does; `options` makes a copy instead."""
        self._options = merge_options(self._options, {"logging_config": logging_config})
        self._given = {**self._given, "logging_config": logging_config}

    def bind(self, *args: Any, **kwargs: Any) -> Application[T]:
        """Bind constructor arguments; bound applications among them become handles.

        Raises:
            TypeError: the arguments do not fit the constructor's signature.
        """
        _check_arguments(self.func_or_class, self._name, args, kwargs)
        return Application(self, args, kwargs)

    def options(
        self,
        func_or_class: Callable[..., Any] | None = None,
        name: str = DEFAULT,
        **options: Any,
    ) -> Deployment[T]:
        """A copy with some options changed; takes the options of `deployment` but `rolling_update_percentage`.

        Raises:
            TypeError: unknown option; the message says the nearest valid one.
        """
        for removed in ("rolling_update_percentage", "_internal", "_init_args", "_init_kwargs"):
            if options.pop(removed, DEFAULT) is not DEFAULT:
                raise TypeError(f"options() does not take {removed}. Pass arguments to bind(), options to @deployment.")
        new_name = self._name if name is DEFAULT else name
        given = {key: value for key, value in {**options, "name": name}.items() if value is not DEFAULT}
        merged = merge_options(self._options, options)
        return Deployment(func_or_class or self.func_or_class, new_name, merged, {**self._given, **given})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            f"The deployment {self._name!r} was called directly. A deployment runs in replicas: "
            f"use {self._name}.bind(...) and serve.run(...), or the class itself, {self._name}.func_or_class."
        )

    def __repr__(self) -> str:
        return f"Deployment({self._name})"


def _check_arguments(target: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if not inspect.isclass(target):
        if args or kwargs:
            raise TypeError(f"{name} is a function deployment, and bind() got {args or kwargs!r}. Call {name}.bind().")
        return
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):
        return  # No signature to check (a C type): the constructor itself will say.
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{name}.bind(): {error}. The constructor is {name}{signature}.") from None


@overload
def deployment(_func_or_class: Callable[..., T], /) -> Deployment[T]: ...
@overload
def deployment(*, name: str = ..., **options: Any) -> Callable[[Callable[..., T]], Deployment[T]]: ...


def deployment(_func_or_class: Callable[..., Any] | None = None, /, *, name: str = DEFAULT, **options: Any) -> Any:
    """Turn a class or function into a deployment.

    Args:
        name: unique in the application; default the class's or function's name; no ``#``.
        num_replicas: replicas to run (1).
        ray_actor_options: resources of each replica: num_cpus (1), num_gpus, memory (bytes), resources,
            accelerator_type, runtime_env, label_selector.
        user_config: JSON passed to the class's ``reconfigure(user_config)``; changes need no restart.
        max_ongoing_requests: requests that a replica runs at once (5), strictly kept.
        max_queued_requests: requests that wait at each sender; -1 is no count limit.
        backpressure_config: HTTP status and Retry-After of a full queue.
        graceful_shutdown_wait_loop_s / graceful_shutdown_timeout_s: draining, seconds (2, 20).
        health_check_period_s / health_check_timeout_s: health checks, seconds (10, 30).
        max_constructor_retry_count: failed starts that end a deploy (20, and at most three a replica). A
            constructor whose code is wrong (``NameError``, ``ImportError``, ``TypeError``, …) ends it at once.
        retry_on_replica_failure: run a request again whose replica died, although it may have had
            effects (False). Not in Ray Serve.
        reload: ``"auto"``, ``"replace"`` (an edit never patches), ``"keep"`` (edits of children do not
            rebuild it). Not in Ray Serve.
        logging_config: level, form and copies of what it logs; see `schema.LoggingConfig`.

    Raises:
        TypeError: unknown option; the message says the nearest valid one.
        ValueError: a value out of range.
        FeatureNotBuiltError: an option of Ray Serve that is not built here yet.

    Example:
        >>> @deployment(num_replicas=2)
        ... class Greeter:
        ...     def __call__(self, name: str) -> str:
        ...         return f"hello {name}"
        >>> Greeter.bind()
        Application(Greeter)
    """
    merged = merge_options(DeploymentOptions(), options)

    def decorate(target: Callable[..., Any]) -> Deployment[Any]:
        if isinstance(target, Deployment):
            raise TypeError(f"{target!r} is a deployment already. Use {target.name}.options(...) to change it.")
        if not callable(target):
            raise TypeError(f"@deployment decorates a class or a function, not {target!r}.")
        return Deployment(target, target.__name__ if name is DEFAULT else name, merged)

    return decorate if _func_or_class is None else decorate(_func_or_class)


def get_application(target: Any) -> Application[Any]:
    """Return `target` if it can be run; a deployment that was not bound gets the hint to bind it."""
    if isinstance(target, Application):
        return target
    if isinstance(target, Deployment):
        raise TypeError(f"{target!r} is not bound. Pass {target.name}.bind(...) instead.")
    if callable(target):
        raise TypeError(f"Cannot run {target!r}: it is no application. Decorate it with @serve.deployment and bind it.")
    raise RayServeException(
        f"Cannot run {type(target).__name__} {target!r}: it is no application. Pass the result of Deployment.bind(). "
        + did_you_mean("bind", ["bind"])
    )
