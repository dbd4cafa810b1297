"""What Ray says on its own account, and what of it is printed."""

from __future__ import annotations

from typing import Any

import ray

from kernelserve.cluster.chatter import deaths_not_printed, without_deaths


def test_only_the_deaths_of_workers_are_left_out() -> None:
    printed: list[Any] = []
    say = without_deaths(lambda data, ignore_prefix: printed.append((data["lines"], data["pid"], ignore_prefix)))
    death = "A worker died or was killed while executing a task by an unexpected system error."
    say({"lines": [death], "pid": "raylet"}, ignore_prefix=False)
    say({"lines": [death, "The node is out of memory."], "pid": "raylet"}, ignore_prefix=False)
    say({"lines": [death], "pid": 17}, ignore_prefix=True)
    assert printed == [(["The node is out of memory."], "raylet", False), ([death], 17, True)]


def test_the_printer_is_ray_s_again_afterwards() -> None:
    plain = ray._private.worker.print_to_stdstream
    with deaths_not_printed():
        assert ray._private.worker.print_to_stdstream is not plain
    assert ray._private.worker.print_to_stdstream is plain
