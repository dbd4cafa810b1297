"""``kill -9`` of each kind of process under load, on Ray (threads of the local placement cannot be killed)."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import psutil
import pytest
from system_helpers import Cells, get, wait_for

import kernelserve as serve
from kernelserve.cluster.session import Session, ensure_session

pytestmark = pytest.mark.timeout(300)

APP = """
@serve.deployment(num_replicas=2)
class Worker:
    async def __call__(self, request):
        import os
        return os.getpid()

app = Worker.bind()
"""


@pytest.fixture(scope="module")
def ray_session(ray_cluster: None) -> Iterator[Session]:
    yield ensure_session("ray", http_options={"port": 0})
    serve.shutdown(all=True)


@pytest.fixture
def cells(ray_session: Session) -> Iterator[Cells]:
    yield Cells(ray_session)
    for app in ray_session.status().applications:
        ray_session.delete(app)


class Load:
    """A client that asks again and again; `statuses` are what it got."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: list[tuple[int, object]] = []
        self.refused = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Load:
        self._thread.start()
        wait_for(lambda: self.answers, "a first answer")
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def more(self, count: int = 20) -> None:
        """Wait until some more answers have come."""
        seen = len(self.answers)
        wait_for(lambda: len(self.answers) >= seen + count, f"{count} more answers", timeout_s=40.0)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.answers.append(get(self.url))
            except OSError:
                self.refused += 1
            time.sleep(0.005)


def _pids(name: str) -> set[int]:
    (node,) = serve.app(name).graph()["nodes"]
    return {replica["pid"] for replica in node["replicas"] if replica["state"] == "RUNNING"}


def _actor_pid(name: str) -> int:
    import ray

    actor = ray.get_actor(name, namespace="kernelserve")
    reference = actor.info.remote() if name.endswith("controller") else actor.pid.remote()
    answer = ray.get(reference, timeout=30)
    return int(answer["pid"] if isinstance(answer, dict) else answer)


def test_a_killed_replica_is_replaced_and_no_get_fails(
    cells: Cells, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cells.serve(APP, name)
    before = _pids(name)
    victim = min(before)
    with Load(serve.app(name).url or "") as load:
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: len(_pids(name) - {victim}) == 2, "a new replica", timeout_s=40.0)
        load.more()
    assert {status for status, _ in load.answers} == {200}, "GET is retried on another replica"
    assert victim not in _pids(name)
    status = serve.app(name).status()
    assert status.deployments["Worker"].replica_states == {"RUNNING": 2}
    assert "".join(capsys.readouterr()) == "", "Ray's own words about it would stand in a notebook's cell"


def test_a_killed_replica_fails_only_the_call_that_it_ran(cells: Cells, name: str) -> None:
    cells.serve(
        """
        @serve.deployment
        class Suicidal:
            def die(self):
                import os, signal
                os.kill(os.getpid(), signal.SIGKILL)
            def live(self):
                return "alive"

        app = Suicidal.bind()
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    with pytest.raises(serve.exceptions.ReplicaUnavailableError, match="retry_on_replica_failure"):
        handle.die.remote().result(timeout_s=20)
    assert handle.live.remote().result(timeout_s=60) == "alive"


def test_a_killed_controller_comes_back_and_adopts_the_replicas(cells: Cells, name: str) -> None:
    cells.serve(APP, name)
    before = _pids(name)
    controller = _actor_pid("kernelserve-controller")
    with Load(serve.app(name).url or "") as load:
        os.kill(controller, signal.SIGKILL)
        load.more()
        wait_for(lambda: _pids(name) == before, "the replicas are adopted", timeout_s=60.0)
        assert _actor_pid("kernelserve-controller") != controller
        load.more()
    assert {status for status, _ in load.answers} == {200}
    assert load.refused == 0
    assert serve.app(name).status().status == "RUNNING"
    outcome = cells.serve(APP.replace("os.getpid()", "-os.getpid()"), name)
    assert [step.action for step in outcome.steps] == ["patch"], "an edit works with the new controller"
    assert get(serve.app(name).url or "")[1] in {-pid for pid in before}


def test_a_killed_gateway_is_back_on_the_same_port(cells: Cells, name: str) -> None:
    cells.serve(APP, name)
    url = serve.app(name).url or ""
    assert get(url)[0] == 200
    gateway = _actor_pid("kernelserve-gateway")
    os.kill(gateway, signal.SIGKILL)

    def answers() -> bool:
        try:
            return get(url)[0] == 200
        except OSError:
            return False

    wait_for(answers, "the gateway answers again", timeout_s=60.0)
    assert not psutil.pid_exists(gateway)


def test_resources_that_are_not_there_are_named(cells: Cells, name: str) -> None:
    outcome = cells.serve(
        """
        @serve.deployment(ray_actor_options={"num_gpus": 3})
        class Hungry:
            pass

        app = Hungry.bind()
        """,
        name,
        timeout_s=6.0,
    )
    assert outcome.outcome == "failed"
    assert "3 GPU (0 free of 0)" in outcome.error
    assert serve.status().applications[name].status == "DEPLOY_FAILED"
