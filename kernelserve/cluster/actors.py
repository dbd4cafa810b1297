"""The Ray actors of a system beside its replicas: the controller and the gateway."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import ray

from kernelserve.cluster.folder import SystemFolder
from kernelserve.config import FrontOptions
from kernelserve.control.machine import Controller
from kernelserve.control.service import ControlService
from kernelserve.control.storage import FolderStorage
from kernelserve.gateway.main import GatewayNode
from kernelserve.loops import LoopThread
from kernelserve.placement.ray import RayPlacement
from kernelserve.types import new_replica_id

REPLICA_ENTRY = "kernelserve.replica.main:make_replica"
CONTROLLER_SOCKET = "control"


class ControllerActor:
    """Runs the controller in a thread of this actor's process; restored from its folder at a restart."""

    def __init__(self, folder: str) -> None:
        self._folder = SystemFolder.join(folder)
        self._thread = LoopThread("kernelserve controller")
        self._service: ControlService | None = None
        self._thread.run(self._start())

    def info(self) -> dict[str, Any]:
        """Where the system is; asked once by each client."""
        return {"folder": str(self._folder.path), "pid": os.getpid()}

    def stop(self) -> None:
        if self._service is not None:
            self._thread.run(self._service.close(), timeout_s=30.0)
        self._thread.stop()
        self._folder.release()

    async def _start(self) -> None:
        folder = self._folder
        storage = FolderStorage(folder.path / "state")
        epoch = _next_epoch(folder.path / "epoch")
        controller, instructions = Controller.restore(storage.read(), epoch, time.time(), new_replica_id)
        self._service = ControlService(
            controller,
            placement=RayPlacement(REPLICA_ENTRY, str(folder.path / "secret"), folder.socket, folder.logs),
            secret=folder.secret,
            storage=storage,
            address=folder.socket(CONTROLLER_SOCKET),
            logs=folder.logs,
        )
        await self._service.start()
        self._service.driver.resume(instructions)


class GatewayActor:
    """Runs one gateway in a thread of this actor's process; at a restart it takes the same ports again."""

    def __init__(self, folder: str, front: FrontOptions) -> None:
        self._folder = SystemFolder.join(folder)
        self._thread = LoopThread("kernelserve gateway")
        http_file, grpc_file = self._folder.path / "port", self._folder.path / "grpc_port"
        if http_file.exists():
            front = replace(front, http=replace(front.http, port=int(http_file.read_text())))
        if grpc_file.exists():
            front = replace(front, grpc=replace(front.grpc, port=int(grpc_file.read_text())))
        self._node = GatewayNode(
            self._folder.socket(CONTROLLER_SOCKET),
            self._folder.secret,
            front,
            node_id=ray.get_runtime_context().get_node_id(),
        )
        self._url = self._thread.run(self._node.start())
        http_file.write_text(port_of(self._url))
        if self._node.grpc_address:
            grpc_file.write_text(port_of(self._node.grpc_address))

    def addresses(self) -> tuple[str, str]:
        """The base URL of HTTP, and ``host:port`` of gRPC ("" without it)."""
        return self._url, self._node.grpc_address

    def pid(self) -> int:
        return os.getpid()

    def counts(self) -> dict[str, int]:
        """See `GatewayNode.counts`."""
        return self._thread.run(self._node.counts())

    def stop(self) -> None:
        self._thread.run(self._node.close(), timeout_s=10.0)
        self._thread.stop()
        self._folder.release()


def port_of(address: str) -> str:
    """The port that an address or base URL ends with."""
    return address.rpartition(":")[2]


def _next_epoch(path: Path) -> int:
    """A number that grows at each start of the controller."""
    epoch = int(path.read_text()) + 1 if path.exists() else 1
    temporary = path.with_suffix(".new")
    temporary.write_text(str(epoch))
    temporary.rename(path)
    return epoch
