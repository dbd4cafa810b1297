"""Importing modules again as a fresh process would, or not at all."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import linecache
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from kernelserve.code.byvalue import is_local_module, modules_changed
from kernelserve.code.imports import imports, local_modules, to_import_again


@dataclass(frozen=True)
class Swap:
    """Modules that were imported again; `after` has no module that nothing imports any more.

    Attributes:
        before: name → the module as it was.
        after: name → the module as it is.
    """

    before: Mapping[str, ModuleType]
    after: Mapping[str, ModuleType]


def reimport(changed: Iterable[str], roots: Iterable[str] | None = None) -> Swap:
    """Import the changed modules again, with all of the user's modules that depend on them.

    If one of them raises, everything is as it was before.

    Args:
        changed: names of modules.
        roots: where a fresh process would begin; what these do not import any more is gone. None: every module.

    Raises:
        BaseException: what a module raised.
    """
    files = local_modules()
    again = to_import_again(changed, {name: imports(name, file) for name, file in files.items()})
    before = {name: sys.modules[name] for name in files if name in again}
    for name in before:
        _forget_source(str(files[name]))
    present = set(sys.modules)
    try:
        for name in before:
            del sys.modules[name]
        importlib.invalidate_caches()
        with _no_bytecode():
            for name in [name for name in before if files[name].exists()] if roots is None else roots:
                importlib.import_module(name)
    except BaseException:  # The boundary to the user's modules, whose code may raise anything.
        _restore(before, present)
        raise
    finally:
        modules_changed()
    return Swap(before, {name: sys.modules[name] for name in before if name in sys.modules})


@contextlib.contextmanager
def _no_bytecode() -> Iterator[None]:
    """Bytecode is found by the second of its source's time and by its size, and an edit may change neither."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _forget_source(file: str) -> None:
    """Nothing that was kept of the old source may be taken for the new one."""
    linecache.checkcache(file)
    with contextlib.suppress(OSError):  # There is none, or this user may not write there.
        os.remove(importlib.util.cache_from_source(file))


def _restore(before: Mapping[str, ModuleType], present: set[str]) -> None:
    for name in [name for name in sys.modules if name not in present and is_local_module(name)]:
        del sys.modules[name]
    for name, module in before.items():
        sys.modules[name] = module
        parent, _, own = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], own, module)
