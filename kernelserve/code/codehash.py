"""A digest of a code object that only changes when the code does.

Built from instructions with their names and typed constants: not from line numbers, file names, or the
order of the constant table.
"""

from __future__ import annotations

import dis
import hashlib
import importlib.util
import struct
import types

from kernelserve.code.percode import per_code

DIGEST_SIZE = 16
PYTHON_MAGIC = importlib.util.MAGIC_NUMBER.hex()
_SKIPPED = {"CACHE", "RESUME", "NOP", "EXTENDED_ARG"}
_HAS_CONST = frozenset(dis.hasconst)


def new_hash() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=DIGEST_SIZE)


def token(tag: str, data: bytes = b"") -> bytes:
    """A self-delimiting piece of a canonical encoding."""
    name = tag.encode()
    return b"".join((struct.pack("<HQ", len(name), len(data)), name, data))


@per_code
def code_digest(code: types.CodeType) -> str:
    """The digest, in hex. Equal code at another place of another file has the same one."""
    digest = new_hash()
    shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags, code.co_name)
    digest.update(token("shape", repr(shape).encode()))
    digest.update(token("names", repr((code.co_varnames, code.co_freevars, code.co_cellvars)).encode()))
    digest.update(token("handlers", code.co_exceptiontable))
    instructions = [one for one in dis.get_instructions(code) if one.opname not in _SKIPPED]
    for here, following in zip(instructions, [*instructions[1:], None], strict=True):
        digest.update(_instruction(here, following))
    return digest.hexdigest()


def _instruction(here: dis.Instruction, following: dis.Instruction | None) -> bytes:
    if here.opcode not in _HAS_CONST:
        argument = here.argrepr or str(here.arg)
        return token(here.opname, argument.encode())
    if following is not None and following.argval == "__firstlineno__":
        return token("line")  # Python 3.13 stores a class's line number as a constant
    return token(here.opname, constant(here.argval))


def constant(value: object) -> bytes:
    """Canonical bytes of a compile-time constant, with its type."""
    if isinstance(value, types.CodeType):
        doc = value.co_consts[0] if value.co_consts and isinstance(value.co_consts[0], str) else ""
        return token("code", code_digest(value).encode() + token("doc", doc.encode("utf-8", "surrogatepass")))
    if isinstance(value, tuple):
        return token("tuple", b"".join(constant(item) for item in value))
    if isinstance(value, frozenset):
        return token("frozenset", b"".join(sorted(constant(item) for item in value)))
    return primitive(value)


def primitive(value: object) -> bytes:
    """Canonical bytes of None, bool, int, float, complex, str, bytes or Ellipsis."""
    if isinstance(value, str):
        return token("str", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return token("bytes", value)
    if isinstance(value, float):
        return token("float", struct.pack("<d", value))
    if isinstance(value, complex):
        return token("complex", struct.pack("<dd", value.real, value.imag))
    if isinstance(value, int) and not isinstance(value, bool):
        return token("int", value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True))
    return token(type(value).__name__, repr(value).encode())
