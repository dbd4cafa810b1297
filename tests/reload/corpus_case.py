"""The form of a case of the edit corpus: cells, an edit, the right decision, and what the app says before and after."""

from __future__ import annotations

import ast
import builtins
import itertools
import linecache
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kernelserve as serve

PRELUDE = """
def loaded():
    with open(LOADS, "a") as file:
        file.write("+")
"""

_cells = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Case:
    """One edit.

    Attributes:
        cells: the notebook, with a line of ``---`` between cells. It defines `App` (a class, a function or a
            deployment) or a bound `app`. Constructors call `loaded()`, which counts loads.
        edit: pairs ``old => new`` of text; the cells in which they change something are run again, the others are not.
        then: a cell that is run after those.
        expect: the decision for the ingress: keep, update, patch, barrier (a patch that must be alone) or replace.
        others: decisions for the deployments below it, where there are any.
        before: what is called and what it answers, before the edit, line by line.
        after: the same, after it. Names bound in `before` are known.
        because: a part of the reason that is shown.
        rerun: run all cells again.
    """

    name: str
    cells: str
    edit: str | tuple[str, ...] = ()
    then: str = ""
    expect: str = "patch"
    before: str = ""
    after: str = ""
    because: str = ""
    rerun: bool = False
    others: tuple[tuple[str, str], ...] = ()

    @property
    def loads(self) -> int:
        """Constructor runs, in the end."""
        return 2 if self.expect == "replace" else 1

    @property
    def action(self) -> str:
        """The decision as a plan has it."""
        return "patch" if self.expect == "barrier" else self.expect

    @property
    def title(self) -> str:
        return self.name.replace(" ", "_")


class Notebook:
    """A kernel's namespace with the cells of a case run in it.

    Args:
        loads: the file in which constructors count themselves.
    """

    def __init__(self, case: Case, loads: Path) -> None:
        self.case = case
        self.namespace: dict[str, Any] = {"__name__": "__main__", "serve": serve, "LOADS": str(loads)}
        self.sources: dict[str, str] = {}
        self._loads = loads
        self._cells = [textwrap.dedent(cell) for cell in textwrap.dedent(case.cells).split("\n---\n")]
        for cell in (PRELUDE, *self._cells):
            self.run(cell)

    def run(self, source: str) -> None:
        """Run a cell; no `from __future__` of this module reaches it."""
        file = f"/tmp/ipykernel_corpus/{next(_cells)}.py"
        self.sources[file] = source
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        exec(compile(source, file, "exec", dont_inherit=True), self.namespace)

    def edit(self) -> None:
        """Do as the case says."""
        edits = (self.case.edit,) if isinstance(self.case.edit, str) else self.case.edit
        cells = list(self._cells)
        for edit in edits:
            old, new = edit.split(" => ")
            assert any(old in cell for cell in cells), f"{self.case.name}: no cell has {old!r}"
            cells = [cell.replace(old, new) for cell in cells]
        for before, after in zip(self._cells, cells, strict=True):
            if before != after or self.case.rerun:
                self.run(after)
        if self.case.then:
            self.run(textwrap.dedent(self.case.then))

    def application(self, **options: Any) -> Any:
        """The bound application, as the cells have left it; with these options if it is not bound by the cells."""
        if "app" in self.namespace:
            return self.namespace["app"]
        app = self.namespace["App"]
        deployment = app if isinstance(app, serve.Deployment) else serve.deployment(app)
        given = deployment.options(**options) if options and not deployment.ray_actor_options else deployment
        return given.bind()

    def loads(self) -> int:
        return len(self._loads.read_text()) if self._loads.exists() else 0


class Probe:
    """Runs the lines of `before` and `after`.

    Args:
        call: runs a method of the app: its name, whether it streams, its arguments.
    """

    def __init__(self, call: Callable[..., Any], **names: Any) -> None:
        self._names = _Names(call, names)

    def check(self, lines: str, name: str = "") -> None:
        """Each line is a comparison that must hold, or a statement; `name` is told where one does not hold."""
        for statement in ast.parse(textwrap.dedent(lines)).body:
            text = ast.unparse(statement)
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Compare):
                compared = statement.value
                self._names["got"] = eval(ast.unparse(compared.left), {}, self._names)
                compared.left = ast.Name("got", ast.Load())
                assert eval(ast.unparse(compared), {}, self._names), f"{name} {text}: got {self._names['got']!r}"
            else:
                exec(text, {}, self._names)


class _Names(dict[str, Any]):
    """What is bound; any other name is a method of the app."""

    def __init__(self, call: Callable[..., Any], names: Mapping[str, Any]) -> None:
        super().__init__(names, stream=self._stream, error=self._error)
        self._call = call

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name) or name.startswith("__"):
            raise KeyError(name)
        return lambda *args: self._call("__call__" if name == "call" else name, False, *args)

    def _stream(self, name: str, *args: Any) -> Any:
        return self._call(name, True, *args)

    def _error(self, name: str, *args: Any) -> str:
        """The name of the exception that a call raises."""
        try:
            value = self._call("__call__" if name == "call" else name, False, *args)
        except Exception as error:  # Whatever the user's code raises: its name is the answer.
            return type(error).__name__
        return f"no error, but {value!r}"
