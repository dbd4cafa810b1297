"""Cell code for tests: source run in a namespace that says it is ``__main__``, as a notebook's is."""

from __future__ import annotations

import linecache
from typing import Any


def run_cell(source: str, namespace: dict[str, Any] | None = None, filename: str = "<cell>") -> dict[str, Any]:
    """Run cell source; returns the namespace."""
    namespace = {"__name__": "__main__"} if namespace is None else namespace
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec", dont_inherit=True), namespace)
    return namespace
