"""The log of one replica: what its loggers take and what it prints, bounded, on its way to a file."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from kernelserve.observe.log_files import LogFile
from kernelserve.observe.log_writer import WRITER, Writer
from kernelserve.observe.logs import request_fields
from kernelserve.transport.observed import LogLine

MAX_LINE = 16 * 1024
"""Characters of a line; the others are counted."""
MAX_LINES_A_SECOND = 2000
MAX_CHARACTERS_A_SECOND = 4 * 1024 * 1024
UNENDED_S = 1.0
"""A line without an end is written as it is after so long: a question, a progress bar."""
MAX_WAITING = 4 * MAX_CHARACTERS_A_SECOND
"""Characters that wait for a disk that is too slow."""

log = logging.getLogger("kernelserve.logs")


class StoredLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A `LogLine` as it lies in a file: an object with names, for whoever reads the file itself."""

    time: float
    level: str
    text: str
    deployment: str = ""
    replica: str = ""
    revision: int = 0
    request_id: str = ""
    logger: str = ""

    def line(self) -> LogLine:
        return LogLine(*msgspec.structs.astuple(self))


_encode = msgspec.json.Encoder().encode


class _Unended(NamedTuple):
    """The beginning of a line; `size` counts also what is not kept."""

    text: str
    size: int
    since: float
    revision: int


class LogSink:
    """Takes the lines of one replica from any thread.

    Lines over the rate are counted, and a line tells how many. A failure to write is told once, and never to the
    code that logs.

    Args:
        file: where they go.
        clock: Unix time.

    Attributes:
        level: records below it are left out; what is printed is kept.
        revision: of lines that no request's code has written.
        copy: gets each record that is kept, and each line that was printed as one.
    """

    def __init__(
        self,
        file: LogFile,
        deployment: str = "",
        replica: str = "",
        *,
        writer: Writer = WRITER,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.level = logging.INFO
        self.revision = 0
        self.copy: Callable[[logging.LogRecord], None] | None = None
        self._file = file
        self._deployment = deployment
        self._replica = replica
        self._writer = writer
        self._clock = clock
        self._rate = _Rate()
        self._waiting: list[tuple[Any, ...]] = []
        self._waiting_size = 0
        self._unended: dict[tuple[int, str, str], _Unended] = {}
        # Reentrant: a finalizer of user code may run, and print, at any moment in here.
        self._lock = threading.RLock()
        self._writing = threading.RLock()
        self._told = False
        self._closed = False
        writer.opened(self)

    def logged(self, record: logging.LogRecord) -> None:
        """Take a log record."""
        if record.levelno < self.level:
            return
        if not self._admitted(0, self._clock()):
            self._writer.touch(self)
            return
        request_id, revision = request_fields()
        text = _cut(message_of(record))
        self._rate.add(len(text))
        self._add(record.created, str(record.levelname), text, request_id, revision, str(record.name))
        if self.copy is not None:
            self.copy(record)
        self._writer.touch(self)

    def printed(self, level: str, text: str) -> None:
        """Take what was printed: any part of a line, or many lines.

        Args:
            level: ``STDOUT`` or ``STDERR``.
        """
        request_id, revision = request_fields()
        now = self._clock()
        key = (threading.get_ident(), level, request_id)
        with self._lock:
            new = _Unended("", 0, now, revision)
            begun = self._unended.pop(key, new)
            start, end = 0, text.find("\n")
            while end >= 0:
                begun = _longer(begun, text, start, end)
                start = end + 1
                if self._admitted(min(begun.size, MAX_LINE), now):
                    self._print(now, level, begun, request_id)
                else:  # Many lines at once: those that are over the rate are only counted.
                    self._rate.left_out += text.count("\n", start)
                    start = text.rfind("\n") + 1
                begun = new
                end = text.find("\n", start)
            if start < len(text) or begun.size:
                self._unended[key] = _longer(begun, text, start, len(text))
        self._writer.touch(self)

    def told(self, level: str, text: str) -> None:
        """Take what kernelserve tells of the replica, such as an error of user code."""
        if self._admitted(len(text), self._clock()):
            request_id, revision = request_fields()
            self._add(self._clock(), level, _cut(text), request_id, revision, "kernelserve.replica")
        self._writer.touch(self)

    def flush(self, now: float | None = None) -> bool:
        """Write what waits; returns whether something goes on waiting: a line without an end, a count.

        Args:
            now: Unix time; None also writes lines that have not ended.
        """
        with self._writing:
            with self._lock:
                self._end_lines(now)
                left_out = self._tell_left_out(now)
                lines, self._waiting, self._waiting_size = self._waiting, [], 0
                again = bool(self._unended or self._rate.left_out)
            if lines and not self._write(lines):
                self._rate.left_out += len(lines) + max(0, left_out - 1)
                again = bool(self._unended)  # A full disk is tried again with the next line.
        return again and not self._closed

    def close(self) -> None:
        """Write everything. Lines that come later, from a thread that was left, are written as they come."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        with self._writing:
            self.flush()
            self._file.close()
        self._writer.closed(self)

    def after_fork(self) -> None:
        """In a process that was forked: locks may have been held by threads that are not here.

        What waits is written by the parent.
        """
        self._lock, self._writing = threading.RLock(), threading.RLock()
        self._waiting, self._waiting_size, self._unended = [], 0, {}

    def _admitted(self, characters: int, now: float) -> bool:
        """Whether one more line may be kept; before the first of a second it is told what the last one had too much."""
        with self._lock:
            if self._rate.left_out:
                self._tell_left_out(now)
            return self._rate.admit(characters, now)

    def _tell_left_out(self, now: float | None) -> int:
        left_out = self._rate.take_left_out(now)
        if left_out:
            self._add(self._clock(), "WARNING", f"… {left_out:,} lines left out", "", 0, log.name)
        return left_out

    def _end_lines(self, now: float | None) -> None:
        for key, begun in list(self._unended.items()):
            if now is None or now - begun.since >= UNENDED_S or now < begun.since:
                del self._unended[key]
                if self._admitted(len(begun.text), self._clock()):
                    self._print(self._clock(), key[1], begun, key[2])

    def _print(self, now: float, level: str, begun: _Unended, request_id: str) -> None:
        text = _cut(_shown(begun.text), begun.size - len(begun.text))
        self._add(now, level, text, request_id, begun.revision, "")
        if self.copy is not None:
            self.copy(_as_record(level, text))

    def _add(self, now: float, level: str, text: str, request_id: str, revision: int, logger: str) -> None:
        with self._lock:
            if self._waiting_size > MAX_WAITING:
                self._rate.left_out += 1
                return
            self._waiting_size += len(text)
            self._waiting.append((now, level, text, revision or self.revision, request_id, logger))

    def _write(self, lines: list[tuple[Any, ...]]) -> bool:
        """Whether nothing was lost that could have been kept."""
        try:
            self._file.write(b"".join(map(self._encoded, lines)))
            if self._closed:
                self._file.close()
        except FileNotFoundError:
            pass  # The app is gone, and its folder with it.
        except OSError as error:
            if not self._told:
                self._told = True
                log.warning(
                    "Log lines of %s#%s cannot be written: %s. They are left out until they can be, and the replica "
                    "goes on. Is the disk full?",
                    self._deployment, self._replica, error,
                )  # fmt: skip
            return False
        return True

    def _encoded(self, line: tuple[Any, ...]) -> bytes:
        now, level, text, revision, request_id, logger = line
        stored = StoredLine(now, level, text, self._deployment, self._replica, revision, request_id, logger)
        try:
            return _encode(stored) + b"\n"
        except UnicodeEncodeError:  # Half a character, as of bytes that were no text.
            whole = (one.encode("utf-8", "backslashreplace").decode() for one in (text, request_id, logger))
            text, request_id, logger = whole
            return self._encoded((now, level, text, revision, request_id, logger))


class _Rate:
    """Counts lines and characters of the present second."""

    def __init__(self) -> None:
        self.left_out = 0
        self._since = 0.0
        self._lines = 0
        self._characters = 0

    def admit(self, characters: int, now: float) -> bool:
        """Whether one more line may be kept; counts it either way."""
        if not 0 <= now - self._since < 1.0:
            self._since, self._lines, self._characters = now, 0, 0
        if self._lines >= MAX_LINES_A_SECOND or self._characters > MAX_CHARACTERS_A_SECOND:
            self.left_out += 1
            return False
        self._lines += 1
        self._characters += characters
        return True

    def add(self, characters: int) -> None:
        """The line that was admitted has so many."""
        self._characters += characters

    def take_left_out(self, now: float | None) -> int:
        """How many lines were left out, when their second is over (None: in any case), to be told."""
        if not self.left_out or (now is not None and 0 <= now - self._since < 1.0):
            return 0
        count, self.left_out = self.left_out, 0
        return count


def _longer(begun: _Unended, text: str, start: int, end: int) -> _Unended:
    """The line with ``text[start:end]`` at its end, which is not copied further than it is kept."""
    room = MAX_LINE - len(begun.text)
    kept = begun.text + text[start : min(end, start + room)] if room > 0 else begun.text
    size = begun.size + end - start
    if "\r" in kept:
        shorter = _shown(kept) + "\r" * kept.endswith("\r")
        kept, size = shorter, size - len(kept) + len(shorter)
    return _Unended(kept, size, begun.since, begun.revision)


def _cut(text: str, gone: int = 0) -> str:
    """At most `MAX_LINE` of the text, and how much is missing; `gone`: what is not here any more."""
    gone += max(0, len(text) - MAX_LINE)
    return f"{text[:MAX_LINE]} … {gone:,} more characters left out" if gone else text


def _shown(text: str) -> str:
    """What a terminal shows of a line whose beginning is written over again and again, as progress bars do."""
    return text.rstrip("\r").rpartition("\r")[2]


def _as_record(level: str, text: str) -> logging.LogRecord:
    record = logging.LogRecord("", logging.INFO, "", 0, text, None, None)
    record.levelname = level
    return record


_plain = logging.Formatter()


def message_of(record: logging.LogRecord) -> str:
    """The text of a record with its traceback and stack, whatever its arguments do."""
    try:
        text = record.getMessage()
    except Exception as error:  # The boundary to user code: a wrong format, a `__str__` that raises.
        message = record.msg if isinstance(record.msg, str) else f"a {type(record.msg).__name__}"
        text = f"{message} (it cannot be formatted: {''.join(traceback.format_exception_only(error)).strip()})"
    if record.exc_info:
        text = f"{text}\n{_plain.formatException(record.exc_info)}"
    if record.stack_info:
        text = f"{text}\n{record.stack_info}"
    return text
