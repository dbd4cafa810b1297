"""Which of the user's modules import which, and what counts of those that replicas import."""

from __future__ import annotations

import ast
import functools
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kernelserve.code.byvalue import is_imported_instead, is_local_module
from kernelserve.code.codehash import code_digest, new_hash, token


def local_modules() -> dict[str, Path]:
    """The user's own modules that are imported here → their source files, in the order in which they were begun."""
    modules = list(sys.modules.items())  # A copy: other threads import meanwhile.
    return {name: Path(str(module.__file__)) for name, module in modules if is_local_module(name)}


def imports(name: str, file: Path) -> frozenset[str]:
    """Which of the user's modules a module of theirs imports: what its source says, and what it holds objects of.

    The source sees an import inside a function, the module's namespace one by name (``importlib.import_module``).
    """
    module = sys.modules.get(name)
    namespace = dict(vars(module)) if module is not None else {}
    try:
        said = imported_names(file.read_bytes(), namespace.get("__package__") or "")
    except (OSError, ValueError, SyntaxError):  # Gone or broken by the edit, so that it is imported again anyway.
        said = frozenset()
    # A package gets its modules as attributes, whoever imports them.
    own = {key for key, value in namespace.items() if sys.modules.get(f"{name}.{key}") is value}
    held = {_module_of(value) for key, value in namespace.items() if key not in own}
    return frozenset(one for one in said | held if one != name and is_local_module(one))


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


def source_of_import(name: str | None) -> str:
    """As `source_digest` for a user's module that replicas import, "" for any other module."""
    return source_digest(str(name)) if is_imported_instead(name) else ""


def source_digest(name: str) -> str:
    """A digest of the code of a user's module, and of those of their modules that it imports in turn."""
    digest = new_hash()
    for one in sorted(with_imports(name)):
        digest.update(token(one, _code_of(one, _content(Path(str(sys.modules[one].__file__)))).encode()))
    return digest.hexdigest()


def with_imports(*names: str) -> frozenset[str]:
    """The user's modules of these names, and those of their modules that importing these imports in turn."""
    found: set[str] = set()
    pending = set(names)
    while pending:
        new = {one for name in pending for one in _with_packages(name) if is_local_module(one)} - found
        found |= new
        pending = set[str]().union(*(imports(one, Path(str(sys.modules[one].__file__))) for one in new))
    return frozenset(found)


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


@functools.lru_cache(maxsize=256)
def _code_of(name: str, source: bytes | None) -> str:
    if source is None:
        return "unreadable"
    try:
        return code_digest(compile(source, name, "exec", dont_inherit=True))
    except (SyntaxError, ValueError):
        return "broken"


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
