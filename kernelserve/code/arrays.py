"""Content hashes of large arrays and tensors, taken once for as long as nobody can have written into them.

Inside one build each array is hashed once. From one build to the next a hash is kept only where somebody tells
which names each cell that ran has used (`ArrayHashes.cell_ran`, as the notebook does): arrays that these names reach
are hashed again. A sample of the content is compared in any case. Without that, as in a script, every build
hashes every array once.
"""

from __future__ import annotations

import functools
import hashlib
import sys
import types
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kernelserve.code.byvalue import is_local_module
from kernelserve.code.refs import is_builtin, refs_of
from kernelserve.code.wrapped import functions_in

LARGE_ARRAY = 8 << 20
"""Arrays from this many bytes on are hashed once; smaller ones each time they are met."""

_SAMPLES = 4096
_MAX_OBJECTS = 20_000
_LEAVES = (str, bytes, bytearray, int, float, complex, bool, type(None))


class ArrayHashes:
    """The hashes of one process. It keeps no array alive.

    Example:
        >>> ArrayHashes().begin_build()
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Any], bytes, bytes]] = {}
        self._told = False

    def begin_build(self) -> None:
        """A build begins: what nobody watched over is hashed again."""
        if not self._told:
            self._known.clear()

    def digest(self, array: Any, content: Callable[[], memoryview]) -> bytes:
        """The hash of an array's content.

        Args:
            content: gives the content as plain memory.
        """
        key, sample = id(array), _sample(content())
        entry = self._known.get(key)
        if entry is not None and entry[0]() is array and entry[1] == sample:
            return entry[2]
        # Of the hashes that nobody can forge the fastest one where the processor has instructions for it.
        digest = hashlib.sha256(content())
        self._known[key] = (weakref.ref(array, functools.partial(self._gone, key)), sample, digest.digest())
        return self._known[key][2]

    def cell_ran(self, names: Iterable[str], namespace: Mapping[str, Any]) -> None:
        """A cell that uses these names has run: forget the hashes of all arrays that they reach.

        From the first call on, hashes of all other arrays are kept from build to build; so it must be called
        after every cell, those that failed too.
        """
        if not self._told:
            self._told = True
            self._known.clear()
        if self._known and not self._forget_reached(names, namespace):
            self._known.clear()

    def cells_end(self) -> None:
        """Nobody tells from here on which cells run: every build hashes every array, until `cell_ran` is called."""
        self._told = False

    def _forget_reached(self, names: Iterable[str], namespace: Mapping[str, Any]) -> bool:
        """False if not all can be looked at: too much, or gone, or it raises."""
        pending: list[Any] = []
        for name in names:
            if name in namespace:
                pending.append(namespace[name])
            elif not is_builtin(name):
                return False
        seen: set[int] = set()
        while pending:
            obj = pending.pop()
            if isinstance(obj, _LEAVES) or id(obj) in seen:
                continue
            seen.add(id(obj))
            if len(seen) > _MAX_OBJECTS:
                return False
            self._known.pop(id(obj), None)
            try:
                pending += _reached(obj)
            except Exception:  # the boundary to user code: attributes may raise, threads change dicts meanwhile
                return False
        return True

    def _gone(self, key: int, reference: weakref.ref[Any]) -> None:
        entry = self._known.get(key)
        if entry is not None and entry[0] is reference:
            del self._known[key]


array_hashes = ArrayHashes()
"""Those of this process: arrays are told apart by identity, whatever app they belong to."""


def is_array(obj: object) -> bool:
    """Whether the object is a numpy array or torch tensor."""
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    kinds = (getattr(numpy, "ndarray", None), getattr(torch, "Tensor", None))
    return any(kind is not None and isinstance(obj, kind) for kind in kinds)


def is_large_array(obj: Any) -> bool:
    """Whether the object is a numpy array that is large enough to be a unit of its own, and shares no memory."""
    kind = getattr(sys.modules.get("numpy"), "ndarray", None)
    return (
        kind is not None
        and type(obj) is kind
        and obj.nbytes >= LARGE_ARRAY
        and obj.base is None
        and not obj.dtype.hasobject
    )


def _sample(content: memoryview) -> bytes:
    step = max(1, len(content) // _SAMPLES)
    return bytes(content[::step][: _SAMPLES + 1])


def _reached(obj: Any) -> Iterator[Any]:
    """What code that names the object may get at: its content, attributes, class, and what its functions name."""
    if isinstance(obj, dict):
        yield from (item for pair in obj.items() for item in pair)
    elif isinstance(obj, list | tuple | set | frozenset):
        yield from obj
    elif isinstance(obj, types.FunctionType):
        yield from _reached_by_code(obj)
    elif isinstance(obj, types.ModuleType):
        yield from vars(obj).values() if is_local_module(obj.__name__) else ()
    elif isinstance(obj, types.MethodType | functools.partial):
        yield from (obj.__func__, obj.__self__) if isinstance(obj, types.MethodType) else (obj.func, *obj.args)
        yield from getattr(obj, "keywords", {}).values()
    elif is_array(obj):
        yield from (getattr(obj, "base", None), getattr(obj, "_base", None))
    else:
        kind: type = type(obj)
        yield from functions_in(obj)
        yield from (getattr(obj, "__dict__", None) or {}).values()
        yield from (getattr(obj, name, None) for name in _slots(kind))
        yield from obj.__bases__ if isinstance(obj, type) else (kind,)


def _reached_by_code(function: types.FunctionType) -> Iterator[Any]:
    refs = refs_of(function.__code__)
    yield from (function.__globals__[name] for name in refs.globals | refs.stores if name in function.__globals__)
    yield from functions_in(function)
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue
    yield from (function.__defaults__, function.__kwdefaults__, function.__dict__)


@functools.lru_cache(maxsize=512)
def _slots(cls: type) -> tuple[str, ...]:
    return tuple(
        name
        for one in cls.__mro__
        for name, value in vars(one).items()
        if isinstance(value, types.MemberDescriptorType)
    )
