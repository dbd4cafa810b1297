"""Python and the front end of the views speak the same messages."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kernelserve.widget import messages
from kernelserve.widget.typescript import typescript

MADE = Path(__file__).parents[2] / "widgets" / "src" / "messages.ts"


def test_the_front_end_has_the_messages_of_python() -> None:
    assert MADE.read_text() == typescript(), "Run: python -m kernelserve.widget.typescript > widgets/src/messages.ts"


@pytest.mark.parametrize(
    "line",
    [
        '  kind: "graph";',
        "  nodes: NodeView[];",
        "  lost_since: number | null;",
        "  status: number | string;",
        "  options: Record<string, unknown>;",
        "  slower_than?: number | null;",
        "  answer: Answer | null;",
        "export type Frame = GraphFrame | DashboardFrame | RequestsFrame;",
    ],
)
def test_how_types_are_written(line: str) -> None:
    assert line in typescript().splitlines()


def test_what_the_front_end_sends_is_decoded() -> None:
    decoded = msgspec.convert({"kind": "rows", "id": 3, "slower_than": 0.5}, messages.FromFront)
    assert decoded == messages.AskRows(id=3, slower_than=0.5)
