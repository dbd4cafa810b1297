"""Dependencies that are methods: `Depends(check)` in a class whose body defines ``check(self)``."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

Bind = Callable[[Any], Any]
"""Returns a function as the instance's method, or as it is if it is none."""


def bind_dependency(depends: Any, bind: Bind) -> Any:
    """A `Depends` (or `Security`) with its method bound; anything else, and any other dependency, as it is."""
    function = getattr(depends, "dependency", None)
    if function is None or type(depends).__module__ != "fastapi.params":
        return depends
    bound = bind(function)
    if bound is function:
        return depends
    changed = copy.copy(depends)
    object.__setattr__(changed, "dependency", bound)  # a frozen dataclass
    return changed


def with_bound_dependencies(method: Any, bind: Bind) -> Any:
    """The method with a signature whose dependencies are bound; itself if it has none that are methods."""
    signature = inspect.signature(method)
    parameters = [_bound_parameter(one, bind) for one in signature.parameters.values()]
    if all(new is old for new, old in zip(parameters, signature.parameters.values(), strict=True)):
        return method
    # FastAPI looks through a partial to see whether the function is async, and reads the signature given here.
    bound = functools.update_wrapper(functools.partial(method), method)
    bound.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return bound


def _bound_parameter(parameter: inspect.Parameter, bind: Bind) -> inspect.Parameter:
    default = bind_dependency(parameter.default, bind)
    annotation = _bound_annotation(parameter.annotation, bind)
    if default is parameter.default and annotation is parameter.annotation:
        return parameter
    return parameter.replace(default=default, annotation=annotation)


def _bound_annotation(annotation: Any, bind: Bind) -> Any:
    if get_origin(annotation) is not Annotated:
        return annotation
    kind, *remarks = get_args(annotation)
    bound = [bind_dependency(one, bind) for one in remarks]
    if all(new is old for new, old in zip(bound, remarks, strict=True)):
        return annotation
    return Annotated[(kind, *bound)]
