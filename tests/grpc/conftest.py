"""A system with the echo service, on each placement."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from grpc_helpers import ADD, Client, compile_service
from system_helpers import threads_have_ended

import kernelserve as serve
from kernelserve.cluster.session import Session, get_session


@pytest.fixture(scope="session")
def generated() -> None:
    compile_service()


@pytest.fixture(params=["local", "ray"], scope="module")
def session(request: pytest.FixtureRequest, generated: None) -> Iterator[Session]:
    """A running system with gRPC, of each placement."""
    if request.param == "ray":
        request.getfixturevalue("ray_cluster")
    before = set(threading.enumerate())
    serve.start(
        placement=request.param,
        http_options={"port": 0},
        grpc_options={"port": 0, "grpc_servicer_functions": [ADD]},
    )
    session = get_session()
    assert session is not None
    yield session
    serve.shutdown(all=True)
    if request.param == "local":
        threads_have_ended(before)


@pytest.fixture
def client(session: Session) -> Iterator[Client]:
    client = Client(session.grpc_address)
    yield client
    client.channel.close()


@pytest.fixture
def deploy(session: Session) -> Iterator[Any]:
    """Deploys a class as an app of its own, without HTTP; the apps are deleted afterwards."""

    def run(deployment: Any, name: str, *args: Any) -> None:
        serve.run(deployment.bind(*args), name=name, route_prefix=None)

    yield run
    for name in session.status().applications:
        session.delete(name)
