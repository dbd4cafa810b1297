"""What the command line's arguments must look like; what is wrong is said before anything is done (exit code 2)."""

from __future__ import annotations

import click

from kernelserve.config import check_name, check_route_prefix


def target(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, str]:
    """Module and attribute of ``module:app``."""
    module, _, attribute = value.partition(":")
    if module.endswith(".py") or "/" in module:
        module = module.removesuffix(".py").strip("./").replace("/", ".")
        raise click.BadParameter(f"{value!r} is a path. Name the module: {module}:{attribute or 'app'}")
    if not all(part.isidentifier() for part in [*module.split("."), *attribute.split(".")]):
        raise click.BadParameter(f"{value!r} does not name an application. Write MODULE:APP, such as search:app.")
    return module, attribute


def key_values(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """The pairs of ``key=value``."""
    pairs = {}
    for value in values:
        key, equals, text = value.partition("=")
        if not key or not equals:
            raise click.BadParameter(f"{value!r} is no argument for an app. Write KEY=VALUE, such as model=small.")
        pairs[key] = text
    return pairs


def route(context: click.Context, parameter: click.Parameter, value: str) -> str | None:
    """A route prefix; ``none`` is none."""
    try:
        return None if value == "none" else check_route_prefix(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def app_name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """The name of an app."""
    try:
        return check_name(value, "app")
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
