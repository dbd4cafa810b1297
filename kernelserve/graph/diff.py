"""The difference between two graphs of one application, as a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernelserve.graph.model import AppGraph, Node, Plan, Step
from kernelserve.types import Action

LIVE_OPTIONS = frozenset(
    {
        "autoscaling_config",
        "backpressure_config",
        "batching",
        "graceful_shutdown_timeout_s",
        "graceful_shutdown_wait_loop_s",
        "health_check_period_s",
        "health_check_timeout_s",
        "logging_config",
        "max_constructor_retry_count",
        "max_ongoing_requests",
        "max_queued_requests",
        "max_surge_percent",
        "num_replicas",
        "reload",
        "request_router_config",
        "retry_on_replica_failure",
        "rolling_update_percentage",
        "user_config",
    }
)
"""Options that a running replica takes over without a restart."""

_SHOWN_PARTS = 3
_PAST = {Action.PATCH: "patched", Action.REPLACE: "replaced"}


def diff(old: AppGraph | None, new: AppGraph, *, force_replace: bool = False) -> Plan:
    """What to do to get from `old` to `new`.

    Args:
        old: the running graph, or None.
        force_replace: replace what runs even where nothing changed.

    Example:
        >>> graph = AppGraph(name="a", route_prefix="/", ingress="", nodes={}, units={})
        >>> diff(graph, graph).unchanged
        True
    """
    before = old.nodes if old is not None else {}
    steps: dict[str, Step] = {}
    for node in new.nodes.values():
        step = _step(before.get(node.name), node, force_replace)
        steps[node.name] = _follow_children(step, node, steps)
    removed = [Step(name, Action.REMOVE, "no longer in the application") for name in before if name not in new.nodes]
    return Plan((*steps.values(), *removed), route_changed=old is not None and _route(old) != _route(new))


def _route(graph: AppGraph) -> tuple[object, ...]:
    return graph.route_prefix, graph.ingress, graph.journal


def _step(old: Node | None, new: Node, force_replace: bool) -> Step:
    if old is None:
        return Step(new.name, Action.ADD, "new")
    if force_replace:
        return Step(new.name, Action.REPLACE, "asked for")
    if old.kind != new.kind:
        return Step(new.name, Action.REPLACE, f"was a {old.kind}, is a {new.kind}")
    options = _changed(old.options, new.options)
    heavy = [name for name in options if name not in LIVE_OPTIONS]
    parts = _changed({**old.serve, **old.init}, {**new.serve, **new.init})
    init = {name: how for name, how in parts.items() if name in old.init or name in new.init}
    if init:
        return Step(new.name, Action.REPLACE, _parts_reason(init, _own_class(new)))
    if heavy:
        return Step(new.name, Action.REPLACE, _options_reason(heavy, old.options, new.options))
    if parts:
        return _patch(new, _parts_reason(parts))
    if set(old.units) != set(new.units):
        return Step(new.name, Action.REPLACE, "its code changed, and its parts do not show where")
    if options:
        return Step(new.name, Action.UPDATE, _options_reason(list(options), old.options, new.options))
    return Step(new.name, Action.KEEP, "unchanged")


def _patch(node: Node, reason: str) -> Step:
    if node.options.get("reload") == "replace":
        return Step(node.name, Action.REPLACE, f"{reason} (reload='replace')")
    return Step(node.name, Action.PATCH, reason)


def _follow_children(step: Step, node: Node, steps: Mapping[str, Step]) -> Step:
    """State that was built through a child's handle is built again when the child changes."""
    settled = step.action in (Action.ADD, Action.REPLACE)
    if settled or not node.reads_children or node.options.get("reload") == "keep":
        return step
    for child in node.children:
        action = steps[child].action
        if action in _PAST:
            return Step(node.name, Action.REPLACE, f"built from {child}, which is {_PAST[action]}")
    return step


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Key → changed, added or removed, in the order of `new`, removed ones last."""
    changes = {}
    for key, value in new.items():
        if key not in old:
            changes[key] = "added"
        elif old[key] != value or type(old[key]) is not type(value):
            changes[key] = "changed"
    changes.update((key, "removed") for key in old if key not in new)
    return changes


def _parts_reason(parts: Mapping[str, str], own_class: str | None = None) -> str:
    """In one line.

    Args:
        own_class: if the parts are of the init half, the one that is the deployment's class.
    """
    if len(parts) == 1:
        ((name, how),) = parts.items()
        return f"{name} {how}" if own_class is None else f"{name} {how}{_used_by_init(name, own_class)}"
    shown = ", ".join(list(parts)[:_SHOWN_PARTS])
    return f"{len(parts)} parts changed: {shown}{', …' if len(parts) > _SHOWN_PARTS else ''}"


def _own_class(node: Node) -> str:
    """The part for the structure of the deployment's own class: the first of its kind."""
    return next((name for name in node.init if name.startswith("class ")), "")


def _used_by_init(name: str, own_class: str) -> str:
    plain = name == own_class or name.endswith(".__init__") or name.startswith(("arg ", "base ", "Python"))
    return "" if plain else ", used by __init__"


def _options_reason(names: list[str], old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    return ", ".join(_option_reason(name, old, new) for name in names)


def _option_reason(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    before, after = old.get(name, "default"), new.get(name, "default")
    if isinstance(before, int | float | str) and isinstance(after, int | float | str):
        return f"{name} {before} → {after}"
    return f"{name} changed"
