"""The contract of a placement: where replicas run, and how they are started and ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec


class ReplicaSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All that a replica needs to start, but the secret.

    Attributes:
        node: an encoded `graph.Node`; `units` the code units that it needs; `sources` cell texts.
        listen: address to listen on for data; `control_address` of it is for control.
        controller: the controller's address.
        resources: `ray_actor_options` of the deployment.
        rank: among the replicas of its deployment, from 0.
        own_process: it may end its process when it is orphaned (threads only stop).
        logs: the folder of the system's logs; "": it keeps none.
    """

    replica_id: str
    app: str
    deployment: str
    revision: int
    node: bytes
    units: dict[str, bytes]
    sources: dict[str, str]
    listen: str
    controller: str
    resources: dict[str, Any] = {}
    rank: int = 0
    own_process: bool = False
    logs: str = ""


class Started(msgspec.Struct, frozen=True):
    """A replica that is ready for requests, or one that is not (`error` says why).

    `type_name` and `traceback` describe what the user's constructor raised, if it did.
    """

    address: str = ""
    pid: int = 0
    node_id: str = ""
    error: str = ""
    type_name: str = ""
    traceback: str = ""


class RunningReplica(Protocol):
    """What the replica's entry point gives to its placement."""

    def start(self) -> Started:
        """Load, construct and listen; blocks; never raises what user code raises."""

    def stop(self) -> None:
        """End: close channels, drop the user's object, stop the threads. From any thread; idempotent."""


ReplicaEntry = Callable[[bytes, bytes], RunningReplica]
"""``(encoded ReplicaSpec, secret) -> RunningReplica``; injected, since placements know no replicas."""


class Placement(Protocol):
    """Starts and ends replicas. All methods are for the controller's event loop."""

    def listen_address(self, replica_id: str) -> str:
        """A new address for a replica that will be started here."""

    async def start(self, spec: ReplicaSpec, on_waiting: Callable[[str], None]) -> Started:
        """Start a replica and wait until it is ready.

        `on_waiting` is told, in words, what it waits for (resources that are not free). Cancelling the
        call gives the replica up.
        """

    async def stop(self, replica_id: str) -> None:
        """End a replica now, drained or not; returns when it is gone. Unknown ids are fine."""

    async def find(self, replica_ids: list[str]) -> set[str]:
        """Which of these still run here: asked by a restarted controller."""

    async def close(self) -> None:
        """End everything that was started here."""


def control_address(address: str) -> str:
    """Where a replica listens for control: a side channel that answers while user code blocks the loop."""
    return f"{address}.c"
