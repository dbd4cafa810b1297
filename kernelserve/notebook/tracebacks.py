"""The text of a replica's traceback, as IPython shows the tracebacks of this process: its colours, its cell names."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from IPython.utils.PyColorize import theme_table
from pygments import highlight
from pygments.formatters import Terminal256Formatter
from pygments.lexers import PythonLexer
from pygments.token import Token

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_FRAME = re.compile(r'  File "(?P<file>[^"\n]+)", line (?P<line>\d+)(?:, in (?P<name>.+))?')
_EXCEPTION = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(?P<rest>: .*|)")
_CONTEXT = 2
"""Lines shown before and after the one of a frame; IPython shows as many."""
_NUMBERS = 7
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def traceback_lines(shell: InteractiveShell, text: str) -> list[str]:
    """The traceback in the shell's theme, a frame or line of it each.

    Frames whose lines this process knows (cells, modules) are shown with their neighbours; of the others there is
    what the replica has sent.

    Args:
        text: as `traceback.format_exception` makes it.
    """
    return list(_Renderer(shell).render(text.splitlines()))


def with_cell_names(shell: InteractiveShell, text: str) -> str:
    """The text with ``Cell In[3], line 5`` in place of ``File "…", line 5`` for the files of cells."""

    def named(match: re.Match[str]) -> str:
        name = shell.compile.format_code_name(match["file"])
        return match[0] if name is None else f"{' '.join(name)}, line"

    return re.sub(r'File "(?P<file>[^"\n]+)", line', named, text)


class _Renderer:
    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._theme = theme_table[str(shell.colors)]
        self._formatter = Terminal256Formatter(style=self._theme.as_pygments_style())
        self._lexer = PythonLexer(stripnl=False)

    def render(self, lines: list[str]) -> Iterator[str]:
        place = 0
        while place < len(lines):
            match = _FRAME.fullmatch(lines[place])
            if match is None:
                yield self._other(lines[place])
                place += 1
                continue
            end = place + 1
            while end < len(lines) and lines[end].startswith("    "):
                end += 1
            yield self._frame(match, lines[place + 1 : end])
            place = end

    def _frame(self, match: re.Match[str], sent: list[str]) -> str:
        known, number = linecache.getlines(match["file"]), int(match["line"])
        lines = [line.rstrip("\n") for line in known]
        if not 0 < number <= len(lines):
            return "\n".join([self._head(match), *sent])
        first, last = _shown(lines, number, *_function("".join(known), number))
        margin = min((_indent(line) for line in lines[first - 1 : last] if line.strip()), default=0)
        lines = [line[min(margin, _indent(line)) :] for line in lines]
        if self._shell.colors != "nocolor":
            # As a whole: a string may begin before the first line that is shown.
            lines = str(highlight("\n".join(lines), self._lexer, self._formatter)).split("\n")
        shown = (self._line(at, number, lines[at - 1]) for at in range(first, last + 1))
        return "\n".join([self._head(match), *shown, ""])

    def _head(self, match: re.Match[str]) -> str:
        named = self._shell.compile.format_code_name(match["file"])
        label, name = named if named is not None else ("File", match["file"])
        where = f", line {match['line']}" if named is not None else f":{match['line']}"
        tokens = [(Token.NormalEm, label), (Token.NormalEm, " "), (Token.FilenameEm, name), (Token.FilenameEm, where)]
        if match["name"]:
            tokens += [(Token, ", in "), (Token.VName, match["name"])]
        return str(self._theme.format(tokens))

    def _line(self, number: int, current: int, code: str) -> str:
        if number != current:
            return str(self._theme.format([(Token.LinenoEm, f"{number:>{_NUMBERS}}"), (Token, " ")])) + code
        arrow = self._theme.make_arrow(_NUMBERS - len(str(number)))
        return str(self._theme.format([(Token.LinenoEm, arrow), (Token.LinenoEm, str(number)), (Token, " ")])) + code

    def _other(self, line: str) -> str:
        match = _EXCEPTION.fullmatch(line)
        if match is None or line.startswith(" "):
            return line
        return str(self._theme.format([(Token.ExcName, match["type"]), (Token, match["rest"])]))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _function(text: str, number: int) -> tuple[int, int]:
    """First and last line of the innermost function around a line; of the text, if there is none."""
    try:
        nodes = ast.walk(ast.parse(text))
    except SyntaxError:  # The lines of another language, or of a cell that was never run so.
        nodes = iter(())
    spans = [(node.lineno, node.end_lineno or node.lineno) for node in nodes if isinstance(node, _FUNCTIONS)]
    around = [span for span in spans if span[0] <= number <= span[1]]
    return max(around, default=(1, text.count("\n") + 1))


def _shown(lines: list[str], number: int, first: int, last: int) -> tuple[int, int]:
    """The lines around one that are shown, without empty ones at the ends."""
    first, last = max(number - _CONTEXT, first), min(number + _CONTEXT, last, len(lines))
    while first < number and not lines[first - 1].strip():
        first += 1
    while last > number and not lines[last - 1].strip():
        last -= 1
    return first, last
