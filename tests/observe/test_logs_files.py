"""The files of log lines: what is written, bounded, read again, and removed."""

from __future__ import annotations

import logging
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from system_helpers import wait_for

from kernelserve.observe.log_files import LogFile, app_folder, file_name, remove, set_aside, trim
from kernelserve.observe.log_reader import read_logs
from kernelserve.observe.log_sink import MAX_LINE, MAX_LINES_A_SECOND, LogSink
from kernelserve.observe.log_writer import WRITER, Flushed, Writer
from kernelserve.transport.messages import GetLogs
from kernelserve.transport.observed import LogLine


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Still(Writer):
    """A writer whose thread does nothing: tests flush, by the time of their clock."""

    def touch(self, one: Flushed) -> None:
        if self._open <= 0:
            super().touch(one)


STILL = Still()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., LogSink]]:
    """Makes the log of a replica of the app ``chat``."""
    made: list[LogSink] = []

    def make(replica: str = "x1", deployment: str = "Llm", writer: Writer = STILL, **options: Any) -> LogSink:
        folder = app_folder(tmp_path, "chat")
        folder.mkdir(exist_ok=True)
        file = LogFile(folder / file_name(deployment, replica), **options)
        made.append(LogSink(file, deployment, replica, writer=writer, clock=Time()))
        return made[-1]

    yield make
    for sink in made:
        sink.close()


def found(tmp_path: Path, **query: Any) -> list[LogLine]:
    return read_logs(tmp_path, GetLogs(app="chat", **query)).lines


def texts(tmp_path: Path, **query: Any) -> list[str]:
    return [line.text for line in found(tmp_path, **query)]


def record(text: Any, *args: Any, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("user", level, "cell", 1, text, args, None)


def at(sink: LogSink) -> Time:
    clock = sink._clock
    assert isinstance(clock, Time)
    return clock


def test_what_is_printed_becomes_lines(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink = make()
    sink.revision = 3
    for text in ("one", " two", "\n", "three\nfour\nfi", "ve", "\n", "\n"):
        sink.printed("STDOUT", text)
    sink.flush()
    assert texts(tmp_path) == ["one two", "three", "four", "five", ""]
    line = found(tmp_path)[0]
    assert (line.level, line.deployment, line.replica, line.revision) == ("STDOUT", "Llm", "x1", 3)


def test_a_line_without_end_is_cut_and_written_after_a_while(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink = make()
    for _ in range(100):
        sink.printed("STDOUT", "x" * 1000)
    assert sink.flush(at(sink).now), "it may still end"
    assert texts(tmp_path) == []
    assert not sink.flush(at(sink).now + 2)
    assert texts(tmp_path) == ["x" * MAX_LINE + " … 83,616 more characters left out"]


def test_a_progress_bar_is_its_last_state(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink = make()
    for percent in range(101):
        sink.printed("STDERR", f"\r{percent}%")
    sink.printed("STDERR", "\n")
    sink.flush()
    assert texts(tmp_path) == ["100%"]


def test_a_print_of_a_hundred_megabytes(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink = make()
    sink.printed("STDOUT", "y" * 100_000_000 + "\n")
    sink.printed("STDOUT", "short line\n" * 5_000_000)
    at(sink).now += 1
    sink.flush()
    lines = texts(tmp_path, last=10_000)
    assert len(lines[0]) < MAX_LINE + 60 and lines[1] == "short line"
    assert len(lines) == MAX_LINES_A_SECOND + 1
    assert lines[-1] == f"… {5_000_001 - MAX_LINES_A_SECOND:,} lines left out"


def test_a_flood_of_records_is_counted(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink = make()
    for number in range(MAX_LINES_A_SECOND + 500):
        sink.logged(record("error %d", number, level=logging.ERROR))
    assert sink.flush(at(sink).now), "the count is told when the second is over"
    at(sink).now += 1
    sink.logged(record("quiet again"))
    sink.flush(at(sink).now)
    lines = texts(tmp_path, last=10_000)
    assert lines[-3] == f"error {MAX_LINES_A_SECOND - 1}"
    assert lines[-2:] == ["… 500 lines left out", "quiet again"]


def test_garbage_and_what_cannot_be_formatted(make: Callable[..., LogSink], tmp_path: Path) -> None:
    class Bad:
        def __str__(self) -> str:
            raise RuntimeError("no text of it")

    sink = make()
    sink.printed("STDOUT", "\x00\udc80\xff\n")
    sink.logged(record("%d of %d", 1))
    sink.logged(record(Bad()))
    sink.logged(record("%s", Bad()))
    sink.flush()
    garbage, missing, bad, argument = texts(tmp_path)
    assert garbage == "\x00\\udc80\xff"
    assert missing.startswith("%d of %d (it cannot be formatted: TypeError: not enough arguments")
    assert bad == "a Bad (it cannot be formatted: RuntimeError: no text of it)"
    assert argument == "%s (it cannot be formatted: RuntimeError: no text of it)"


def test_a_traceback_follows_the_message(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink = make()
    try:
        raise KeyError("weights")
    except KeyError:
        failed = record("no model", level=logging.ERROR)
        failed.exc_info = sys.exc_info()
    sink.logged(failed)
    sink.logged(record("detail", level=logging.DEBUG))
    sink.flush()
    (text,) = texts(tmp_path)
    assert text.startswith("no model\nTraceback (most recent call last):") and text.endswith("KeyError: 'weights'")


def test_a_full_disk_is_told_once_and_ends(
    make: Callable[..., LogSink], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sink = make()
    sink.printed("STDOUT", "before\n")
    sink.flush()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (app_folder(tmp_path, "chat") / file_name("Llm", "x1")).stat().st_size
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (size + 20, before[1])
    )  # Python ignores SIGXFSZ: writes fail as on a full disk.
    try:
        for _ in range(3):
            sink.printed("STDOUT", "lost\nlost too\n")
            sink.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    sink.printed("STDOUT", "after\n")
    sink.flush()
    assert [one.getMessage().partition(": ")[0] for one in caplog.records] == ["Log lines of Llm#x1 cannot be written"]
    assert texts(tmp_path) == ["before", "after", "… 6 lines left out"]


def test_late_lines_of_an_ended_replica(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink = make()
    sink.close()
    sink.printed("STDOUT", "late\n")
    assert texts(tmp_path) == ["late"]
    gone = set_aside(tmp_path, "chat")
    assert gone is not None
    remove(gone)
    sink.printed("STDOUT", "too late\n")
    assert list(tmp_path.iterdir()) == [], "the app's folder does not come back"


def test_a_cursor_goes_on_over_rotations_and_new_replicas(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink = make(max_bytes=2000)
    seen, cursor = [], ""
    for number in range(60):
        sink.printed("STDOUT", f"line {number} {'z' * 50}\n")
        sink.flush()
        if number == 30:
            other = make("x2")
            other.printed("STDOUT", "line 30b\n")
            other.flush()
        if number % 7 == 0 or number == 59:
            answer = read_logs(tmp_path, GetLogs(app="chat", after=cursor))
            seen += [line.text.split()[1] for line in answer.lines]
            cursor = answer.cursor
    assert sorted(seen) == sorted([*map(str, range(60)), "30b"])
    assert read_logs(tmp_path, GetLogs(app="chat", after=cursor)).lines == []


def test_a_query_takes_the_newest_that_fit(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink, other = make(), make("y1", "Llm.b")
    for number in range(10):
        at(sink).now += 1
        sink.logged(record("%d", number, level=logging.WARNING if number % 2 else logging.INFO))
    other.printed("STDOUT", "other\n")
    sink.flush()
    other.flush()
    assert texts(tmp_path, last=3, deployment="Llm") == ["7", "8", "9"]
    assert texts(tmp_path, last=2, level="WARNING") == ["7", "9"]
    assert texts(tmp_path, deployment="Llm.b") == ["other"]
    assert texts(tmp_path, request_id="nobody's") == []
    first = read_logs(tmp_path, GetLogs(app="chat", deployment="Llm"))
    for number in range(5):
        sink.logged(record("new %d", number))
    sink.flush()
    more = read_logs(tmp_path, GetLogs(app="chat", deployment="Llm", last=2, after=first.cursor))
    assert ([line.text for line in more.lines], more.skipped) == (["new 3", "new 4"], 3)
    assert read_logs(tmp_path, GetLogs(app="no such app")).lines == []


def test_a_torn_line_is_left_out(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink = make()
    sink.printed("STDOUT", "whole\n")
    sink.flush()
    path = app_folder(tmp_path, "chat") / file_name("Llm", "x1")
    with path.open("ab") as file:
        file.write(b'{"time": 1, "le\n{"time": 2, "lev')
    assert texts(tmp_path) == ["whole"]


def test_files_of_ended_replicas_go_oldest_first(make: Callable[..., LogSink], tmp_path: Path) -> None:
    for number in range(4):
        sink = make(f"x{number}")
        sink.printed("STDOUT", "z" * 10_000 + "\n")
        sink.close()
        os.utime(app_folder(tmp_path, "chat") / file_name("Llm", f"x{number}"), (number, number))
    running = make("running")
    running.printed("STDOUT", "z" * 10_000 + "\n")
    running.flush()
    trim(app_folder(tmp_path, "chat"), 25_000)
    names = sorted(path.name for path in app_folder(tmp_path, "chat").iterdir())
    assert names == ["Llm.running.log", "Llm.x2.log", "Llm.x3.log"]


def test_threads_do_not_mix_their_lines(make: Callable[..., LogSink], tmp_path: Path) -> None:
    sink = make()
    together = threading.Barrier(4)

    def work(name: str) -> None:
        for _ in range(50):
            sink.printed("STDOUT", name)
            if _ == 0:
                together.wait()
            sink.printed("STDOUT", name)
            sink.printed("STDOUT", "\n")

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sink.flush()
    assert set(texts(tmp_path)) == {"aa", "bb", "cc", "dd"}


KILLED = """
import os, signal, sys, time
from pathlib import Path
from kernelserve.observe.log_files import LogFile
from kernelserve.observe.log_sink import LogSink
sink = LogSink(LogFile(Path(sys.argv[1])), "Llm", "x1")
sink.printed("STDOUT", "before the end\\n")
if os.fork() == 0:
    sink.printed("STDOUT", "of a child\\n")
    os._exit(0)
os.wait()
if sys.argv[2] == "exit":
    sys.exit(1)
while not Path(sys.argv[1]).read_text().count("before"):
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("how", ["exit", "kill"])
def test_the_lines_of_a_process_that_ends(tmp_path: Path, how: str) -> None:
    folder = app_folder(tmp_path, "chat")
    folder.mkdir()
    subprocess.run([sys.executable, "-c", KILLED, str(folder / file_name("Llm", "x1")), how], timeout=60, check=False)
    assert sorted(texts(tmp_path)) == ["before the end", "of a child"]
    trim(folder, 0)
    assert list(folder.iterdir()) == [], "its lock has ended with it"


def test_the_writer_needs_no_call(make: Callable[..., LogSink], tmp_path: Path) -> None:
    make(writer=WRITER).printed("STDOUT", "soon\n")
    wait_for(lambda: texts(tmp_path) == ["soon"], "the line is written")


@pytest.mark.parametrize("name", ["../x", "a/b", "..", "a b", "ü" * 200, "x" * 300])
def test_any_name_is_a_file_name(tmp_path: Path, name: str) -> None:
    folder = app_folder(tmp_path, name)
    assert folder.parent == tmp_path and len(folder.name) < 120
    assert file_name(name, "x1") != file_name(f"{name}b", "x1")
