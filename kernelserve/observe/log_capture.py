"""Brings what replicas of this process log and print to their logs. Installed while there is one, and undone then.

Which replica a line belongs to is told by the context of the code (`current_log`). Threads that the user starts have
none before Python 3.14, and what they print goes where it always went. In a replica's own process all is its own.

Records are taken where `logging` hands them to handlers, and not by a handler of the root logger: with one there,
`logging.basicConfig` would do nothing any more in the notebook, and loggers that do not propagate would be missed.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from kernelserve.observe.log_levels import LoweredLevels
from kernelserve.observe.log_sink import LogSink
from kernelserve.observe.log_streams import LoggedStream
from kernelserve.observe.logs import stamp

current_log: ContextVar[LogSink | None] = ContextVar("kernelserve_log", default=None)

SHOWN_A_SECOND = 10
"""Records of replicas that the handlers of a shared process get, so that no cell is flooded."""

Handle = Callable[[logging.Logger, logging.LogRecord], None]

log = logging.getLogger("kernelserve.logs")


class Capture:
    """The hooks of one process: `logging.Logger.callHandlers`, `sys.stdout` and `sys.stderr`.

    Attributes:
        own: the log of the only replica of this process, to which everything belongs; None where replicas share it.
    """

    def __init__(self) -> None:
        self.own: LogSink | None = None
        self._sinks: set[LogSink] = set()
        self._levels = LoweredLevels()
        self._changing = threading.RLock()
        self._hook: Handle | None = None
        self._handle: Handle = logging.Logger.callHandlers
        self._here = threading.local()
        self._shown = _Shown()

    def add(self, sink: LogSink, own_process: bool) -> None:
        """Take what its code logs and prints from now on."""
        with self._changing:
            self._sinks.add(sink)
            if own_process:
                self.own = sink
            self._install()
            self.levels_changed()

    def discard(self, sink: LogSink) -> None:
        """The replica has ended."""
        with self._changing:
            self._sinks.discard(sink)
            if self._sinks:
                self.levels_changed()
            elif self.own is None:
                self._undo()

    def levels_changed(self) -> None:
        """The level of a sink is another one."""
        with self._changing:
            if self._sinks:
                self._levels.lower(min(sink.level for sink in self._sinks))

    # --- Printing ---

    def printed(self, level: str, text: str) -> bool:
        sink = current_log.get() or self.own
        if sink is None or getattr(self._here, "handling", False):
            return True
        sink.printed(level, text)
        return self.own is not None

    def shows(self) -> bool:
        return self.own is not None or current_log.get() is None

    # --- logging ---

    def _record(self, handle: Handle, logger: logging.Logger, record: logging.LogRecord) -> None:
        """Instead of `Logger.callHandlers`."""
        stamp(record)
        mine = current_log.get()
        sink = mine or self.own
        if sink is not None:
            sink.logged(record)
        if self.own is None and self._sinks:
            if not self._levels.passes(logger, record.levelno):
                return
            if mine is not None and not self._may_show(handle, record):
                return
        # What handlers write to a stream is a record, which the log has already.
        before, self._here.handling = getattr(self._here, "handling", False), True
        try:
            handle(logger, record)
        finally:
            self._here.handling = before

    def _may_show(self, handle: Handle, record: logging.LogRecord) -> bool:
        shown, left_out = self._shown.another(record.created)
        if shown and left_out:
            text = "%d log lines of replicas were not shown here. %%serve logs has them."
            handle(log, log.makeRecord(log.name, logging.WARNING, __file__, 0, text, (left_out,), None))
        return shown

    # --- hooks ---

    def _install(self) -> None:
        if self._hook is None:
            handle = self._handle = logging.Logger.callHandlers

            def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
                self._record(handle, logger, record)

            self._hook = call_handlers
            logging.Logger.callHandlers = call_handlers  # type: ignore[assignment, method-assign]
        for name, level in (("stdout", "STDOUT"), ("stderr", "STDERR")):
            stream = getattr(sys, name)
            # Looked at each time: a cell that captures its output may have put the stream back that was there before.
            if stream is not None and not _is_ours(stream):
                setattr(sys, name, LoggedStream(stream, level, self))

    def _undo(self) -> None:
        self._levels.restore()
        # What somebody has wrapped meanwhile stays: with no sink it does nothing of its own.
        if logging.Logger.callHandlers is self._hook:
            logging.Logger.callHandlers = self._handle  # type: ignore[assignment, method-assign]
            self._hook = None
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if _is_ours(stream):
                setattr(sys, name, stream.stream)


def _is_ours(stream: Any) -> bool:
    """`isinstance` would look at what the stream says of itself."""
    return type(stream) is LoggedStream


class _Shown:
    """Counts what is shown in the present second."""

    def __init__(self) -> None:
        self._since = 0.0
        self._count = 0
        self._left_out = 0

    def another(self, now: float) -> tuple[bool, int]:
        """Whether one more may be shown, and how many were not since the last one."""
        if not 0 <= now - self._since < 1.0:
            self._since, self._count = now, 0
        if self._count >= SHOWN_A_SECOND:
            self._left_out += 1
            return False, 0
        self._count += 1
        left_out, self._left_out = self._left_out, 0
        return True, left_out


CAPTURE = Capture()
