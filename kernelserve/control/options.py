"""Deployment options as the controller reads them: plain data with the defaults left out (`graph.Node.options`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernelserve.graph.model import AppGraph, Node

DEFAULTS: Mapping[str, Any] = {
    "num_replicas": 1,
    "max_ongoing_requests": 5,
    "max_queued_requests": -1,
    "graceful_shutdown_timeout_s": 20.0,
    "health_check_period_s": 10.0,
    "health_check_timeout_s": 30.0,
    "max_constructor_retry_count": 20,
    "retry_on_replica_failure": False,
}


def option(node: Node, name: str) -> Any:
    """The option's value, or its default; None counts as not given."""
    value = node.options.get(name)
    return DEFAULTS[name] if value is None else value


def replica_count(node: Node) -> int:
    """How many replicas it starts with. At least one: nothing would wake a deployment from zero here."""
    scaling = node.options.get("autoscaling_config")
    if isinstance(scaling, Mapping):
        first = scaling.get("initial_replicas")
        return max(1, int(scaling.get("min_replicas", 1) if first is None else first))
    count = option(node, "num_replicas")
    return 1 if count == "auto" else int(count)


FINAL_ERRORS = frozenset(
    {"AttributeError", "ImportError", "IndentationError", "ModuleNotFoundError", "NameError", "NotImplementedError"}
    | {"FeatureNotBuiltError", "ShipError", "SyntaxError", "TypeError", "UnboundLocalError"}
)
"""What a constructor raises when its code is wrong: no further try would mend it."""


def retry_limit(node: Node) -> int:
    """How many failed starts of its replicas end a deploy."""
    return int(min(replica_count(node) * 3, option(node, "max_constructor_retry_count")))


def backpressure(node: Node) -> tuple[int, float | None]:
    """Status code and ``Retry-After`` seconds of a full queue."""
    config = node.options.get("backpressure_config") or {}
    return int(config.get("status_code", 503)), config.get("retry_after_s")


def drain_timeout_s(graph: AppGraph) -> float:
    """How long requests of a replaced revision may take to end: its most patient deployment's time."""
    return max((float(option(node, "graceful_shutdown_timeout_s")) for node in graph.nodes.values()), default=0.0)
