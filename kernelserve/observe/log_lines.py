"""Log lines for people: text, HTML, a table. Pure, but for pandas."""

from __future__ import annotations

import html
import logging
import re
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, overload

from kernelserve.config import did_you_mean
from kernelserve.observe.log_reader import level_number
from kernelserve.transport.observed import LogLine

if TYPE_CHECKING:
    import pandas

SHOWN_LINES = 1000
SHOWN_CHARACTERS = 200_000
"""Of what a cell shows: no output shall make a notebook slow."""
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_COLOURS = (
    (logging.ERROR, "color:var(--jp-error-color1,#c62828)"),
    (logging.WARNING, "color:var(--jp-warn-color0,#a05a00)"),
    (logging.INFO, ""),
    (0, "opacity:.65"),
)


def check_logs(level: str, last: int) -> None:
    """Refuse what no query of logs can be.

    Raises:
        ValueError: an unknown level, or a number of lines below 1.
    """
    if level and level.upper() not in logging.getLevelNamesMapping():
        raise ValueError(f"There is no log level {level!r}. {did_you_mean(level.upper(), LEVELS)}")
    if isinstance(last, bool) or not isinstance(last, int) or last < 1:
        raise ValueError(f"last is {last!r}. Use a number of lines, at least 1.")


def text_of(line: LogLine) -> str:
    """A line as text: time, level, deployment and replica, request, message.

    Example:
        >>> text_of(LogLine(0.0, "INFO", "loaded", "Llm", "x1")).split()[1:]
        ['INFO', 'Llm#x1', 'loaded']
    """
    return f"{_head(line)} {line.text}"


def _head(line: LogLine) -> str:
    when = time.strftime("%H:%M:%S", time.localtime(line.time)) + f".{int(line.time % 1 * 1000):03d}"
    where = "#".join(filter(None, (line.deployment, line.replica)))
    return " ".join(filter(None, (when, f"{line.level:<7}", where, line.request_id)))


def as_text(lines: Sequence[LogLine], left_out: int = 0) -> str:
    """The newest of the lines, as many as a cell can hold.

    Args:
        left_out: older ones that are not among `lines`.
    """
    shown, cut = _newest(lines)
    head = [_left_out(left_out + cut)] if left_out + cut else []
    return "\n".join([*head, *map(text_of, shown)])


def as_html(lines: Sequence[LogLine], left_out: int = 0) -> str:
    """As `as_text`; the levels have colours, and their names say the same."""
    shown, cut = _newest(lines)
    head = [f'<span style="opacity:.65">{_left_out(left_out + cut)}</span>'] if left_out + cut else []
    body = "\n".join([*head, *map(_html, shown)])
    return f'<pre style="margin:0;white-space:pre-wrap;overflow-wrap:anywhere">{body}</pre>'


def _html(line: LogLine) -> str:
    style = next(style for level, style in _COLOURS if level_number(line.level) >= level)
    text = html.escape(_ANSI.sub("", line.text))
    return f'<span style="opacity:.65">{html.escape(_head(line))}</span> <span style="{style}">{text}</span>'


def _newest(lines: Sequence[LogLine]) -> tuple[Sequence[LogLine], int]:
    left, kept = SHOWN_CHARACTERS, 0
    for line in reversed(lines[-SHOWN_LINES:]):
        left -= len(line.text) + 60
        if left < 0 and kept:
            break
        kept += 1
    return lines[len(lines) - kept :], len(lines) - kept


def _left_out(count: int) -> str:
    return f"… {count:,} line{'s' if count > 1 else ''} left out"


class Logs(Sequence[LogLine]):
    """Lines of an app's log, oldest first; printed, and shown in a notebook, as lines.

    Example:
        >>> logs = Logs([LogLine(0.0, "ERROR", "no such file", "Llm", "x1")])
        >>> [line.text for line in logs]
        ['no such file']
    """

    def __init__(self, lines: Iterable[LogLine]) -> None:
        self._lines = list(lines)

    @overload
    def __getitem__(self, index: int) -> LogLine: ...
    @overload
    def __getitem__(self, index: slice) -> Logs: ...
    def __getitem__(self, index: int | slice) -> LogLine | Logs:
        return Logs(self._lines[index]) if isinstance(index, slice) else self._lines[index]

    def __len__(self) -> int:
        return len(self._lines)

    def frame(self) -> pandas.DataFrame:
        """A pandas table: time (UTC), level, deployment, replica, revision, request_id, logger, text.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas  # Late: heavy, and only for this.

        columns = ["time", "level", "deployment", "replica", "revision", "request_id", "logger", "text"]
        table = pandas.DataFrame([[getattr(line, name) for name in columns] for line in self._lines], columns=columns)
        table["time"] = pandas.to_datetime(table["time"], unit="s", utc=True)
        return table

    def __repr__(self) -> str:
        return as_text(self._lines) if self._lines else "No lines."

    def _repr_html_(self) -> str:
        return as_html(self._lines) if self._lines else "No lines."
