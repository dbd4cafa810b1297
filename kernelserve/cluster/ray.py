"""The system on Ray: a controller actor, a gateway actor, and Ray itself if none is there."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from typing import Any, Literal

import ray

from kernelserve.cluster.actors import CONTROLLER_SOCKET, ControllerActor, GatewayActor
from kernelserve.cluster.chatter import deaths_not_printed, quiet
from kernelserve.cluster.folder import SystemFolder
from kernelserve.cluster.reaper import Reaper, find_raylet, kill_children, kill_starting
from kernelserve.config import FrontOptions
from kernelserve.exceptions import PortTakenError, RayServeException
from kernelserve.placement.ray import NAMESPACE

CONTROLLER_NAME = "kernelserve-controller"
GATEWAY_NAME = "kernelserve-gateway"
MIN_LOGICAL_CPUS = 16
"""A Ray that we start on a laptop has room for ordinary graphs of one-CPU replicas."""
START_TIMEOUT_S = 60.0
START_TRIES = 3
"""Ray gives its own processes 30 s, which a busy laptop may need for their imports alone."""


class RaySystem:
    """Connects to the system of a Ray cluster, or starts what is missing: Ray, controller, gateway."""

    kind: Literal["local", "ray"] = "ray"

    def __init__(self, front: FrontOptions, on_progress: Callable[[str], None]) -> None:
        self.secret = b""
        self.address = ""
        self.base_url = ""
        self.grpc_address = ""
        self.persistent = False
        self.started_here = False
        self._front = front
        self._say = on_progress
        self._ray = RayThread()
        self._folder: SystemFolder | None = None
        self._controller: Any = None
        self._gateway: Any = None
        self._cluster = ""

    def start(self) -> None:
        """Start or find the system.

        Raises:
            PortTakenError: a port was asked for and is in use.
        """
        try:
            if not ray.is_initialized():
                self._start_ray()
            self.persistent = not self._ray.owns_cluster
            self._cluster = ray.get_runtime_context().gcs_address
            self._attach()
        except BaseException:
            if self.started_here or self._controller is None:
                self.close()
            else:
                self.leave()
            raise

    def alive(self) -> bool:
        """Whether the system is there, and this process still connected to the Ray that it runs on."""
        # Asked first: any other call into a Ray that was shut down would start a new one.
        if not ray.is_initialized() or ray.get_runtime_context().gcs_address != self._cluster:
            return False
        try:
            found = ray.get_actor(CONTROLLER_NAME, namespace=NAMESPACE)
        except ValueError:
            return False  # Somebody has shut it down.
        return self._controller is not None and bool(found._actor_id == self._controller._actor_id)

    def close(self) -> None:
        """End gateway and controller, and Ray if it was started here."""
        # A Ray of our own takes its actors with it.
        alive = self.alive() and not self._ray.owns_cluster
        for actor in (self._gateway, self._controller):
            if actor is not None and alive:
                with contextlib.suppress(ray.exceptions.RayError, ray.exceptions.GetTimeoutError):
                    ray.get(actor.stop.remote(), timeout=30.0)
                with contextlib.suppress(ray.exceptions.RayError):
                    ray.kill(actor, no_restart=True)
        folder, self._folder = self._folder, None
        self._ray.stop()
        if folder is not None:
            folder.remove()
        self._gateway = self._controller = None

    def gateway_counts(self) -> dict[str, int]:
        counts: dict[str, int] = ray.get(self._gateway.counts.remote(), timeout=30.0)
        return counts

    def leave(self) -> None:
        """Disconnect; actors and apps go on."""
        self._ray.stop()
        if self._folder is not None:
            self._folder.release()
            self._folder = None
        self._gateway = self._controller = None

    def _start_ray(self) -> None:
        if "RAY_ADDRESS" in os.environ:
            self._say("Connecting to Ray…")
            self._ray.start(None)
        else:
            self._say("Starting Ray…")
            # Ray's own files lie in our folder, so that they are swept with it.
            self._folder = SystemFolder.create()
            self._ray.start(str(self._folder.path / "ray"))

    def _attach(self) -> None:
        try:
            self._controller = ray.get_actor(CONTROLLER_NAME, namespace=NAMESPACE)
        except ValueError:
            self._create()
        else:
            info = ray.get(self._controller.info.remote(), timeout=START_TIMEOUT_S)
            self._folder = SystemFolder.join(info["folder"])
            self._gateway = ray.get_actor(GATEWAY_NAME, namespace=NAMESPACE)
        assert self._folder is not None
        self.secret = self._folder.secret
        self.address = self._folder.socket(CONTROLLER_SOCKET)
        self.base_url, self.grpc_address = _get_or_raise(self._gateway.addresses.remote())

    def _create(self) -> None:
        self._say("Starting controller and gateway…")
        self.started_here = True
        if self._folder is None:
            self._folder = SystemFolder.create()
        common = {"namespace": NAMESPACE, "lifetime": "detached", "max_restarts": -1, "num_cpus": 0}
        pinned = {"scheduling_strategy": _this_node()}
        self._controller = (
            ray.remote(ControllerActor).options(name=CONTROLLER_NAME, **common, **pinned).remote(str(self._folder.path))
        )
        self._gateway = (
            ray.remote(GatewayActor)
            .options(name=GATEWAY_NAME, **common, **pinned)
            .remote(str(self._folder.path), self._front)
        )
        _get_or_raise(self._controller.info.remote())


def _this_node() -> Any:
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)


def _get_or_raise(ref: Any) -> Any:
    """The result of an actor's method; an actor that could not start raises what stopped it."""
    try:
        return ray.get(ref, timeout=START_TIMEOUT_S)
    except ray.exceptions.RayActorError as error:
        text = str(error)
        if PortTakenError.__name__ in text:
            line = next(line for line in text.splitlines() if PortTakenError.__name__ in line)
            raise PortTakenError(line.partition(": ")[2]) from None
        raise RayServeException(f"A part of the system did not start: {text}. Look at Ray's logs.") from error
    except ray.exceptions.GetTimeoutError as error:
        raise RayServeException(
            f"The system did not start within {START_TIMEOUT_S:g} s. "
            "Run `ray status` to see whether the cluster is full."
        ) from error


class RayThread:
    """Starts Ray from a thread that lives as long as Ray shall: its processes die with that thread."""

    def __init__(self) -> None:
        self.owns_cluster = False
        self._new_in: str | None = None
        self._files = ""
        self._started = threading.Event()
        self._end = threading.Event()
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._reaper: Reaper | None = None

    def start(self, new_in: str | None) -> None:
        """Start a Ray of our own with its files in `new_in`, or connect to ``RAY_ADDRESS`` with None."""
        self._new_in = new_in
        self.owns_cluster = new_in is not None
        self._thread = threading.Thread(target=self._main, name="kernelserve ray", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._error is not None:
            raise RayServeException(
                f"Ray did not start: {self._error}. Check RAY_ADDRESS and `ray status`."
            ) from self._error

    def stop(self) -> None:
        """Leave Ray, and end it if it was started here."""
        if self._thread is not None:
            self._end.set()
            self._thread.join(30.0)
            self._thread = None
        if self._reaper is not None:
            self._reaper.close()
            self._reaper = None

    def _main(self) -> None:
        with deaths_not_printed():
            try:
                with quiet():
                    self._init()
            except BaseException as error:  # Handed to the thread that waits.
                self._error = error
                return
            finally:
                self._started.set()
            self._end.wait()
            with quiet():
                ray.shutdown()
            if self._files:
                kill_starting(self._files)

    def _init(self) -> None:
        common: dict[str, Any] = {"namespace": NAMESPACE, "log_to_driver": False, "configure_logging": False}
        if not self.owns_cluster:
            ray.init(**common)
            return
        for tries_left in reversed(range(START_TRIES)):
            try:
                files = f"{self._new_in}{tries_left}"
                self._init_new(files, common)
                break
            except Exception as error:  # Ray raises plain Exception when its start takes too long for it.
                if "timed out during startup" not in str(error) or not tries_left:
                    raise
        raylet = find_raylet(os.getpid())
        if raylet is not None:
            self._reaper = Reaper(raylet, files)
        self._files = files

    @staticmethod
    def _init_new(files: str, common: dict[str, Any]) -> None:
        cpus = max(MIN_LOGICAL_CPUS, os.cpu_count() or 1)
        try:
            # Ray has its workers yield to all else (niceness 15): a cell that computes would starve what is served.
            ray.init(
                address="local",
                num_cpus=cpus,
                include_dashboard=False,
                _temp_dir=files,
                _system_config={"worker_niceness": 0},
                **common,
            )
        except Exception:
            ray.shutdown()
            kill_children(os.getpid(), files)  # Ray leaves the half that had started.
            raise
