"""Which gRPC status a request ends with. Pure."""

from __future__ import annotations

import grpc

from kernelserve.exceptions import (
    BackPressureError,
    DeploymentUnavailableError,
    ReplicaUnavailableError,
    RequestCancelledError,
    RevisionGoneError,
    RevisionNotFoundError,
)
from kernelserve.transport.messages import ErrorMeta, GrpcStatus

Code = grpc.StatusCode

CODES = {code.value[0]: code for code in Code}
MAX_DETAILS = 4096
"""Bytes of the status's text on the wire; clients refuse trailers of more than 8 KiB."""

_OF_CATEGORY = {
    "cancelled": Code.CANCELLED,
    "timeout": Code.DEADLINE_EXCEEDED,
    "bad_request": Code.UNIMPLEMENTED,
    "revision_gone": Code.UNAVAILABLE,
    "unavailable": Code.UNAVAILABLE,
}
# What a deployment further down had to say, as the ingress has let it through.
_OF_TYPE = {
    BackPressureError.__name__: Code.RESOURCE_EXHAUSTED,
    DeploymentUnavailableError.__name__: Code.UNAVAILABLE,
    ReplicaUnavailableError.__name__: Code.UNAVAILABLE,
    RevisionGoneError.__name__: Code.UNAVAILABLE,
    RequestCancelledError.__name__: Code.CANCELLED,
}


class RpcFailure(Exception):
    """The status that ends a request as an error."""

    def __init__(self, code: Code, details: str) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


class ReplicaError(Exception):
    """An ERROR frame; what the user raised is not made again here."""

    def __init__(self, meta: ErrorMeta) -> None:
        super().__init__(meta)
        self.meta = meta


def failure_of(error: BaseException, status: GrpcStatus, request_id: str, show_errors: bool) -> RpcFailure:
    """The status for what a request has ended with.

    Args:
        status: what user code has set before.
        show_errors: say what user code has raised.
    """
    match error:
        case RpcFailure():
            return error
        case ReplicaError(meta=meta):
            return _of_replica(meta, status, request_id, show_errors)
        case BackPressureError():
            return RpcFailure(Code.RESOURCE_EXHAUSTED, str(error))
        case DeploymentUnavailableError() | ReplicaUnavailableError() | RevisionGoneError():
            return RpcFailure(Code.UNAVAILABLE, str(error))
        case RevisionNotFoundError():
            return RpcFailure(Code.NOT_FOUND, str(error))
        case RequestCancelledError():
            return RpcFailure(Code.CANCELLED, str(error))
        case TimeoutError():
            return RpcFailure(Code.DEADLINE_EXCEEDED, str(error))
        case _:
            return RpcFailure(Code.INTERNAL, f"The request could not be delivered: {type(error).__name__}: {error}")


def _of_replica(meta: ErrorMeta, status: GrpcStatus, request_id: str, show_errors: bool) -> RpcFailure:
    if meta.category in _OF_CATEGORY:
        return RpcFailure(_OF_CATEGORY[meta.category], meta.message)
    code = CODES.get(status.code or 0, Code.OK)
    if code is Code.OK:
        code = _OF_TYPE.get(meta.type_name, Code.INTERNAL)
    if status.details is not None:
        return RpcFailure(code, status.details)
    text = f"{meta.type_name}: {meta.message}"
    if not show_errors:
        text = f"The application failed with request {request_id}. Its log has the error under this id."
    return RpcFailure(code, text)


def shortened(details: str) -> str:
    """The text cut to what fits into a trailer. gRPC writes all but printable ASCII as three characters a byte."""
    room = MAX_DETAILS
    for index, character in enumerate(details):
        room -= 1 if " " <= character <= "~" else 3 * len(character.encode("utf-8", "replace"))
        if room < 0:
            return details[: max(0, index - 1)] + "…"
    return details
