"""The `local` system: controller, gateway and replicas as threads of this process, and no Ray."""

from __future__ import annotations

import itertools
import logging
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

log = logging.getLogger("kernelserve")


class LocalSystem:
    """Starts and ends the threads. Nothing of it outlives `close` or the process."""

    kind: Literal["local", "ray"] = "local"
    persistent = False
    started_here = True

    def __init__(self, front: FrontOptions) -> None:
        self._folder = _folder()
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
        if self._folder is not None:
            self._folder.remove()

    async def _start_control(self) -> None:
        logs = self._folder.logs if self._folder is not None else ""
        self._service = ControlService(
            Controller(epoch=1, new_id=new_replica_id),
            placement=LocalPlacement(make_replica, self.secret, logs),
            secret=self.secret,
            storage=NoStorage(),
            address=self.address,
            logs=logs,
        )
        await self._service.start()


def _folder() -> SystemFolder | None:
    """A folder for the logs. All else needs no disk, so it works without one."""
    try:
        return SystemFolder.create()
    except OSError as error:
        log.warning(
            "No logs are kept, as no folder for them can be made: %s. Set TMPDIR to one that is writable.", error
        )
        return None
