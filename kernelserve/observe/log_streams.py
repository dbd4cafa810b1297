"""Stand-ins for `sys.stdout` and `sys.stderr`: what a replica prints goes to its log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol


class Printing(Protocol):
    """Where prints of the present code go."""

    def printed(self, level: str, text: str) -> bool:
        """Take what was printed; returns whether it shall be shown by the stream as well."""

    def shows(self) -> bool:
        """Whether what the present code prints is shown by the stream."""


class LoggedStream:
    """A stream, but that `printing` gets what is written first. All else is the stream's own affair.

    Example:
        >>> sys.stdout = LoggedStream(sys.stdout, "STDOUT", printing)        # doctest: +SKIP
    """

    def __init__(self, stream: Any, level: str, printing: Printing) -> None:
        vars(self).update(stream=stream, _level=level, _printing=printing)

    def write(self, text: str) -> int:
        if not isinstance(text, str) or self._printing.printed(self._level, text):
            self.stream.write(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._printing.shows():
            self.stream.flush()

    @property
    def buffer(self) -> LoggedBytes:
        """For code that writes bytes; an AttributeError where the stream has no such thing."""
        return LoggedBytes(self.stream.buffer, self._level, self._printing)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(LoggedStream, name):
            vars(self)[name] = value  # IPython puts another `write` here while a cell runs, and this one back then.
        else:
            setattr(self.stream, name, value)

    def __iter__(self) -> Any:
        return iter(self.stream)

    @property  # type: ignore[misc]  # What `isinstance` looks at: code may ask whether this is a text stream.
    def __class__(self) -> type:
        return type(self.stream)

    def __repr__(self) -> str:
        return f"LoggedStream({self.stream!r})"


class LoggedBytes:
    """As `LoggedStream`, for its bytes."""

    __slots__ = ("_level", "_printing", "stream")

    def __init__(self, stream: Any, level: str, printing: Printing) -> None:
        self.stream = stream
        self._level = level
        self._printing = printing

    def write(self, data: Any) -> int:
        text = bytes(data).decode("utf-8", "backslashreplace")
        if self._printing.printed(self._level, text):
            self.stream.write(data)
        return len(data)

    def flush(self) -> None:
        if self._printing.shows():
            self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
