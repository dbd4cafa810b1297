"""What the running code can know about where it runs: replica, request, and the runtime for handles."""

from __future__ import annotations

import contextvars
from dataclasses import dataclass
from typing import Any

from kernelserve.exceptions import RayServeException


@dataclass(frozen=True, slots=True)
class ReplicaRank:
    """Rank of a replica among its deployment's, on its node, and of its node."""

    rank: int = 0
    node_rank: int = 0
    local_rank: int = 0


@dataclass(frozen=True, slots=True)
class ReplicaContext:
    """The replica that the code runs in; see `get_replica_context`.

    `servable_object` is the user's instance (None while its constructor runs); `world_size` the
    number of replicas asked for.
    """

    app_name: str
    deployment: str
    replica_tag: str
    replica_id: str
    servable_object: Any = None
    world_size: int = 1
    rank: ReplicaRank = ReplicaRank()


@dataclass(slots=True)
class RequestContext:
    """The request that the code works for. `revision` goes along on every call that it makes."""

    request_id: str
    app_name: str
    revision: int
    route: str = ""
    multiplexed_model_id: str = ""
    session_id: str = ""


current_request: contextvars.ContextVar[RequestContext | None] = contextvars.ContextVar(
    "kernelserve_request", default=None
)
current_replica: contextvars.ContextVar[ReplicaContext | None] = contextvars.ContextVar(
    "kernelserve_replica", default=None
)
# The `routing.Runtime` for handles made by this code, and the `code.UnitStore` that reads its payloads;
# typed Any here because both live in upper layers.
current_runtime: contextvars.ContextVar[Any] = contextvars.ContextVar("kernelserve_runtime", default=None)
current_store: contextvars.ContextVar[Any] = contextvars.ContextVar("kernelserve_store", default=None)


def get_replica_context() -> ReplicaContext:
    """The replica that this code runs in.

    Raises:
        RayServeException: called outside a replica.
    """
    context = current_replica.get()
    if context is None:
        raise RayServeException(
            "get_replica_context() was called outside a replica (there is none in this thread). "
            "Call it from code that a deployment runs: __init__, a method, or what they call."
        )
    return context
