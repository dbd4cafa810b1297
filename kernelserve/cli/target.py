"""From ``module:app`` to an `Application`."""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from kernelserve.config import did_you_mean
from kernelserve.deployment import Application, Deployment
from kernelserve.exceptions import RayServeException


class TargetError(RayServeException):
    """The target names no application, or its function was not given what it needs. Nothing has changed."""


def load(module: str, attribute: str, arguments: Mapping[str, str], app_dir: Path) -> Application[Any]:
    """The application that ``module:attribute`` names; the module is imported if it is not yet.

    Args:
        arguments: for a function that makes the application.
        app_dir: named in errors; it is on ``sys.path`` already.

    Raises:
        TargetError: there is no such module, or no application in it.
        Exception: what the module, or the function, raises.
    """
    found: Any = _module(module, app_dir)
    name = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise TargetError(f"{name} has no {part!r}. {_near(part, found)}")
        found, name = getattr(found, part), f"{name}:{part}" if name == module else f"{name}.{part}"
    return _application(found, f"{module}:{attribute}", arguments)


def _module(name: str, app_dir: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name != missing and not name.startswith(f"{missing}."):
            raise  # The module is there; one that it imports is not.
        near = [file.stem for file in app_dir.glob("*.py")] + [
            file.parent.name for file in app_dir.glob("*/__init__.py")
        ]
        hint = did_you_mean(name, near) if near else "There is no Python file in it."
        raise TargetError(
            f"There is no module {missing!r} in {app_dir}. {hint} --app-dir names another folder."
        ) from None


def _near(part: str, holder: Any) -> str:
    values = getattr(holder, "__dict__", {})
    apps = [name for name, value in values.items() if isinstance(value, Application)]
    known = apps or [name for name, value in values.items() if callable(value) and not name.startswith("_")]
    return did_you_mean(part, known) if known else "Define it: app = MyDeployment.bind()"


def _application(found: Any, label: str, arguments: Mapping[str, str]) -> Application[Any]:
    if isinstance(found, Application):
        if arguments:
            given = " ".join(f"{key}={value}" for key, value in arguments.items())
            raise TargetError(f"{label} is an application already, and was given {given}. A function can take these.")
        return found
    if isinstance(found, Deployment):
        raise TargetError(f"{label} is a deployment that is not bound. Write in the module: app = {found.name}.bind()")
    if not inspect.isfunction(found):
        kind = type(found).__name__
        raise TargetError(
            f"{label} is of type {kind}. Name an application (Deployment.bind(...)) or a function that makes one."
        )
    made = found(*_builder_arguments(found, label, arguments))
    if not isinstance(made, Application):
        raise TargetError(f"{label}() returned a {type(made).__name__}. Return an application: Deployment.bind(...).")
    return made


def _builder_arguments(builder: Any, label: str, arguments: Mapping[str, str]) -> tuple[Any, ...]:
    parameters = list(inspect.signature(builder).parameters.values())
    if not parameters and not arguments:
        return ()
    if len(parameters) != 1:
        raise TargetError(
            f"{label} takes {len(parameters)} parameters. A function that makes an application takes one, which gets "
            "the KEY=VALUE arguments as a dict (or as a pydantic model, if annotated so), or none."
        )
    model: Any = typing.get_type_hints(builder).get(parameters[0].name)
    if not hasattr(model, "model_validate"):
        return (dict(arguments),)
    try:
        return (model.model_validate(dict(arguments)),)
    except ValueError as error:
        raise TargetError(f"{label} was given wrong arguments. {error}") from None
