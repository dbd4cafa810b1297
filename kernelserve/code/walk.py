"""The canonical walk over live objects that digests are made of.

Equal code and equal values give equal bytes, in every process of one Python version. The walk stops at
*nodes* (by-value classes, functions and shared values that are global somewhere): it notes them in
`Walker.refs`, and `reach` gives each a walk of its own. What cannot be followed becomes an assumption.
"""

from __future__ import annotations

import copyreg
import enum
import functools
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kernelserve.code.arrays import LARGE_ARRAY, array_hashes, is_large_array
from kernelserve.code.byvalue import (
    is_by_value,
    is_by_value_module,
    is_class,
    is_local_module,
    is_lru_cache,
    is_stand_in,
    library_of,
)
from kernelserve.code.codehash import code_digest, new_hash, primitive, token
from kernelserve.code.imports import source_digest, source_of_import
from kernelserve.code.refs import annotation_names, is_builtin, refs_of
from kernelserve.code.webapps import recipe_of

PRIMITIVES = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), type(NotImplemented))
_IMMUTABLE = (*PRIMITIVES, tuple, frozenset, range, slice, types.BuiltinFunctionType, types.GenericAlias, enum.Enum)
_NOT_CODE = {"__dict__", "__weakref__", "__module__", "__qualname__", "__doc__", "_abc_impl", "__abstractmethods__",
             "__firstlineno__", "__static_attributes__", "__annotations_cache__",
             # Made by pydantic from the fields and decorators; the schema has the class's id in it.
             "__pydantic_core_schema__", "__pydantic_validator__", "__pydantic_serializer__", "__pydantic_complete__",
             "__pydantic_setattr_handlers__", "__pydantic_parent_namespace__"}  # fmt: skip
_SLOT_TYPES = (types.MemberDescriptorType, types.GetSetDescriptorType)
_OF_THE_PROCESS = frozenset({"IPython", "_thread", "asyncio", "ipykernel", "threading", "tornado", "traitlets", "zmq"})
"""Packages of objects that live with their process, and lead to everything in it."""
_MAX_DEPTH = 60
"""Objects in each other that are followed; a level takes about eight frames of Python's thousand."""
_MODULE_NOISE = {"__builtins__", "__loader__", "__spec__", "__file__", "__cached__", "__path__", "__doc__"}


class Nodes:
    """Which objects get a walk of their own. Classes by value always do; others when they are added."""

    def __init__(self) -> None:
        self.members: dict[int, tuple[str, object]] = {}

    def add(self, name: str, obj: object) -> None:
        # A large array is a node wherever it is met: its name must not depend on where it was met first.
        self.members.setdefault(id(obj), ("array" if is_large_array(obj) else name, obj))

    def __contains__(self, obj: object) -> bool:
        return id(obj) in self.members or (is_class(obj) and is_by_value(obj))

    def name(self, obj: Any) -> str:
        member = self.members.get(id(obj))
        return member[0] if member is not None else str(getattr(obj, "__qualname__", type(obj).__name__))


def is_shared(value: object) -> bool:
    """Whether a global value has an identity that two users of it must go on sharing."""
    if isinstance(value, types.ModuleType):
        return is_by_value_module(value.__name__) and value.__name__ != "__main__"
    if isinstance(value, types.FunctionType | type) or is_lru_cache(value):
        return False
    return not isinstance(value, _IMMUTABLE) and type(value).__module__ not in ("typing", "re")


def class_items(cls: type) -> list[tuple[str, Any]]:
    """The entries of a class's namespace that its author wrote (or a decorator for them), in order."""
    items = [(key, value) for key, value in vars(cls).items() if key not in _NOT_CODE]
    if isinstance(cls, enum.EnumMeta):
        members = set(cls.__members__)
        return [(key, value) for key, value in items if key not in members and not _is_enum_internal(key)]
    return [(key, value) for key, value in items if not isinstance(value, _SLOT_TYPES)]


def _is_enum_internal(key: str) -> bool:
    return (key.startswith("_") and not key.startswith("__") and key.endswith("_")) or key == "__new__"


class Walker:
    """One walk. Feed it with `value`, `function_body` or `class_body`, then read the attributes.

    Args:
        nodes: what gets a walk of its own.
        functions_are_nodes: functions met become nodes.
        names_only: nodes count by name, not by order.
        named: id of a function → name, for functions that count by name when they are met as values.

    Attributes:
        refs: nodes met, in order of first sight.
        globals: (namespace, name) → value, for every global that the code met refers to.
        stored: (id of namespace, name) that the code rebinds.
        inlined: ids of functions and values that were walked in place.
        imported: modules of the user's that replicas import → digest.
    """

    def __init__(
        self,
        nodes: Nodes,
        *,
        functions_are_nodes: bool = False,
        names_only: bool = False,
        named: Mapping[int, str] | None = None,
    ) -> None:
        self._nodes = nodes
        self._named = named or {}
        self._functions_are_nodes = functions_are_nodes
        self._names_only = names_only
        self._hash = new_hash()
        self._seen: dict[int, int] = {}
        self._alive: list[object] = []
        self._ref_index: dict[int, int] = {}
        self._depth = 0
        self.refs: list[object] = []
        self.globals: dict[tuple[str, str, int], object] = {}
        self.attributes: set[str] = set()
        self.stored: set[tuple[int, str]] = set()
        self.inlined: set[int] = set()
        self.imported: dict[str, str] = {}
        self.assumptions: list[str] = []

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def put(self, tag: str, data: bytes | str = b"") -> None:
        self._hash.update(token(tag, data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data))

    def assume(self, sentence: str) -> None:
        if sentence not in self.assumptions:
            self.assumptions.append(sentence)

    def value(self, obj: Any) -> None:
        """Walk any object."""
        kind = type(obj)
        if kind in PRIMITIVES:
            self._hash.update(primitive(obj))
        elif is_class(obj) or isinstance(obj, types.FunctionType) or is_lru_cache(obj):
            self._class_or_function(obj)
        elif id(obj) in self._nodes.members:
            self.ref(obj)
        elif kind is tuple:
            self._items("tuple", obj)
        elif kind is frozenset:
            self._set("frozenset", obj)
        elif isinstance(obj, enum.Enum):
            self.put("member", obj.name or repr(obj.value))
            self.value(type(obj))
        elif isinstance(obj, types.ModuleType):
            self._module(obj)
        elif kind is types.CodeType:
            self.put("code", code_digest(obj))
        elif is_large_array(obj):
            self._nodes.add("", obj)
            self.ref(obj)
        elif not self._met_before(obj):
            self._with_identity(obj)

    def ref(self, obj: Any) -> None:
        """Note a node: its own digest is taken elsewhere."""
        index = self._ref_index.setdefault(id(obj), len(self.refs))
        if index == len(self.refs):
            self.refs.append(obj)
        self.put("ref", self._nodes.name(obj) if self._names_only else f"{index} {self._nodes.name(obj)}")

    def function_body(self, func: types.FunctionType, *, doc: bool = True) -> None:
        """Code, defaults, closure, annotations and attributes of a function; its globals are only noted."""
        self.put("function", func.__qualname__)
        self.put("code", code_digest(func.__code__))
        self.value(func.__doc__ if doc else None)
        self.value(func.__defaults__)
        self.value(func.__kwdefaults__)
        self.value(dict(func.__annotations__))
        for cell in func.__closure__ or ():
            self._cell(cell)
        self.value(dict(func.__dict__))
        self._note_names(func)

    def class_body(self, cls: type) -> None:
        """Bases, metaclass, attributes and methods of a class."""
        self.class_structure(cls)
        self.value(cls.__doc__)
        # In any order: where it matters, as in a dataclass, annotations and fields have it.
        for name, value in sorted(class_items(cls), key=lambda item: item[0]):
            self.put("attribute", name)
            self.value(value)

    def class_structure(self, cls: type) -> None:
        """What decides the layout of instances: bases, metaclass, slots, members of an enum."""
        self.put("class", cls.__qualname__)
        self._items("bases", cls.__bases__)
        self.value(type(cls))
        self.value(vars(cls).get("__slots__"))
        if isinstance(cls, enum.EnumMeta):
            members: dict[str, Any] = dict(cls.__members__)
            self._items("members", [(name, member.value) for name, member in members.items()])

    def node_body(self, obj: Any) -> None:
        """The walk of a node itself."""
        if is_class(obj):
            self.class_body(obj)
        elif isinstance(obj, types.FunctionType):
            self.function_body(obj, doc=False)  # It counts by itself: see `reach.Entry.doc`.
        elif is_lru_cache(obj):
            self._lru_cache(obj)
        elif isinstance(obj, types.ModuleType):
            self._module_body(obj)
        else:
            self._seen[id(obj)] = 0
            self._with_identity(obj)

    # --- parts of the walk ----------------------------------------------------------------------

    def _class_or_function(self, obj: Any) -> None:
        if obj in self._nodes:
            self.ref(obj)
        elif id(obj) in self._named:
            self.put("named", self._named[id(obj)])
        elif not is_by_value(obj):
            self.put("import", f"{obj.__module__}:{obj.__qualname__}")
            self._imported(obj.__module__)
        elif self._functions_are_nodes:
            self._nodes.add(obj.__qualname__, obj)
            self.ref(obj)
        elif not self._met_before(obj):
            self._lru_cache(obj) if is_lru_cache(obj) else self.function_body(obj)

    def _lru_cache(self, obj: Any) -> None:
        self.put("lru_cache", repr(sorted(obj.cache_parameters().items())))
        self.value(obj.__wrapped__)

    def _met_before(self, obj: object) -> bool:
        index = self._seen.get(id(obj))
        if index is not None:
            self.put("seen", str(index))
            return True
        self._seen[id(obj)] = len(self._seen) + 1
        self._alive.append(obj)
        self.inlined.add(id(obj))
        return False

    def _items(self, tag: str, items: Iterable[Any]) -> None:
        items = tuple(items)
        self.put(tag, str(len(items)))
        for item in items:
            self.value(item)

    def _set(self, tag: str, items: Iterable[Any]) -> None:
        # Sorted by a digest that does not depend on the order of the walk.
        self._items(tag, sorted(items, key=self._sort_key))

    def _sort_key(self, item: object) -> str:
        walker = Walker(self._nodes, names_only=True)
        walker._depth = self._depth
        walker.value(item)
        return walker.hexdigest()

    def _cell(self, cell: types.CellType) -> None:
        try:
            content = cell.cell_contents
        except ValueError:
            self.put("empty cell")
        else:
            self.put("cell")
            self.value(content)

    def _note_names(self, func: types.FunctionType) -> None:
        library = library_of(func)
        if library is not None:
            self.put("library", library)
            return
        refs = refs_of(func.__code__)
        self.attributes |= refs.attributes | (refs.strings if refs.dynamic else set())
        namespace = func.__globals__
        module = str(namespace.get("__name__", ""))
        named = refs.globals | refs.stores
        for name in sorted(named | annotation_names(func)):
            if name in namespace:
                self.globals[module, name, id(namespace)] = namespace[name]
            elif name in named and not is_builtin(name) and name not in refs.stores:
                self.assume(f"{func.__qualname__} names {name}, which is not defined yet.")
        self.stored |= {(id(namespace), name) for name in refs.stores}
        package = namespace.get("__package__")
        for name in sorted(refs.imports):
            for module in (name, f"{package}.{name}"):
                if is_local_module(module):
                    self._source(module, source_digest(module))
                    self.assume(
                        f"{func.__qualname__} imports {module} when it runs, from the files of its replica: "
                        "an edit of any part of it replaces."
                    )

    def _imported(self, name: str | None) -> None:
        source = source_of_import(name)
        if source:
            self._source(str(name), source)
            self.assume(
                f"Replicas import {name}, as something in it cannot be sent: what it reads when it is imported is "
                "not followed, and an edit of any part of it replaces."
            )

    def _source(self, module: str, digest: str) -> None:
        self.put("source", digest)
        self.imported[module] = digest

    def _module(self, module: types.ModuleType) -> None:
        if module.__name__ == "__main__":
            self.assume("The module __main__ itself is used as a value; what is read from it is not followed.")
        self._imported(module.__name__)
        version = getattr(module, "__version__", "")
        self.put("module", f"{module.__name__} {version if isinstance(version, str) else ''}")

    def _module_body(self, module: types.ModuleType) -> None:
        self.put("by-value module", module.__name__)
        for name, value in list(vars(module).items()):  # A copy: other threads may change it meanwhile.
            if name not in _MODULE_NOISE:
                self.put("attribute", name)
                self.value(value)

    def _with_identity(self, obj: Any) -> None:
        kind = type(obj)
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(self, obj)
        elif not self._array(obj) and not self._webapp(obj) and not self._pydantic_decorator(obj):
            self._reduced(obj)

    def _array(self, obj: Any) -> bool:
        numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
        if numpy is not None and isinstance(obj, numpy.ndarray) and obj.dtype.hasobject is False:
            self.put("ndarray", f"{type(obj).__qualname__} {obj.dtype.str} {obj.dtype.descr} {obj.shape}")
            self._content(obj, lambda: numpy.ascontiguousarray(obj).reshape(-1).view(numpy.uint8).data)
            return True
        tensor = getattr(torch, "Tensor", None)
        if torch is not None and tensor is not None and isinstance(obj, tensor):
            return self._tensor(torch, obj)
        return False

    def _tensor(self, torch: Any, obj: Any) -> bool:
        if obj.layout is not torch.strided or obj.device.type == "meta" or obj.is_quantized:
            return False
        kind = f"{type(obj).__qualname__} {obj.dtype} {tuple(obj.shape)} {obj.device} {obj.requires_grad}"
        self.put("tensor", kind)
        self._content(obj, lambda: obj.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
        return True

    def _content(self, array: Any, content: Callable[[], memoryview]) -> None:
        if array.nbytes >= LARGE_ARRAY:
            self.put("content", array_hashes.digest(array, content))
        elif array.nbytes:
            self._hash.update(content())

    def _webapp(self, obj: Any) -> bool:
        recipe = recipe_of(obj)
        if recipe is None:
            return False
        self._items(recipe.kind, (recipe.cls, *recipe.state))
        return True

    def _pydantic_decorator(self, obj: Any) -> bool:
        kind = type(obj)
        if kind.__module__ != "pydantic._internal._decorators" or kind.__qualname__ != "Decorator":
            return False
        # All of it but `cls_ref`, which has the class's id in it.
        self._items("pydantic decorator", (obj.cls_var_name, obj.func, obj.shim, obj.info))
        return True

    def _reduced(self, obj: Any) -> None:
        kind = type(obj)
        self.put("object", f"{kind.__module__}:{kind.__qualname__}")
        self.value(kind)
        if kind.__module__.partition(".")[0] in _OF_THE_PROCESS:
            self.assume(f"The content of a {kind.__qualname__} is not followed.")
            return
        try:
            reducer = copyreg.dispatch_table.get(kind)
            by_value = obj.__reduce_by_value__ if is_stand_in(obj) else None
            reduced: Any = by_value() if by_value else reducer(obj) if reducer is not None else obj.__reduce_ex__(4)
        except Exception as error:  # the boundary to user code: any __reduce__ or __getstate__ may run here
            self.assume(f"The content of a {kind.__qualname__} is not followed ({error}).")
            return
        if isinstance(reduced, str):
            self.put("name", reduced)
            return
        if self._depth >= _MAX_DEPTH:
            self.assume(f"What lies deeper than {_MAX_DEPTH} objects in each other is not followed.")
            return
        self._depth += 1
        head, items, pairs = reduced[:3], *(*reduced[3:5], None, None)[:2]
        self._items("reduced", head)
        self._items("list items", items or ())
        self._items("dict items", pairs or ())
        self._depth -= 1


def _walk_list(walker: Walker, obj: list[Any]) -> None:
    walker._items("list", obj)


def _walk_set(walker: Walker, obj: set[Any]) -> None:
    walker._set("set", obj)


def _walk_dict(walker: Walker, obj: dict[Any, Any]) -> None:
    items = list(obj.items())  # A copy: other threads may change it meanwhile.
    walker.put("dict", str(len(items)))
    for key, value in items:
        walker.value(key)
        walker.value(value)


def _walk_bytearray(walker: Walker, obj: bytearray) -> None:
    walker.put("bytearray", bytes(obj))


def _walk_property(walker: Walker, obj: property) -> None:
    walker._items("property", (obj.fget, obj.fset, obj.fdel, obj.__doc__))


def _walk_wrapped(walker: Walker, obj: Any) -> None:
    walker._items(type(obj).__name__, (obj.__func__,))


def _walk_cached_property(walker: Walker, obj: Any) -> None:
    walker._items("cached_property", (obj.func, obj.attrname))


def _walk_mapping_proxy(walker: Walker, obj: types.MappingProxyType[Any, Any]) -> None:
    walker.put("mappingproxy")
    walker.value(dict(obj))


_HANDLERS: dict[type, Callable[[Walker, Any], None]] = {
    list: _walk_list,
    set: _walk_set,
    dict: _walk_dict,
    bytearray: _walk_bytearray,
    property: _walk_property,
    classmethod: _walk_wrapped,
    staticmethod: _walk_wrapped,
    functools.cached_property: _walk_cached_property,
    types.MappingProxyType: _walk_mapping_proxy,
}
