"""Programs as their users run them: a script's text, with the import of the serve module as it should be."""

from __future__ import annotations

import linecache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MARKED = "import kernelserve as serve  # the serve module"
RAY = "from ray import serve"


def load(program: str, serve_import: str = MARKED) -> dict[str, Any]:
    """Run a program as `__main__` and return its names; only the marked import differs from the file."""
    path = FOLDER / f"{program}.py"
    text = path.read_text()
    assert text.count(MARKED) == 1, f"{path.name} has to import its serve module by the line {MARKED!r}, once"
    text = text.replace(MARKED, serve_import)
    # By another name than the file's: what is shown of it in tracebacks, and what is shipped, is this text.
    name = f"<{program}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, name, "exec", dont_inherit=True), names)
    return names
