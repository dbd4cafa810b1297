"""From a bound deployment, with those bound into it, to an `AppGraph`."""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from kernelserve.code import Packed, Reach, UnitStore, Walks, array_hashes, fingerprint, value_digest
from kernelserve.code.byvalue import import_instead, send_again
from kernelserve.code.imports import with_imports
from kernelserve.code.locate import ships
from kernelserve.exceptions import ShipError
from kernelserve.graph.model import AppGraph, Node
from kernelserve.types import NodeSpec


@dataclass(frozen=True, slots=True)
class BoundChild:
    """Stands for a bound deployment where arguments are digested: a child counts by its name."""

    name: str


def build(
    root: NodeSpec,
    *,
    name: str,
    route_prefix: str | None,
    store: UnitStore,
    make_handle: Callable[[str], Any],
    sources: Mapping[str, str],
) -> AppGraph:
    """The graph of an application.

    Args:
        root: the ingress, as `Deployment.bind` returns it.
        store: packs code and arguments; keeps their unit ids for this process.
        make_handle: makes what a constructor gets in place of a bound child, by the child's unique name.
        sources: file name of a cell → its text; only what the code comes from is taken along.

    Raises:
        ShipError: code or an argument cannot leave this process.
        ValueError: a deployment is, by way of a mutable argument, bound into itself.
    """
    array_hashes.begin_build()
    specs = _children_first(root)
    names = _unique_names(specs)
    nodes: dict[str, Node] = {}
    units: dict[str, bytes] = {}
    files: set[str] = set()
    for node, packed in _nodes(specs, names, store, make_handle):
        nodes[node.name] = node
        for one in packed:
            units |= one.units
            files.update(one.files)
    return AppGraph(
        name=name,
        route_prefix=route_prefix,
        ingress=names[id(root)],
        nodes=nodes,
        units=units,
        sources={file: sources[file] for file in sorted(files) if file in sources},
    )


def _nodes(
    specs: list[NodeSpec], names: Mapping[int, str], store: UnitStore, make_handle: Callable[[str], Any]
) -> list[tuple[Node, tuple[Packed, Packed]]]:
    """All nodes with what was packed for them; modules of the user's that cannot be sent are imported instead."""
    walks = Walks()
    try:
        return [_node(spec, names, store, make_handle, walks) for spec in specs]
    except ShipError as error:
        imported: list[ModuleType] = []
        # First those that are in the way, with what they import, so that nobody meets a module in two forms.
        for modules in (with_imports(*walks.holders(ships)), walks.modules()):
            new = import_instead(modules)
            imported += new
            with contextlib.suppress(ShipError):
                if new:
                    again = Walks()
                    return [_node(spec, names, store, make_handle, again) for spec in specs]
        send_again(imported)
        raise error


def is_bound(obj: object) -> bool:
    """Whether the object is a bound deployment."""
    return getattr(type(obj), "_kernelserve_bound", False) is True


def _node(
    spec: NodeSpec,
    names: Mapping[int, str],
    store: UnitStore,
    make_handle: Callable[[str], Any],
    walks: Walks,
) -> tuple[Node, tuple[Packed, Packed]]:
    target, options, name = spec.func_or_class, dict(spec.options_dict), names[id(spec)]
    children = tuple(dict.fromkeys(names[id(child)] for child in _children(spec)))
    bound, assumed = _argument_digests(spec, names)
    configured = options.get("user_config") is not None
    reach = Reach(walks=walks)
    reach.explore(target)
    print_of_code = fingerprint(target, bound, reconfigure_is_init=configured, reach=reach)
    code = store.pack(target, name, reach)
    key = "" if assumed else value_digest(tuple(bound.items()))[0]
    args = _pack_arguments(spec, name, store, lambda child: make_handle(names[id(child)]), key)
    node = Node(
        name=name,
        kind="class" if inspect.isclass(target) else "function",
        options=options,
        code=code.payload,
        args=args.payload,
        units=tuple(sorted({*code.used, *args.used})),
        init=print_of_code.init,
        serve=print_of_code.serve,
        children=children,
        reads_children=print_of_code.calls_handles and bool(children),
        assumptions=tuple(dict.fromkeys((*print_of_code.assumptions, *assumed))),
        batching={method: dict(settings) for method, settings in spec.batching.items()},
        definition=target.__name__,
    )
    return node, (code, args)


def _pack_arguments(spec: NodeSpec, name: str, store: UnitStore, handle: Callable[[NodeSpec], Any], key: str) -> Packed:
    args = replace_bound(tuple(spec.init_args), handle)
    kwargs = replace_bound(dict(spec.init_kwargs), handle)
    try:
        return store.pack((args, kwargs), f"{name}.__init__ arguments", key=key)
    except ShipError:
        # One by one, so that the error names the argument.
        for label, value in _labelled(spec.func_or_class, args, kwargs):
            store.pack(value, f"{name}.__init__ argument {label}:")
        raise


def _labelled(
    target: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    try:
        parameters = list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    for index, value in enumerate(args):
        known = index < len(parameters) and parameters[index].kind is not inspect.Parameter.VAR_POSITIONAL
        yield parameters[index].name if known else str(index), value
    yield from kwargs.items()


def _argument_digests(spec: NodeSpec, names: Mapping[int, str]) -> tuple[dict[str, str], list[str]]:
    digests: dict[str, str] = {}
    assumptions: list[str] = []
    for key, value in (*enumerate(spec.init_args), *spec.init_kwargs.items()):
        counted = replace_bound(value, lambda child: BoundChild(names[id(child)]))
        digests[f"arg {key}"], assumed = value_digest(counted)
        assumptions += assumed
    return digests, assumptions


# --- bound deployments inside arguments ---------------------------------------------------------


def _children(spec: NodeSpec) -> list[NodeSpec]:
    return [*_find(tuple(spec.init_args), set()), *_find(dict(spec.init_kwargs), set())]


def _find(value: Any, above: set[int]) -> Iterator[NodeSpec]:
    if is_bound(value):
        yield value
    elif isinstance(value, dict | list | tuple | set | frozenset) and id(value) not in above:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _find(item, above | {id(value)})


def replace_bound(value: Any, replacement: Callable[[NodeSpec], Any]) -> Any:
    """The value with the bound deployments in it replaced; containers without any are left as they are."""
    if is_bound(value):
        return replacement(value)
    if not isinstance(value, dict | list | tuple | set | frozenset) or next(_find(value, set()), None) is None:
        return value
    if isinstance(value, dict):
        mapping = copy.copy(value)
        for key, item in value.items():
            mapping[key] = replace_bound(item, replacement)
        return mapping
    items = [replace_bound(item, replacement) for item in value]
    if isinstance(value, list):
        sequence = copy.copy(value)
        sequence[:] = items
        return sequence
    if hasattr(value, "_fields"):
        return type(value)(*items)  # a named tuple
    return type(value)(items)


def _children_first(root: NodeSpec) -> list[NodeSpec]:
    order: list[NodeSpec] = []
    _visit(root, order, set(), set())
    return order


def _visit(spec: NodeSpec, order: list[NodeSpec], done: set[int], above: set[int]) -> None:
    if id(spec) in above:
        raise ValueError(f"The deployment {spec.name!r} is bound into itself. Remove it from its own bind() arguments.")
    if id(spec) in done:
        return
    done.add(id(spec))
    for child in _children(spec):
        _visit(child, order, done, above | {id(spec)})
    order.append(spec)


def _unique_names(specs: list[NodeSpec]) -> dict[int, str]:
    names: dict[int, str] = {}
    taken: set[str] = set()
    for spec in specs:
        name, count = spec.name, 0
        while name in taken:
            count += 1
            name = f"{spec.name}_{count}"
        taken.add(name)
        names[id(spec)] = name
    return names
