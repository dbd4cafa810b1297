"""May a new class take over an instance's state? And the change of class when it does.

How a patch keeps both revisions right: the new class gets a second view of the same ``__dict__``, the bridge; when
the old revision's requests have ended, the original object takes the new class (`Patch.finish`). Where old and new
code cannot run side by side, because the state holds objects whose class changed or leads back to the instance, the
patch must be alone: a barrier.
"""

from __future__ import annotations

import abc
import functools
import inspect
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from kernelserve.replica.changes import Changes
from kernelserve.replica.sameness import same_attribute
from kernelserve.replica.walk import MAX_OBJECTS, Found, TooLargeError, path_of, walk

__all__ = ["MAX_OBJECTS", "Patch", "Verdict", "end_bridge", "layout_refusal", "make_bridge", "set_class", "state_of"]

_set_type = object.__dict__["__class__"].__set__
"""Where a class has a ``__class__`` of its own, this is still what its type is."""


_PLAIN_TYPES = (type, abc.ABCMeta)
"""Metaclasses that do nothing of their own to instances."""


@functools.lru_cache(maxsize=16)
def _drained(base: type) -> type:
    """What is left of a bridge: a class without ``__del__``, so that dropping it runs no finalizer of the user's.

    Args:
        base: decides the layout, which must be that of the user's class.
    """
    return type("_Drained", (base,), {"__orig_bases__": ()})  # With these it may be below a plain `Generic`.


def _drained_like(cls: type) -> type:
    while cls.__base__ is not None and cls.__base__.__dictoffset__:
        cls = cls.__base__
    return _drained(cls.__base__ or object)


def state_of(instance: Any) -> dict[str, Any]:
    """The ``__dict__`` of an instance, whatever its class does with attributes."""
    state: dict[str, Any] = object.__getattribute__(instance, "__dict__")
    return state


def set_class(instance: Any, cls: type, state: dict[str, Any] | None = None) -> None:
    """Change the class of an instance, and its ``__dict__`` if one is given; runs no code of the user's."""
    if state is not None and state_of(instance) is not state:
        object.__setattr__(instance, "__dict__", state)
    _set_type(instance, cls)


def make_bridge(original: Any, new_class: type) -> Any:
    """A second view of the state of `original`, with the methods of `new_class`."""
    bridge: Any = object.__new__(new_class)
    object.__setattr__(bridge, "__dict__", state_of(original))
    return bridge


def end_bridge(bridge: Any) -> None:
    """Take the shared state out of a bridge that nobody uses any more."""
    set_class(bridge, _drained_like(type(bridge)), {})


@dataclass(slots=True)
class Verdict:
    """What a look at the state says of a patch.

    Attributes:
        refusal: why it is not safe, or "".
        barrier: why it must be alone, or "".
        helpers: objects in the state, with the class that each takes.
    """

    refusal: str = ""
    barrier: str = ""
    helpers: list[tuple[Any, type]] = field(default_factory=list)


class Patch:
    """One patch of one instance.

    Args:
        original: the instance, or the copy of it that `__reload__` has adapted.
        new_class: the class that takes over.
        changes: what else the new revision has another version of.
        selves: all objects that stand for the instance: the state may lead to them.
        former: with `__reload__`, what the copy was made of: the new state must not lead back to it.
        old_class: of the instance; with `__reload__` that of what the copy was made of.

    Example:
        >>> class Old: ...
        >>> class New: ...
        >>> Patch(Old(), New).examine()
        Verdict(refusal='', barrier='', helpers=[])
    """

    def __init__(
        self,
        original: Any,
        new_class: type,
        changes: Changes | None = None,
        selves: Iterable[Any] = (),
        former: Iterable[Any] = (),
        old_class: type | None = None,
    ) -> None:
        self.changes = changes or Changes({}, {})
        self._original = original
        self._old_class = old_class or type(original)
        self._new_class = new_class
        self._selves = [original, *selves]
        self._former = list(former)
        self._layouts: dict[type, str] = {}

    def examine(self) -> Verdict:
        """Look at the instance and all that its state holds."""
        refusal = layout_refusal(self._original, self._old_class, self._new_class)
        refusal = refusal or filled_refusal(self._original, self._old_class, self._new_class)
        return Verdict(refusal) if refusal else self._examine_state()

    def finish(self) -> str:
        """Old code runs no more: the objects that the state holds take their new classes.

        Returns:
            Why that is not safe by now (nothing has changed then), or "".
        """
        verdict = self._examine_state()
        if verdict.refusal:
            return verdict.refusal
        for helper, cls in verdict.helpers:
            set_class(helper, cls)
        for rebound in self.changes.rebound:
            if rebound.always:
                rebound.carry_over()
        return ""

    @property
    def looks_again(self) -> bool:
        """Whether old code may put something into the state, until it ends, that concerns the patch."""
        others = [cls for cls in self.changes.classes if cls is not self._old_class]
        return bool(others) or any(rebound.always for rebound in self.changes.rebound)

    def _examine_state(self) -> Verdict:
        verdict = Verdict()
        roots = [(f"self.{name}", value) for name, value in list(state_of(self._original).items())]
        roots += self.changes.class_state.values()
        for rebound in self.changes.rebound:
            roots.append((f"global {rebound.name}", rebound.old.get(rebound.name)))
            if rebound.always:
                verdict.barrier = verdict.barrier or f"requests rebind the global {rebound.name}"
        selves, former = {id(one) for one in self._selves}, {id(one) for one in self._former}
        plain: set[type] = set()
        try:
            for found in walk(roots, [*self._selves, *self._former]):
                if id(found[0]) in former:
                    verdict.refusal = f"{path_of(found)} refers to the instance of the revision before"
                elif id(found[0]) in selves:
                    verdict.barrier = verdict.barrier or f"{path_of(found)} refers back to the instance"
                elif type(found[0]) not in plain:
                    if self.changes.concern(type(found[0])):
                        self._look_at(found, verdict)
                    else:
                        plain.add(type(found[0]))
                if verdict.refusal:
                    return verdict
        except TooLargeError:
            verdict.refusal = f"its state has more than {MAX_OBJECTS:,} objects, so it was not checked whole"
        return verdict

    def _look_at(self, found: Found, verdict: Verdict) -> None:
        value = found[0]
        cls = type(value)
        new = self.changes.classes.get(cls)
        if new is None:
            reason = self.changes.reason_of(value)
            verdict.refusal = f"{path_of(found)} {reason}" if reason else ""
            return
        reason = f"whose class {new}" if isinstance(new, str) else self._helper_refusal(value, cls, new)
        if reason:
            verdict.refusal = f"{path_of(found)} holds a {cls.__name__}, {reason}"
        else:
            verdict.helpers.append((value, cast(type, new)))
            verdict.barrier = verdict.barrier or f"{path_of(found)} holds a {cls.__name__}, whose class changed"

    def _helper_refusal(self, helper: Any, old: type, new: type) -> str:
        if old not in self._layouts:
            self._layouts[old] = layout_refusal(helper, old, new)
        reason = self._layouts[old] or filled_refusal(helper, old, new)
        return f"and {reason}" if reason else ""


def filled_refusal(instance: Any, old: type, new: type) -> str:
    """Whether a `functools.cached_property` of the instance is filled by code that is another one, or ""."""
    for name in _cached_names(old) & state_of(instance).keys():
        if not same_attribute(old, new, name):
            return f"the cached_property {name} is filled, and its code changed"
    return ""


def _cached_names(cls: type) -> set[str]:
    members = (item for base in cls.__mro__ for item in list(vars(base).items()))
    return {name for name, value in members if isinstance(value, functools.cached_property)}


def layout_refusal(instance: Any, old_class: type, new_class: type) -> str:
    """Why an instance of one class cannot become one of the other, or ""."""
    if type(old_class) not in _PLAIN_TYPES or type(new_class) not in _PLAIN_TYPES:
        return f"the class {new_class.__name__} has a metaclass"
    if inspect.isabstract(new_class):
        return f"the class {new_class.__name__} is abstract"
    if not hasattr(instance, "__dict__") or _slots(old_class) or _slots(new_class):
        return f"the class {new_class.__name__} has __slots__"
    if issubclass(old_class, dict | list | set | tuple | str | bytes | int | float):
        return f"the class {new_class.__name__} is a subclass of {_builtin_base(old_class)}"
    try:
        probe: Any = object.__new__(old_class)
        try:
            set_class(probe, new_class)
        finally:
            end_bridge(probe)  # Dropping the probe must not run the user's finalizer.
    except TypeError as error:
        return f"the class {new_class.__name__} has another layout ({error})"
    return ""


def _slots(cls: type) -> bool:
    return any(
        "__slots__" in vars(base) for base in cls.__mro__ if base.__module__ not in ("builtins", "typing", "abc")
    )


def _builtin_base(cls: type) -> str:
    return next(base.__name__ for base in cls.__mro__ if base.__module__ == "builtins")
