"""Source lines of cells for tracebacks, as long as some revision's code is here."""

from __future__ import annotations

import linecache
import threading
from collections import Counter
from collections.abc import Iterable, Mapping

_lock = threading.Lock()
_users: Counter[str] = Counter()
"""How many editions in this process need a file that was put into `linecache` here. Replicas may share a process with
the notebook, whose own entries are not touched."""


def hold_lines(sources: Mapping[str, str]) -> tuple[str, ...]:
    """Have these files' lines at hand; returns what to give to `release_lines`."""
    with _lock:
        held = [name for name in sources if name in _users or name not in linecache.cache]
        for name in held:
            _users[name] += 1
            if _users[name] == 1:
                text = sources[name]
                linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return tuple(held)


def release_lines(names: Iterable[str]) -> None:
    """The code of these files is gone."""
    with _lock:
        for name in names:
            _users[name] -= 1
            if not _users[name]:
                del _users[name]
                linecache.cache.pop(name, None)
