"""A shell of this process, driven cell by cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from kernelserve.cluster.session import Session, require_session


@dataclass(frozen=True)
class Cell:
    """What a cell has done.

    Attributes:
        value: of its last expression.
        text: what was shown and printed, without colours.
        warned: what was printed to stderr, without colours.
        error: what it raised, None if nothing.
    """

    value: Any
    text: str
    warned: str
    error: BaseException | None


class Notebook:
    """Runs cells; apps are served by the `local` placement on a free port."""

    def __init__(self, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
        self.shell = shell
        self._capsys = capsys

    def run(self, source: str) -> Cell:
        """Run a cell, whether it fails or not."""
        result = self.shell.run_cell(source, store_history=True)
        out, warned = self._capsys.readouterr()
        error = result.error_before_exec or result.error_in_exec
        return Cell(result.result, plain(out), plain(warned), error)

    def raw(self, source: str) -> str:
        """Run a cell; returns what it shows, with colours."""
        self.shell.run_cell(source, store_history=True)
        return self._capsys.readouterr()[0]

    def good(self, source: str) -> Cell:
        """Run a cell that must not fail."""
        cell = self.run(source)
        assert cell.error is None, cell.text
        return cell

    def bad(self, source: str) -> str:
        """Run a cell that must fail; returns its error as shown."""
        cell = self.run(source)
        assert cell.error is not None, cell.text
        assert "kernelserve/notebook" not in cell.text, "frames of kernelserve are not the user's"
        return cell.text

    def serve(self, body: str, name: str = "search", options: str = "") -> Cell:
        return self.good(f"%%serve {name} --local --port 0 {options}\n{body.strip()}")

    def call(self, name: str = "search") -> Any:
        return self.session.url("/" + name) and self.good(f"%serve call {name}").value

    @property
    def session(self) -> Session:
        return require_session()


def plain(text: str) -> str:
    """The text without colours."""
    return re.sub("\x1b\\[[0-9;]*m", "", text)


def completed(shell: InteractiveShell, line: str) -> set[str]:
    """What Tab offers at the end of the line."""
    assert shell.Completer is not None
    with provisionalcompleter():
        return {found.text for found in shell.Completer.completions(line, len(line))}
