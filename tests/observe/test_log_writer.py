"""The thread that writes logs: there is one again when replicas come back."""

from __future__ import annotations

import threading

from kernelserve.observe.log_writer import Writer


class Sink:
    def __init__(self) -> None:
        self.flushed = threading.Event()

    def flush(self, now: float | None = None) -> bool:
        self.flushed.set()
        return False

    def after_fork(self) -> None:
        pass


def test_who_comes_after_one_that_never_wrote_is_written() -> None:
    writer = Writer()
    quiet, later = Sink(), Sink()
    writer.opened(quiet)
    writer.closed(quiet)
    writer.opened(later)
    try:
        writer.touch(later)
        assert later.flushed.wait(60.0)
    finally:
        writer.closed(later)
