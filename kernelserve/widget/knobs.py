"""Options that can be turned while a deployment runs, as controls; and back from a control to an option. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kernelserve.config import DeploymentOptions
from kernelserve.widget.messages import Knob

_BATCHING = "batching"
_SETTINGS = {
    "max_batch_size": ("largest batch", "slider", 64.0, "Calls that are worked on together, at most."),
    "batch_wait_timeout_s": ("batch wait (s)", "number", None, "How long the first call waits for others."),
    "max_concurrent_batches": ("batches at once", "slider", 8.0, "Batches that run beside each other."),
}


def knobs_of(options: Mapping[str, Any], batching: Mapping[str, Mapping[str, Any]]) -> list[Knob]:
    """The knobs of a deployment.

    Args:
        options: of its node, those that are not defaults.
        batching: method → setting → value, of its `serve.batch` methods.
    """
    defaults = DeploymentOptions()
    replicas = int(options.get("num_replicas", defaults.num_replicas))
    ongoing = int(options.get("max_ongoing_requests", defaults.max_ongoing_requests))
    queued = int(options.get("max_queued_requests", defaults.max_queued_requests))
    knobs = [
        _slider("num_replicas", "replicas", replicas, 10, "Copies of the deployment that share its calls."),
        _slider("max_ongoing_requests", "ongoing requests", ongoing, 100, "Calls that one replica works on, at most."),
        Knob(
            option="max_queued_requests", label="queued requests", control="number", value=queued,
            help="Calls that may wait in each sender; -1 is without a limit.",
        ),
    ]  # fmt: skip
    config = options.get("user_config")
    if config is not None and _is_json(config):
        knobs.append(Knob(option="user_config", label="user config", control="json", value=config,
                          help="What reconfigure gets, as JSON."))  # fmt: skip
    return [*knobs, *(one for method, settings in batching.items() for one in _of_batch(method, settings))]


def _of_batch(method: str, settings: Mapping[str, Any]) -> list[Knob]:
    found = []
    for setting, (label, control, high, said) in _SETTINGS.items():
        option, value = f"{_BATCHING}.{method}.{setting}", settings.get(setting)
        if control == "slider" and high is not None and isinstance(value, int):
            found.append(_slider(option, f"{method}: {label}", value, high, said))
        elif value is not None:
            found.append(Knob(option=option, label=f"{method}: {label}", control="number", value=value, help=said))
    return found


def _slider(option: str, label: str, value: int, high: float, said: str) -> Knob:
    return Knob(
        option=option, label=label, control="slider", value=value, help=said,
        low=1.0, high=float(max(high, 2 * value)), step=1.0,
    )  # fmt: skip


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def options_from(turned: Mapping[str, Any]) -> dict[str, Any]:
    """Options as `Session.update` takes them, from knobs' names and values.

    Example:
        >>> options_from({"num_replicas": 3.0, "batching.score.max_batch_size": 16.0})
        {'num_replicas': 3, 'batching': {'score': {'max_batch_size': 16}}}
    """
    options: dict[str, Any] = {}
    for name, value in turned.items():
        # JavaScript has no whole numbers.
        plain = int(value) if isinstance(value, float) and value.is_integer() else value
        part, _, rest = name.partition(".")
        if part == _BATCHING and rest:
            method, _, setting = rest.rpartition(".")
            options.setdefault(_BATCHING, {}).setdefault(method, {})[setting] = plain
        else:
            options[name] = plain
    return options


def values_before(
    turned: Mapping[str, Any], options: Mapping[str, Any], batching: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What the turned knobs were set to, by the same names; None: to what the cell says."""
    known = {knob.option: knob.value for knob in knobs_of(options, batching)}
    for method, settings in batching.items():
        own = options.get(_BATCHING, {}).get(method, {})
        known |= {f"{_BATCHING}.{method}.{setting}": own.get(setting) for setting in settings}
    return {name: known.get(name) for name in turned}


def in_words(node: str, turned: Mapping[str, Any]) -> str:
    """What turning them back would do.

    Example:
        >>> in_words("Search", {"num_replicas": 1})
        'num_replicas of Search back to 1'
    """
    return ", ".join(
        f"{name.rpartition('.')[2]} of {node} back to {'what its cell says' if value is None else value}"
        for name, value in turned.items()
    )
