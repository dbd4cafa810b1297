"""What the process's session says and refuses; the local placement, no apps."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator

import pytest
from system_helpers import wait_for

import kernelserve as serve
from kernelserve.cluster import session
from kernelserve.cluster.session import get_session, require_session
from kernelserve.exceptions import PortTakenError, RayServeException
from kernelserve.gateway import main


@pytest.fixture(autouse=True)
def shut_down() -> Iterator[None]:
    assert get_session() is None
    yield
    serve.shutdown(all=True)
    assert get_session() is None


def test_nothing_runs_before_the_start() -> None:
    assert serve.status().applications == {}
    serve.shutdown()  # Harmless.
    with pytest.raises(RayServeException, match="not running in this process") as caught:
        require_session()
    assert "serve.start()" in str(caught.value)


def test_another_port_than_the_usual_one_is_said_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        usual = taken.getsockname()[1]
        monkeypatch.setattr(session, "DEFAULT_PORT", usual)
        monkeypatch.setattr(main, "DEFAULT_PORT", usual)
        serve.start(placement="local")
        serve.start(placement="local")
    port = require_session().base_url.rpartition(":")[2]
    assert port != str(usual)
    assert [record.getMessage() for record in caplog.records] == [f"Port {usual} is taken; serving on {port}."]


def test_a_port_that_was_asked_for_is_taken_or_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=str(port)):
            serve.start(placement="local", http_options={"port": port})
    assert get_session() is None


def test_an_open_host_is_said_and_a_closed_one_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    serve.start(placement="local", http_options={"port": 0, "host": "127.0.0.1"})
    assert caplog.records == []
    serve.shutdown()
    with caplog.at_level(logging.WARNING):
        serve.start(placement="local", http_options={"port": 0, "host": "0.0.0.0"})
    (record,) = caplog.records
    for part in ("0.0.0.0", "open to other machines", "no password", "127.0.0.1"):
        assert part in record.getMessage()


def test_a_process_has_one_system() -> None:
    serve.start(placement="local", http_options={"port": 0})
    with pytest.raises(RayServeException, match="'local' system runs in this process, and 'ray' was asked for"):
        serve.start(placement="ray")
    with pytest.raises(ValueError, match="'cloud' is unknown"):
        serve.start(placement="cloud")


def test_a_system_that_another_process_has_shut_down_is_left_at_once(ray_cluster: None) -> None:
    import ray

    from kernelserve.cluster.ray import CONTROLLER_NAME, GATEWAY_NAME
    from kernelserve.placement.ray import NAMESPACE

    before = session.ensure_session("ray", http_options={"port": 0})
    assert before.alive
    for name in (CONTROLLER_NAME, GATEWAY_NAME):
        ray.kill(ray.get_actor(name, namespace=NAMESPACE), no_restart=True)
    wait_for(lambda: not before.alive, "the session notices")
    again = session.ensure_session("ray", http_options={"port": 0})
    assert again is not before
    assert again.alive
