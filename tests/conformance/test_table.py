"""The table names tests that exist, and covers every section."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
TABLE = Path(__file__).with_name("README.md")
SECTIONS = ("1.2", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "1.14", "1.17")


def rows() -> list[tuple[str, list[str]]]:
    """The first cell of each row, and the tests that it names."""
    found = []
    for line in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and not set(line) <= set("|- ") and cells[0] != "Row":
            found.append((cells[0], re.findall(r"`([\w/]+\.py(?:::\w+)?)`", line)))
    return found


def names_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_row_names_a_test() -> None:
    assert [row for row, named in rows() if not named] == []
    assert len(rows()) > 60


def test_every_test_in_the_table_exists() -> None:
    missing = []
    for _, named in rows():
        for one in named:
            file, _, test = one.partition("::")
            if not (TESTS / file).is_file() or test not in names_of(TESTS / file):
                missing.append(one)
    assert missing == []


def test_every_section_is_there() -> None:
    headings = re.findall(r"^## ([\d.]+) ", TABLE.read_text(), re.MULTILINE)
    assert tuple(headings) == SECTIONS
