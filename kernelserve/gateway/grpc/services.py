"""The user's services: what their generated ``add_…_to_server`` functions would register at a server."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import descriptor_pool

AddServicer = Callable[[Any, Any], None]


@dataclass(frozen=True, slots=True)
class Rpc:
    """One method of a service.

    Attributes:
        path: ``/package.Service/Method``.
        name: the method's name, which is the deployment's too.
        answers_with: full name of the protobuf message that it answers with; "" if that is not known.
    """

    path: str
    name: str
    streams_in: bool
    streams_out: bool
    deserialize: Callable[[bytes], Any] | None
    serialize: Callable[[Any], bytes] | None
    answers_with: str


class Services:
    """The methods of some services.

    Args:
        functions: generated functions, or their import paths.

    Raises:
        ImportError, TypeError: a function cannot be imported, or is none of that kind.

    Attributes:
        names: of the services, sorted.
    """

    def __init__(self, functions: Iterable[str | AddServicer]) -> None:
        recorder = _Recorder()
        for given in functions:
            function = load_function(given) if isinstance(given, str) else given
            try:
                function(_AnyServicer(), recorder)
            except Exception as error:  # User code by contract, though it is generated as a rule.
                raise TypeError(
                    f"grpc_servicer_functions: {given!r} could not be called with a servicer and a server "
                    f"({type(error).__name__}: {error}). Give the generated add_…Servicer_to_server functions."
                ) from error
        self._handlers = recorder.handlers
        # Handlers that are not generated need not have a name; they are found, and not listed.
        self.names = sorted({h.service_name() for h in self._handlers if isinstance(h, grpc.ServiceRpcHandler)})
        self._rpcs: dict[str, Rpc] = {}

    def find(self, details: grpc.HandlerCallDetails) -> Rpc | None:
        """The method that a client asks for."""
        rpc = self._rpcs.get(details.method)
        if rpc is not None:
            return rpc
        for handler in self._handlers:
            method = handler.service(details)
            if method is not None:
                return self._rpcs.setdefault(details.method, _rpc(details.method, method))
        return None


def load_function(path: str) -> AddServicer:
    """Import ``package.module.function``.

    Raises:
        ImportError: there is none; says what to do.
    """
    module, _, name = path.rpartition(".")
    try:
        function = getattr(importlib.import_module(module), name) if module else None
    except (ImportError, AttributeError) as error:
        raise ImportError(
            f"grpc_servicer_functions: {path!r} cannot be imported here: {error}. Generated modules must be "
            "importable in the gateway and in replicas: install them, or put them on PYTHONPATH before the start."
        ) from error
    if not callable(function):
        raise ImportError(
            f"grpc_servicer_functions: {path!r} is no function. Use its whole path: 'package.module.function'."
        )
    return function  # type: ignore[no-any-return]


class _AnyServicer:
    """Has every method that a generated function asks for; none of them is ever called."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


class _Recorder:
    """Takes what a generated function registers."""

    def __init__(self) -> None:
        self.handlers: list[grpc.GenericRpcHandler] = []

    def add_generic_rpc_handlers(self, handlers: Iterable[grpc.GenericRpcHandler]) -> None:
        self.handlers += handlers

    def add_registered_method_handlers(self, service: str, handlers: object) -> None:
        """Newer generated code says the same a second time in this form."""


def _rpc(path: str, method: grpc.RpcMethodHandler[Any, Any]) -> Rpc:
    service, _, name = path.removeprefix("/").rpartition("/")
    return Rpc(
        path,
        name,
        bool(method.request_streaming),
        bool(method.response_streaming),
        method.request_deserializer,
        method.response_serializer,
        _answers_with(service, name),
    )


def _answers_with(service: str, method: str) -> str:
    try:
        found = descriptor_pool.Default().FindServiceByName(service)
        return str(found.methods_by_name[method].output_type.full_name)
    except KeyError:
        return ""  # The service was not made by protobuf's compiler, or not for the default pool.
