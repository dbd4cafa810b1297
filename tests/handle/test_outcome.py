"""The outcome of a call: set once, seen by threads, callbacks and event loops alike."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from kernelserve.outcome import Outcome


def test_callbacks_are_called_once_before_and_after() -> None:
    outcome: Outcome[int] = Outcome()
    seen: list[Any] = []
    outcome.add_done_callback(lambda one: seen.append(("before", one.result())))
    assert not outcome.done()
    outcome.set_result(3)
    outcome.add_done_callback(lambda one: seen.append(("after", one.result())))
    assert seen == [("before", 3), ("after", 3)]
    assert outcome.exception() is None


def test_threads_wait_for_a_value_or_an_error() -> None:
    outcome: Outcome[int] = Outcome()
    assert not outcome.wait(0)
    assert not outcome.wait(-1)
    seen: list[bool] = []
    threads = [threading.Thread(target=lambda: seen.append(outcome.wait(10))) for _ in range(3)]
    for thread in threads:
        thread.start()
    outcome.set_exception(KeyError("k"))
    for thread in threads:
        thread.join(10)
    assert seen == [True] * 3
    assert outcome.wait()
    with pytest.raises(KeyError):
        outcome.result()
    assert isinstance(outcome.exception(), KeyError)
