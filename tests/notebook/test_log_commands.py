"""`%serve logs`: lines of an app, of a deployment, of a request; as they come; what it refuses."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

import pytest
from notebook_helpers import Served
from shell_helpers import Notebook, completed
from system_helpers import wait_for

from kernelserve.exceptions import RayServeException
from kernelserve.notebook import log_commands
from kernelserve.observe.log_lines import SHOWN_LINES, Logs, as_html, as_text
from kernelserve.transport.messages import GetLogs, LogsFound
from kernelserve.transport.observed import LogLine

APP = """
import logging

@serve.deployment
class Index:
    def __init__(self):
        print("index is ready")

@serve.deployment
class Search:
    def __init__(self, index):
        pass

    def __call__(self, request):
        logging.getLogger("user").error("no <b>result</b>")
        return "nothing"

app = Search.bind(Index.bind())
"""


def test_the_lines_of_an_app(notebook: Notebook) -> None:
    cell = notebook.serve(APP)
    assert "index is ready" not in cell.text, "prints of replicas are not a cell's"
    notebook.call()
    lines = wait_for(lambda: notebook.good("%serve logs --level ERROR").value or None, "the error is there")
    assert [(line.deployment, line.text) for line in lines] == [("Search", "no <b>result</b>")]
    cell = notebook.good("%serve logs Index")
    assert " STDOUT  Index#" in cell.text and cell.text.rstrip().endswith("index is ready")
    request = lines[0].request_id
    assert len(notebook.good(f"%serve logs search Search --request {request} --last 5").value) == 1
    assert notebook.good("%serve logs search Index --level warning").text.endswith("No lines.\n")
    for line, words in {
        "%serve logs serch": "Did you mean 'search'?",
        "%serve logs Indes": "Did you mean 'Index'?",
        "%serve logs search Serch": "Did you mean 'Search'?",
        "%serve logs serch Search": "Did you mean 'search'?",
        "%serve logs search Search more": "'more' is one word too many",
        "%serve logs --level loud": "no log level 'loud'",
        "%serve logs --last 0": "at least 1",
        "%serve logs --folow": "Did you mean '--follow'?",
    }.items():
        assert words in notebook.bad(line), line
    assert {"search", "Index", "Search", "--level", "-f"} <= completed(notebook.shell, "%serve logs ")
    assert completed(notebook.shell, "%serve logs search I") == {"Index"}


@pytest.mark.parametrize("served", ["local"], indirect=True)
def test_a_kernels_cells_show_logs_only_where_they_are_asked_for(served: Served, tmp_path: Path) -> None:
    ran = served.serve(APP, "followed")
    assert ran.printed == ""
    kernel = served.kernel
    # What follows writes while the last cell runs, and then has it interrupted.
    done = tmp_path / "done"
    kernel.good(f"""
import sys, threading, time, traceback, urllib.request
def later():
    urllib.request.urlopen(serve.app("followed").url).read()
    while not any("result" in line.text for line in serve.app("followed").logs("Search")):
        time.sleep(0.05)
    main = threading.main_thread().ident
    while "in follow" not in "".join(traceback.format_stack(sys._current_frames()[main])):
        time.sleep(0.05)
    time.sleep(1.5)
    open({str(done)!r}, "w").close()
threading.Thread(target=later).start()
""")
    kernel.interrupt_when(done)
    ran = kernel.run("%serve logs followed -f")
    assert not ran.error and len([out for out in ran.outputs if out["output_type"] == "display_data"]) == 1
    assert "index is ready" in ran.text and "no <b>result</b>" in ran.text and "&lt;b&gt;" in ran.html
    kernel.good("%serve stop followed")


class Answers:
    """Answers queries one after the other; then it is interrupted, or raises."""

    def __init__(self, answers: list[LogsFound], end: BaseException) -> None:
        self.queries: list[GetLogs] = []
        self._answers = answers
        self._end = end

    def __call__(self, query: GetLogs) -> LogsFound:
        self.queries.append(query)
        if not self._answers:
            raise self._end
        return self._answers.pop(0)


class Page:
    """Where lines are shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, int]] = []
        self.why: str | None = None

    def show(self, new: list[LogLine], skipped: int) -> None:
        self.shown.append((len(new), skipped))

    def end(self, why: str) -> None:
        self.why = why


def line(number: int, text: str = "text", level: str = "INFO") -> LogLine:
    return LogLine(float(number), level, text, "Search", "x1")


def test_following_goes_on_from_the_cursor_until_it_is_interrupted() -> None:
    found = [
        LogsFound(lines=[line(1)], cursor="a"),
        LogsFound(cursor="b"),
        LogsFound(lines=[line(2)], cursor="c", skipped=7),
    ]
    ask, page = Answers(found, KeyboardInterrupt()), Page()
    log_commands.follow(ask, GetLogs(app="search", level="INFO", last=9), page, period_s=0.0)
    assert page.shown == [(1, 0), (1, 7)] and page.why == ""
    assert [(one.after, one.level, one.last) for one in ask.queries[:2]] == [("", "INFO", 9), ("a", "INFO", 200)]


def test_following_ends_with_the_app() -> None:
    page = Page()
    log_commands.follow(Answers([], RayServeException("App 'search' is gone.")), GetLogs(app="search"), page)
    assert page.why == "App 'search' is gone."


def test_one_output_keeps_the_latest_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    updates: list[Any] = []

    class Handle:
        def update(self, shown: Any) -> None:
            updates.append(shown)

    monkeypatch.setattr(log_commands, "display", lambda *args, **kwargs: Handle())
    output = log_commands.Output()
    output.show([line(number) for number in range(150)], 0)
    output.show([line(number) for number in range(100)], 1000)
    text = updates[-1].text.splitlines()
    assert text[0] == "… 1,050 lines left out" and len(text) == 201
    output.end("It has ended.")
    assert updates[-1].text.endswith("\nIt has ended.")


def test_no_cell_is_flooded_and_no_line_is_html() -> None:
    many = [line(number, "<script>", "ERROR") for number in range(5000)]
    assert as_text(many).splitlines()[0] == f"… {5000 - SHOWN_LINES:,} lines left out"
    assert as_text(many, 1).splitlines()[0] == f"… {5001 - SHOWN_LINES:,} lines left out"
    assert "<script>" not in as_html(many) and "&lt;script&gt;" in as_html(many)
    long = [line(number, "x" * 16_000) for number in range(100)]
    assert len(as_text(long)) < 250_000
    assert "\x1b" not in as_html([line(1, "\x1b[31mred\x1b[0m")])
    assert repr(Logs([])) == "No lines." and Logs(many)[1:3][0] is many[1]


def test_the_time_of_a_line_is_that_of_the_place() -> None:
    now = time.time()
    assert as_text([line(int(now))]).startswith(time.strftime("%H:%M:%S", time.localtime(now)))
    assert logging.getLevelName("ERROR") == 40
