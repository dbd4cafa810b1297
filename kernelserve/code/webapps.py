"""FastAPI and Starlette objects as recipes: what they are made from, without what their constructors make.

A live application holds locks, caches, and closures over itself that cannot travel, or should not count when
it is compared: all of it made by the constructor. A *recipe* is the rest: the constructor's arguments, which
these libraries keep under their own names, and the attributes that users fill afterwards (routes, middleware,
handlers, state). What is shipped, fingerprinted or bound to an instance is the recipe; the constructor makes
the rest anew. Neither library is imported before an object of it is met.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

# (module, class) → what it is. Subclasses of users count as their nearest base here.
_KINDS: dict[tuple[str, str], str] = {
    ("fastapi.applications", "FastAPI"): "app",
    ("starlette.applications", "Starlette"): "app",
    ("fastapi.routing", "APIRouter"): "router",
    ("starlette.routing", "Router"): "router",
    ("fastapi.routing", "APIRoute"): "route",
    ("fastapi.routing", "APIWebSocketRoute"): "route",
    ("starlette.routing", "Route"): "route",
    ("starlette.routing", "WebSocketRoute"): "route",
    ("starlette.routing", "Mount"): "route",
    ("starlette.routing", "Host"): "route",
    ("fastapi.routing", "_IncludedRouter"): "inclusion",  # FastAPI 0.139 on; before, routes were copied
    ("starlette.datastructures", "State"): "state",  # its __getattr__ recurses while it is empty
}
_ORDER = ("state", "route", "inclusion", "router", "app")
_CACHES = frozenset({"middleware_stack", "openapi_schema"})
# Deprecated as an argument, fine as an attribute.
_NOT_ARGUMENTS = frozenset({"self", "root_path"})


@dataclass(frozen=True, slots=True)
class DocsRoute:
    """Stands for a route that `FastAPI.setup` makes (``/docs``, ``/openapi.json``): a closure over its app."""

    path: str


@dataclass(slots=True)
class Recipe:
    """What an application, router or route is made from.

    Attributes:
        kind: app, router, route, inclusion (of a router in another) or state.
        cls: class of the object.
        base: the library's class whose constructor makes it.
        arguments: of that constructor.
        contents: attributes to put in place afterwards.
    """

    kind: str
    cls: type
    base: type
    arguments: dict[str, Any]
    contents: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.arguments, self.contents

    def fill(self, blank: Any) -> None:
        """Make an empty object of `cls` what the recipe says."""
        _FILL[self.kind](blank, self.base, self.arguments, self.contents)

    def make(self) -> Any:
        """A new object."""
        blank = make_blank(self.cls)
        self.fill(blank)
        return blank


def kind_of(obj: object) -> tuple[str, type] | None:
    """What the object is to this module, and the library's class that says so."""
    for base in type(obj).__mro__:
        kind = _KINDS.get((base.__module__, base.__qualname__))
        if kind is not None:
            return kind, base
    return None


def recipe_of(obj: Any) -> Recipe | None:
    """The recipe of an application, router or route of FastAPI or Starlette; None for anything else."""
    found = kind_of(obj)
    if found is None:
        return None
    kind, base = found
    return _READ[kind](obj, base)


def lifespan_code(app: Any) -> list[Any]:
    """What an application runs when it starts and ends: lifespans and hooks, those of included routers too."""
    found = kind_of(app)
    if found is None or found[0] not in ("app", "router"):
        return []
    router = app.router if found[0] == "app" else app
    code = _own_lifespans(router.lifespan_context)
    code += [*getattr(router, "on_startup", ()), *getattr(router, "on_shutdown", ())]
    for route in router.routes:
        included = getattr(route, "original_router", None)
        code += lifespan_code(included) if included is not None else []
    return code


def _own_lifespans(context: Any) -> list[Any]:
    """The users' lifespans in one that FastAPI or Starlette may have merged or made of them."""
    if type(context).__name__ == "_DefaultLifespan":
        return []
    library = getattr(context, "__module__", "").partition(".")[0] in ("fastapi", "starlette")
    if not (library and inspect.isfunction(context)):
        return [context]
    cells = [cell.cell_contents for cell in context.__closure__ or ()]
    return [one for content in cells if callable(content) for one in _own_lifespans(content)]


# --- reading ------------------------------------------------------------------------------------


def _read_app(app: Any, base: type) -> Recipe:
    held = vars(app)
    internal = {name for name in _made_by(base, "app") if name.startswith("_")}
    contents = {name: value for name, value in held.items() if name not in internal | _CACHES}
    arguments = _arguments(app, base)
    arguments = {name: value for name, value in arguments.items() if name not in contents or _shapes(name)}
    return Recipe("app", type(app), base, arguments, contents)


def _shapes(name: str) -> bool:
    """Whether an argument of FastAPI decides which routes its constructor makes."""
    return name in ("title", "version") or name.endswith("_url")


def _read_router(router: Any, base: type) -> Recipe:
    arguments = _arguments(router, base)
    lifespan = router.lifespan_context
    # The default lifespan is bound to its router: each has its own.
    arguments["lifespan"] = None if type(lifespan).__name__ == "_DefaultLifespan" else lifespan
    arguments["default"] = None if getattr(router.default, "__self__", None) is router else router.default
    arguments["routes"] = [_docs_marker(route) or route for route in router.routes]
    derived = {"middleware_stack", "lifespan_context", "default", "routes"} | {
        name for name in _made_by(base, "router") if name.startswith("_")
    }
    contents = {name: value for name, value in vars(router).items() if name not in derived | arguments.keys()}
    if _is_wrapped(router):
        contents["middleware_stack"] = router.middleware_stack
    if vars(router).get("_low_priority_routes"):
        contents |= {name: vars(router)[name] for name in ("_low_priority_routes", "_frontend_routes")}
    return Recipe("router", type(router), base, arguments, contents)


def _read_route(route: Any, base: type) -> Recipe:
    arguments = _arguments(route, base)
    contents = {name: value for name, value in vars(route).items() if name not in _made_by(base, "route")}
    if getattr(route, "stream_item_type", None) is not None:
        # It was read from the endpoint's annotation, as the constructor does where no model was given.
        arguments.pop("response_model", None)
    if "_base_app" in vars(route):
        arguments["app"] = route._base_app
    if base.__module__ == "starlette.routing" and is_wrapped_route(route):
        contents["app"] = route.app  # Middleware of a single route is kept nowhere else.
    return Recipe("route", type(route), base, arguments, contents)


def is_wrapped_route(route: Any) -> bool:
    """Whether middleware was given to this very route."""
    own = vars(route).get("endpoint", vars(route).get("_base_app", route.app))
    return route.app is not own and not (inspect.isfunction(route.app) and hasattr(route, "endpoint"))


def _is_wrapped(router: Any) -> bool:
    plain = getattr(router.middleware_stack, "__self__", None) is router
    return not plain and getattr(router, "max_body_size", None) is None


def _read_inclusion(route: Any, base: type) -> Recipe:
    return Recipe("inclusion", type(route), base, _arguments(route, base))


def _read_state(state: Any, base: type) -> Recipe:
    return Recipe("state", type(state), base, {"state": state._state})


def _arguments(obj: Any, base: type) -> dict[str, Any]:
    """The constructor's arguments but defaults, as far as the object keeps them, by name or name with a ``_``."""
    held = vars(obj)
    found: dict[str, Any] = {}
    for name, default in _parameters(base):
        key = name if name in held else f"_{name}"
        if key in held and held[key] is not default:
            found[name] = held[key]
    return found


@functools.cache
def _parameters(base: Any) -> tuple[tuple[str, Any], ...]:
    parameters = inspect.signature(base.__init__).parameters.items()
    return tuple(
        (name, one.default) for name, one in parameters if not name.startswith("_") and name not in _NOT_ARGUMENTS
    )


@functools.cache
def _made_by(base: type, kind: str) -> frozenset[str]:
    """Names of the attributes that the library's constructor sets."""
    arguments = ("/sample", _sample_endpoint) if kind == "route" else ()
    return frozenset(vars(base(*arguments)))


def _sample_endpoint() -> None: ...


def _docs_marker(route: Any) -> DocsRoute | None:
    name = getattr(getattr(route, "endpoint", None), "__qualname__", "")
    return DocsRoute(route.path) if str(name).startswith("FastAPI.setup.<locals>.") else None


# --- making -------------------------------------------------------------------------------------


def make_blank(cls: type) -> Any:
    """An object that no constructor has seen yet."""
    blank: Any = object.__new__(cls)
    return blank


def _fill_app(app: Any, base: Any, arguments: dict[str, Any], contents: dict[str, Any]) -> None:
    base.__init__(app, **arguments)
    docs = {route.path: route for route in app.router.routes}
    vars(app).update(contents)
    routes = [docs.get(route.path) if isinstance(route, DocsRoute) else route for route in app.router.routes]
    app.router.routes[:] = [route for route in routes if route is not None]


def _fill_other(obj: Any, base: Any, arguments: dict[str, Any], contents: dict[str, Any]) -> None:
    base.__init__(obj, **arguments)
    vars(obj).update(contents)


_READ: dict[str, Callable[[Any, type], Recipe]] = {
    "app": _read_app, "router": _read_router, "route": _read_route, "inclusion": _read_inclusion,
    "state": _read_state,
}  # fmt: skip
_FILL: dict[str, Callable[[Any, Any, dict[str, Any], dict[str, Any]], None]] = {
    "app": _fill_app, "router": _fill_other, "route": _fill_other, "inclusion": _fill_other,
    "state": _fill_other,
}  # fmt: skip


# --- in a pickle --------------------------------------------------------------------------------


class _Unfilled(threading.local):
    """Objects of the pickles that this thread loads, whose constructors have still to run."""

    def __init__(self) -> None:
        self.pending: list[list[tuple[Any, str, type, Any]]] = []


_unfilled = _Unfilled()
# Apps that came in a pickle and of which no other was made yet.
_arrived: weakref.WeakSet[Any] = weakref.WeakSet()


def is_first_use(app: Any) -> bool:
    """Whether the app came in a pickle and this is asked for the first time."""
    if app not in _arrived:
        return False
    _arrived.discard(app)
    return True


def reduce_webapp(obj: Any) -> Any:
    """The reduction of an application, router or route for a pickle, or None for anything else."""
    recipe = recipe_of(obj)
    if recipe is None:
        return None
    base = f"{recipe.base.__module__}:{recipe.base.__qualname__}"
    return make_blank, (recipe.cls,), (recipe.kind, base, recipe.state), None, None, fill_later


def fill_later(blank: Any, state: tuple[str, str, Any]) -> None:
    """Note an object whose constructor must run when the whole pickle is there.

    A route's constructor reads its endpoint's signature, and the endpoint, which may refer to the app in turn,
    is not complete before the end of the pickle.
    """
    kind, name, parts = state
    module, _, qualname = name.partition(":")
    _unfilled.pending[-1].append((blank, kind, getattr(importlib.import_module(module), qualname), parts))


@contextmanager
def filling() -> Iterator[None]:
    """Around the load of one pickle: at its end the constructors run, of parts before wholes."""
    _unfilled.pending.append([])
    try:
        yield
    finally:
        noted = _unfilled.pending.pop()
    for blank, kind, base, parts in sorted(noted, key=lambda one: _ORDER.index(one[1])):
        _FILL[kind](blank, base, *parts)
        if kind == "app":
            _arrived.add(blank)
