"""Which classes and functions travel by value: those that another process could not import."""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
import types
from typing import Any, TypeGuard

_BY_VALUE_MODULES: set[str] = {"__main__"}
_names: tuple[bytes, ...] = (b"__main__",)


def register_by_value(module_name: str) -> None:
    """Ship the classes and functions of a module as code, not by import.

    For modules that live beside the notebook and are not installed where the replicas run.

    Example:
        >>> register_by_value("helpers")
    """
    global _names
    _BY_VALUE_MODULES.add(module_name)
    _names = tuple(name.encode() for name in sorted(_BY_VALUE_MODULES))


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
    """Names of the modules whose code travels by value, as a pickle has them; ``__main__`` is always one."""
    return _names


def is_by_value_module(name: str | None) -> bool:
    """Whether code of the module `name` travels by value (a package covers its submodules)."""
    if name is None:
        return False
    if name in _BY_VALUE_MODULES:
        return True
    parts = name.split(".")
    return any(".".join(parts[:end]) in _BY_VALUE_MODULES for end in range(1, len(parts)))


def is_class(obj: object) -> TypeGuard[type]:
    return isinstance(obj, type)


def is_function(obj: object) -> bool:
    """Plain functions, and `functools.lru_cache` around one."""
    return isinstance(obj, types.FunctionType) or is_lru_cache(obj)


def is_lru_cache(obj: object) -> bool:
    return type(obj).__name__ == "_lru_cache_wrapper" and type(obj).__module__ == "functools"


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
