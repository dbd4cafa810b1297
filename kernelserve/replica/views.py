"""Views of the user's object: the code of one revision over its state."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kernelserve.replica.asgi import Lifespan

if TYPE_CHECKING:
    from kernelserve.replica.gate import Gate
    from kernelserve.replica.patch import Patch


class Method:
    """A callable of the servable, with what is asked of it once and not at each request."""

    __slots__ = ("call", "is_async", "is_generator", "takes_request")

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call
        target = call if inspect.isroutine(call) else type(call).__call__
        self.is_generator = inspect.isgeneratorfunction(target) or inspect.isasyncgenfunction(target)
        self.is_async = inspect.iscoroutinefunction(target)
        try:
            self.takes_request = bool(inspect.signature(call).parameters)
        except (TypeError, ValueError):
            self.takes_request = True


class View:
    """The code of one revision over the servable's state.

    Attributes:
        asgi: the ASGI app of an ingress class, bound to `target`.
        lifespan: of its app, or of the one that this view patches.
        gate: holds its requests until no request of an older view runs, where the patch must be alone; else None.
        patch: what must be done when it takes over from the views before it; None for the first.
    """

    __slots__ = ("_methods", "asgi", "gate", "lifespan", "patch", "revision", "target")

    def __init__(self, revision: int, target: Any) -> None:
        self.revision = revision
        self.target = target
        self.asgi: Any = None
        self.lifespan: Lifespan | None = None
        self.gate: Gate | None = None
        self.patch: Patch | None = None
        self._methods: dict[str, Method] = {}

    async def open(self, before: View | None = None) -> None:
        """Make the ASGI app, if the class is an ingress, and run its startup; raises what that raises.

        Args:
            before: the view that is patched. Its lifespan goes on, as a constructor's work does: what it made,
                ``app.state`` with it, serves both.
        """
        if not hasattr(type(self.target), "__kernelserve_asgi__"):  # The class is asked: it may have a __getattr__.
            return
        self.asgi = self.target.__kernelserve_asgi__()
        if before is not None and before.lifespan is not None:
            self.lifespan = before.lifespan
            if hasattr(self.asgi, "state") and hasattr(before.asgi, "state"):
                self.asgi.state = before.asgi.state
        else:
            self.lifespan = Lifespan(self.asgi)
            await self.lifespan.startup()

    def aim_at(self, target: Any) -> None:
        """Serve by another object of the same class and state."""
        self.target = target
        self._methods.clear()

    @property
    def lifespan_state(self) -> dict[str, Any] | None:
        """What the app's startup left for the requests."""
        return self.lifespan.state if self.lifespan is not None else None

    def method(self, name: str) -> Method:
        """The method to run for a call.

        Raises:
            AttributeError: there is none; lists those that there are.
        """
        method = self._methods.get(name)
        if method is None:
            method = self._methods[name] = Method(self._find(name))
        return method

    def _find(self, name: str) -> Any:
        if name == "__call__" and callable(self.target):
            return self.target if inspect.isroutine(self.target) else self.target.__call__
        found = None if inspect.isroutine(self.target) else getattr(self.target, name, None)
        if not callable(found):
            public = [item for item in dir(self.target) if not item.startswith("_") or item == "__call__"]
            names = [item for item in public if callable(getattr(type(self.target), item, None))]
            raise AttributeError(
                f"{type(self.target).__name__} has no method {name!r}. It has: {', '.join(names) or 'none'}."
            )
        return found
