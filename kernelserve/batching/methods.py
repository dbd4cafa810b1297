"""The batched methods of a deployment's class, or of a deployment that is a batched function."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from kernelserve.batching.controls import BatchControls
from kernelserve.batching.decorator import BatchedFunction
from kernelserve.batching.settings import BatchSettings

KNOBS = ("max_batch_size", "batch_wait_timeout_s", "max_concurrent_batches")
"""The settings that can be changed while a deployment runs."""

Settings = Mapping[str, Mapping[str, Any]]
"""Method → setting → value."""


def batched(target: Any) -> dict[str, BatchedFunction]:
    """Name → batched method of a class or of an instance's class; a batched function has one, under its own name."""
    if isinstance(target, BatchedFunction):
        return {target.__name__: target}  # type: ignore[attr-defined]
    found: dict[str, BatchedFunction] = {}
    for cls in reversed((target if inspect.isclass(target) else type(target)).__mro__):
        for name, value in vars(cls).items():
            if isinstance(value, BatchedFunction):
                found[name] = value
            else:
                found.pop(name, None)
    return found


def asked_settings(target: Any) -> dict[str, dict[str, Any]]:
    """What the decorators of a class or function say.

    Example:
        >>> from kernelserve.batching import batch
        >>> class Model:
        ...     @batch(max_batch_size=4)
        ...     async def work(self, items): ...
        >>> asked_settings(Model)
        {'work': {'max_batch_size': 4, 'batch_wait_timeout_s': 0.01, 'max_concurrent_batches': 1}}
    """
    return {name: _plain(method.settings) for name, method in batched(target).items()}


def present_settings(target: Any) -> dict[str, dict[str, Any]]:
    """What is in force on an instance, with all that was set since. Makes nothing on it, so any thread may ask."""
    return {name: _plain(method.settings_on(_instance(target))) for name, method in batched(target).items()}


def controls(target: Any, method: str) -> BatchControls | None:
    """The setters of a batched method on an instance; None if it has no such method."""
    function = batched(target).get(method)
    if function is None or target is function:
        return function
    return function.bind(target)


def _instance(target: Any) -> Any:
    return None if isinstance(target, BatchedFunction) else target


def _plain(settings: BatchSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in KNOBS}
