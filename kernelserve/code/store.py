"""`UnitStore`: one side's code units of one app, and the codec of everything that may name them."""

from __future__ import annotations

import pickle
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from kernelserve.code.byvalue import by_value_names, is_by_value, is_class, is_function
from kernelserve.code.components import groups
from kernelserve.code.locate import ship_error
from kernelserve.code.pickling import Buffer, CodeUnpickler, dump
from kernelserve.code.reach import Entry, Reach
from kernelserve.code.sources import source_files
from kernelserve.code.tensors import dumps as dumps_plain
from kernelserve.code.units import Packed, Unit, decode_unit, encode_unit, unit_id
from kernelserve.exceptions import ShipError

LARGE_UNIT = 1 << 20
"""Units of the app from this size on do not travel inside messages."""


ARRAY_UNIT = "value:array:"


class UnitStore:
    """Packs and loads objects whose classes and functions travel as content-addressed units.

    A unit that is loaded is reused and never initialised again, so what ran-time code did to its class
    attributes survives; a changed unit is a new object. In the process that packs, unit ids stand for its own
    objects. Two stores share nothing, also in one process. Thread-safe.

    Example:
        >>> kernel, replica = UnitStore(), UnitStore()
        >>> packed = kernel.pack([1, 2])
        >>> replica.add(packed.units)
        >>> replica.unpack(packed.payload)
        [1, 2]
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._bytes: dict[str, bytes] = {}
        self._units: dict[str, Unit] = {}
        self._objects: dict[str, Any] = {}
        # By id of the object, which is kept alive by its entry.
        self._loaded: dict[int, tuple[Any, str]] = {}
        self._classes: dict[int, tuple[Any, str]] = {}
        # Of units that were forgotten: unit id → object, and id of the object → unit id.
        self._fading: dict[str, weakref.ref[Any]] = {}
        self._faded: dict[int, str] = {}
        self._app: set[str] = set()
        # Label → what was packed last under it, with its key.
        self._packed: dict[str, tuple[str, Packed]] = {}

    # --- code and bound arguments ---------------------------------------------------------------

    def pack(self, obj: Any, label: str = "", reach: Reach | None = None, key: str = "") -> Packed:
        """The object as bytes, with the units that it needs.

        Args:
            label: what the object is for the user, for errors.
            reach: has explored the object, and knows of no loaded units.
            key: a digest of the object: what was packed last under this label is the answer if that had the same.

        Raises:
            ShipError: a part of it cannot leave this process; the message has the path to it.
        """
        with self._lock:
            known, packed = self._packed.get(label, ("", None))
            if packed is not None and known == key and all(uid in self._bytes for uid in packed.used):
                return packed
            try:
                packed = self._pack(obj, reach)
                # Classes and functions are always packed anew, as the ids stand for their newest objects.
                if key and all(uid.startswith(ARRAY_UNIT) for uid in packed.used):
                    self._packed[label] = key, packed
                return packed
            except ShipError:
                raise
            except Exception as error:  # the boundary to user code: any __reduce__ may run here
                raise ship_error(obj, label or _label(obj), error) from error

    def add(self, units: Mapping[str, bytes]) -> None:
        """Have these units ready; each is loaded when it is first needed."""
        with self._lock:
            for uid, data in units.items():
                self._app.add(uid)
                self._bytes.setdefault(uid, data)

    def unpack(self, payload: Buffer) -> Any:
        """The object that `pack` packed, of units that were added or packed here."""
        with self._lock:
            return CodeUnpickler(payload, self._load).load()

    def loaded(self, uid: str) -> Any:
        """The object of a unit that is loaded here, else None."""
        with self._lock:
            return self._objects.get(uid)

    def load(self, uid: str) -> Any:
        """The object of a unit that was added here; loaded, if it was not yet.

        Raises:
            ShipError: the unit is not here.
        """
        with self._lock:
            return self._load(uid)

    def retain(self, used: Iterable[str]) -> None:
        """Forget all units but these and what they need.

        A class or function that was loaded here and lives on (an object in a state is of that class) keeps its
        unit id while it lives: it is the same one if the unit comes back, and answers that name it go on working.
        Large units are forgotten in any case.
        """
        with self._lock:
            keep = self._closure(used)
            self._let_go(self._objects.keys() - keep)
            living = self._closure(uid for uid, reference in self._fading.items() if reference() is not None)
            small = {uid for uid in living - keep if len(self._bytes[uid]) < LARGE_UNIT}
            for table in (self._bytes, self._units):
                for uid in table.keys() - keep - small:
                    del table[uid]
            self._app &= keep | small
            self._classes = {key: value for key, value in self._classes.items() if value[1] in keep}

    def _let_go(self, uids: Iterable[str]) -> None:
        """Hold loaded classes and functions weakly from here on, and other objects not at all."""
        self._fading = {uid: reference for uid, reference in self._fading.items() if reference() is not None}
        for uid in list(uids):
            obj = self._objects.pop(uid)
            if self._known(obj) == uid:
                del self._loaded[id(obj)]
                if is_class(obj) or is_function(obj):
                    self._fading[uid] = weakref.ref(obj)
        self._faded = {id(obj): uid for uid, reference in self._fading.items() if (obj := reference()) is not None}

    def _take_back(self, uid: str) -> bool:
        """Whether the unit was forgotten and its object lives: it is loaded again."""
        reference = self._fading.pop(uid, None)
        obj = reference() if reference is not None else None
        if obj is None:
            return False
        self._faded.pop(id(obj), None)
        self._objects[uid] = obj
        self._loaded[id(obj)] = (obj, uid)
        return True

    # --- calls and results ----------------------------------------------------------------------

    def dumps(self, obj: Any) -> tuple[bool, list[Buffer]]:
        """Encode call arguments or a result: whether it names units, and the parts (pickle, buffers…).

        Plain pickle where its stream names no by-value module; else the units travel inside.

        Raises:
            ShipError: a part of it cannot leave this process.
        """
        buffers: list[pickle.PickleBuffer] = []
        try:
            stream = dumps_plain(obj, buffers.append)
        except Exception:  # the boundary to user code; whatever it was, the unit codec says it better
            return True, self._dump_units(obj)
        if any(name in stream for name in by_value_names()):
            return True, self._dump_units(obj)
        return False, [stream, *(buffer.raw() for buffer in buffers)]

    def loads(self, by_unit: bool, parts: Sequence[Buffer]) -> Any:
        """Decode what the peer's `dumps` made. Arrays may be written into, and share nothing with the peer's."""
        buffers = [bytearray(part) if memoryview(part).readonly else part for part in parts[1:]]
        if not by_unit:
            return pickle.loads(parts[0], buffers=buffers)
        units, stream = msgspec.msgpack.decode(parts[0], type=tuple[dict[str, bytes], bytes])
        with self._lock:
            for uid, data in units.items():
                self._bytes.setdefault(uid, data)
            return CodeUnpickler(stream, self._load, buffers).load()

    def _dump_units(self, obj: Any) -> list[Buffer]:
        buffers: list[pickle.PickleBuffer] = []
        used: set[str] = set()
        with self._lock:
            try:
                stream = dump(obj, lambda one: self._message_unit(one, used), buffers.append)
            except ShipError:
                raise
            except Exception as error:  # the boundary to user code: any __reduce__ may run here
                raise ship_error(obj, _label(obj), error) from error
            units = {uid: self._bytes[uid] for uid in self._closure(used)}
        sent = {uid: data for uid, data in units.items() if len(data) < LARGE_UNIT or uid not in self._app}
        return [msgspec.msgpack.encode((sent, stream)), *(buffer.raw() for buffer in buffers)]

    def _message_unit(self, obj: Any, used: set[str]) -> str | None:
        if not (is_class(obj) or is_function(obj)):
            return None
        known = self._known(obj)
        if known is None:
            entry = self._classes.get(id(obj))
            known = entry[1] if entry is not None else self._new_unit(obj) if is_by_value(obj) else None
        if known is not None:
            used.add(known)
        return known

    def _new_unit(self, obj: Any) -> str:
        reach = Reach(self._known)
        reach.explore(obj)
        return self._publish(reach)[id(obj)]

    # --- packing --------------------------------------------------------------------------------

    def _known(self, obj: object) -> str | None:
        entry = self._loaded.get(id(obj))
        if entry is not None:
            return entry[1]
        uid = self._faded.get(id(obj), "")
        reference = self._fading.get(uid)
        return uid if reference is not None and reference() is obj else None

    def _pack(self, obj: Any, reach: Reach | None) -> Packed:
        if reach is None or self._loaded:
            reach = Reach(self._known)
            reach.explore(obj)
        ids = self._publish(reach)
        payload = dump(obj, lambda one: ids.get(id(one)))
        used = sorted(self._closure(ids.values()))
        self._app.update(used)
        files = {file for uid in used for file in self._unit(uid).files}
        return Packed(payload, {uid: self._bytes[uid] for uid in used}, tuple(used), tuple(sorted(files)))

    def _publish(self, reach: Reach) -> dict[int, str]:
        """Give each node that was reached its unit; returns id of the object → unit id."""
        entries = {id(one.obj): one for one in reach.entries() if one.obj in reach.nodes}
        ids = {key: self._known(one.obj) or unit_id(reach, one) for key, one in entries.items()}
        for group in groups(entries, lambda key: [id(ref) for ref in reach.refs(entries[key])]):
            members = {ids[key]: entries[key] for key in sorted(group, key=ids.__getitem__)}
            if not all(uid in self._bytes for uid in members):
                needs = {ids[id(ref)] for entry in members.values() for ref in reach.refs(entry)} - members.keys()
                self._pickle_group(members, ids, needs)
            for uid, entry in members.items():
                self._bind(uid, entry.obj)
        return ids

    def _pickle_group(self, members: dict[str, Entry], ids: dict[int, str], needs: set[str]) -> None:
        inside = {id(entry.obj) for entry in members.values()}
        outside = {key: uid for key, uid in ids.items() if key not in inside}
        data = dump([entry.obj for entry in members.values()], lambda one: outside.get(id(one)))
        files = tuple(sorted({file for entry in members.values() for file in source_files(entry.obj)}))
        names = tuple(members)
        for uid in names:
            first = uid == names[0]
            unit = Unit(names, tuple(sorted(needs)) if first else names[:1], data if first else b"", files)
            self._bytes[uid] = encode_unit(unit)

    def _bind(self, uid: str, obj: Any) -> None:
        if uid in self._objects and self._known(self._objects[uid]) == uid:
            return  # a loaded object stands for its unit for good
        self._objects[uid] = obj
        if is_class(obj):
            self._classes[id(obj)] = (obj, uid)

    # --- loading --------------------------------------------------------------------------------

    def _unit(self, uid: str) -> Unit:
        unit = self._units.get(uid)
        if unit is None:
            data = self._bytes.get(uid)
            if data is None:
                kind, name, _ = uid.split(":", 2)
                raise ShipError(
                    f"The {kind} {name} was referred to, but its code (unit {uid}) did not come along. "
                    "Large objects of an app do not travel in messages: name it in this deployment's code too."
                )
            # Without its pickle, which would be there twice.
            unit = self._units[uid] = msgspec.structs.replace(decode_unit(data), pickle=b"")
        return unit

    def _load(self, uid: str) -> Any:
        if uid not in self._objects and not self._take_back(uid):
            members = self._unit(uid).members
            self._unit(members[0])  # Or it says which one is not here.
            objects = CodeUnpickler(decode_unit(self._bytes[members[0]]).pickle, self._load).load()
            for member, obj in zip(members, objects, strict=True):
                if member not in self._objects and not self._take_back(member):
                    self._objects[member] = obj
                    self._loaded[id(obj)] = (obj, member)
        return self._objects[uid]

    def _closure(self, uids: Iterable[str]) -> set[str]:
        """The units with all that they need, as far as it is here."""
        found: set[str] = set()
        pending = [uid for uid in uids if uid in self._bytes]
        while pending:
            uid = pending.pop()
            if uid not in found:
                found.add(uid)
                unit = self._unit(uid)
                pending += [one for one in (*unit.needs, *unit.members) if one in self._bytes]
        return found


def _label(obj: Any) -> str:
    return str(getattr(obj, "__qualname__", f"{type(obj).__qualname__} object:"))
