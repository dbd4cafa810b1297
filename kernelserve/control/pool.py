"""The replicas of one deployment that share one construction of its state.

A pool is born by the revision that constructs it. Revisions that keep or patch the deployment share the pool; one
that replaces it starts a pool of its own. `versions` are the revisions at which the pool's code or options changed:
revision r runs version ``version_for(r)``, and a replica serves r once it has loaded that version.
"""

from __future__ import annotations

from kernelserve.control.options import backpressure, option
from kernelserve.control.replica import Replica
from kernelserve.graph.model import Node
from kernelserve.transport.messages import DeploymentRoute
from kernelserve.types import DeploymentID, Endpoint


class Pool:
    """See the module. `target` is how many live replicas there should be.

    Attributes:
        node: the newest node on record, for options that are not told to replicas.
        pending: replacements that wait for their restart timer.
        newest_only: a replica could not hold two versions, so new ones start with the newest until the old retires.
        retired: no revision uses the pool any more; it ends with its last replica.
        drained: what runs on it has had its time already, and gets no more when it is stopped.
        trouble: why it has (or had) too few replicas, with `trigger` in Ray Serve's words; "" when all is well.
    """

    __slots__ = ("_routes", "born", "deployment", "drained", "newest_only", "node", "pending", "replicas", "retired",
                 "target", "trigger", "trouble", "versions")  # fmt: skip

    def __init__(self, deployment: DeploymentID, born: int, node: Node, target: int) -> None:
        self.deployment = deployment
        self.born = born
        self.node = node
        self.target = target
        self.versions = [born]
        self.replicas: dict[str, Replica] = {}
        self.pending = 0
        self.newest_only = False
        self.retired = False
        self.drained = False
        self.trouble = ""
        self.trigger = "UNSPECIFIED"
        self._routes: dict[int, tuple[Node, DeploymentRoute]] = {}

    @property
    def name(self) -> str:
        """The deployment's name inside its app."""
        return self.deployment.name

    def version_for(self, revision: int) -> int:
        """The version that requests of that revision run."""
        return max(version for version in self.versions if version <= revision)

    def alive(self) -> list[Replica]:
        """Replicas that serve or will: all but those that stop."""
        return [replica for replica in self.replicas.values() if replica.alive]

    def serving(self, revision: int) -> list[Replica]:
        """Replicas that a request of that revision can reach now."""
        version = self.version_for(revision)
        return [replica for replica in self.replicas.values() if replica.routable and version in replica.loaded]

    def changed(self) -> None:
        """Forget the routes made: a replica's state, address or versions changed."""
        self._routes.clear()

    def route(self, revision: int, node: Node) -> DeploymentRoute:
        """What senders need to know to reach the deployment in that revision; cached until `changed`."""
        cached = self._routes.get(revision)
        if cached is not None and cached[0] is node:
            return cached[1]
        route = self._make_route(revision, node)
        self._routes[revision] = (node, route)
        return route

    def _make_route(self, revision: int, node: Node) -> DeploymentRoute:
        limit = int(option(node, "max_ongoing_requests"))
        status, retry_after_s = backpressure(node)
        return DeploymentRoute(
            endpoints=tuple(
                Endpoint(replica.replica_id, replica.address, limit, replica.node_id)
                for replica in self.serving(revision)
            ),
            max_queued_requests=int(option(node, "max_queued_requests")),
            backpressure_status=status,
            retry_after_s=retry_after_s,
            retry_on_replica_failure=bool(option(node, "retry_on_replica_failure")),
        )
