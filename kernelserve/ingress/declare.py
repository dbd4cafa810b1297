"""`ingress`: the decorator, and what a class says about its app."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from kernelserve.code.members import INGRESS_ATTRIBUTE
from kernelserve.code.webapps import kind_of
from kernelserve.ingress.bind import bind_app
from kernelserve.ingress.owners import drop_earlier

C = TypeVar("C", bound=type)

ASGI_METHOD = "__kernelserve_asgi__"
"""Method of a decorated class: makes the ASGI app of an instance."""

_LATE_HOOK = "__serve_build_asgi_app__"


class Ingress:
    """What was declared: an app, or a function that builds one in the replica."""

    def __init__(self, app: Any, is_builder: bool) -> None:
        self.app = app
        self.is_builder = is_builder

    def make(self, instance: Any) -> Any:
        """An ASGI app of its own for an instance.

        Raises:
            TypeError: the builder returned something else.
        """
        app = self.app
        if app is None:
            app = getattr(instance, _LATE_HOOK)()
        elif self.is_builder:
            app = app()
        if not _is_asgi(app):
            builder = getattr(self.app, "__qualname__", _LATE_HOOK)
            raise TypeError(
                f"{builder}() returned {app!r}, a {type(app).__name__}, which is no ASGI app. "
                "Return a FastAPI app, an APIRouter or another ASGI app from it."
            )
        return bind_app(app, instance)

    @property
    def docs_path(self) -> str | None:
        """Path of the interactive documentation, if the app is there already and has one."""
        path = None if self.is_builder else getattr(self.app, "docs_url", None)
        return path if isinstance(path, str) and self.app.openapi_url else None


def ingress(app: Any = None) -> Callable[[C], C]:
    """Serve a class through an ASGI app; its methods may be routes of it.

    ``@app.get("/x")`` on a method makes a route that gets the replica's instance as `self`. Routes of functions,
    included routers, mounted apps, middleware, exception handlers and the lifespan of the app come along; routes
    that are methods of other classes do not. Each replica makes an app of its own from the declared one. When
    the class is defined again, the routes of its earlier definition leave the app.

    Unlike with Ray Serve, routes that are added to the app later count until the application is run, and a
    subclass of a decorated class may have a plain (not async) ``__init__``.

    Args:
        app: a FastAPI app, an APIRouter, any ASGI app, or a function without arguments that returns one. The
            function runs in each replica, so nothing that it makes has to be shipped. None: the class defines
            ``__serve_build_asgi_app__(self)``, which returns the app.

    Raises:
        TypeError: `app` is none of these, or a class is not what is decorated.
        ValueError: the class defines ``__call__``.

    Example:
        >>> from fastapi import FastAPI
        >>> app = FastAPI()
        >>> @ingress(app)
        ... class Greeter:
        ...     @app.get("/hello")
        ...     def hello(self, name: str) -> str:
        ...         return f"hello {name}"
    """
    is_builder = _is_builder(app)
    if app is not None and not is_builder and not _is_asgi(app):
        raise TypeError(
            f"@serve.ingress got {app!r}, a {type(app).__name__}, which is no ASGI app. "
            "Pass a FastAPI app, an APIRouter, an ASGI app, or a function without arguments that returns one."
        )

    def decorate(cls: C) -> C:
        _check_class(cls, app)
        if not is_builder and kind_of(app) is not None:
            drop_earlier(app, cls)
        setattr(cls, INGRESS_ATTRIBUTE, Ingress(app, is_builder))
        setattr(cls, ASGI_METHOD, asgi_app)
        return cls

    return decorate


def asgi_app(self: Any) -> Any:
    """The ASGI app of an instance of a decorated class."""
    return getattr(type(self), INGRESS_ATTRIBUTE).make(self)


def is_ingress(target: object) -> bool:
    """Whether the class was decorated with `ingress`."""
    return inspect.isclass(target) and isinstance(getattr(target, INGRESS_ATTRIBUTE, None), Ingress)


def ingress_docs_path(target: object) -> str | None:
    """Where below the app's prefix the interactive documentation is (``"/docs"``), or None if not known."""
    declared = getattr(target, INGRESS_ATTRIBUTE, None)
    return declared.docs_path if isinstance(declared, Ingress) else None


def _check_class(cls: Any, app: Any) -> None:
    if not inspect.isclass(cls):
        hint = "Put @serve.deployment above @serve.ingress. " if hasattr(cls, "func_or_class") else ""
        raise TypeError(f"@serve.ingress decorates a class, not {cls!r}. {hint}Decorate the class itself.")
    if any("__call__" in vars(one) for one in cls.__mro__):
        raise ValueError(
            f"{cls.__qualname__} defines __call__, but requests of an ingress class go to the routes of its app. "
            "Make __call__ a route, or take @serve.ingress away."
        )
    if app is None and not hasattr(cls, _LATE_HOOK):
        raise ValueError(
            f"@serve.ingress() got no app, and {cls.__qualname__} has no {_LATE_HOOK}. "
            f"Pass the app, or define {_LATE_HOOK}(self) to return one."
        )


def _is_builder(app: Any) -> bool:
    """A function that can be called without arguments; an ASGI app takes scope, receive and send."""
    if app is None or kind_of(app) is not None or not callable(app):
        return False
    return _takes(app, 0)


def _is_asgi(app: Any) -> bool:
    return kind_of(app) is not None or (callable(app) and _takes(app, 3))


def _takes(function: Any, count: int) -> bool:
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:
        return count == 3  # No signature to check (a C type): an ASGI app, by the benefit of the doubt.
    return True
