"""A real kernel, driven cell by cell through nbclient."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
CELL_TIMEOUT_S = 110


@dataclass(frozen=True)
class Ran:
    """What a cell has shown."""

    outputs: list[NotebookNode]

    @property
    def text(self) -> str:
        """The plain text of its results and displays."""
        return "\n".join(out["data"].get("text/plain", "") for out in self.outputs if "data" in out)

    @property
    def html(self) -> str:
        return "\n".join(out["data"].get("text/html", "") for out in self.outputs if "data" in out)

    @property
    def printed(self) -> str:
        """What went to stdout and stderr."""
        return "".join(out["text"] for out in self.outputs if out["output_type"] == "stream")

    @property
    def error(self) -> str:
        """The error output as a reader sees it, "" if there is none."""
        return re.sub("\x1b\\[[0-9;]*m", "", self.coloured_error)

    @property
    def coloured_error(self) -> str:
        found = [out for out in self.outputs if out["output_type"] == "error"]
        return "\n".join(found[0]["traceback"]) if found else ""

    @property
    def error_name(self) -> str:
        return "".join(out["ename"] for out in self.outputs if out["output_type"] == "error")


class Kernel:
    """Runs cells one after the other.

    Attributes:
        number: what stands in the brackets before the last one.
    """

    def __init__(self, client: NotebookClient) -> None:
        self.client = client
        self.number = 0

    def run(self, source: str) -> Ran:
        """Run a cell, whether it fails or not."""
        cell = nbformat.v4.new_code_cell(source)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        self.number = cell.execution_count
        return Ran(cell.outputs)

    def good(self, source: str) -> Ran:
        """Run a cell that must not fail."""
        ran = self.run(source)
        assert not ran.error, ran.error
        return ran

    def bad(self, source: str) -> str:
        """Run a cell that must fail; returns its error as shown."""
        ran = self.run(source)
        assert ran.error, ran.text
        assert "kernelserve/" not in ran.error, f"frames of kernelserve are not the user's:\n{ran.error}"
        return ran.error

    def value(self, expression: str) -> Any:
        """A value of the kernel, by its repr."""
        import ast

        return ast.literal_eval(self.good(expression).text)

    def interrupt_when(self, path: Path, deadline_s: float = 60.0) -> None:
        """Press ■ as soon as the file is there."""

        def wait() -> None:
            deadline = time.monotonic() + deadline_s
            while not path.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            os.kill(self.client.km.provisioner.pid, 2)

        threading.Thread(target=wait, daemon=True).start()


@dataclass(frozen=True)
class Served:
    """A kernel, and the placement that its cells ask for."""

    kernel: Kernel
    placement: str

    def cell(self, body: str, name: str = "search", options: str = "") -> str:
        """The text of a `%%serve` cell."""
        return f"{self.line(name, options)}\n{body.strip()}\n"

    def line(self, name: str = "search", options: str = "") -> str:
        local = "--local" if self.placement == "local" else ""
        return " ".join(f"%%serve {name} {local} {options}".split())

    def serve(self, body: str, name: str = "search", options: str = "") -> Ran:
        return self.kernel.good(self.cell(body, name, options))

    def refused(self, body: str, name: str = "search", options: str = "") -> str:
        return self.kernel.bad(self.cell(body, name, options))


def run_by_nbval(notebook: Path, folder: Path) -> None:
    """Run a notebook whose cells check themselves; it must have no failure and nothing left out.

    Args:
        folder: where it runs.
    """
    # A configuration of its own: that of these tests is not for notebooks.
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(folder / "pytest.ini"), "--nbval-lax", str(notebook)]
    ran = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout and "skipped" not in ran.stdout


@contextlib.contextmanager
def running_kernel(env: dict[str, str] | None = None) -> Iterator[Kernel]:
    """A kernel with the extension loaded; ended at the end."""
    client = NotebookClient(
        nbformat.v4.new_notebook(), timeout=CELL_TIMEOUT_S, kernel_name="python3", allow_errors=True,
        resources={"metadata": {"path": str(ROOT)}},
    )  # fmt: skip
    with client.setup_kernel(env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}):
        kernel = Kernel(client)
        kernel.good("%load_ext kernelserve")
        kernel.good("import kernelserve as serve")
        yield kernel
