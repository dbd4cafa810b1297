"""Code units: ids, bytes, and which of them must be pickled together."""

from __future__ import annotations

import msgspec

from kernelserve.code.byvalue import is_class, is_function
from kernelserve.code.reach import Entry, Reach


class Packed(msgspec.Struct, frozen=True):
    """An object ready to be sent.

    Attributes:
        payload: the object, with references to units.
        units: id → bytes of all the units that it needs.
        used: the ids, sorted.
        files: names of the source files of the units' code. A unit that did not change keeps the file it
            first came from, with its line numbers.
    """

    payload: bytes
    units: dict[str, bytes]
    used: tuple[str, ...]
    files: tuple[str, ...] = ()


class Unit(msgspec.Struct, frozen=True, array_like=True):
    """The bytes of a unit. Units that refer to each other are one pickle, held by the first of `members`.

    Attributes:
        members: ids of the group, in the order of the pickled list.
        needs: ids of the units that it refers to.
        pickle: the list of the members' objects; empty for all but the first member.
        files: names of the source files of the members' code.
    """

    members: tuple[str, ...]
    needs: tuple[str, ...]
    pickle: bytes
    files: tuple[str, ...] = ()


def encode_unit(unit: Unit) -> bytes:
    return msgspec.msgpack.encode(unit)


def decode_unit(data: bytes) -> Unit:
    return msgspec.msgpack.decode(data, type=Unit)


def unit_id(reach: Reach, entry: Entry) -> str:
    """``kind:name:digest`` with the transitive digest: a changed dependency makes a new unit."""
    kind = "class" if is_class(entry.obj) else "function" if is_function(entry.obj) else "value"
    return f"{kind}:{entry.name}:{reach.digest(entry.obj)}"
