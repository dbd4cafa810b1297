"""Fingerprints: what a deployment's code is, part by part, in two halves.

The *init half* is all that decides the state that a constructor builds: a change there needs a new
replica. The *serve half* is the rest: a change there can be patched into a live one. Where the code does
not tell, a part counts as init.
"""

from __future__ import annotations

import threading
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kernelserve.code.byvalue import is_by_value, is_class
from kernelserve.code.codehash import PYTHON_MAGIC
from kernelserve.code.half import Half
from kernelserve.code.init_half import InitHalf
from kernelserve.code.members import INGRESS_ATTRIBUTE, Member, by_value_classes, members_of
from kernelserve.code.reach import Reach, value_digest
from kernelserve.code.webapps import lifespan_code


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The two halves as part → digest, with part names made for people.

    Attributes:
        init: parts that the state is built from (`Search.__init__`, `load_weights()`, `arg top_k`).
        serve: all other parts (`Search.rank`, `global K`).
        calls_handles: the init half's code calls `.remote`, so it may build its state from other deployments.
        assumptions: what could not be followed, one sentence each.
    """

    init: dict[str, str]
    serve: dict[str, str]
    calls_handles: bool
    assumptions: tuple[str, ...]


def fingerprint(
    target: Callable[..., Any],
    bound: Mapping[str, str] | None = None,
    *,
    reconfigure_is_init: bool = False,
    reach: Reach | None = None,
) -> Fingerprint:
    """The fingerprint of a deployment's class or function.

    Args:
        target: the class or function.
        bound: part → digest of the bound arguments; they go into the init half.
        reconfigure_is_init: `reconfigure` runs when a replica starts, because there is a `user_config`.
        reach: has explored the target.

    Example:
        >>> def double(x): return 2 * x
        >>> fingerprint(double).init == {**fingerprint(double).init}
        True
    """
    if reach is None:
        reach = Reach()
        reach.explore(target)
    key = (reach.digest(target), getattr(target, "__name__", ""), reconfigure_is_init)
    with _lock:
        found = _known.pop(key, None)
    if found is None:
        found = _of_code(target, reach, reconfigure_is_init)
    with _lock:
        _known[key] = found  # At the end: the first one is the first to go.
        while len(_known) > _MAX_KNOWN:
            del _known[next(iter(_known))]
    return replace(found, init={"Python": PYTHON_MAGIC, **(bound or {}), **found.init})


# The digest of the target with all that it reaches decides its fingerprint.
_known: dict[tuple[str, str, bool], Fingerprint] = {}
_MAX_KNOWN = 128
_lock = threading.Lock()


def _of_code(target: Any, reach: Reach, reconfigure_is_init: bool) -> Fingerprint:
    by_value_class = target if is_class(target) and is_by_value(target) else None
    init = InitHalf(reach, by_value_class, _start_names(by_value_class, reconfigure_is_init))
    serve = Half(reach, [id(one) for one in by_value_classes(by_value_class)] if by_value_class else (), above=init)
    sentences: list[str] = []
    if by_value_class is not None:
        _class_halves(by_value_class, init, serve)
    elif is_class(target):
        init.parts[f"class {target.__qualname__}"] = value_digest(target)[0]
    elif is_by_value(target):
        serve.follow(getattr(target, "__name__", ""), target)
    else:
        digest, sentences_of_value = value_digest(target)
        serve.parts[f"{getattr(target, '__qualname__', type(target).__qualname__)}()"] = digest
        sentences += sentences_of_value
    for entry in reach.entries():
        init.parts.update((f"module {name}", source) for name, source in entry.imported.items())
    sentences += init.doubts
    sentences += [sentence for entry in reach.entries() for sentence in entry.assumptions]
    return Fingerprint(init.parts, serve.parts, "remote" in init.attributes, tuple(dict.fromkeys(sentences)))


def _start_names(cls: type | None, reconfigure_is_init: bool) -> set[str]:
    """Members that run when a replica starts, beside the constructor."""
    names = {"reconfigure"} if reconfigure_is_init else set()
    for member in members_of(cls) if cls is not None else ():
        if member.name == INGRESS_ATTRIBUTE and member.value.app is None:
            names.add("__serve_build_asgi_app__")
    return names


def _class_halves(cls: type, init: InitHalf, serve: Half) -> None:
    for owner in by_value_classes(cls):
        init.structure(owner, f"class {owner.__name__}" if owner is cls else f"base {owner.__name__}")
    for member in members_of(cls):
        if member.name == INGRESS_ATTRIBUTE:
            _ingress_state(member, init)
    init.settle()
    # A method that another member holds (an app its routes) counts there by name: it has a part of its own.
    members = init.members()
    serve.named = {id(one.function): one.label for one in members if one.function is not None}
    for member in members:
        if not init.has_member(member):
            serve.member(member)
        if isinstance(member.value, types.FunctionType) and member.value.__doc__:
            serve.doc(member.label, member.value.__doc__)
    for owner in {id(one): one for one in [*by_value_classes(cls), *(member.owner for member in members)]}.values():
        serve.doc(owner.__name__, owner.__doc__)


def _ingress_state(member: Member, init: InitHalf) -> None:
    """Add what builds an ingress's state beside its constructor.

    A patch keeps the lifespan of the app that runs, as it keeps what the constructor made. What a builder does
    in the replica cannot be told apart, so all of it counts.
    """
    declared = member.value
    code = [declared.app] if declared.is_builder else lifespan_code(declared.app) if declared.app is not None else []
    if code:
        init.code(f"{member.owner.__name__}'s {'app builder' if declared.is_builder else 'lifespan'}", code)
