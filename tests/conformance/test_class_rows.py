"""What Ray Serve calls on a user's class, and what a handle's members do. On both placements."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from system_helpers import Cells, wait_for

import kernelserve as serve
from kernelserve.exceptions import RequestCancelledError


def test_an_async_constructor_runs_on_the_loop_of_the_methods(cells: Cells, name: str) -> None:
    cells.serve(
        """
        import asyncio

        @serve.deployment
        class Late:
            async def __init__(self, word):
                await asyncio.sleep(0)
                self.word, self.loop = word, asyncio.get_running_loop()
            async def __call__(self):
                return self.word, self.loop is asyncio.get_running_loop()

        app = Late.bind("ready")
        """,
        name,
    )
    assert serve.get_app_handle(name).remote().result(timeout_s=10) == ("ready", True)


def test_plain_methods_run_at_once_as_far_as_the_limit_allows(cells: Cells, name: str) -> None:
    cells.serve(
        """
        import threading

        @serve.deployment(max_ongoing_requests=3)
        class Together:
            def __init__(self):
                self.barrier = threading.Barrier(3)
            def __call__(self):
                self.barrier.wait(20)
                return threading.current_thread().name

        app = Together.bind()
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    names = [response.result(timeout_s=30) for response in [handle.remote() for _ in range(3)]]
    assert len(set(names)) == 3


def test_a_replica_whose_health_check_fails_is_replaced(cells: Cells, name: str) -> None:
    cells.serve(
        """
        @serve.deployment(health_check_period_s=0.1, health_check_timeout_s=5)
        class Ill:
            def __init__(self):
                self.ill = False
            def check_health(self):
                if self.ill:
                    raise RuntimeError("ill")
            def fall_ill(self):
                self.ill = True
            def who(self):
                return serve.get_replica_context().replica_id

        app = Ill.bind()
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    first = handle.who.remote().result(timeout_s=10)
    handle.fall_ill.remote().result(timeout_s=10)
    wait_for(lambda: handle.who.remote().result(timeout_s=30) != first, "another replica answers", timeout_s=60)


def test_a_finalizer_runs_when_the_app_ends(cells: Cells, name: str, tmp_path: Path) -> None:
    cells.run(f"PATH = {str(tmp_path / 'ended')!r}")
    cells.serve(
        """
        @serve.deployment
        class Ends:
            def __call__(self): ...
            def __del__(self):
                open(PATH, "w").close()
        app = Ends.bind()
        """,
        name,
    )
    cells.session.delete(name)
    wait_for((tmp_path / "ended").exists, "__del__ has run")


def test_a_stream_in_flight_ends_before_its_replica_does(cells: Cells, name: str) -> None:
    cells.serve(
        """
        import asyncio

        @serve.deployment(graceful_shutdown_timeout_s=20, graceful_shutdown_wait_loop_s=0.1)
        class Slow:
            async def count(self):
                for number in range(20):
                    yield number
                    await asyncio.sleep(0.05)
        app = Slow.bind()
        """,
        name,
    )
    stream = serve.get_app_handle(name).options(stream=True).count.remote()
    assert next(stream) == 0
    ending = threading.Thread(target=cells.session.delete, args=(name,))
    ending.start()
    assert list(stream) == list(range(1, 20))
    ending.join(30)
    assert not ending.is_alive()


FAILS = """
import os

@serve.deployment(max_constructor_retry_count=LIMIT)
class Fails:
    def __init__(self):
        with open(PATH, "a") as file:
            file.write("x")
        if os.path.getsize(PATH) < ENOUGH:
            raise ERROR("no weights")
    def answer(self):
        return "there"
app = Fails.bind()
"""


@pytest.mark.parametrize(
    ("error", "limit", "enough", "tries", "outcome"),
    [
        ("OSError", 20, 3, 3, "applied"),
        ("OSError", 20, 9, 3, "failed"),
        ("OSError", 1, 9, 1, "failed"),
        ("NameError", 20, 3, 1, "failed"),
    ],
)
def test_a_constructor_that_raises_is_tried_again_and_its_reason_shown(
    cells: Cells, name: str, tmp_path: Path, error: str, limit: int, enough: int, tries: int, outcome: str
) -> None:
    """Three times a replica at most, and once where the code is wrong."""
    path = tmp_path / "tries"
    source = FAILS.replace("LIMIT", str(limit)).replace("ENOUGH", str(enough)).replace("ERROR", error)
    deployed = cells.serve(source.replace("PATH", repr(str(path))), name)
    assert (deployed.outcome, path.read_text()) == (outcome, "x" * tries)
    if outcome == "failed":
        assert deployed.deployment == "Fails"
        assert f'raise {error}("no weights")' in deployed.traceback
        assert (f"start number {tries} to fail" in deployed.error) == (tries > 1)
    else:
        assert serve.get_app_handle(name).answer.remote().result(timeout_s=10) == "there"


RESPONSES = """
import asyncio

@serve.deployment
class Echo:
    async def __call__(self, *args, **kwargs):
        return args, kwargs
    async def wait(self):
        await asyncio.sleep(60)
    async def count(self, n):
        for number in range(n):
            yield number
    async def ask(self, handle):
        return await handle.remote("from inside")

app = Echo.bind()
"""


def test_members_of_responses(cells: Cells, name: str) -> None:
    cells.serve(RESPONSES, name)
    handle = serve.get_app_handle(name)
    assert (handle.deployment_name, handle.app_name) == ("Echo", name)
    assert handle.remote(1, b=2).result(timeout_s=10) == ((1,), {"b": 2})
    assert handle.options(method_name="ask").remote(handle).result(timeout_s=10) == (("from inside",), {})
    waiting = handle.wait.remote()
    with pytest.raises(TimeoutError):
        waiting.result(timeout_s=0.1)
    waiting.cancel()
    with pytest.raises(RequestCancelledError):
        waiting.result(timeout_s=10)
    assert waiting.cancelled()


def test_generators_are_no_values(cells: Cells, name: str) -> None:
    cells.serve(RESPONSES, name)
    handle = serve.get_app_handle(name)
    stream = handle.options(stream=True).count.remote(3)
    with pytest.raises(TypeError):
        stream.result()
    with pytest.raises(TypeError):
        handle.remote(stream).result(timeout_s=10)
    assert list(stream) == [0, 1, 2]


def test_setters_of_a_batch_and_its_errors(cells: Cells, name: str) -> None:
    cells.serve(
        """
        @serve.deployment(max_ongoing_requests=50)
        class Batched:
            @serve.batch(max_batch_size=2, batch_wait_timeout_s=0.01)
            async def run(self, items):
                if "short" in items:
                    return items[1:]
                return [ValueError(item) if item == "bad" else [item, len(items)] for item in items]
            async def __call__(self, item):
                return await self.run(item)
            async def set(self, size, wait, concurrent):
                self.run.set_max_batch_size(size)
                self.run.set_batch_wait_timeout_s(wait)
                self.run.set_max_concurrent_batches(concurrent)

        app = Batched.bind()
        """,
        name,
    )
    handle = serve.get_app_handle(name)
    handle.set.remote(4, 3600, 2).result(timeout_s=10)
    responses = [handle.remote(item) for item in ("a", "bad", "c", "d")]
    with pytest.raises(ValueError, match="bad"):
        responses.pop(1).result(timeout_s=10)
    assert [response.result(timeout_s=10) for response in responses] == [["a", 4], ["c", 4], ["d", 4]]
    handle.set.remote(1, 0, 1).result(timeout_s=10)
    with pytest.raises(serve.exceptions.RayServeException, match="1"):
        handle.remote("short").result(timeout_s=10)
    assert handle.remote("after").result(timeout_s=10) == ["after", 1]
