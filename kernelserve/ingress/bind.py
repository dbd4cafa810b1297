"""An app for one instance: the declared app made again, with its methods bound to that instance."""

from __future__ import annotations

import inspect
import sys
import types
from typing import Any

from kernelserve.code.webapps import Recipe, is_first_use, kind_of, make_blank, recipe_of
from kernelserve.ingress.dependencies import bind_dependency, with_bound_dependencies
from kernelserve.ingress.owners import is_method_elsewhere, is_method_of, same_function


def bind_app(app: Any, instance: Any) -> Any:
    """A new app whose endpoints call the methods of `instance`; the declared one stays as it is.

    An `APIRouter` becomes a FastAPI app that includes it. An ASGI app of another library is returned as it is.
    """
    found = kind_of(app)
    if found is None:
        return app
    if found[0] == "router" and found[1].__module__ == "fastapi.routing":
        app = _app_with(app)
    return _Binding(instance).app(app)


def forget_instances() -> None:
    """Let go of instances whose apps have ended.

    FastAPI remembers of each callable whether it is a coroutine function, and with a bound method its instance:
    thousands of them, models and all. What it forgets here it finds out again.
    """
    models = sys.modules.get("fastapi.dependencies.models")
    for value in list(vars(models).values()) if models is not None else ():
        if callable(clear := getattr(value, "cache_clear", None)):
            clear()


def _app_with(router: Any) -> Any:
    from fastapi import FastAPI  # Late: kernelserve is imported without it.

    app = FastAPI()
    app.include_router(router)
    return app


class _Binding:
    """One making of one app."""

    def __init__(self, instance: Any) -> None:
        self._instance = instance
        self._class = type(instance)
        self._done: dict[int, Any] = {}
        self._methods: dict[types.FunctionType, Any] = {}

    def app(self, app: Any) -> Any:
        """An app or router made again."""
        found = kind_of(app)
        if found is None:
            return app
        if id(app) in self._done:
            return self._done[id(app)]
        recipe = _recipe(app)
        made = self._done[id(app)] = make_blank(recipe.cls)
        if recipe.kind == "router":
            self._router(recipe)
        else:
            self._contents(app, recipe)
        recipe.fill(made)
        return made

    def _contents(self, app: Any, recipe: Recipe) -> None:
        contents = recipe.contents
        contents["router"] = self.app(contents["router"])
        contents["state"] = _state_for_one(app)
        contents["exception_handlers"] = {
            key: self._bound(handler) for key, handler in contents["exception_handlers"].items()
        }
        contents["user_middleware"] = [self._middleware(one) for one in contents["user_middleware"]]

    def _router(self, recipe: Recipe) -> None:
        routes = [self._route(route) for route in recipe.arguments["routes"]]
        recipe.arguments["routes"] = [route for route in routes if route is not None]
        for name in ("on_startup", "on_shutdown"):
            if name in recipe.arguments:
                recipe.arguments[name] = [self._bound(hook) for hook in recipe.arguments[name]]

    def _route(self, route: Any) -> Any:
        """The route for this instance; None if it is a method of a class that this is none of."""
        found = kind_of(route)
        if found is None:
            return route
        if found[0] == "inclusion":
            return self._inclusion(route)
        if "_base_app" in vars(route):
            return self._mount(route)
        endpoint = getattr(route, "endpoint", None)
        if is_method_elsewhere(endpoint, self._class):
            return None
        if not is_method_of(endpoint, self._class):
            return route
        recipe = _recipe(route)
        recipe.arguments["endpoint"] = self._bound(endpoint)
        if "dependencies" in recipe.arguments:
            recipe.arguments["dependencies"] = [
                bind_dependency(one, self._bound) for one in recipe.arguments["dependencies"]
            ]
        return recipe.make()

    def _inclusion(self, route: Any) -> Any:
        recipe = _recipe(route)
        router = self.app(recipe.arguments["original_router"])
        context = recipe.arguments["include_context"]
        recipe.arguments["original_router"] = router
        fields = {**vars(context), "included_router": router}
        recipe.arguments["include_context"] = type(context)(**fields)
        return recipe.make()

    def _mount(self, route: Any) -> Any:
        if kind_of(route._base_app) is None or route.app is not route._base_app:
            return route
        recipe = _recipe(route)
        recipe.arguments["app"] = self.app(route._base_app)
        return recipe.make()

    def _middleware(self, one: Any) -> Any:
        bound = {name: self._bound(value) for name, value in one.kwargs.items()}
        return type(one)(one.cls, *[self._bound(value) for value in one.args], **bound)

    def _bound(self, function: Any) -> Any:
        """A method of the instance for a function of its class's body; anything else as it is."""
        if not is_method_of(function, self._class):
            return function
        # One object for one function: FastAPI calls a dependency once a request, and knows it by identity.
        if function not in self._methods:
            self._methods[function] = self._method(function)
        return self._methods[function]

    def _method(self, function: types.FunctionType) -> Any:
        written = any(same_function(vars(cls).get(function.__name__), function) for cls in self._class.__mro__)
        override = inspect.getattr_static(self._class, function.__name__, None) if written else None
        method = override if isinstance(override, types.FunctionType) else function
        return with_bound_dependencies(types.MethodType(method, self._instance), self._bound)


def _state_for_one(app: Any) -> Any:
    """The state of an app made of `app`: in a replica the first has the declared object, others have copies.

    So code that says ``app.state`` finds what the lifespan put there, and the shutdown of an earlier revision's
    app does not close what the startup of the next one has opened. Where the app was declared it stays clean.
    """
    return app.state if is_first_use(app) else type(app.state)(dict(app.state._state))


def _recipe(obj: Any) -> Recipe:
    recipe = recipe_of(obj)
    assert recipe is not None, f"{type(obj)} is neither app nor router nor route"
    return recipe
