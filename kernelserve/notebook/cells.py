"""Running the body of a `%%serve` cell in the user's namespace, under a file name of its own."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kernelserve.notebook import errors
from kernelserve.notebook.cellnames import bound_names

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@dataclass(frozen=True)
class RanCell:
    """A cell that has run.

    Attributes:
        text: the whole cell as the user wrote it, with its first line.
        filename: what its functions and classes name as their file.
        value: value of its last expression, None if it does not end with one.
        assigned: top-level names that the cell binds, in order.
        namespace: the user's namespace.
    """

    text: str
    filename: str
    value: Any
    assigned: tuple[str, ...]
    namespace: Mapping[str, Any]


def run_cell(shell: InteractiveShell, first_line: str, body: str) -> RanCell:
    """Run the cell in the user's namespace.

    Args:
        first_line: the magic's own line; it counts as line 1, so that line numbers are the editor's.
        body: the lines after it.

    Raises:
        CellSyntaxError: it does not parse; nothing has run.
        Exception: what its own code raises, to be shown with the cell's lines only.
    """
    text = f"{first_line}\n{body}"
    code = _transformed(shell, first_line, body)
    filename = shell.compile.cache(code, shell.displayhook.prompt_count, raw_code=text)
    try:
        tree = shell.transform_ast(shell.compile.ast_parse(code, filename))
        value = _execute(shell, tree, filename)
    except SyntaxError as error:
        raise errors.syntax_error(shell, error, filename) from None
    except SystemExit:
        raise
    except BaseException as error:  # The boundary to the cell's own code: whatever it raises is the user's.
        errors.shown_from_cell(shell, error, filename)
        raise
    return RanCell(text, filename, value, tuple(bound_names(tree)), shell.user_ns)


def _transformed(shell: InteractiveShell, first_line: str, body: str) -> str:
    """The cell as Python, line by line where the user wrote it.

    IPython's transformation turns `!cmd` and `%magic` into calls and drops leading blank lines; the first
    line becomes a comment, so that the text that tracebacks (and other readers of sources) see is Python.
    """
    lines = body.splitlines(keepends=True)
    blank = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    transformed: str = shell.transform_cell("".join(lines[blank:]))
    return f"# {first_line}\n" + "\n" * blank + transformed


def _execute(shell: InteractiveShell, tree: ast.Module, filename: str) -> Any:
    """Run the statements; the value of the last one if it is an expression."""
    body, last = tree.body, tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        body = body[:-1]
    compiler: Any = shell.compile  # IPython gives it trees, as here; its annotation says text.
    exec(compiler(ast.Module(body, []), filename, "exec"), shell.user_ns)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compiler(ast.Expression(last.value), filename, "eval"), shell.user_ns)
