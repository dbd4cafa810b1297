"""An application with the definitions that the notebook, and its modules, have by now. Pure.

A bound application holds the class that its cell had made. After a cell has made a class of the same name again,
that is another object: `rebound` binds it in place of the old one.

- Arguments stay the objects that were bound. To bind others, run the cell that binds.
- Options are those of the new decorator, and over them what `.options(...)` was given after the old one. Where the
  new definition has been through `.options(...)` itself, its own win.
- What the notebook does not define any more stays as it was bound.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from kernelserve.deployment import Application, Deployment
from kernelserve.graph.build import replace_bound


def rebound(
    app: Application[Any], namespace: Mapping[str, Any], modules: Mapping[str, ModuleType] = sys.modules
) -> Application[Any]:
    """The application of the present definitions; `app` itself if they are the ones that it holds.

    Args:
        namespace: the notebook's.
        modules: where the definitions of imported modules are.

    Raises:
        TypeError: the arguments that were bound do not fit a new constructor.

    Example:
        >>> from kernelserve.deployment import deployment
        >>> old, new = (type("Search", (), {"__module__": "__main__"}) for _ in range(2))
        >>> rebound(deployment(old).bind(), {"Search": deployment(new)}).func_or_class is new
        True
    """
    return _Rebinding(namespace, modules).application(app)


class _Rebinding:
    def __init__(self, namespace: Mapping[str, Any], modules: Mapping[str, ModuleType]) -> None:
        self._namespace = namespace
        self._modules = modules
        self._done: dict[int, Application[Any]] = {}

    def application(self, app: Application[Any]) -> Application[Any]:
        # An application that is bound into two others stays one.
        if id(app) not in self._done:
            self._done[id(app)] = self._rebound(app)
        return self._done[id(app)]

    def _rebound(self, app: Application[Any]) -> Application[Any]:
        bound = tuple(app.init_args), dict(app.init_kwargs)
        changed: list[object] = []

        def child(old: Any) -> Any:
            new = self.application(old)
            if new is not old:
                changed.append(new)
            return new

        args, kwargs = replace_bound(bound, child)
        deployment = self._present(app.deployment)
        if deployment is app.deployment and not changed:
            return app
        return deployment.bind(*args, **kwargs)

    def _present(self, deployment: Deployment[Any]) -> Deployment[Any]:
        """The deployment of the class or function that has the old one's name by now."""
        target = deployment.func_or_class
        found = self._definitions(target).get(getattr(target, "__qualname__", ""))
        if isinstance(found, Deployment):
            return deployment if found.func_or_class is target else found.options(**{**deployment.given, **found.given})
        if found is target or not (inspect.isclass(found) or inspect.isfunction(found)):
            return deployment
        return deployment.options(func_or_class=found)

    def _definitions(self, target: object) -> Mapping[str, Any]:
        """Names of where a target was defined. What was made inside a function is not found there by its name."""
        module = str(getattr(target, "__module__", ""))
        if module == self._namespace.get("__name__", "__main__"):
            return self._namespace
        return vars(self._modules[module]) if module in self._modules else {}
