"""Values that every part shares. Imports nothing of the project."""

from __future__ import annotations

import enum
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec


@dataclass(frozen=True, slots=True)
class DeploymentID:
    """A deployment inside an application.

    Example:
        >>> str(DeploymentID("search", "Index"))
        'search#Index'
    """

    app_name: str
    name: str

    def __str__(self) -> str:
        return f"{self.app_name}#{self.name}"


def new_replica_id(deployment: DeploymentID) -> str:
    """A replica id: ``app#deployment#`` and eight random hex digits."""
    return f"{deployment}#{os.urandom(4).hex()}"


class Endpoint(msgspec.Struct, frozen=True, array_like=True):
    """Where a sender reaches one replica.

    Attributes:
        replica_id: as made by `new_replica_id`.
        address: ``inproc://NAME``, ``unix:///path`` or ``tcp://host:port``.
        max_ongoing_requests: requests that the replica accepts at once.
        node_id: the node it runs on; senders prefer their own.
    """

    replica_id: str
    address: str
    max_ongoing_requests: int
    node_id: str = ""


class JournalSpec(msgspec.Struct, frozen=True, array_like=True):
    """How the requests of an app are kept (`observe.journal`).

    Attributes:
        redact: the user's redaction function as `code.UnitStore.pack` packed it, or empty; `units` are its units.
    """

    redact: bytes = b""
    units: dict[str, bytes] = {}


class Action(enum.StrEnum):
    """What an edit does to one deployment (docs/architecture.md: life of an edit)."""

    KEEP = "keep"
    UPDATE = "update"
    PATCH = "patch"
    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"


class NodeSpec(Protocol):
    """What `graph.build` needs of a bound deployment; `Deployment` satisfies it."""

    @property
    def name(self) -> str: ...
    @property
    def func_or_class(self) -> Callable[..., Any]: ...
    @property
    def init_args(self) -> tuple[Any, ...]: ...
    @property
    def init_kwargs(self) -> Mapping[str, Any]: ...
    @property
    def options_dict(self) -> Mapping[str, Any]: ...
    @property
    def batching(self) -> Mapping[str, Mapping[str, Any]]: ...
