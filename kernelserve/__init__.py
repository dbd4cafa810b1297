"""kernelserve: serve models from a notebook, with Ray Serve's API.

import kernelserve as serve
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kernelserve import config, context, exceptions, handle, metrics, schema, testing
from kernelserve._version import __version__
from kernelserve.api import (
    RunTarget,
    _run,
    app,
    dashboard,
    delete,
    get_app_handle,
    get_deployment_handle,
    run,
    run_many,
    shutdown,
    shutdown_async,
    start,
    status,
)
from kernelserve.batching import batch
from kernelserve.cluster.app import LiveApp
from kernelserve.config import HTTPOptions, TracingConfig
from kernelserve.context import get_multiplexed_model_id, get_replica_context, get_trace_context

# `deployment` and `ingress` are modules and public functions: the functions must win in every import order.
from kernelserve.deployment import Application, Deployment, deployment
from kernelserve.exceptions import FeatureNotBuiltError as _FeatureNotBuiltError
from kernelserve.ingress import ingress
from kernelserve.multiplex import multiplexed

__all__ = [
    "Application",
    "Deployment",
    "HTTPOptions",
    "LiveApp",
    "RunTarget",
    "TracingConfig",
    "__version__",
    "_run",
    "app",
    "batch",
    "config",
    "context",
    "dashboard",
    "delete",
    "deployment",
    "exceptions",
    "get_app_handle",
    "get_deployment_handle",
    "get_multiplexed_model_id",
    "get_replica_context",
    "get_trace_context",
    "handle",
    "ingress",
    "metrics",
    "multiplexed",
    "run",
    "run_many",
    "schema",
    "shutdown",
    "shutdown_async",
    "start",
    "status",
    "testing",
]

_NOT_BUILT = (
    "ControllerOptions",
    "get_deployment_actor",
    "get_deployment_actor_context",
)


if not TYPE_CHECKING:  # To a type checker these names do not exist.

    def __getattr__(name: str) -> Any:
        if name in _NOT_BUILT:
            raise _FeatureNotBuiltError(f"serve.{name} is not built yet in kernelserve. Do without it.")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext kernelserve``: register the magics; starts nothing."""
    from kernelserve.notebook import load_ipython_extension as load  # Late: IPython only where it runs.

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext kernelserve``: take the magics away; apps go on."""
    from kernelserve.notebook import unload_ipython_extension as unload

    unload(shell)
