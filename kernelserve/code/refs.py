"""What a code object refers to: globals, attribute names, names it stores globally."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import types
from collections.abc import Iterator
from dataclasses import dataclass

_GLOBAL_LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_GLOBAL_STORES = {"STORE_GLOBAL", "DELETE_GLOBAL"}
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "DELETE_ATTR", "LOAD_SUPER_ATTR"}
_SELF_LOADS = {"LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_DEREF", "LOAD_FAST_LOAD_FAST", "STORE_FAST_LOAD_FAST"}

DYNAMIC_NAMES = frozenset(
    {"getattr", "setattr", "delattr", "hasattr", "vars", "dir", "eval", "exec", "globals", "locals"}
    | {"__dict__", "attrgetter", "methodcaller", "getmembers"}
)
"""Names whose use means that attributes are looked up in ways that the code does not spell out."""


@dataclass(frozen=True, slots=True)
class Refs:
    """Names that a code object, with the code nested in it, uses.

    Attributes:
        globals: names resolved in the module or the builtins.
        attributes: names used after a dot.
        stores: names that it binds or deletes globally.
        strings: string constants.
    """

    globals: frozenset[str]
    attributes: frozenset[str]
    stores: frozenset[str]
    strings: frozenset[str]

    @property
    def dynamic(self) -> bool:
        """Looks attributes up dynamically, so `attributes` may miss some."""
        return bool((self.globals | self.attributes) & DYNAMIC_NAMES)


def nested(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code object and all code nested in it."""
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from nested(const)


@functools.lru_cache(maxsize=4096)
def refs_of(code: types.CodeType) -> Refs:
    """The names used by `code` and by the code nested in it.

    Example:
        >>> sorted(refs_of(compile("x = json.loads(y)", "f", "exec")).attributes)
        ['loads']
    """
    loads: set[str] = set()
    attributes: set[str] = set()
    stores: set[str] = set()
    strings: set[str] = set()
    for one in nested(code):
        for instruction in dis.get_instructions(one):
            name = instruction.opname
            if name in _GLOBAL_LOADS:
                loads.add(instruction.argval)
            elif name in _GLOBAL_STORES:
                stores.add(instruction.argval)
            elif name in _ATTRIBUTES or name in ("IMPORT_FROM", "IMPORT_NAME"):
                attributes.add(instruction.argval)
        strings.update(const for const in one.co_consts if isinstance(const, str))
    # A class body loads its own names by LOAD_NAME too: a name more than needed is harmless.
    return Refs(frozenset(loads), frozenset(attributes), frozenset(stores), frozenset(strings))


def annotation_names(func: types.FunctionType) -> frozenset[str]:
    """Globals that annotations written as strings name (``from __future__ import annotations``).

    FastAPI, for one, evaluates them in the globals of the function.

    Example:
        >>> def f(x: "list[Item]") -> "int": ...
        >>> sorted(annotation_names(f))
        ['Item', 'int', 'list']
    """
    texts = [text for text in func.__annotations__.values() if isinstance(text, str)]
    return frozenset().union(*(_names_in(text) for text in texts))


@functools.lru_cache(maxsize=4096)
def _names_in(expression: str) -> frozenset[str]:
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError:
        return frozenset()  # a string that is no type: a remark
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    quoted = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return frozenset(names).union(*(_names_in(text) for text in quoted if text != expression))


def is_builtin(name: str) -> bool:
    return hasattr(builtins, name)


@functools.lru_cache(maxsize=4096)
def first_argument_escapes(code: types.CodeType) -> bool:
    """Whether the first argument (`self`) is used for anything but ``self.name``.

    A method that calls, passes on or stores `self` may reach any other method through it.
    """
    if not code.co_argcount:
        return bool(code.co_flags & 0x04)  # *args holds self
    name = code.co_varnames[0]
    return _escapes(code, name)


def _escapes(code: types.CodeType, name: str) -> bool:
    instructions = [one for one in dis.get_instructions(code) if one.opname != "CACHE"]
    cells = {*code.co_cellvars, *code.co_freevars}
    for here, following in zip(instructions, [*instructions[1:], None], strict=True):
        loaded = _loaded_names(here)
        # From Python 3.13 on, a cell is handed to a closure by LOAD_FAST; its content is read by LOAD_DEREF.
        if name not in loaded or (name in cells and here.opname != "LOAD_DEREF"):
            continue
        if name in loaded[:-1] or following is None or following.opname not in _ATTRIBUTES:
            return True
    captured = (one for one in code.co_consts if isinstance(one, types.CodeType) and name in one.co_freevars)
    return any(_escapes(one, name) for one in captured)


def _loaded_names(instruction: dis.Instruction) -> tuple[str, ...]:
    if instruction.opname not in _SELF_LOADS:
        return ()
    value = instruction.argval
    if instruction.opname == "STORE_FAST_LOAD_FAST":
        return (value[1],)
    return value if isinstance(value, tuple) else (value,)
