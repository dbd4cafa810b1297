"""Fixtures for tests of a running system: both placements by one fixture, and cells as a notebook runs them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from system_helpers import Cells, threads_have_ended

import kernelserve as serve
from kernelserve.cluster.session import Session, ensure_session, get_session

_names = itertools.count(1)


# How quick the machine is today is no property of the code: no deadlines, and no complaint of slow examples.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)  # Before xdist reads the groups.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that use Ray are one group of `--dist loadgroup`: one process has a Ray, the others have none."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        values = callspec.params.values() if callspec is not None else ()
        words = [value for value in values if isinstance(value, str)]
        if "ray" in words or "ray_cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("ray"))


class RaySession:
    """The system on Ray that the tests of `session` share, as long as no other test comes between them."""

    def __init__(self) -> None:
        self._session: Session | None = None

    def get(self) -> Session:
        if self._session is None:
            self._session = ensure_session("ray", http_options={"port": 0})
        return self._session

    def end(self) -> None:
        if self._session is not None:
            self._session = None
            serve.shutdown(all=True)
            assert get_session() is None


_ray_session = RaySession()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that does not use the shared system on Ray finds none: it may want one of its own."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    own = "grpc" in item.path.parts  # Its `session` is another.
    if params.get("session") != "ray" or own:
        _ray_session.end()


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """A Ray of the test process, to which systems attach."""
    from kernelserve.cluster.folder import SystemFolder
    from kernelserve.cluster.ray import RayThread

    folder, thread = SystemFolder.create(), RayThread()
    thread.start(str(folder.path / "ray"))
    yield
    _ray_session.end()
    thread.stop()
    folder.remove()


@pytest.fixture(params=["local", "ray"], scope="module")
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A running system of each placement."""
    if request.param == "ray":
        request.getfixturevalue("ray_cluster")
        yield _ray_session.get()
        for name in serve.status().applications:
            serve.delete(name)
        return
    before = set(threading.enumerate())
    yield ensure_session("local", http_options={"port": 0})
    serve.shutdown(all=True)
    assert get_session() is None
    threads_have_ended(before)


@pytest.fixture
def cells(session: Session) -> Iterator[Cells]:
    """A fresh notebook on the system; its apps are deleted afterwards."""
    yield Cells(session)
    for name in session.status().applications:
        session.delete(name)


@pytest.fixture
def name() -> str:
    """A name that no other test has used for an app."""
    return f"app{next(_names)}"
