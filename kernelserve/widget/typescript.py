"""The messages of the views as TypeScript: ``python -m kernelserve.widget.typescript > widgets/src/messages.ts``."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any

import msgspec
import msgspec.inspect as shapes

from kernelserve.widget import messages

_HEAD = "// Made from kernelserve/widget/messages.py by `python -m kernelserve.widget.typescript`; do not edit."
_PLAIN: dict[type[shapes.Type], str] = {
    shapes.AnyType: "unknown",
    shapes.BoolType: "boolean",
    shapes.FloatType: "number",
    shapes.IntType: "number",
    shapes.NoneType: "null",
    shapes.StrType: "string",
}


def typescript() -> str:
    """An interface for each struct and a type for each union of `kernelserve.widget.messages`, in their order.

    What Python sends has all its fields; of what the front end sends, those with a default may be left out.

    Raises:
        TypeError: a field has a type that has no TypeScript here.
    """
    sent = set(_structs(messages.FromFront))
    parts = [_HEAD, _comment(messages.__doc__, "")]
    for name, value in vars(messages).items():
        if isinstance(value, types.UnionType):
            parts.append(f"export type {name} = {' | '.join(one.__name__ for one in _structs(value))};")
        elif _is_message(value):
            parts.append(_interface(value, optional=value in sent))
    return "\n\n".join(parts) + "\n"


def _is_message(value: Any) -> bool:
    own = isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == messages.__name__
    return own and value is not messages.Tagged


def _structs(union: Any) -> list[type[msgspec.Struct]]:
    return [one for one in union.__args__ if isinstance(one, type) and issubclass(one, msgspec.Struct)]


def _interface(struct: type[msgspec.Struct], optional: bool) -> str:
    shape = shapes.type_info(struct)
    assert isinstance(shape, shapes.StructType)
    tag = [f'  {shape.tag_field}: "{shape.tag}";'] if shape.tag_field else []
    fields = [
        f"  {field.encode_name}{'' if field.required or not optional else '?'}: {_type(field.type, struct)};"
        for field in shape.fields
    ]
    return "\n".join([*_documented(struct), f"export interface {struct.__name__} {{", *tag, *fields, "}"])


def _documented(struct: type[msgspec.Struct]) -> Iterator[str]:
    if struct.__doc__:
        yield _comment(inspect.cleandoc(struct.__doc__), "")


def _comment(text: str | None, indent: str) -> str:
    lines = inspect.cleandoc(text or "").splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */"
    return "\n".join([f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"])


def _type(shape: shapes.Type, struct: type[msgspec.Struct]) -> str:
    if isinstance(shape, shapes.StructType):
        return str(shape.cls.__name__)
    if isinstance(shape, shapes.ListType):
        item = _type(shape.item_type, struct)
        return f"({item})[]" if "|" in item else f"{item}[]"
    if isinstance(shape, shapes.DictType):
        return f"Record<string, {_type(shape.value_type, struct)}>"
    if isinstance(shape, shapes.UnionType):
        return _union(shape, struct)
    try:
        return _PLAIN[type(shape)]
    except KeyError:
        raise TypeError(
            f"{struct.__name__} has a field of type {shape}, which has no TypeScript here. "
            "Use structs, lists, dicts with text keys, plain values, or say how it is written in typescript.py."
        ) from None


def _union(shape: shapes.UnionType, struct: type[msgspec.Struct]) -> str:
    names = [_type(one, struct) for one in shape.types]
    for name, value in vars(messages).items():
        members = [one.__name__ for one in _structs(value)] if isinstance(value, types.UnionType) else []
        if members and set(members) <= set(names):
            names = [name, *(one for one in names if one not in members)]
    return " | ".join(names)


if __name__ == "__main__":
    sys.stdout.write(typescript())
