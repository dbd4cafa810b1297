"""Names that the text of a cell binds and uses. Pure."""

from __future__ import annotations

import ast
import functools
import itertools
import re
import symtable
from collections.abc import Iterable, Iterator, Sequence

from IPython.core.inputtransformer2 import TransformerManager

_WORD = re.compile(r"[^\W\d]\w*")


def names_used(cell: str) -> frozenset[str]:
    """Names of the notebook's namespace that a cell reads or binds; words of magics may be among them, too.

    Example:
        >>> sorted(names_used("def f(x): return x + K")), sorted(names_used("%timeit f(1)"))
        (['K', 'f'], ['f', 'get_ipython', 'timeit'])
    """
    return _names(cell)[1]


def related(root: Iterable[str], cells: Sequence[str]) -> list[int]:
    """Places of the cells that define what `root` names, and what those name in turn.

    Of several cells that bind a name, the last one defines it. They come in the order in which their names were
    first defined, so that running a cell again moves nothing.

    Example:
        >>> related(["f"], ["K = 1", "def f(): return K", "x = 5", "K = 2"])
        [3, 1]
    """
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for place, cell in enumerate(cells):
        for name in _names(cell)[0]:
            first.setdefault(name, place)
            last[name] = place
    wanted, found = list(root), set[int]()
    while wanted:
        place = last.get(wanted.pop(), -1)
        if place >= 0 and place not in found:
            found.add(place)
            wanted += _names(cells[place])[1]
    return sorted(found, key=lambda place: min(first[name] for name in _names(cells[place])[0]))


@functools.lru_cache(maxsize=2048)
def _names(cell: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names bound at the top level, and names used."""
    first, _, rest = cell.lstrip().partition("\n")
    code = rest if first.startswith("%%") else cell
    words = frozenset(_WORD.findall(first)) if first.startswith("%%") else frozenset[str]()
    try:
        tree = ast.parse(code)
    except SyntaxError:
        # `!command` or `%magic` lines, which may name anything; or another language.
        words = frozenset(_WORD.findall(cell))
        code = TransformerManager().transform_cell(code)
        try:
            tree = ast.parse(code)
        except SyntaxError:
            return frozenset(), words
    return frozenset(bound_names(tree)), frozenset(_globals_of(code, tree)) | words


def _globals_of(code: str, tree: ast.Module) -> Iterator[str]:
    try:
        top = symtable.symtable(code, "cell", "exec")
    except SyntaxError:  # `await` at the top level, which a notebook allows.
        return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return itertools.chain(top.get_identifiers(), *map(_inner_globals, top.get_children()))


def _inner_globals(table: symtable.SymbolTable) -> Iterator[str]:
    yield from (symbol.get_name() for symbol in table.get_symbols() if symbol.is_global())
    for child in table.get_children():
        yield from _inner_globals(child)


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Names that a module's code binds at its top level (also inside `if`, `with`, `for`), each once, in order."""
    seen: dict[str, None] = {}
    for node in tree.body:
        for name in _bound_by(node):
            seen.setdefault(name)
    return iter(seen)


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return  # What its body binds is local to it.
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    for child in ast.iter_child_nodes(node):
        yield from _bound_by(child)
