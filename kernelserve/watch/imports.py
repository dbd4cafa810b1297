"""Which of the user's modules import which. Only `local_modules` and `imports` look at what is loaded."""

from __future__ import annotations

import ast
import functools
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kernelserve.code.byvalue import is_local_module


def local_modules() -> dict[str, Path]:
    """The user's own modules that are imported here → their source files, in the order in which they were begun."""
    modules = list(sys.modules.items())  # A copy: other threads import meanwhile.
    return {name: Path(str(module.__file__)) for name, module in modules if is_local_module(name)}


def imports(name: str, file: Path, known: Iterable[str]) -> frozenset[str]:
    """Which of the `known` modules the module imports: what its source says, and what it holds objects of.

    The source sees an import inside a function, the module's namespace one by name (``importlib.import_module``).
    """
    module = sys.modules.get(name)
    package = getattr(module, "__package__", None) or ""
    try:
        said = imported_names(file.read_bytes(), package)
    except (OSError, ValueError, SyntaxError):  # Gone or broken by the edit, so that it is imported again anyway.
        said = frozenset()
    held = {_module_of(value) for value in list(vars(module).values())} if module is not None else set()
    return (said | held) & frozenset(known) - {name}


@functools.lru_cache(maxsize=1024)
def imported_names(source: str | bytes, package: str) -> frozenset[str]:
    """Every module that a source may import, with the packages above it; some are no modules but names in one.

    Args:
        package: what relative imports start from: the module's ``__package__``.

    Example:
        >>> sorted(imported_names("import a.b; from . import c; from .d import e", "pkg"))
        ['a', 'a.b', 'pkg', 'pkg.c', 'pkg.d', 'pkg.d.e']
    """
    return frozenset(_imported(ast.parse(source), package))


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            for alias in node.names:
                yield from _with_packages(f"{base}.{alias.name}" if base else alias.name)


def to_import_again(changed: Iterable[str], imports: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The changed modules, those that import them (directly or not), and what lies in a package among these.

    Example:
        >>> edges = {"app": {"rank"}, "rank": {"words"}, "words": set(), "other": set()}
        >>> sorted(to_import_again({"words"}, {name: frozenset(of) for name, of in edges.items()}))
        ['app', 'rank', 'words']
    """
    found: set[str] = set()
    pending = set(changed) & imports.keys()
    while pending:
        found |= pending
        pending = {
            name
            for name, of in imports.items()
            if name not in found and (not found.isdisjoint(of) or any(name.startswith(f"{one}.") for one in found))
        }
    return frozenset(found)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _module_of(value: object) -> str:
    if isinstance(value, types.ModuleType):
        return value.__name__
    module = getattr(value, "__module__", None) if isinstance(value, type | types.FunctionType) else None
    return module if isinstance(module, str) else ""
