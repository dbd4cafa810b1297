"""Objects that stood for the servable in a view, and that code outside of requests may still hold."""

from __future__ import annotations

import sys
import weakref
from typing import Any

from kernelserve.replica.patch import end_bridge, set_class, state_of

_OUR_REFERENCES = 2
"""The local variable, and the argument of `sys.getrefcount`."""


class Echoes:
    """Former targets of views. A thread, a task or a callback that holds one goes on with the present code and state.

    One that nobody else holds is emptied before it is dropped, so that no ``__del__`` of the user's runs; one
    that a `weakref.finalize` watches is kept, for the finalizer is the instance's and not this object's.
    """

    def __init__(self) -> None:
        self._held: list[Any] = []

    def __iter__(self) -> Any:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def add(self, former: Any) -> None:
        self._held.append(former)

    def follow(self, target: Any) -> None:
        """`target` is the servable from here on: all take its class and state, and those in no use are dropped."""
        cls, state = type(target), state_of(target)
        held, self._held = self._held, []
        while held:
            echo = held.pop()
            set_class(echo, cls, state)
            if sys.getrefcount(echo) > _OUR_REFERENCES or weakref.getweakrefcount(echo):
                self._held.append(echo)
            else:
                end_bridge(echo)

    def close(self) -> None:
        """The servable ends: only its own ``__del__`` shall run."""
        while self._held:
            echo = self._held.pop()
            in_use = sys.getrefcount(echo) > _OUR_REFERENCES
            if not in_use or hasattr(type(echo), "__del__"):
                end_bridge(echo)
