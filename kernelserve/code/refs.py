"""What a code object refers to: globals, attribute names, names it stores globally."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import types
from collections.abc import Iterator
from dataclasses import dataclass

from kernelserve.code.flow import BY_NAME, flow_of, looked_up
from kernelserve.code.percode import per_code

_GLOBAL_LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_GLOBAL_STORES = {"STORE_GLOBAL", "DELETE_GLOBAL"}
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "DELETE_ATTR", "LOAD_SUPER_ATTR"}

_DYNAMIC_NAMES = frozenset({"__dict__", "attrgetter", "methodcaller", "getmembers"})
_DYNAMIC_BUILTINS = _DYNAMIC_NAMES | {"vars", "dir", "eval", "exec", "globals", "locals"}


@dataclass(frozen=True, slots=True)
class Refs:
    """Names that a code object, with the code nested in it, uses.

    Attributes:
        globals: names resolved in the module or the builtins.
        attributes: names used after a dot, or in ``getattr(x, "name")``.
        stores: names that it binds or deletes globally.
        strings: string constants.
        imports: modules that it imports when it runs.
        dynamic: it looks attributes up in ways that the code does not spell out: `attributes` may miss some.
    """

    globals: frozenset[str]
    attributes: frozenset[str]
    stores: frozenset[str]
    strings: frozenset[str]
    imports: frozenset[str]
    dynamic: bool


def nested(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code object and all code nested in it."""
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from nested(const)


@per_code
def refs_of(code: types.CodeType) -> Refs:
    """The names used by `code` and by the code nested in it.

    Example:
        >>> sorted(refs_of(compile("x = json.loads(y)", "f", "exec")).attributes)
        ['loads']
    """
    loads: list[str] = []
    attributes: set[str] = set()
    stores: set[str] = set()
    strings: set[str] = set()
    imports: set[str] = set()
    literal: list[str] = []
    for one in nested(code):
        for instruction in dis.get_instructions(one):
            name = instruction.opname
            if name in _GLOBAL_LOADS:
                loads.append(instruction.argval)
            elif name in _GLOBAL_STORES:
                stores.add(instruction.argval)
            elif name in _ATTRIBUTES or name == "IMPORT_FROM":
                attributes.add(instruction.argval)
            elif name == "IMPORT_NAME":
                imports.add(instruction.argval)
        strings.update(const for const in one.co_consts if isinstance(const, str))
        literal += _literal_lookups(one) if not BY_NAME.isdisjoint(loads) else ()
    by_name = sum(name in BY_NAME for name in loads)
    looks_up = not (_DYNAMIC_BUILTINS.isdisjoint(loads) and _DYNAMIC_NAMES.isdisjoint(attributes))
    dynamic = looks_up or by_name > len(literal)
    attributes |= {*literal, *imports}
    # A class body loads its own names by LOAD_NAME too: a name more than needed is harmless.
    return Refs(
        frozenset(loads), frozenset(attributes), frozenset(stores), frozenset(strings), frozenset(imports), dynamic
    )  # fmt: skip


def _literal_lookups(code: types.CodeType) -> list[str]:
    return [name for call in flow_of(code).calls if (name := looked_up(call))]


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
