"""Which app a path belongs to: the longest prefix, by whole path segments."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class RouteTable(Generic[T]):
    """Route prefixes and what they lead to.

    Example:
        >>> table = RouteTable[str]()
        >>> table.add("/", "home")
        >>> table.add("/search", "search")
        >>> table.match("/search/x"), table.match("/searching")
        ('search', 'home')
    """

    def __init__(self) -> None:
        self._targets: dict[str, T] = {}
        self._depth = 0

    def add(self, prefix: str, target: T) -> None:
        """Route `prefix` and everything below it to `target`.

        Raises:
            ValueError: the prefix does not start with ``/``, or is taken.
        """
        key = normal_prefix(prefix)
        if key in self._targets:
            raise ValueError(
                f"Two applications ask for one route: {key or '/'!r} already leads to {self._targets[key]!r}. "
                "Give one of them another route_prefix."
            )
        self._targets[key] = target
        self._depth = max(self._depth, key.count("/"))

    def remove(self, prefix: str) -> None:
        """Forget `prefix`; a `KeyError` if it is not there."""
        del self._targets[normal_prefix(prefix)]
        self._depth = max((key.count("/") for key in self._targets), default=0)

    def match(self, path: str) -> T | None:
        """What the longest matching prefix leads to, or None."""
        targets = self._targets
        if path in targets and path != "":
            return targets[path]
        if not path.startswith("/"):
            return None
        # Split no deeper than the deepest prefix: a path of 60,000 slashes costs no more than a short one.
        segments = path.split("/", self._depth + 1)
        for length in range(min(len(segments), self._depth + 1), 1, -1):
            target = targets.get("/".join(segments[:length]))
            if target is not None:
                return target
        return targets.get("")

    def items(self) -> list[tuple[str, T]]:
        """Prefixes (``/`` for the root) and targets, sorted by prefix."""
        return sorted(((key or "/", target) for key, target in self._targets.items()), key=lambda item: item[0])


def normal_prefix(prefix: str) -> str:
    """The prefix without its trailing slash: ``/`` becomes ``""``, which is also the ASGI root path."""
    if not prefix.startswith("/"):
        raise ValueError(f"A route prefix must start with '/': got {prefix!r}. Write {'/' + prefix!r}.")
    return prefix.rstrip("/")
