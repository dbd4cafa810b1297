"""Pickler and unpickler of code units: cloudpickle for classes, our own reduction for functions.

Against plain cloudpickle: references to units by id, functions of importable modules keep that module's
real globals, names in nested class bodies count as globals, `lru_cache` and `cached_property` are shipped,
aliases of enums survive, web applications go as recipes, open files are refused, and loading has no class
tracker (a class that is loaded again would have its attributes reset by it).
"""

from __future__ import annotations

import builtins
import enum
import functools
import importlib
import io
import pickle
import sys
import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cloudpickle
from cloudpickle.cloudpickle import _dynamic_class_reduce

from kernelserve.code.byvalue import is_by_value, is_by_value_module, is_class, is_lru_cache, is_stand_in, library_of
from kernelserve.code.refs import annotation_names, refs_of
from kernelserve.code.webapps import filling, reduce_webapp

Buffer = bytes | bytearray | memoryview
Space = dict[str, Any] | str
_SPACE_NAMES: tuple[str, ...] = ("__name__", "__package__", "__file__")
_STRUCTURE = ("__qualname__", "__slots__", "__orig_bases__")
_FUNCTION_ATTRIBUTES = ("__qualname__", "__module__", "__doc__", "__defaults__", "__kwdefaults__", "__annotations__",
                        "__type_params__")  # fmt: skip


class CodePickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    """Pickles with by-value classes and functions inside, or as references to units.

    Args:
        file: what to write to.
        unit_of: the id of the unit that stands for an object, or None to pickle it in place.
        buffer_callback: takes out-of-band buffers (pickle protocol 5).
    """

    def __init__(
        self,
        file: io.BytesIO,
        unit_of: Callable[[Any], str | None],
        buffer_callback: Callable[[pickle.PickleBuffer], Any] | None = None,
    ) -> None:
        super().__init__(file, protocol=5, buffer_callback=buffer_callback)
        self._unit_of = unit_of
        self._spaces: dict[int, dict[str, Any]] = {}

    def persistent_id(self, obj: Any) -> str | None:
        return self._unit_of(obj)

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, types.FunctionType):
            return self._reduce_function(obj) if is_by_value(obj) else NotImplemented
        if is_class(obj) and is_by_value(obj):
            return _reduce_class(obj)
        if is_lru_cache(obj) and is_by_value(obj):
            parameters = obj.cache_parameters()
            return make_lru_cache, (obj.__wrapped__, parameters["maxsize"], parameters["typed"])
        if isinstance(obj, types.ModuleType):
            return _reduce_module(obj)
        if type(obj) is functools.cached_property:
            return functools.cached_property, (obj.func,), {"attrname": obj.attrname, "__doc__": obj.__doc__}
        if isinstance(obj, io.IOBase) and not isinstance(obj, io.BytesIO | io.StringIO):
            raise pickle.PicklingError(f"cannot pickle {type(obj).__name__!r} object")
        webapp = reduce_webapp(obj)
        if webapp is not None:
            return webapp
        if is_stand_in(obj):
            return obj.__reduce_by_value__()
        return super().reducer_override(obj)

    def _reduce_function(self, func: types.FunctionType) -> Any:
        library = library_of(func)
        space: Space = library if library is not None else self._space(func.__globals__)
        values, submodules = ({}, []) if library is not None else _used_globals(func)
        attributes = {name: getattr(func, name) for name in _FUNCTION_ATTRIBUTES if hasattr(func, name)}
        cells = [_cell_content(cell) for cell in func.__closure__ or ()]
        state = (attributes, dict(func.__dict__), values, cells, submodules)
        return make_function, (func.__code__, space, func.__name__), state, None, None, set_function

    def _space(self, namespace: dict[str, Any]) -> dict[str, Any]:
        """The stand-in for a namespace: functions of one pickle that shared globals go on sharing them."""
        space = self._spaces.get(id(namespace))
        if space is None:
            space = self._spaces[id(namespace)] = {name: namespace[name] for name in _SPACE_NAMES if name in namespace}
        return space


class CodeUnpickler(pickle.Unpickler):
    """Loads what `CodePickler` wrote.

    Args:
        load_unit: returns the object of a unit id.
        buffers: the out-of-band buffers, in order.
    """

    def __init__(self, data: Buffer, load_unit: Callable[[str], Any], buffers: Iterable[Buffer] = ()) -> None:
        super().__init__(io.BytesIO(data), buffers=buffers)
        self._load_unit = load_unit

    def load(self) -> Any:
        with filling():
            return super().load()

    def persistent_load(self, pid: Any) -> Any:
        return self._load_unit(pid)

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if module_name == "cloudpickle.cloudpickle" and global_name in _SKELETONS:
            return _SKELETONS[global_name]
        return super().find_class(module_name, global_name)


def dump(
    obj: Any,
    unit_of: Callable[[Any], str | None] = lambda obj: None,
    buffer_callback: Callable[[pickle.PickleBuffer], Any] | None = None,
) -> bytes:
    """Pickle with `CodePickler`."""
    file = io.BytesIO()
    CodePickler(file, unit_of, buffer_callback).dump(obj)
    return file.getvalue()


# --- what a pickle calls when it is loaded ------------------------------------------------------


def make_function(code: types.CodeType, space: Space, name: str) -> types.FunctionType:
    """A function without its state yet: cells are empty, globals are filled in by `set_function`."""
    if isinstance(space, str):
        namespace = importlib.import_module(space).__dict__
    else:
        namespace = space
        namespace.setdefault("__builtins__", builtins.__dict__)
    return types.FunctionType(code, namespace, name, None, tuple(types.CellType() for _ in code.co_freevars))


def set_function(func: types.FunctionType, state: tuple[Any, ...]) -> None:
    attributes, members, values, cells, submodules = state
    for name, value in attributes.items():
        setattr(func, name, value)
    func.__dict__.update(members)
    func.__globals__.update(values)
    for cell, content in zip(func.__closure__ or (), cells, strict=True):
        if content:
            cell.cell_contents = content[0]
    for module in submodules:
        importlib.import_module(module)


def make_lru_cache(func: Callable[..., Any], maxsize: int | None, typed: bool) -> Any:
    """An empty cache: what was cached belongs to the process that computed it."""
    return functools.lru_cache(maxsize=maxsize, typed=typed)(func)


def make_module(name: str) -> types.ModuleType:
    return types.ModuleType(name)


def set_module(module: types.ModuleType, members: dict[str, Any]) -> None:
    module.__dict__.update(members)


def _make_class(
    metaclass: Any, name: str, bases: tuple[type, ...], namespace: dict[str, Any], _tracker: Any, _extra: Any
) -> type:
    prepared = metaclass.__prepare__(name, bases)
    for key, value in namespace.items():
        prepared[key] = value
    made: type = metaclass(name, bases, prepared)
    return made


def _make_enum(
    bases: tuple[type, ...], name: str, qualname: str, members: dict[str, Any], module: str, _tracker: Any, _extra: Any
) -> type:
    metaclass: Any = type(bases[-1])
    namespace = metaclass.__prepare__(name, bases)
    namespace["__module__"], namespace["__qualname__"] = module, qualname
    for member, value in members.items():
        namespace[member] = value
    made: type = metaclass(name, bases, namespace)
    return made


_SKELETONS: dict[str, Callable[..., type]] = {"_make_skeleton_class": _make_class, "_make_skeleton_enum": _make_enum}


# --- reductions ---------------------------------------------------------------------------------


def _reduce_class(cls: type) -> Any:
    reduced = _dynamic_class_reduce(cls)
    return _with_all_members(cls, reduced) if isinstance(cls, enum.EnumMeta) else _with_structure(cls, reduced)


def _with_all_members(cls: enum.EnumMeta, reduced: Any) -> Any:
    """cloudpickle's reduction of an enum, with the aliases among its members."""
    function, arguments, (namespace, slots), *rest = reduced
    members: dict[str, Any] = dict(cls.__members__)
    values = {name: member.value for name, member in members.items()}
    kept = {name: value for name, value in namespace.items() if name not in members}
    return function, (*arguments[:3], values, *arguments[4:]), (kept, slots), *rest


def _with_structure(cls: type, reduced: Any) -> Any:
    """cloudpickle's reduction of a class, with its bases as they are, and its slots there from the start.

    Slots that are set on a finished class do nothing, and ``__orig_bases__`` would be resolved again.
    """
    function, (metaclass, name, _, first, *others), (namespace, slots), *rest = reduced
    first = {**first, **{key: vars(cls)[key] for key in _STRUCTURE if key in vars(cls)}}
    kept = {
        key: value
        for key, value in namespace.items()
        if key not in first and not isinstance(value, types.MemberDescriptorType)
    }
    return function, (metaclass, name, cls.__bases__, first, *others), (kept, slots), *rest


def _reduce_module(module: types.ModuleType) -> Any:
    if is_by_value_module(module.__name__) and module.__name__ != "__main__":
        dropped = ("__builtins__", "__loader__", "__spec__", "__cached__")
        members = {name: value for name, value in vars(module).items() if name not in dropped}
        return make_module, (module.__name__,), members, None, None, set_module
    return importlib.import_module, (module.__name__,)


def _used_globals(func: types.FunctionType) -> tuple[dict[str, Any], list[str]]:
    refs = refs_of(func.__code__)
    names = refs.globals | refs.stores | annotation_names(func)
    values = {name: func.__globals__[name] for name in sorted(names) if name in func.__globals__}
    values.pop("__builtins__", None)
    return values, sorted(_submodules(values.values(), refs.attributes))


def _submodules(values: Iterable[Any], attributes: frozenset[str]) -> set[str]:
    """Submodules that ``package.name`` in the code needs imported, as they are here."""
    found: set[str] = set()
    packages = (one.__name__ for one in values if isinstance(one, types.ModuleType) and hasattr(one, "__path__"))
    pending = [name for name in packages if not is_by_value_module(name)]
    while pending:
        package = pending.pop()
        below = {f"{package}.{name}" for name in attributes if f"{package}.{name}" in sys.modules} - found
        found |= below
        pending += below
    return found


def _cell_content(cell: types.CellType) -> Sequence[Any]:
    try:
        return (cell.cell_contents,)
    except ValueError:
        return ()
