"""Processes that wait for their replica: Ray takes 0.8 s to start one, which an edit should not have to wait for.

Ray keeps idle processes and gives them to actors, but has no public call that starts one. Its raylet has a method for
it (``PrestartWorkers`` in Ray's ``node_manager.proto``). Where that does not answer, replicas start in processes of
their own, as Ray starts them: nothing but time is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator

import grpc
import ray

_KEEP_S = 3600
"""Ray ends a process that nobody has taken for so long, if it has more of them than CPUs."""
_ANSWER_S = 5.0
_log = logging.getLogger(__name__)


class Spares:
    """Keeps one idle process on each node where replicas have started; for the controller's event loop.

    Args:
        ask: has a node (its id) start an idle process; blocks, and may raise.

    Example::

        with spares.starting() as on_node:
            ...
            on_node("node-id")  # A replica has its process there, and so has taken the spare one.
    """

    def __init__(self, ask: Callable[[str], None] | None = None) -> None:
        self._ask = ask or ask_raylet
        self._starting = 0
        self._without: set[str] = set()
        self._asking: set[asyncio.Task[None]] = set()

    @contextlib.contextmanager
    def starting(self) -> Iterator[Callable[[str], None]]:
        """Around a replica's start, its constructor too: new spare processes do not compete with it for the cores."""
        self._starting += 1
        try:
            yield self._without.add
        finally:
            self._starting -= 1
            if not self._starting:
                self._refill()

    async def close(self) -> None:
        """Ask no more."""
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    def _refill(self) -> None:
        for node_id in self._without:
            task = asyncio.create_task(self._start_one(node_id))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        self._without = set()

    async def _start_one(self, node_id: str) -> None:
        try:
            await asyncio.to_thread(self._ask, node_id)
        except Exception as error:  # It is inside of Ray, and only saves time: replicas start without it.
            _log.info("No process was started ahead on node %s: %r", node_id, error)


def ask_raylet(node_id: str) -> None:
    """Have a node start one idle process that any actor without a `runtime_env` can take.

    Raises:
        grpc.RpcError: the node does not answer, or knows no such call.
        LookupError: there is no such node.
    """
    # Inside Ray, and so imported where it may fail.
    from ray._private.grpc_utils import init_grpc_channel
    from ray.core.generated import common_pb2, node_manager_pb2, node_manager_pb2_grpc, runtime_environment_pb2

    node = next((node for node in ray.nodes() if node["NodeID"] == node_id), None)
    if node is None:
        raise LookupError(f"no node {node_id} in the cluster")
    request = node_manager_pb2.PrestartWorkersRequest(
        language=common_pb2.Language.PYTHON,
        num_workers=1,
        keep_alive_duration_secs=_KEEP_S,
        runtime_env_info=runtime_environment_pb2.RuntimeEnvInfo(serialized_runtime_env="{}"),
    )
    channel: grpc.Channel
    with init_grpc_channel(f"{node['NodeManagerAddress']}:{node['NodeManagerPort']}") as channel:
        node_manager_pb2_grpc.NodeManagerServiceStub(channel).PrestartWorkers(request, timeout=_ANSWER_S)
