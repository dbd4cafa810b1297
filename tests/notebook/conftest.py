"""Fixtures of the notebook tests: kernels of both placements, and a shell in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from notebook_helpers import Served, running_kernel
from shell_helpers import Notebook
from traitlets.config import Config

import kernelserve


@pytest.fixture(scope="package", params=["local", "ray"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A kernel of each placement, for all tests that need one."""
    env = {}
    if request.param == "ray":
        request.getfixturevalue("ray_cluster")
        import ray

        env["RAY_ADDRESS"] = ray.get_runtime_context().gcs_address
    with running_kernel(env) as kernel:
        yield Served(kernel, request.param)
        kernel.good("%serve shutdown --all")


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell with the extension loaded, without a kernel around it."""
    config = Config()
    config.HistoryManager.enabled = False
    made = InteractiveShell(config=config)
    with made.builtin_trap:
        kernelserve.load_ipython_extension(made)
        yield made
        kernelserve.unload_ipython_extension(made)
    made.restore_sys_module_state()


@pytest.fixture
def notebook(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> Iterator[Notebook]:
    """The shell as a notebook on the `local` placement of this process; what it serves ends with the test."""
    made = Notebook(shell, capsys)
    made.good("import kernelserve as serve")
    yield made
    kernelserve.shutdown(all=True)
