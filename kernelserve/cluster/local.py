"""The `local` system: controller, gateway and replicas as threads of this process, and no Ray."""

from __future__ import annotations

import itertools
import os
from typing import Literal

from kernelserve.cluster.folder import SystemFolder
from kernelserve.config import FrontOptions
from kernelserve.control.machine import Controller
from kernelserve.control.service import ControlService
from kernelserve.control.storage import NoStorage
from kernelserve.gateway.main import GatewayNode
from kernelserve.loops import LoopThread
from kernelserve.placement.local import LocalPlacement
from kernelserve.replica.main import make_replica
from kernelserve.types import new_replica_id

_numbers = itertools.count(1)


class LocalSystem:
    """Starts and ends the threads. Nothing of it outlives `close` or the process."""

    kind: Literal["local", "ray"] = "local"
    persistent = False
    started_here = True

    def __init__(self, front: FrontOptions) -> None:
        self._folder = SystemFolder.create()  # For the logs.
        self.secret = os.urandom(32)
        self.address = f"inproc://controller/{os.getpid()}-{next(_numbers)}"
        self.base_url = ""
        self.grpc_address = ""
        self._front_options = front
        self._control = LoopThread("kernelserve controller")
        self._front = LoopThread("kernelserve gateway")
        self._service: ControlService | None = None
        self._node: GatewayNode | None = None

    def start(self) -> None:
        """Start controller and gateway; returns when the port is open."""
        try:
            self._control.run(self._start_control())
            self._node = GatewayNode(self.address, self.secret, self._front_options, node_id="local")
            self.base_url = self._front.run(self._node.start())
            self.grpc_address = self._node.grpc_address
        except BaseException:
            self.close()
            raise

    def alive(self) -> bool:
        return True

    def gateway_counts(self) -> dict[str, int]:
        assert self._node is not None, "start comes first"
        return self._front.run(self._node.counts(), timeout_s=10.0)

    def leave(self) -> None:
        """The same as `close`: its threads are this process's."""
        self.close()

    def close(self) -> None:
        if self._node is not None:
            self._front.run(self._node.close(), timeout_s=10.0)
        if self._service is not None:
            self._control.run(self._service.close(), timeout_s=30.0)
        self._front.stop()
        self._control.stop()
        self._folder.remove()

    async def _start_control(self) -> None:
        self._service = ControlService(
            Controller(epoch=1, new_id=new_replica_id),
            placement=LocalPlacement(make_replica, self.secret, self._folder.logs),
            secret=self.secret,
            storage=NoStorage(),
            address=self.address,
            logs=self._folder.logs,
        )
        await self._service.start()
