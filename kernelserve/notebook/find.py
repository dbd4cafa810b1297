"""Which application a cell means. Pure: it looks at values and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kernelserve.deployment import Application, Deployment
from kernelserve.notebook.cells import RanCell
from kernelserve.notebook.errors import CellError


def find_application(cell: RanCell) -> Application[Any]:
    """The cell's last expression, else its variable `app`, else the only one that it makes.

    Where a cell makes applications under other names, it is the one that is not bound into another; where it
    makes none, its only deployment, bound without arguments.

    Raises:
        CellError: the cell has no application, or several.
    """
    if isinstance(cell.value, Application):
        return cell.value
    if isinstance(cell.value, Deployment):
        return _bind(cell.value)
    named = {name: cell.namespace.get(name) for name in cell.assigned}
    app: object = named.get("app")
    if isinstance(app, Application):
        return app
    applications = _roots({name: value for name, value in named.items() if isinstance(value, Application)})
    if applications:
        only: Application[Any] = _only(applications, "applications")
        return only
    deployments = _distinct({name: value for name, value in named.items() if isinstance(value, Deployment)})
    if not deployments:
        raise CellError(_nothing(cell, named))
    return _bind(_only(deployments, "deployments"))


def _roots(applications: Mapping[str, Application[Any]]) -> dict[str, Application[Any]]:
    """Those that are not bound into another of them, each once."""
    inner = {id(found) for app in applications.values() for found in applications_in([app.init_args, app.init_kwargs])}
    return _distinct({name: app for name, app in applications.items() if id(app) not in inner})


def applications_in(value: Any) -> Iterator[Application[Any]]:
    """The bound applications in a value, those that are bound into them too; some may come twice."""
    if isinstance(value, Application):
        yield value
        yield from applications_in([value.init_args, value.init_kwargs])
    elif isinstance(value, Mapping):
        yield from applications_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from applications_in(item)


def _distinct(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without the second and later names of one object."""
    first: dict[int, str] = {}
    for name, value in values.items():
        first.setdefault(id(value), name)
    return {name: values[name] for name in first.values()}


def _only(values: Mapping[str, Any], kind: str) -> Any:
    if len(values) == 1:
        return next(iter(values.values()))
    names = " and ".join([", ".join(list(values)[:-1]), list(values)[-1]])
    example = next(iter(values)) if kind == "applications" else f"{next(iter(values))}.bind(...)"
    raise CellError(
        f"The cell has {len(values)} {kind}, {names}, and does not say which one to serve. "
        f"Assign it to `app`, or end the cell with it: app = {example}"
    )


def _bind(deployment: Deployment[Any]) -> Application[Any]:
    try:
        return deployment.bind()
    except TypeError as error:
        raise CellError(
            f"The cell's deployment {deployment.name} cannot be served without arguments ({error}) "
            f"Bind it in the cell: app = {deployment.name}.bind(...)"
        ) from None


def _nothing(cell: RanCell, named: Mapping[str, Any]) -> str:
    plain = [name for name, value in named.items() if isinstance(value, type)]
    if plain:
        hint = f"Decorate {plain[-1]} with @serve.deployment and end the cell with: app = {plain[-1]}.bind()"
    else:
        hint = "Decorate a class or function with @serve.deployment and end the cell with: app = Name.bind()"
    if cell.value is not None:
        seen = f"its last expression is of type {type(cell.value).__name__}"
    elif named:
        names = list(named)
        seen = f"it binds {', '.join(names[:8])}{' …' if len(names) > 8 else ''}"
    else:
        seen = "it binds no name"
    return f"The cell has no application: {seen}. {hint}"
