"""Cells, completion and documentation in a shell of this process: nothing is served."""

from __future__ import annotations

import inspect
import linecache
import logging
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from shell_helpers import completed, plain

import kernelserve
from kernelserve.cluster.session import get_session
from kernelserve.notebook.cells import run_cell
from kernelserve.notebook.errors import CellSyntaxError
from kernelserve.notebook.magics import COMMANDS


def test_loading_starts_nothing(shell: InteractiveShell) -> None:
    assert shell.find_line_magic("serve") and shell.find_cell_magic("serve")
    assert get_session() is None


def test_unloading_takes_all_away(shell: InteractiveShell) -> None:
    def hooks() -> int:
        return sum(map(len, shell.events.callbacks.values())) + len(logging.getLogger("kernelserve").handlers)

    kernelserve.unload_ipython_extension(shell)
    assert shell.find_line_magic("serve") is None and shell.find_cell_magic("serve") is None
    without = hooks()
    kernelserve.load_ipython_extension(shell)
    loaded = hooks()
    kernelserve.load_ipython_extension(shell)
    assert hooks() == loaded > without, "loading twice is loading once"
    shell.run_line_magic("serve", "auto on")
    kernelserve.unload_ipython_extension(shell)
    assert hooks() == without
    kernelserve.load_ipython_extension(shell)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%serve ", set(COMMANDS)),
        ("%serve auto ", {"on", "off"}),
        ("%serve rollback --re", {"--replace"}),
        ("%serve st", {"start", "status", "stop"}),
        ("%serve start --", {"--local", "--port"}),
        ("%serve shutdown ", {"--all"}),
        ("%%serve search --re", {"--replace"}),
        ("%%serve search --local --dry", {"--dry-run"}),
    ],
)
def test_completion(shell: InteractiveShell, line: str, words: set[str]) -> None:
    assert completed(shell, line) == words


def test_the_documentation_lists_every_option(shell: InteractiveShell) -> None:
    text = inspect.getdoc(shell.find_cell_magic("serve")) or ""
    options = ("--route", "--local", "--port", "--replace", "--dry-run", "--timeout", "--take", "--canary", "--shadow")
    assert all(option in text for option in options) and "%%serve hello" in text


def test_the_documentation_lists_every_command(shell: InteractiveShell) -> None:
    text = inspect.getdoc(shell.find_line_magic("serve")) or ""
    for name, command in COMMANDS.items():
        assert f"%serve {name}" in text and all(option in text for option in command.options), name


def test_lines_are_the_editors(shell: InteractiveShell) -> None:
    ran = run_cell(shell, "%%serve search", "\n\ndef f():\n    return 1 / 0\n\nf")
    assert ran.value is shell.user_ns["f"]
    code = ran.value.__code__
    assert (code.co_filename, code.co_firstlineno) == (ran.filename, 4)
    assert linecache.getline(ran.filename, 5) == "    return 1 / 0\n"
    assert shell.compile.format_code_name(ran.filename) is not None
    assert ran.text.startswith("%%serve search\n")
    compile("".join(linecache.getlines(ran.filename)), "x", "exec")


def test_names_that_a_cell_binds(shell: InteractiveShell) -> None:
    body = "import os.path, sys as s\na, (b, *c) = 1, (2, 3)\nif a:\n    d: int = [x for x in c][0]\n"
    body += "def f():\n    inner = 1\nclass C:\n    attribute = 1\nwith open('/dev/null') as g:\n    pass\n(h := 5)"
    ran = run_cell(shell, "%%serve", body)
    assert set(ran.assigned) == {"os", "s", "a", "b", "c", "d", "f", "C", "g", "h"}
    assert ran.value == 5


def test_magics_and_commands_work_in_the_cell(shell: InteractiveShell, capfd: pytest.CaptureFixture[str]) -> None:
    run_cell(shell, "%%serve", "!echo shouted\nx = %pwd\n")
    assert "shouted" in capfd.readouterr().out and shell.user_ns["x"]


def shown(error: BaseException) -> str:
    render: Any = error._render_traceback_  # type: ignore[attr-defined]
    return plain("\n".join(render()))


def test_an_error_of_the_cell_shows_its_lines_only(shell: InteractiveShell) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run_cell(shell, "%%serve", "x = 1\nx / 0\n")
    text = shown(caught.value)
    assert "x / 0" in text and "ZeroDivisionError: division by zero" in text
    assert "kernelserve/notebook" not in text and "3" in text


def test_a_syntax_error_shows_the_line(shell: InteractiveShell) -> None:
    with pytest.raises(CellSyntaxError) as caught:
        run_cell(shell, "%%serve", "ran = True\ndef f(:\n    pass\n")
    assert "def f(:" in shown(caught.value) and ":3" in shown(caught.value)
    assert "ran" not in shell.user_ns


def test_await_at_top_level_says_where_to_do_it(shell: InteractiveShell) -> None:
    with pytest.raises(CellSyntaxError) as caught:
        run_cell(shell, "%%serve", "import asyncio\nawait asyncio.sleep(0)\n")
    assert "cannot await at its top level" in shown(caught.value)


def test_a_terminal_without_a_session(shell: InteractiveShell) -> None:
    assert "Nothing is served" in repr(shell.run_line_magic("serve", "status"))
    assert "Nothing was running" in repr(shell.run_line_magic("serve", "shutdown"))
