"""What is left when a process of ours ends: nothing, at once or within the promised time."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from system_helpers import get, wait_for

from kernelserve.cluster.folder import sweep

SCRIPT = """
import os, sys
import kernelserve as serve
from kernelserve.cluster.session import get_session

@serve.deployment
class Hello:
    def __call__(self):
        return "hello"

if __name__ == "__main__":
    serve.start(placement={placement!r}, http_options={{"port": 0}})
    handle = serve.run(Hello.bind(), name="hello")
    assert handle.remote().result() == "hello"
    folder = getattr(get_session()._system, "_folder", None)
    print("READY", folder.path if folder else "", flush=True)
    sys.stdin.readline()
    {end}
    print("END", flush=True)
"""

KERNEL_GONE_S = 15.0

# Each starts a Ray of its own, some two: half a minute each on a busy machine.
pytestmark = pytest.mark.timeout(300)


class Driver:
    """A script that serves, and all processes that it started."""

    def __init__(self, placement: str, end: str, tmp_path: Path) -> None:
        script = tmp_path / "serving.py"
        script.write_text(SCRIPT.format(placement=placement, end=end))
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("READY"):
                path = line.removeprefix("READY").strip()
                break
        else:
            raise AssertionError(f"the script ended with {self.process.wait()} before it served")
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        self.folder = Path(path) if path else None

    def go_on(self) -> int:
        """Let the script end; returns its exit code."""
        self.process.communicate("go\n", timeout=120)
        return self.process.returncode

    def left(self) -> list[psutil.Process]:
        return [child for child in self.children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        for child in self.left():
            child.kill()


@pytest.fixture(params=["local", "ray"])
def placement(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def drivers() -> Iterator[list[Driver]]:
    started: list[Driver] = []
    yield started
    for driver in started:
        driver.close()


@pytest.mark.parametrize("end", ["serve.shutdown()", "pass"], ids=["shutdown", "clean exit"])
def test_nothing_is_left_after_shutdown_or_a_clean_exit(
    placement: str, end: str, tmp_path: Path, drivers: list[Driver]
) -> None:
    driver = Driver(placement, end, tmp_path)
    drivers.append(driver)
    assert driver.folder is not None and driver.folder.exists()
    assert driver.go_on() == 0
    wait_for(lambda: driver.left() == [], "every process has ended", timeout_s=5.0)
    assert driver.folder is None or not driver.folder.exists()


def test_a_script_without_ray_ends_in_silence(tmp_path: Path) -> None:
    """Its apps end while the interpreter ends, when threads take no work any more."""
    script = tmp_path / "serving.py"
    script.write_text(SCRIPT.format(placement="local", end="pass"))
    done = subprocess.run(
        [sys.executable, str(script)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    assert "END" in done.stdout
    assert "Traceback" not in done.stderr and "never retrieved" not in done.stderr, done.stderr


def test_a_killed_driver_leaves_no_process_and_its_files_are_swept(
    placement: str, tmp_path: Path, drivers: list[Driver]
) -> None:
    driver = Driver(placement, "pass", tmp_path)
    drivers.append(driver)
    driver.process.send_signal(signal.SIGKILL)
    driver.process.wait()
    try:
        wait_for(lambda: driver.left() == [], "every process has ended", timeout_s=KERNEL_GONE_S)
    except AssertionError as error:
        raise AssertionError(f"{error}: {[child.cmdline() for child in driver.left()]}") from None
    sweep()
    assert driver.folder is None or not driver.folder.exists()


RESTARTED = """
import ray
import kernelserve as serve

@serve.deployment
def hello(request):
    return "hello"

serve.start(http_options={"port": 0})
serve.run(hello.bind(), name="hello")
ray.shutdown()
serve.start(http_options={"port": 0})
assert serve.status().applications == {}
serve.run(hello.bind(), name="hello")
assert serve.get_app_handle("hello").remote(None).result(timeout_s=60) == "hello"
ray.shutdown()
print("END")
"""


@pytest.mark.xdist_group("ray")
def test_a_ray_that_the_user_shuts_down_is_noticed(tmp_path: Path) -> None:
    script = tmp_path / "restarted.py"
    script.write_text(RESTARTED)
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=280)
    assert (ended.returncode, ended.stdout) == (0, "END\n"), ended.stderr
    assert ended.stderr == ""


ON_AN_EXISTING_RAY = """
import kernelserve as serve

@serve.deployment
def hello(request):
    return "hello"

serve.start(http_options={"port": 0})
serve.run(hello.bind(), name="stays")
print(serve.app("stays").url)
"""


def test_an_app_of_a_script_on_an_existing_ray_stays(ray_cluster: None, tmp_path: Path) -> None:
    import os

    import ray

    import kernelserve as serve

    script = tmp_path / "staying.py"
    script.write_text(ON_AN_EXISTING_RAY)
    environment = {**os.environ, "RAY_ADDRESS": ray.get_runtime_context().gcs_address}
    ended = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=280)
    assert ended.returncode == 0, ended.stderr
    try:
        assert get(ended.stdout.strip()) == (200, "hello")
        serve.start()
        assert serve.get_app_handle("stays").remote(None).result(timeout_s=30) == "hello"
    finally:
        serve.start()
        serve.shutdown(all=True)
