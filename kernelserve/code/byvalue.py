"""Which classes and functions travel by value: those that another process could not import."""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
import types
import weakref
from collections.abc import Iterable
from typing import Any, TypeGuard

_BY_VALUE_MODULES: set[str] = {"__main__"}
_names: tuple[bytes, ...] = ()
_modules_seen = 0
# Modules of the user that have something in them that cannot leave this process.
_by_import: weakref.WeakSet[types.ModuleType] = weakref.WeakSet()


def register_by_value(module_name: str) -> None:
    """Ship the classes and functions of an installed module as code, not by import.

    Modules that lie in a folder of the user's, or are installed editable, travel so without it.

    Example:
        >>> register_by_value("helpers")
    """
    global _modules_seen
    _BY_VALUE_MODULES.add(module_name)
    _modules_seen = 0


def is_local_module(name: str) -> bool:
    """Whether a module that is imported here is source of the user's: of a project's folder or an editable install.

    Not so: the standard library, installed packages, kernelserve itself, extensions in C, ``__main__``.

    Example:
        >>> is_local_module("json"), is_local_module("kernelserve.code")
        (False, False)
    """
    file = getattr(sys.modules.get(name), "__file__", None)
    return file is not None and name.partition(".")[0] not in _NOT_LOCAL and is_local_source(file)


_NOT_LOCAL = frozenset({"__main__", "__mp_main__", "kernelserve", "pytest_kernelserve"})
_STANDARD = tuple(os.path.join(sysconfig.get_path(which), "") for which in ("stdlib", "platstdlib"))
_INSTALLED = frozenset({"site-packages", "dist-packages"})


@functools.lru_cache(maxsize=8192)
def is_local_source(file: str) -> bool:
    """Whether the file is Python source outside of what is installed; see `is_local_module`."""
    own = os.path.isabs(file) and file.endswith(".py") and not file.startswith(_STANDARD)
    return own and _INSTALLED.isdisjoint(file.split(os.sep))


def by_value_names() -> tuple[bytes, ...]:
    """Names of the modules whose code travels by value, as a pickle has them; ``__main__`` is always one.

    Of the user's own modules the top-level names only.
    """
    global _names, _modules_seen
    if len(sys.modules) != _modules_seen:
        _modules_seen = len(sys.modules)
        local = {name.partition(".")[0] for name in list(sys.modules) if is_local_module(name)}
        _names = tuple(name.encode() for name in sorted(_BY_VALUE_MODULES | local))
    return _names


def modules_changed() -> None:
    """Modules were taken out of ``sys.modules`` and others put in, so that their number alone does not tell."""
    global _modules_seen
    _modules_seen = 0


def is_by_value_module(name: str | None) -> bool:
    """Whether code of the module `name` travels by value (a package covers its submodules)."""
    if name is None:
        return False
    if name in _BY_VALUE_MODULES:
        return True
    parts = name.split(".")
    if any(".".join(parts[:end]) in _BY_VALUE_MODULES for end in range(1, len(parts))):
        return True
    return is_local_module(name) and not is_imported_instead(name)


def import_instead(names: Iterable[str]) -> list[types.ModuleType]:
    """Have the replicas import these modules of the user's, from here on and until they are imported again here.

    Returns:
        Those that travelled by value before; see `send_again`.
    """
    modules = [sys.modules[name] for name in names if is_local_module(name)]
    new = [module for module in modules if module not in _by_import]
    _by_import.update(new)
    return new


def send_again(modules: Iterable[types.ModuleType]) -> None:
    """Undo `import_instead`."""
    _by_import.difference_update(modules)


def is_imported_instead(name: str | None) -> bool:
    """Whether replicas import this module of the user's; see `import_instead`.

    So they do with those that protobuf has generated: their messages travel at any time, and know C objects.
    """
    module = sys.modules.get(name or "")
    if module in _by_import:
        return True
    return type(getattr(module, "DESCRIPTOR", None)).__module__.startswith("google.") and is_local_module(name or "")


def is_class(obj: object) -> TypeGuard[type]:
    return isinstance(obj, type)


def is_function(obj: object) -> bool:
    """Plain functions, and `functools.lru_cache` around one."""
    return isinstance(obj, types.FunctionType) or is_lru_cache(obj)


def is_lru_cache(obj: object) -> bool:
    return type(obj).__name__ == "_lru_cache_wrapper" and type(obj).__module__ == "functools"


def is_stand_in(obj: Any) -> bool:
    """Whether the object stands for a function that is shipped as code, as `serve.batch` makes one of a method."""
    return hasattr(type(obj), "__reduce_by_value__") and is_by_value_module(obj.__module__)


def is_by_value(obj: Any) -> bool:
    """Whether this class or function is shipped as code."""
    if not (is_class(obj) or is_function(obj)):
        return False
    module = getattr(obj, "__module__", None)
    return is_by_value_module(module) or not importable(obj)


def importable(obj: Any) -> bool:
    """Whether ``module.qualname`` finds this very object."""
    module = sys.modules.get(getattr(obj, "__module__", None) or "")
    found: Any = module
    if module is None:
        return is_class(obj) and obj.__flags__ & (1 << 9) == 0  # a C type whose module is hidden
    for part in getattr(obj, "__qualname__", "").split("."):
        found = getattr(found, part, None)
        if found is None:
            return _builtin_type(obj)
    return found is obj or _builtin_type(obj)


def _builtin_type(obj: Any) -> bool:
    """Types such as ``types.NoneType`` are not found under their own name, but exist everywhere."""
    return is_class(obj) and not obj.__flags__ & (1 << 9) and obj.__module__ == "builtins"


def library_of(func: types.FunctionType) -> str | None:
    """The importable module whose globals the function uses, or None if its globals travel with it."""
    name = func.__globals__.get("__name__")
    if not isinstance(name, str) or is_by_value_module(name):
        return None
    module = sys.modules.get(name)
    return name if module is not None and module.__dict__ is func.__globals__ else None
