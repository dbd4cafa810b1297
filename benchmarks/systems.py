"""The systems that are compared: how each is started, and the environment that Ray Serve needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RAY_VENV = ROOT / "benchmarks" / ".venv-ray"
RAY_REQUIREMENTS = ROOT / "benchmarks" / "requirements-ray.txt"
QUIT_WITHIN_S = 60.0

RAY_EVEN = {"RAY_worker_niceness": "0"}
"""Its workers at the priority of the client and of our replicas; Ray's default is to yield to everything else."""
RAY_TUNED = {
    **RAY_EVEN,
    "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
    "RAY_SERVE_PROXY_USE_GRPC": "1",
    "RAY_SERVE_REPLICA_GRPC_MAX_MESSAGE_LENGTH": str(2**31 - 1),
    "RAY_SERVE_ENABLE_HA_PROXY": "1",
    "RAY_SERVE_HAPROXY_METRICS_ENABLED": "0",
    "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "0",
}
"""Ray Serve's throughput profile with HAProxy in front, and no waiting before a replica is drained."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Edits to measure on one deployment.

    Attributes:
        kinds: what changes: "patch" a method, "update" the `user_config`, "replace" the constructor.
        variant: "plain" is the cell as it is; "surge" has options that make Ray Serve's redeploy gentle.
        replicas: that many, each with the model loaded.
    """

    kinds: tuple[str, ...]
    variant: str = "plain"
    replicas: int = 1

    def metric(self, kind: str) -> str:
        """The name of one kind's numbers."""
        many = f"_{self.replicas}" if self.replicas > 1 else ""
        return f"edit_{kind}{many}" + ("" if self.variant == "plain" else f"_{self.variant}")


OUR_EDITS = (Edits(("patch", "update", "replace")), Edits(("patch", "update"), replicas=8))
RAY_EDITS = (Edits(("patch",)), Edits(("patch",), "surge"), Edits(("patch",), "surge", 8))
"""Ray Serve does the same for every kind of edit. Plain, it renews eight replicas one after the other."""


@dataclass(frozen=True, slots=True)
class System:
    """One column of the table.

    Attributes:
        key: its name in `results.json`.
        title: its name in the table.
        module: the peer module under `benchmarks.peers`.
        apps: what it can serve.
        python: the interpreter that runs it.
        environ: variables set for it.
    """

    key: str
    title: str
    module: str
    apps: tuple[str, ...] = ("noop", "chain", "echo", "embed")
    edits: tuple[Edits, ...] = ()
    python: str = sys.executable
    environ: dict[str, str] = field(default_factory=dict)


RAY_PYTHON = str(RAY_VENV / "bin" / "python")
SYSTEMS = (
    System("kernelserve", "kernelserve", "kernelserve", edits=OUR_EDITS),
    System("ray_default", "Ray Serve", "ray_serve", edits=RAY_EDITS, python=RAY_PYTHON, environ=RAY_EVEN),
    System(
        "ray_tuned",
        "Ray Serve tuned",
        "ray_serve",
        edits=(Edits(("patch",), "surge"),),
        python=RAY_PYTHON,
        environ=RAY_TUNED,
    ),
    System("uvicorn", "bare uvicorn", "bare_uvicorn", apps=("noop",)),
)


def make_ray_environment() -> None:
    """Create Ray Serve's virtual environment, unless a finished one is there."""
    stamp = RAY_VENV / "installed.txt"
    wanted = RAY_REQUIREMENTS.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Installing Ray Serve in an environment of its own (once; about 1.5 GB) …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(RAY_VENV)], check=True)
    subprocess.run([RAY_PYTHON, "-m", "pip", "install", "--quiet", "-r", str(RAY_REQUIREMENTS)], check=True)
    stamp.write_text(wanted)


class Peer:
    """A running system, told what to do over its standard input. Use it with `with`.

    Its own output goes to `log`, which is shown when it fails.
    """

    def __init__(self, system: System, log: Path) -> None:
        self._system = system
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [system.python, "-m", f"benchmarks.peers.{system.module}"],
                cwd=ROOT,
                env=os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"} | system.environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def __enter__(self) -> Peer:
        self._answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()  # the peer ends at the end of its input
        try:
            self._process.wait(QUIT_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def do(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-30:])
            raise RuntimeError(f"{self._system.title} ended without an answer. The end of its output:\n{tail}")
        answer: dict[str, Any] = json.loads(line)
        return answer
