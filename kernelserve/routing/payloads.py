"""What answers of handle calls carry: values, errors of the user's own types, and values that are passed on."""

from __future__ import annotations

import pickle
from typing import Any

import msgspec

from kernelserve import context
from kernelserve.code.store import UnitStore
from kernelserve.exceptions import RayServeException, RemoteTraceback, ReplicaUnavailableError, RequestCancelledError
from kernelserve.transport.base import Buffer
from kernelserve.transport.messages import ErrorMeta

RawValue = tuple[bool, list[Buffer]]
"""A value as it came: whether the unit codec pickled it, and the pickle with its buffers."""

_decode_error = msgspec.msgpack.Decoder(ErrorMeta).decode


def load(store: UnitStore, raw: RawValue) -> Any:
    """The value, in the calling thread."""
    token = context.current_store.set(store)
    try:
        return store.loads(*raw)
    finally:
        context.current_store.reset(token)


def remote_error(store: UnitStore, by_unit: bool, parts: list[Buffer], request_id: str) -> BaseException:
    """The exception of an ERROR frame: the user's own type where it can be made, with the remote traceback."""
    meta = _decode_error(parts[0])
    if meta.category == "cancelled":
        return RequestCancelledError(request_id)
    if meta.category == "timeout":
        return TimeoutError(
            f"Request {request_id} was given up at its deadline: {meta.message or 'the time was over'}. "
            "Raise request_timeout_s or the request's timeout header, or make it faster."
        )
    if meta.category == "unavailable":
        return ReplicaUnavailableError(meta.message)
    error: BaseException | None = None
    if len(parts) > 1 and parts[1]:
        try:
            loaded = load(store, (by_unit, parts[1:]))
        except Exception:  # The user's exception class may do anything when it is made again.
            loaded = None
        error = loaded if isinstance(loaded, BaseException) else None
    if error is None:
        error = RayServeException(f"{meta.type_name}: {meta.message}" if meta.category == "user" else meta.message)
    if meta.traceback:
        error.__cause__ = RemoteTraceback(meta.traceback)
    return error


class Passed:
    """An answer on its way into another call: pickles as the payload that came, loads as its value."""

    def __init__(self, raw: RawValue) -> None:
        self._raw = raw

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        by_unit, parts = self._raw
        return _load_passed, (by_unit, [pickle.PickleBuffer(part) for part in parts])


def _load_passed(by_unit: bool, parts: list[Any]) -> Any:
    store = context.current_store.get()
    return store.loads(by_unit, [memoryview(part) for part in parts])
