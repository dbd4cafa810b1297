"""Processes that wait for their replica: asked for when all have started, one a node, and taken by the next replica."""

from __future__ import annotations

import asyncio
import logging

import psutil
import pytest
from system_helpers import Cells, actions, until

import kernelserve as serve
from kernelserve.placement.spares import Spares, ask_raylet


async def test_one_is_asked_for_on_each_node_after_the_last_start() -> None:
    asked: list[str] = []
    spares = Spares(asked.append)
    with spares.starting() as on_node:
        with spares.starting() as on_another:
            on_another("a")
        await asyncio.sleep(0.01)
        assert asked == [], "another replica is starting"
        on_node("a")
        on_node("b")
    await until(lambda: sorted(asked) == ["a", "b"], "one on each node")
    with spares.starting():
        pass  # Given up before it had a process.
    await spares.close()
    assert sorted(asked) == ["a", "b"]


async def test_a_constructor_that_raises_has_taken_one_too() -> None:
    asked: list[str] = []
    spares = Spares(asked.append)
    with pytest.raises(ZeroDivisionError), spares.starting() as on_node:
        on_node("a")
        raise ZeroDivisionError
    await until(lambda: asked == ["a"], "asked")
    await spares.close()


async def test_a_node_that_cannot_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(node_id: str) -> None:
        raise LookupError("no such call")

    spares = Spares(refuse)
    with caplog.at_level(logging.INFO, "kernelserve.placement.spares"):
        with spares.starting() as on_node:
            on_node("a")
        await until(lambda: "no such call" in caplog.text, "said in the log")
    await spares.close()


@pytest.mark.parametrize("session", ["ray"], indirect=True)
async def test_the_next_replica_takes_it(cells: Cells, name: str) -> None:
    source = """
    @serve.deployment
    class Which:
        def __init__(self):
            self.number = NUMBER
        async def pid(self):
            import os
            return os.getpid()
    app = Which.bind()
    """
    others = _waiting()  # Of controllers that were here before.
    cells.serve(source.replace("NUMBER", "1"), name)
    for number in ("2", "3"):
        await until(lambda: _waiting() - others, "a process waits")
        waiting = _waiting()
        assert actions(cells.serve(source.replace("NUMBER", number), name)) == {"Which": "replace"}
        assert serve.get_app_handle(name).pid.remote().result() in waiting


@pytest.mark.parametrize("session", ["ray"], indirect=True)
def test_an_unknown_node_is_named(cells: Cells) -> None:
    with pytest.raises(LookupError, match="no node deadbeef"):
        ask_raylet("deadbeef")


def _waiting() -> set[int]:
    """Pids of the processes of Ray that nobody has taken."""
    idle = set()
    for process in psutil.process_iter(["cmdline"]):
        if (process.info["cmdline"] or [""])[0].startswith("ray::IDLE"):
            idle.add(process.pid)
    return idle
