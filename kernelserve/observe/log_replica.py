"""The log of one replica from its start to its end: file, capture, and what its `LoggingConfig` asks for."""

from __future__ import annotations

import logging
import sys
import threading
from contextvars import Context
from pathlib import Path

from kernelserve.observe.log_capture import CAPTURE, Capture, current_log
from kernelserve.observe.log_files import LogFile, app_folder, file_name, trim
from kernelserve.observe.log_sink import LogSink
from kernelserve.observe.logs import JsonFormatter, RequestFormatter
from kernelserve.schema import EncodingType, LoggingConfig

MAX_COPY_BYTES = 100 * 1024 * 1024
"""Of a file in `logs_dir`; one older file of that size is kept beside it."""

log = logging.getLogger("kernelserve.logs")


class ReplicaLog:
    """Takes what a replica logs and prints, as soon as it is made.

    Args:
        logs: the folder of the system's logs; "" keeps nothing.
        own_process: everything in this process is the replica's.
        capture: of this process.

    Attributes:
        access_log: a line a request is wanted.
    """

    def __init__(
        self, logs: str, app: str, deployment: str, replica: str, own_process: bool, capture: Capture = CAPTURE
    ) -> None:
        self._capture = capture
        self.access_log = False
        self._name = (app, deployment, replica)
        self._config: LoggingConfig | None = None
        self._copy: _Copy | None = None
        self._stderr = _stderr_handler() if own_process else None
        self._sink = self._open(logs) if logs else None
        if self._sink is not None:
            capture.add(self._sink, own_process)

    def enter(self, context: Context) -> None:
        """Code that runs in this context, or in one that is copied from it, belongs to the replica."""
        context.run(current_log.set, self._sink)

    def configure(self, config: LoggingConfig | None) -> None:
        """Do as it says, if it is another one."""
        if config == self._config:
            return
        self._config = config
        asked = config or LoggingConfig()
        self.access_log = config is not None and config.enable_access_log
        formatter = _formatter(asked)
        if self._stderr is not None:
            self._stderr.setFormatter(formatter)
            self._stderr.setLevel(asked.level)
            logging.getLogger().setLevel(asked.level)
        before, self._copy = self._copy, self._open_copy(asked, formatter)
        if self._sink is not None:
            self._sink.copy = self._copy
            self._sink.level = asked.level
            self._capture.levels_changed()
        if before is not None:
            before.close()

    def revision_is(self, number: int) -> None:
        """What no request has logged is of that revision."""
        if self._sink is not None:
            self._sink.revision = number

    def close(self) -> None:
        """Write what waits. Idempotent."""
        if self._sink is not None:
            self._sink.close()
            self._capture.discard(self._sink)
        if self._copy is not None:
            self._copy.close()

    def _open(self, logs: str) -> LogSink | None:
        app, deployment, replica = self._name
        folder = app_folder(logs, app)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            trim(folder)
            return LogSink(LogFile(folder / file_name(deployment, replica)), deployment, replica)
        except OSError as error:
            log.warning("%s#%s#%s keeps no log: %s. Is the disk full?", *self._name, error)
            return None

    def _open_copy(self, config: LoggingConfig, formatter: logging.Formatter) -> _Copy | None:
        if config.logs_dir is None:
            return None
        app, deployment, replica = self._name
        path = Path(config.logs_dir) / f"replica_{file_name(f'{app}_{deployment}', replica)}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _Copy(LogFile(path, MAX_COPY_BYTES), formatter)
        except OSError as error:
            log.warning(
                "logging_config logs_dir %s: %s. The replica logs only where it always does; use a folder that it may "
                "write to.",
                config.logs_dir, error,
            )  # fmt: skip
            return None


class _Copy:
    """Writes records as they come, formatted, to a file of the user's."""

    def __init__(self, file: LogFile, formatter: logging.Formatter) -> None:
        self._file = file
        self._formatter = formatter
        self._lock = threading.RLock()  # Reentrant: what is formatted may log.
        self._told = False

    def __call__(self, record: logging.LogRecord) -> None:
        try:
            with self._lock:
                self._file.write(f"{self._formatter.format(record)}\n".encode("utf-8", "backslashreplace"))
        # The boundary to user code, whose arguments may not fit, and to a disk that is full.
        except Exception as error:
            if not self._told:
                self._told = True
                log.warning("A line cannot be written to logs_dir: %s. It is left out, and others like it.", error)

    def close(self) -> None:
        with self._lock:
            self._file.close()


def _formatter(config: LoggingConfig) -> logging.Formatter:
    if config.encoding == EncodingType.JSON:
        return JsonFormatter(config.additional_log_standard_attrs)
    return RequestFormatter()


def _stderr_handler() -> logging.Handler | None:
    """The handler of the root logger of a replica's own process; None if somebody else gave it one."""
    root = logging.getLogger()
    if root.handlers:
        return None
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RequestFormatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler
