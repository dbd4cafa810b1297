"""Decorated functions and methods that keep state on the instance that they are called on.

`serve.batch` and `serve.multiplexed` are made of these. The state lies in the instance's ``__dict__``, so a
second view of the same ``__dict__`` (docs/architecture.md, "A patch") finds the same queue and models, and
the decorated object itself holds nothing that cannot be pickled.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any, Generic, Protocol, Self, TypeVar


class HomeState(Protocol):
    """State that knows whose it is.

    Attributes:
        home: `id` of the ``__dict__`` that it was made for: a shallow copy of an instance brings the state
            along, and must get one of its own.
    """

    home: int


S = TypeVar("S", bound=HomeState)


class Decorated(Generic[S]):
    """Stands for a user's function: the same name, signature and kind, other behaviour.

    It has the attributes by which `inspect` knows functions (``__code__`` and so on), so that whoever asks
    `inspect.iscoroutinefunction` or `inspect.signature` gets the answer for the user's function.

    Args:
        func: the user's function.
        label: name of the state, the same for all versions of one method; given when unpickled.
    """

    kind = "state"
    """Part of the key under which the state lies in an instance's ``__dict__``."""

    def __init__(self, func: Callable[..., Any], label: str = "", is_method: bool = False) -> None:
        functools.update_wrapper(self, func)
        self.func = func
        self.label = label or getattr(func, "__qualname__", type(func).__qualname__)
        self.is_method = is_method
        self._named = bool(label)
        self._own: S | None = None
        self._slotted: dict[int, tuple[weakref.ref[Any], S]] = {}

    def __set_name__(self, owner: type, name: str) -> None:
        self.is_method = True
        if not self._named:
            # Not the function's name: two attributes made by one factory are two queues. The owner is in
            # it, for an override and what it reaches by `super()` must not share one.
            self.label, self._named = f"{owner.__qualname__}.{name}", True

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else self.bind(instance)

    def bind(self, instance: Any) -> Bound:
        """The decorated method of an instance."""
        return Bound(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self.is_method:
            return self.invoke(None, args, kwargs)
        if not args:
            raise TypeError(f"{self.label}() was called on the class without an instance. Call it on an instance.")
        return self.invoke(args[0], args[1:], kwargs)

    def invoke(self, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call on `instance`, or of a plain function where that is None."""
        raise NotImplementedError

    def new_state(self, home: int) -> S:
        """Fresh state."""
        raise NotImplementedError

    def state(self, instance: Any) -> S:
        """The state of this method on `instance`, made at the first call."""
        if instance is None:
            if self._own is None:
                self._own = self.new_state(0)
            return self._own
        try:
            space = instance.__dict__
        except AttributeError:
            return self._slotted_state(instance)
        state: S | None = space.get(self._key)
        if state is None or state.home != id(space):
            state = space[self._key] = self.new_state(id(space))
        return state

    def state_if_any(self, instance: Any) -> S | None:
        """The state of this method on `instance` if there has been a call; makes none."""
        if instance is None:
            return self._own
        space = getattr(instance, "__dict__", None)
        if space is None:
            found = self._slotted.get(id(instance))
            return found[1] if found is not None and found[0]() is instance else None
        state: S | None = space.get(self._key)
        return state if state is not None and state.home == id(space) else None

    @property
    def _key(self) -> str:
        return f"__kernelserve_{self.kind}_{self.label}"

    def adopt(self, former: Decorated[S]) -> None:
        """Go on with the state of an earlier version of the same plain function: its queue, its models."""
        self._own = former.state(None)

    def _slotted_state(self, instance: Any) -> S:
        found = self._slotted.get(id(instance))
        if found is not None and found[0]() is instance:
            return found[1]
        drop, key = self._slotted.pop, id(instance)
        try:
            reference = weakref.ref(instance, lambda gone: drop(key, None) if self._is(key, gone) else None)
        except TypeError:
            raise TypeError(
                f"{self.label}() has nowhere to keep its state: {type(instance).__name__} has __slots__ with neither "
                "'__dict__' nor '__weakref__'. Add '__weakref__' to its __slots__."
            ) from None
        state = self.new_state(0)
        self._slotted[key] = (reference, state)
        return state

    def _is(self, key: int, reference: weakref.ref[Any]) -> bool:
        found = self._slotted.get(key)
        return found is not None and found[0] is reference

    # --- as inspect sees a function -------------------------------------------------------------

    @property
    def __code__(self) -> Any:
        return getattr(self.func, "__code__", None)

    @property
    def __defaults__(self) -> Any:
        return getattr(self.func, "__defaults__", None)

    @property
    def __kwdefaults__(self) -> Any:
        return getattr(self.func, "__kwdefaults__", None)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.label}>"

    # --- pickling: by name where it can be imported, else the function and what was asked for ----

    def parameters(self) -> tuple[Any, ...]:
        """Arguments that `rebuild` needs after function, label and is_method."""
        return ()

    def __reduce__(self) -> Any:
        name = str(self.__qualname__)  # type: ignore[attr-defined]
        return name if _find(self.__module__, name) is self else self.__reduce_by_value__()

    def __reduce_by_value__(self) -> Any:
        """The reduction where the module is not imported by who loads it; see `code.pickling`."""
        return _rebuild, (type(self), self.func, self.label, self.is_method, self.parameters())


class Bound:
    # A decorated method of one instance. It has a `__get__`, as methods have: `inspect.isroutine` asks for it.
    __slots__ = ("__self__", "_decorated")

    def __init__(self, decorated: Any, instance: Any) -> None:
        self._decorated = decorated
        self.__self__ = instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._decorated.invoke(self.__self__, args, kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Self:
        return self

    def __getattr__(self, name: str) -> Any:
        if name in ("_decorated", "__self__"):  # Not yet set, while it is unpickled.
            raise AttributeError(name)
        return getattr(self._decorated, name)

    __doc__ = property(lambda self: inspect.getdoc(self._decorated.func))

    def __init_subclass__(cls) -> None:
        cls.__doc__ = Bound.__dict__["__doc__"]  # Else a class has a None of its own.

    @property
    def __wrapped__(self) -> Any:
        return types.MethodType(self._decorated.func, self.__self__)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Bound):
            return False
        return other._decorated is self._decorated and other.__self__ is self.__self__

    def __hash__(self) -> int:
        return hash((id(self._decorated), id(self.__self__)))

    def __reduce__(self) -> Any:
        return getattr, (self.__self__, self._decorated.__name__)

    def __repr__(self) -> str:
        return f"<bound {self._decorated.kind} {self._decorated.label} of {self.__self__!r}>"


def _find(module: str, qualname: str) -> Any:
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found


def _rebuild(cls: Any, func: Any, label: str, is_method: bool, parameters: tuple[Any, ...]) -> Any:
    return cls(func, *parameters, label=label, is_method=is_method)
