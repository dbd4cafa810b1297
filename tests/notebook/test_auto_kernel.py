"""Reload on edit in a real kernel: what is shown below the cell, which has not failed whatever came of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from notebook_helpers import Served

APP = """
@serve.deployment
class Follows:
    def __init__(self):
        self.loads = load()

    def __call__(self, request):
        return say()

app = Follows.bind()
"""


@pytest.fixture
def follows(served: Served) -> Iterator[Served]:
    """An app whose functions are of another cell, with reload on edit."""
    served.kernel.good("def load():\n    return 1\n\ndef say():\n    return 'one'")
    served.serve(APP, "follows")
    served.kernel.good("%serve auto on")
    yield served
    served.kernel.good("%serve auto off")
    served.kernel.good("%serve stop follows")


@pytest.mark.parametrize("served", ["local"], indirect=True)
def test_a_line_below_the_cell(follows: Served) -> None:
    ran = follows.kernel.good("def say():\n    return 'two'")
    assert len(ran.outputs) == 1 and re.fullmatch(r"follows: Follows patched in \d+ ms", ran.text), ran.outputs
    assert follows.kernel.value("%serve call follows") == "two"


@pytest.mark.parametrize("served", ["local"], indirect=True)
def test_errors_are_printed_and_interrupts_end_it(follows: Served, tmp_path: Path) -> None:
    ran = follows.kernel.good("def load():\n    return 1 / 0")
    printed = re.sub("\x1b\\[[0-9;]*m", "", ran.printed)
    assert "follows: not reloaded." in printed and "----> 2     return 1 / 0" in printed, printed
    assert f"Cell In[{follows.kernel.number}], line 2, in load" in printed and "\x1b[" in ran.printed
    began = tmp_path / "began"
    follows.kernel.interrupt_when(began)
    slow = f"import pathlib, time\ndef load():\n    pathlib.Path({str(began)!r}).touch()\n    time.sleep(60)"
    ran = follows.kernel.good(slow)
    assert "KeyboardInterrupt: the deploy of 'follows' was given up. Revision" in ran.printed, ran.printed
    assert not follows.kernel.good("x = 1").outputs
    assert follows.kernel.value("%serve call follows") == "one"
