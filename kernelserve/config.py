"""Options of deployments and of the HTTP front, validated where they are made."""

from __future__ import annotations

import difflib
import ipaddress
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from kernelserve.exceptions import FeatureNotBuiltError
from kernelserve.schema import LoggingConfig


class _Default:
    """The type of `DEFAULT`: 'not given', which differs from None."""

    def __repr__(self) -> str:
        return "DEFAULT.VALUE"


DEFAULT: Any = _Default()


@dataclass(frozen=True)
class BackpressureConfig:
    """What an HTTP client is told when a queue is full.

    Args:
        status_code: 503 (default) or 429.
        retry_after_s: seconds of the ``Retry-After`` header, rounded up; None sends no header.
    """

    status_code: Literal[503, 429] = 503
    retry_after_s: float | None = None

    def __post_init__(self) -> None:
        if self.status_code not in (503, 429):
            raise ValueError(f"backpressure_config.status_code is {self.status_code!r}. Use 503 or 429.")
        if self.retry_after_s is not None and not self.retry_after_s >= 0:
            raise ValueError(f"backpressure_config.retry_after_s is {self.retry_after_s!r}. Use seconds >= 0, or None.")


class DeploymentOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Options of one deployment; names and defaults are Ray Serve's (see `deployment`)."""

    num_replicas: int = 1
    ray_actor_options: dict[str, Any] = {}
    user_config: Any = None
    max_ongoing_requests: int = 5
    max_queued_requests: int = -1
    backpressure_config: BackpressureConfig = BackpressureConfig()
    graceful_shutdown_wait_loop_s: float = 2.0
    graceful_shutdown_timeout_s: float = 20.0
    health_check_period_s: float = 10.0
    health_check_timeout_s: float = 30.0
    max_constructor_retry_count: int = 20
    retry_on_replica_failure: bool = False
    reload: Literal["auto", "replace", "keep"] = "auto"
    logging_config: LoggingConfig | None = None


BUILT_OPTIONS = tuple(DeploymentOptions.__struct_fields__)

# Ray Serve's options without an implementation yet, with the values that ask for nothing.
_NOT_BUILT: dict[str, tuple[Any, ...]] = {
    "placement_group_bundles": (None,),
    "placement_group_strategy": (None,),
    "placement_group_bundle_label_selector": (None,),
    "max_replicas_per_node": (None,),
    "autoscaling_config": (None,),
    "request_router_config": (None,),
    "gang_scheduling_config": (None,),
    "deployment_actors": (None,),
    "rolling_update_percentage": (0.2,),
    "max_surge_percent": (0, 0.0),
}

RAY_ACTOR_OPTIONS = ("accelerator_type", "memory", "num_cpus", "num_gpus", "resources", "runtime_env", "label_selector")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence with the nearest valid name, or the list of all."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Valid names: {', '.join(known)}."


def check_name(name: str, what: str = "deployment") -> str:
    """Return `name` if it can name a deployment or app; ``#`` separates the parts of ids."""
    if not isinstance(name, str) or not name:
        raise ValueError(f"A {what} name must be a non-empty string, not {name!r}. Pass name='...'.")
    if "#" in name:
        raise ValueError(
            f"The {what} name {name!r} contains '#', which separates app and deployment in ids. Remove it."
        )
    return name


def check_route_prefix(route_prefix: str | None) -> str | None:
    """Return a valid prefix: starts with ``/``, no trailing ``/``, no braces; None is no HTTP."""
    if route_prefix is None:
        return None
    if not isinstance(route_prefix, str):
        raise ValueError(f"The route prefix is {route_prefix!r}. Use a string such as '/search', or None for no HTTP.")
    if not route_prefix.startswith("/"):
        raise ValueError(f"The route prefix {route_prefix!r} must start with '/'. Use '/{route_prefix}'.")
    if route_prefix != "/" and route_prefix.endswith("/"):
        raise ValueError(f"The route prefix {route_prefix!r} ends with '/'. Use {route_prefix.rstrip('/') or '/'!r}.")
    if set("{}?#") & set(route_prefix):
        raise ValueError(
            f"The route prefix {route_prefix!r} has one of {{ }} ? #. Prefixes are plain paths: '/search'."
        )
    return route_prefix


def merge_options(base: DeploymentOptions, given: Mapping[str, Any]) -> DeploymentOptions:
    """`base` with the options that were given (not `DEFAULT`), checked.

    Raises:
        TypeError: unknown option name; says the nearest valid one.
        ValueError: a value out of range.
        FeatureNotBuiltError: an option of Ray Serve that is not built yet.
    """
    changes: dict[str, Any] = {}
    for name, value in given.items():
        if value is DEFAULT:
            continue
        if name == "version":
            raise ValueError(
                f"Deployments have no version option any more (got {value!r}). "
                "Leave it out: edits are found by content."
            )
        if name in _NOT_BUILT:
            if value not in _NOT_BUILT[name]:
                raise FeatureNotBuiltError(
                    f"The deployment option {name}={value!r} is not built yet in kernelserve. Leave it out."
                )
        elif name not in BUILT_OPTIONS:
            raise TypeError(
                f"Unknown deployment option {name}={value!r}. {did_you_mean(name, [*BUILT_OPTIONS, 'name'])}"
            )
        else:
            changes[name] = _CHECKS[name](name, value) if name in _CHECKS else value
    return msgspec.structs.replace(base, **changes) if changes else base


def _whole(minimum: int) -> Any:
    def check(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            raise ValueError(f"{name} is {value!r}. Use a whole number of at least {minimum}.")
        return value

    return check


def _seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0 or math.isinf(value):
        raise ValueError(f"{name} is {value!r}. Use seconds, 0 or more.")
    return float(value)


def _num_replicas(name: str, value: Any) -> int:
    if value == "auto":
        raise FeatureNotBuiltError("num_replicas='auto' (autoscaling) is not built yet in kernelserve. Use a number.")
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"num_replicas is {value!r}. Use a whole number of at least 1.")
    return value


def _max_queued(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < -1:
        raise ValueError(f"max_queued_requests is {value!r}. Use -1 (no limit) or a whole number of at least 0.")
    return value


def _backpressure(name: str, value: Any) -> BackpressureConfig:
    if value is None:
        return BackpressureConfig()
    if isinstance(value, BackpressureConfig):
        return value
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in BackpressureConfig.__dataclass_fields__:
                known = did_you_mean(key, BackpressureConfig.__dataclass_fields__)
                raise ValueError(f"Unknown key {key!r} ({item!r}) in backpressure_config. {known}")
        return BackpressureConfig(**value)
    raise ValueError(f"backpressure_config is {value!r}. Use BackpressureConfig(status_code=503, retry_after_s=None).")


def _actor_options(name: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"ray_actor_options is {value!r}. Use a dict such as {{'num_cpus': 1}}.")
    for key in value:
        if key == "fallback_strategy":
            raise FeatureNotBuiltError(
                f"ray_actor_options['fallback_strategy']={value[key]!r} is not built yet in kernelserve. Leave it out."
            )
        if key not in RAY_ACTOR_OPTIONS:
            raise ValueError(f"Unknown key {key!r} in ray_actor_options. {did_you_mean(key, RAY_ACTOR_OPTIONS)}")
    return dict(value)


def _json(name: str, value: Any) -> Any:
    try:
        return msgspec.json.decode(msgspec.json.encode(value))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"user_config is {value!r}, which is not JSON ({error}). Use dicts, lists, strings, numbers."
        ) from error


def _reload(name: str, value: Any) -> str:
    if value not in ("auto", "replace", "keep"):
        raise ValueError(
            f"reload is {value!r}. Use 'auto', 'replace' (never patch) or 'keep' (ignore edits of children)."
        )
    return str(value)


def _logging(name: str, value: Any) -> LoggingConfig | None:
    return LoggingConfig.of(value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}. Use True or False.")
    return value


_CHECKS: dict[str, Any] = {
    "num_replicas": _num_replicas,
    "ray_actor_options": _actor_options,
    "user_config": _json,
    "max_ongoing_requests": _whole(1),
    "max_queued_requests": _max_queued,
    "backpressure_config": _backpressure,
    "graceful_shutdown_wait_loop_s": _seconds,
    "graceful_shutdown_timeout_s": _seconds,
    "health_check_period_s": _seconds,
    "health_check_timeout_s": _seconds,
    "max_constructor_retry_count": _whole(0),
    "retry_on_replica_failure": _flag,
    "reload": _reload,
    "logging_config": _logging,
}


def plain_options(options: DeploymentOptions) -> dict[str, Any]:
    """Options as plain data, defaults left out: what a graph carries."""
    plain: dict[str, Any] = msgspec.to_builtins(options)
    return plain


def load_options(plain: Mapping[str, Any]) -> DeploymentOptions:
    """The options that `plain_options` wrote."""
    return msgspec.convert(dict(plain), DeploymentOptions)


DEFAULT_PORT = 8000


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine's own: nobody else can reach a server that is bound to it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class HTTPOptions:
    """The HTTP front door.

    Args:
        host: address to bind; what it means if it is not loopback is said at the start.
        port: port to bind. None (default) takes 8000, or the next free one, and says so; a number
            is taken or refused; 0 is any free port.
        request_timeout_s: seconds until a request is answered 408 and cancelled; None is no limit.
        keep_alive_timeout_s: seconds that an idle connection is kept.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    request_timeout_s: float | None = None
    keep_alive_timeout_s: float = 90.0

    def __post_init__(self) -> None:
        port = self.port
        if port is not None and (isinstance(port, bool) or not isinstance(port, int) or not 0 <= port < 65536):
            raise ValueError(f"http_options port is {self.port!r}. Use a number from 0 to 65535.")

    @classmethod
    def of(cls, value: HTTPOptions | Mapping[str, Any] | None) -> HTTPOptions:
        """Accept what `serve.start(http_options=...)` accepts: options, a dict, or None."""
        if value is None:
            return cls()
        if isinstance(value, HTTPOptions):
            return value
        for key, item in value.items():
            if key in ("root_path", "root_url", "ssl_keyfile", "ssl_certfile", "ssl_keyfile_password", "ssl_ca_certs"):
                if item:
                    raise FeatureNotBuiltError(
                        f"The HTTP option {key}={item!r} is not built yet in kernelserve. Leave it out."
                    )
            elif key not in cls.__dataclass_fields__:
                raise TypeError(f"Unknown HTTP option {key}={item!r}. {did_you_mean(key, cls.__dataclass_fields__)}")
        return cls(**{key: item for key, item in value.items() if key in cls.__dataclass_fields__})


DEFAULT_GRPC_PORT = 9000


@dataclass(frozen=True)
class gRPCOptions:
    """The gRPC front door; it listens on the host of the HTTP options.

    Args:
        port: port to bind. None (default) takes 9000, or the next free one, and says so; a number is taken or
            refused; 0 is any free port.
        grpc_servicer_functions: generated ``add_…Servicer_to_server`` functions, or their import paths. The
            methods of their services are the ingress deployments' methods of the same names. Without any,
            there is no gRPC.
        request_timeout_s: seconds until a request ends with DEADLINE_EXCEEDED and is cancelled; None is no limit.
        enable_reflection: let clients ask for the services and their messages.

    Example:
        >>> serve.start(grpc_options={                                                   # doctest: +SKIP
        ...     "port": 9000, "grpc_servicer_functions": ["shop.orders_pb2_grpc.add_OrdersServicer_to_server"]})
    """

    port: int | None = None
    grpc_servicer_functions: Sequence[str | Callable[[Any, Any], None]] = ()
    request_timeout_s: float | None = None
    enable_reflection: bool = True

    def __post_init__(self) -> None:
        port = self.port
        if port is not None and (isinstance(port, bool) or not isinstance(port, int) or not 0 <= port < 65536):
            raise ValueError(f"grpc_options port is {self.port!r}. Use a number from 0 to 65535.")
        timeout_s = self.request_timeout_s
        if timeout_s is not None and not _seconds("grpc_options request_timeout_s", timeout_s) > 0:
            raise ValueError(f"grpc_options request_timeout_s is {timeout_s!r}. Use seconds above 0, or None.")
        _flag("grpc_options enable_reflection", self.enable_reflection)
        functions = self.grpc_servicer_functions
        if isinstance(functions, str) or not isinstance(functions, Sequence):
            raise ValueError(f"grpc_options grpc_servicer_functions is {functions!r}. Use a list of functions.")
        for function in functions:
            if not (isinstance(function, str) or callable(function)):
                raise ValueError(
                    f"grpc_options grpc_servicer_functions has {function!r}. Use the generated "
                    "add_…Servicer_to_server functions, or their import paths."
                )
        # By name where they can be imported: so they reach a gateway in another process.
        object.__setattr__(self, "grpc_servicer_functions", tuple(map(_import_path, functions)))

    @classmethod
    def of(cls, value: gRPCOptions | Mapping[str, Any] | None) -> gRPCOptions:
        """Accept what `serve.start(grpc_options=...)` accepts: options, a dict, or None."""
        if value is None:
            return cls()
        if isinstance(value, gRPCOptions):
            return value
        for key, item in value.items():
            if key not in cls.__dataclass_fields__:
                raise TypeError(f"Unknown gRPC option {key}={item!r}. {did_you_mean(key, cls.__dataclass_fields__)}")
        return cls(**value)


def _import_path(function: str | Callable[[Any, Any], None]) -> str | Callable[[Any, Any], None]:
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", "<")
    found = getattr(sys.modules.get(module or ""), name, None)
    return f"{module}.{name}" if found is function and module != "__main__" else function


@dataclass(frozen=True)
class TracingConfig:
    """Traces of requests as OpenTelemetry spans; needs ``pip install kernelserve[otel]``.

    Requests that come with a sampled ``traceparent`` are traced; of the others a part is. Without a configuration the
    requests of a process are traced whose user has set an OpenTelemetry provider, as that provider's sampler says.

    Args:
        enabled: False traces nothing that does not ask for it, and exports nothing. (In Ray Serve an environment
            variable decides.)
        exporter_import_path: ``module:function`` of a function without arguments that returns a list of OpenTelemetry
            span processors. It is called in each process where requests enter, so it must be importable there: not a
            function of a notebook. "" takes the provider that the process's user has set: with ``placement="local"``.
        sampling_ratio: part of the requests without a ``traceparent`` that is traced, from 0 to 1.

    Example:
        >>> TracingConfig(exporter_import_path="shop.traces:processors", sampling_ratio=1.0).enabled
        True
    """

    enabled: bool = True
    exporter_import_path: str = ""
    sampling_ratio: float = 0.01

    def __post_init__(self) -> None:
        _flag("tracing_config enabled", self.enabled)
        path = self.exporter_import_path
        if not isinstance(path, str) or (path and not re.fullmatch(r"\w+(\.\w+)*[.:]\w+", path)):
            raise ValueError(
                f"tracing_config exporter_import_path is {path!r}. Use 'module:function', or '' for the provider that "
                "is set in this process."
            )
        ratio = self.sampling_ratio
        if isinstance(ratio, bool) or not isinstance(ratio, int | float) or not 0 <= ratio <= 1:
            raise ValueError(f"tracing_config sampling_ratio is {ratio!r}. Use a number from 0 to 1, such as 0.1.")

    @classmethod
    def of(cls, value: TracingConfig | Mapping[str, Any] | None) -> TracingConfig | None:
        """Accept what `serve.start(tracing_config=...)` accepts: a configuration, a dict, or None."""
        if value is None or isinstance(value, TracingConfig):
            return value
        for key, item in value.items():
            if key not in cls.__dataclass_fields__:
                raise TypeError(f"Unknown tracing option {key}={item!r}. {did_you_mean(key, cls.__dataclass_fields__)}")
        return cls(**value)


@dataclass(frozen=True)
class FrontOptions:
    """Both front doors of a system, on their way to its gateway."""

    http: HTTPOptions = HTTPOptions()
    grpc: gRPCOptions = gRPCOptions()
    tracing: TracingConfig | None = None


_NOT_BUILT_NAMES = (
    "AggregationFunction",
    "AutoscalingConfig",
    "AutoscalingContext",
    "AutoscalingPolicy",
    "ControllerOptions",
    "DeploymentActorConfig",
    "GangPlacementStrategy",
    "GangRuntimeFailurePolicy",
    "GangSchedulingConfig",
    "ProxyLocation",
    "RequestRouterConfig",
)

if not TYPE_CHECKING:  # To a type checker these names do not exist.

    def __getattr__(name: str) -> Any:
        if name in _NOT_BUILT_NAMES:
            raise FeatureNotBuiltError(f"kernelserve.config.{name} is not built yet. Do without it.")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
