"""What replicas that share a process log and print goes to their logs, and nothing else does."""

from __future__ import annotations

import contextvars
import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernelserve.observe.log_capture import Capture
from kernelserve.observe.log_reader import read_logs
from kernelserve.observe.log_replica import ReplicaLog
from kernelserve.schema import LoggingConfig
from kernelserve.transport.messages import GetLogs


class Replicas:
    """Logs of replicas of the app ``chat``, and code that runs in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.logs: dict[str, ReplicaLog] = {}
        self._contexts: dict[str, contextvars.Context] = {}
        self._capture = Capture()

    def start(self, replica: str) -> ReplicaLog:
        log = self.logs[replica] = ReplicaLog(str(self._folder), "chat", "Llm", replica, False, self._capture)
        context = self._contexts[replica] = contextvars.Context()
        log.enter(context)
        return log

    def run(self, replica: str, function: Any, *args: Any, **kwargs: Any) -> Any:
        return self._contexts[replica].copy().run(function, *args, **kwargs)

    def stop(self, replica: str) -> None:
        self.logs.pop(replica).close()

    def lines(self) -> list[tuple[str, str, str]]:
        for log in self.logs.values():
            assert log._sink is not None
            log._sink.flush()
        found = read_logs(self._folder, GetLogs(app="chat"))
        return [(line.replica, line.level, line.text) for line in found.lines]


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[Replicas]:
    made = Replicas(tmp_path / "logs")
    yield made
    for name in list(made.logs):
        made.stop(name)


@pytest.fixture
def user() -> Iterator[logging.Logger]:
    logger = logging.getLogger("user.replicas")
    yield logger
    logger.handlers.clear()
    logger.setLevel(logging.NOTSET)
    logger.propagate = True


def test_lines_go_to_the_replica_of_the_context(
    replicas: Replicas, user: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    replicas.start("x1")
    replicas.start("x2")
    replicas.run("x1", print, "printed by", "x1")
    replicas.run("x2", print, "to stderr", file=sys.stderr)
    replicas.run("x2", user.info, "logged")
    replicas.run("x1", logging.getLogger("ray.serve").info, "by its known name")
    print("of a cell")  # noqa: T201
    assert set(replicas.lines()) == {
        ("x1", "STDOUT", "printed by x1"),
        ("x2", "STDERR", "to stderr"),
        ("x2", "INFO", "logged"),
        ("x1", "INFO", "by its known name"),
    }
    assert capsys.readouterr() == ("of a cell\n", "")


def test_code_outside_sees_the_levels_that_it_had(
    replicas: Replicas, user: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    replicas.start("x1")
    user.info("not wanted before, and not now")
    user.warning("wanted")
    replicas.run("x1", user.info, "only in the log")
    replicas.run("x1", user.warning, "in both")
    assert caplog.messages == ["wanted", "in both"]
    logging.getLogger().setLevel(logging.INFO)
    try:
        user.info("asked for by the notebook")
    finally:
        logging.getLogger().setLevel(logging.WARNING)
    assert caplog.messages[2:] == ["asked for by the notebook"]


def test_all_is_as_before_when_the_last_one_has_ended(replicas: Replicas, user: logging.Logger) -> None:
    before = (sys.stdout, sys.stderr, logging.Logger.callHandlers, logging.getLogger().level)
    replicas.start("x1")
    assert sys.stdout is not before[0]
    replicas.start("x2")
    replicas.stop("x1")
    assert logging.Logger.callHandlers is not before[2]
    replicas.stop("x2")
    assert (sys.stdout, sys.stderr, logging.Logger.callHandlers, logging.getLogger().level) == before


def test_the_streams_go_on_as_streams(replicas: Replicas, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), "latin-1")
    monkeypatch.setattr(sys, "stdout", stream)
    log = replicas.start("x1")
    assert isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.encoding == "latin-1" and not sys.stdout.isatty()
    sys.stdout.writelines(["a\n", "b\n"])
    sys.stdout.flush()
    sys.stdout.buffer.write(b"c\n")
    print("d", file=sys.stdout, flush=True)  # noqa: T201
    plain, teed = sys.stdout.write, []
    sys.stdout.write = teed.append  # type: ignore[method-assign, assignment]
    print("to the tee", end="")  # noqa: T201
    sys.stdout.write = plain  # type: ignore[method-assign]
    assert "".join(teed) == "to the tee"
    with pytest.raises(TypeError):
        sys.stdout.write(b"bytes")  # type: ignore[arg-type]
    replicas.run("x1", lambda: sys.stdout.buffer.write(b"\xff\x00 bytes\n"))
    replicas.run("x1", sys.stdout.flush)
    assert replicas.lines() == [("x1", "STDOUT", "\\xff\x00 bytes")]
    replicas.stop("x1")
    assert sys.stdout is stream and log is not None
    assert stream.buffer.getvalue() == b"a\nb\nc\nd\n"  # type: ignore[attr-defined]


def test_a_flood_does_not_reach_the_handlers_of_the_notebook(
    replicas: Replicas, user: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    replicas.start("x1")
    for number in range(1000):
        replicas.run("x1", user.error, "error %d", number)
    assert 0 < len(caplog.messages) < 100
    assert len(replicas.lines()) == 200, "as many as were asked for; all are kept"


def test_a_formatter_of_the_notebook_that_raises(
    replicas: Replicas, user: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            raise ZeroDivisionError("in the formatter")

    replicas.start("x1")
    handler = logging.StreamHandler()
    handler.setFormatter(Broken())
    user.addHandler(handler)
    user.propagate = False
    replicas.run("x1", user.error, "kept")
    assert replicas.lines() == [("x1", "ERROR", "kept")]
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_code_may_name_its_own_request_id(replicas: Replicas, user: logging.Logger) -> None:
    replicas.start("x1")
    replicas.run("x1", user.error, "mine", extra={"request_id": "r", "replica": "r"})
    assert replicas.lines() == [("x1", "ERROR", "mine")]


def test_the_config_of_a_replica(
    replicas: Replicas, user: logging.Logger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = replicas.start("x1")
    replicas.start("x2")
    log.configure(LoggingConfig("JSON", "DEBUG", str(tmp_path / "copies"), additional_log_standard_attrs=("name",)))
    replicas.run("x1", user.debug, "detail")
    replicas.run("x2", user.debug, "not asked for")
    replicas.run("x1", print, "printed")
    (copy,) = (tmp_path / "copies").iterdir()
    assert copy.name == "replica_chat_Llm.x1.log"
    detail, printed = copy.read_text().splitlines()
    assert '"message": "detail"' in detail and '"name": "user.replicas"' in detail
    assert '"levelname": "STDOUT"' in printed
    log.configure(LoggingConfig(log_level=logging.ERROR))
    replicas.run("x1", user.warning, "below")
    log.configure(None)
    replicas.run("x1", user.info, "as at first")
    assert [text for _, _, text in replicas.lines()] == ["detail", "printed", "as at first"]
    assert len(copy.read_text().splitlines()) == 2
    log.configure(LoggingConfig(logs_dir="/proc/no such folder"))
    assert "use a folder that it may write to" in caplog.text


OWN = """
import logging, sys, threading
from kernelserve.observe.log_replica import ReplicaLog
from kernelserve.schema import LoggingConfig
log = ReplicaLog(sys.argv[1], "chat", "Llm", "x1", own_process=True)
threading.Thread(target=print, args=("of a thread",)).start()
logging.getLogger("user").info("as text")
log.configure(LoggingConfig(encoding="JSON", log_level="WARNING"))
logging.getLogger("user").info("below")
logging.getLogger("user").warning("as json")
sys.stdout.buffer.write(b"\\xfe\\n")
raise SystemExit("the end")
"""


def test_in_a_process_of_its_own_everything_is_the_replicas(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", OWN, str(tmp_path)], capture_output=True, timeout=60, check=False)
    lines = read_logs(tmp_path, GetLogs(app="chat")).lines
    assert sorted((line.level, line.text) for line in lines) == [
        ("INFO", "as text"),
        ("STDERR", "the end"),
        ("STDOUT", "\\xfe"),
        ("STDOUT", "of a thread"),
        ("WARNING", "as json"),
    ]
    assert sorted(done.stdout.splitlines()) == [b"of a thread", b"\xfe"], "it is printed as well"
    text, json_line, end = done.stderr.decode().splitlines()
    assert text.endswith("INFO -- as text") and '"message": "as json"' in json_line and end == "the end"
