"""Changing options of a running app: its graph with other options, as a revision like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kernelserve.batching.methods import KNOBS
from kernelserve.batching.settings import BatchSettings
from kernelserve.config import BUILT_OPTIONS, did_you_mean, load_options, merge_options, plain_options
from kernelserve.control.app import App, Revision
from kernelserve.exceptions import RayServeException
from kernelserve.graph.diff import LIVE_OPTIONS
from kernelserve.graph.model import AppGraph, Node
from kernelserve.types import Action

REMARK = "# changed while it runs: "
SHOWN_CHARS = 60

Changes = Mapping[str, Mapping[str, Any]]
"""Deployment → option → value."""


def turn(app: App, changes: Changes) -> tuple[AppGraph, str]:
    """The app's graph with other options, and the source of the new revision: a remark, and the cell below it.

    Raises:
        ValueError, TypeError, FeatureNotBuiltError: an option or a value is wrong, or cannot be changed so.
        RayServeException: the app is not in a state to be changed so.
    """
    base = _base(app)
    nodes, told = dict(base.graph.nodes), list[str]()
    for name, options in changes.items():
        if name not in nodes:
            raise ValueError(f"Application {app.name!r} has no deployment {name!r}. {did_you_mean(name, nodes)}")
        old, nodes[name] = nodes[name], changed(nodes[name], options)
        told += _told(old, nodes[name])
    cell = "\n".join(line for line in base.source.splitlines() if not line.startswith(REMARK))
    source = "\n".join(part for part in (REMARK + "; ".join(told), cell) if part)
    return msgspec.structs.replace(base.graph, nodes=nodes), source


def _base(app: App) -> Revision:
    """The revision whose options are changed: the running one, or one with other options that is on its way."""
    current, rollout = app.current_revision, app.rollout
    if app.deleted_reason or current is None:
        state = f"being deleted ({app.deleted_reason})" if app.deleted_reason else "not running yet"
        raise RayServeException(f"Application {app.name!r} is {state}. Its options can be changed when it runs.")
    if rollout is None and app.queued is None:
        return current
    light = rollout is not None and rollout.trial is None and app.queued is None
    if rollout is not None and light:
        actions = {step.action for step in rollout.revision.steps.values()}
        if not rollout.preparing or actions <= {Action.KEEP, Action.UPDATE}:
            return rollout.revision
    number = rollout.revision.number if rollout is not None else app.current + 1
    what = "on trial: accept or reject it" if rollout is not None and rollout.trial else "being deployed: wait for it"
    raise RayServeException(
        f"Options of application {app.name!r} cannot be changed while revision {number} is {what} first."
    )


def changed(node: Node, given: Mapping[str, Any]) -> Node:
    """The node with some options changed. Raises as `turn`."""
    for name in given:
        if name in BUILT_OPTIONS and name not in LIVE_OPTIONS:
            raise ValueError(
                f"{name} of {node.name} is {given[name]!r}, and cannot be changed while its replicas run: it needs "
                "new ones. Edit the cell and run it."
            )
    plain = {name: value for name, value in given.items() if name != "batching"}
    options = plain_options(merge_options(load_options(node.options), plain))
    batching = _batching(node, given.get("batching", {}))
    return msgspec.structs.replace(node, options={**options, "batching": batching} if batching else options)


def _batching(node: Node, given: Any) -> dict[str, dict[str, Any]]:
    """What overrides the decorators; a setting of None goes back to what the decorator says."""
    if not isinstance(given, Mapping) or not all(isinstance(one, Mapping) for one in given.values()):
        raise ValueError(
            f"batching of {node.name} is {given!r}. Use {{method: {{setting: value}}}} with the settings "
            f"{', '.join(KNOBS)}."
        )
    batching = {method: dict(settings) for method, settings in node.options.get("batching", {}).items()}
    for method, settings in given.items():
        if method not in node.batching:
            known = did_you_mean(str(method), node.batching) if node.batching else "It has none."
            raise ValueError(f"{node.name} has no method {method!r} of @serve.batch. {known}")
        for name in settings:
            if name not in KNOBS:
                raise ValueError(f"Unknown setting {name!r} of {node.name}.{method}. {did_you_mean(str(name), KNOBS)}")
        merged = {**batching.get(method, {}), **settings}
        batching[method] = {name: value for name, value in merged.items() if value is not None}
        BatchSettings(**{**node.batching[method], **batching[method]})
    return {method: settings for method, settings in batching.items() if settings}


def _told(old: Node, new: Node) -> Iterator[str]:
    """What has changed, in words."""
    before, after = load_options(old.options), load_options(new.options)
    for name in BUILT_OPTIONS:
        if getattr(before, name) != getattr(after, name):
            yield f"{name} of {new.name}: {_short(getattr(before, name))} → {_short(getattr(after, name))}"
    for method, asked in new.batching.items():
        was = {**asked, **old.options.get("batching", {}).get(method, {})}
        now = {**asked, **new.options.get("batching", {}).get(method, {})}
        for name in KNOBS:
            if was.get(name) != now.get(name):
                yield f"{name} of {new.name}.{method}: {was.get(name)} → {now.get(name)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
