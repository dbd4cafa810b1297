"""The user's object in a replica, and its views: which code serves which revision."""

from __future__ import annotations

import asyncio
import inspect
import linecache
from collections.abc import Callable, Mapping
from typing import Any

from kernelserve import context
from kernelserve.code.store import UnitStore
from kernelserve.config import DeploymentOptions, load_options
from kernelserve.graph.model import Node
from kernelserve.ingress.bind import forget_instances
from kernelserve.replica.asgi import Lifespan
from kernelserve.replica.patch import end_bridge, make_bridge, refusal


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
        ongoing: requests that run on it.
        asgi: the ASGI app of an ingress class, bound to `target`.
        lifespan: of its app, or of the one that this view patches.
    """

    __slots__ = ("_methods", "asgi", "lifespan", "ongoing", "revision", "target")

    def __init__(self, revision: int, target: Any) -> None:
        self.revision = revision
        self.target = target
        self.ongoing = 0
        self.asgi: Any = None
        self.lifespan: Lifespan | None = None
        self._methods: dict[str, Method] = {}

    async def open(self, before: View | None = None) -> None:
        """Make the ASGI app, if the class is an ingress, and run its startup; raises what that raises.

        Args:
            before: the view that is patched. Its lifespan goes on, as a constructor's work does: what it made,
                ``app.state`` with it, serves both.
        """
        build = getattr(self.target, "__kernelserve_asgi__", None)
        if build is None:
            return
        self.asgi = build()
        if before is not None and before.lifespan is not None:
            self.lifespan = before.lifespan
            if hasattr(self.asgi, "state") and hasattr(before.asgi, "state"):
                self.asgi.state = before.asgi.state
        else:
            self.lifespan = Lifespan(self.asgi)
            await self.lifespan.startup()

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


class Servable:
    """One user object for life: constructed once, patched in place, viewed per revision.

    All methods are for the replica's event loop.
    """

    def __init__(self, store: UnitStore) -> None:
        self._store = store
        self._views: list[View] = []
        self._draining: list[View] = []
        self._hollow: list[Any] = []
        self._previous_config: dict[int, Any] = {}
        self._options_of: dict[int, DeploymentOptions] = {}
        self._units: dict[int, tuple[str, ...]] = {}
        self.options = DeploymentOptions()

    @property
    def original(self) -> Any:
        """The user's instance (or function): the view of the oldest live revision."""
        return self._views[0].target if self._views else None

    @property
    def revisions(self) -> list[int]:
        return [view.revision for view in self._views]

    def load(self, node: Node, units: Mapping[str, bytes], sources: Mapping[str, str]) -> Any:
        """The node's class or function, from its units."""
        for name, text in sources.items():
            linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        self._store.add(units)
        return self._store.unpack(node.code)

    async def construct(
        self, node: Node, revision: int, units: Mapping[str, bytes], sources: Mapping[str, str]
    ) -> None:
        """Make the instance; raises what the user's code raises."""
        self.options = self._options_of[revision] = load_options(node.options)
        self._units[revision] = node.units
        target = self.load(node, units, sources)
        args, kwargs = self._store.unpack(node.args)
        if inspect.isclass(target):
            target = await _instance(target, args, kwargs)
        if self.options.user_config is not None:
            await reconfigure(target, self.options.user_config)
        view = View(revision, target)
        await view.open()
        self._views.append(view)

    def view(self, revision: int) -> View:
        """The view that serves a revision: the newest that is not newer."""
        views = self._views
        if len(views) == 1:
            return views[0]
        for view in reversed(views):
            if view.revision <= revision:
                return view
        return views[0]

    async def prepare(
        self, node: Node, revision: int, units: Mapping[str, bytes], sources: Mapping[str, str], patch: bool
    ) -> str:
        """Get ready to serve `revision`; returns why a patch is refused, or "".

        Raises what the user's code raises while it is loaded or reconfigured; nothing has changed then.
        """
        options = load_options(node.options)
        view: View | None = None
        if patch:
            target = self.load(node, units, sources)
            if inspect.isclass(target):
                reason = refusal(self.original, target, self._changed_classes(node))
                if reason:
                    return reason
                target = make_bridge(self.original, target)
            view = View(revision, target)
            await view.open(self._views[-1])
        if options.user_config != self.options.user_config and options.user_config is not None:
            await self._reconfigure(view.target if view is not None else self.original, options.user_config)
        if view is not None:
            self._views.append(view)
        self._units[revision] = node.units
        self._options_of[revision] = options
        self._previous_config[revision] = self.options
        self.options = options
        return ""

    async def abort(self, revision: int) -> None:
        """Undo `prepare`."""
        previous = self._previous_config.pop(revision, None)
        if previous is None:
            return
        if previous.user_config != self.options.user_config and previous.user_config is not None:
            await reconfigure(self.original, previous.user_config)
        self.options = previous
        self._units.pop(revision, None)
        for view in [view for view in self._views if view.revision == revision]:
            self._views.remove(view)
            self._drop(view)

    def retire(self, revision: int) -> None:
        """Requests up to `revision` have ended: the newest view that serves the next one takes the original."""
        base = self.view(revision + 1)
        older = [view for view in self._views if view.revision < base.revision]
        if not older:
            return
        self._views = [view for view in self._views if view.revision >= base.revision]
        if base.asgi is None:
            self._return_to_original(older, base)
        else:
            # The ASGI app, whose lifespan has begun, is bound to the bridge: so the bridge stays, and the
            # original is kept without its state, as dropping it would run its finalizers.
            self._hollow += [view.target for view in older]
            for view in older:
                self._drop(view)
            forget_instances()

    def _return_to_original(self, older: list[View], base: View) -> None:
        original = older[0].target
        if inspect.isroutine(original) or inspect.isroutine(base.target):
            return
        original.__class__ = type(base.target)
        self._views[0] = View(base.revision, original)
        for view in [*older[1:], base]:
            self._drop(view)

    def done(self, view: View) -> None:
        """A request on the view has ended."""
        view.ongoing -= 1
        if view.ongoing == 0 and view in self._draining:
            self._draining.remove(view)
            end_bridge(view.target)

    async def close(self) -> None:
        """End the ASGI apps and drop the user's object; its finalizers run now."""
        lifespans = {view.lifespan for view in self._views if view.lifespan is not None}
        self._views.clear()
        self._draining.clear()
        self._hollow.clear()
        for lifespan in lifespans:
            await lifespan.shutdown()
        forget_instances()

    def _drop(self, view: View) -> None:
        if inspect.isroutine(view.target):
            return
        if view.ongoing:
            self._draining.append(view)
        else:
            end_bridge(view.target)

    async def _reconfigure(self, target: Any, user_config: Any) -> None:
        try:
            await reconfigure(target, user_config)
        except Exception:
            if self.options.user_config is not None:
                await reconfigure(self.original, self.options.user_config)
            raise

    def _changed_classes(self, node: Node) -> list[type]:
        """Classes loaded for the present revision that the new one does not use in this version."""
        present = self._units[max(self._units)]
        gone = set(present) - set(node.units)
        loaded = (self._store.loaded(unit) for unit in gone)
        return [item for item in loaded if isinstance(item, type) and item is not type(self.original)]


async def _instance(cls: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """An instance of the user's class, whose `__init__` may be async."""
    if not inspect.iscoroutinefunction(cls.__init__):
        return cls(*args, **kwargs)
    instance: Any = object.__new__(cls)
    await instance.__init__(*args, **kwargs)
    return instance


async def reconfigure(target: Any, user_config: Any) -> None:
    """Call the user's ``reconfigure(user_config)``, sync or async; with the replica's rank if it takes one.

    Raises:
        AttributeError: the class has no ``reconfigure``.
    """
    method = getattr(target, "reconfigure", None)
    if method is None:
        raise AttributeError(
            f"user_config is {user_config!r}, but {type(target).__name__} has no reconfigure(user_config). Define it."
        )
    replica = context.current_replica.get()
    if replica is not None and "rank" in inspect.signature(method).parameters:
        result = method(user_config, rank=replica.rank)
    else:
        result = method(user_config)
    if asyncio.iscoroutine(result):
        await result
