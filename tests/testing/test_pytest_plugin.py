"""pytest's plugin: the fixture `serve_client`, found by its entry point, at no cost for other tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

TESTS = """
import pytest
import kernelserve as serve
from kernelserve.cluster.session import get_session

@serve.deployment
class Greeter:
    def __init__(self, word="hello"):
        self.word = word
    async def __call__(self, request):
        return f"{self.word} {request.query_params['name']}"

def test_one(serve_client):
    assert serve_client(Greeter.bind()).get("/", params={"name": "Ada"}).text == "hello Ada"

def test_two(serve_client):
    first, second = serve_client(Greeter.bind()), serve_client(Greeter.bind("hi"), name="second")
    assert first.get("/", params={"name": "Ada"}).text == "hello Ada"
    assert second.get("/", params={"name": "Ada"}).text == "hi Ada"
    assert second.live.name == "second"

def test_three():
    assert get_session() is None

def test_four(serve_client):
    serve_client(Greeter.bind())
    pytest.fail("on purpose")

def test_five():
    assert get_session() is None
"""


def test_the_fixture_runs_apps_and_ends_them(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["pytest_kernelserve"]')
    (tmp_path / "test_app.py").write_text(TESTS)
    done = subprocess.run(
        # No plugins by entry point: where the package is installed, its own would come a second time.
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 failed, 4 passed" in done.stdout, done.stdout + done.stderr
    assert "on purpose" in done.stdout


def test_pytest_finds_it_and_its_import_is_light() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"kernelserve": "pytest_kernelserve"}
    code = """
import sys, pytest
before = set(sys.modules)
import pytest_kernelserve
assert set(sys.modules) - before == {"pytest_kernelserve"}, set(sys.modules) - before
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
