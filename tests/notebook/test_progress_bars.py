"""How a deploy under way looks: bars in a notebook, lines in a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from kernelserve.cli.progress import Lines
from kernelserve.notebook.bars import bar_of, bars_html
from kernelserve.transport.messages import StepView


@pytest.mark.parametrize(
    ("stage", "duration", "part", "said"),
    [
        ("starting (0 of 4 replicas ready)", None, None, "starting (0 of 4 replicas ready)"),
        ("starting (3 of 4 replicas ready, loading)", None, 0.75, "starting (3 of 4 replicas ready, loading)"),
        ("", None, None, "replace"),
        ("ready", 2.0, 1.0, "ready"),
        ("", 2.0, 1.0, "replaced"),
    ],
)
def test_what_a_bar_shows(stage: str, duration: float | None, part: float | None, said: str) -> None:
    bar = bar_of(StepView(deployment="Llm", action="replace", stage=stage, duration_s=duration), 1.5)
    assert (bar.part, bar.stage, bar.time) == (part, said, "1.5 s" if duration is None else "2.0 s")


def test_bars_are_read_aloud_and_names_are_text() -> None:
    steps = [
        StepView(deployment='<b>"Llm"', action="add", stage="starting (1 of 4 replicas ready)"),
        StepView(deployment="Index", action="add", stage="<i>loading"),
    ]
    html = bars_html("Serving <shop>", [bar_of(step, 1.0) for step in steps])
    assert "<b>" not in html and "<i>" not in html and "<shop>" not in html
    assert html.count('role="progressbar"') == 2 and html.count('aria-valuenow="25"') == 1 == html.count(
        "aria-valuenow"
    )
    assert 'aria-valuetext="starting (1 of 4 replicas ready), 1.0 s"' in html
    assert "animation" not in html and "<style" not in html


def test_a_terminal_has_a_line_a_deployment_and_another_file_nothing() -> None:
    steps = [
        StepView(deployment="Llm", action="add", stage="starting (1 of 4 replicas ready)"),
        StepView(deployment="Index", action="keep", stage="preparing (1 of 1 replicas ready)"),
    ]
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    with Lines(terminal) as lines:
        for step in steps:
            lines.step(step)
        shown = terminal.file.getvalue() + _text(lines)  # type: ignore[attr-defined]
    assert "Llm" in shown and "starting (1 of 4 replicas ready)" in shown and "Index" not in shown
    file = io.StringIO()
    with Lines(Console(file=file)) as lines:
        lines.step(steps[0])
    assert file.getvalue() == ""


def _text(lines: Lines) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(lines)
    return console.file.getvalue()  # type: ignore[attr-defined]
