"""The edit corpus, without a system: decision, answers, state and loads of each case."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import all_cases
from corpus_case import Case
from corpus_direct import run_direct

# Where several deployments talk to each other, there must be a system.
CASES = [case for case in all_cases() if not case.others]


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_an_edit(case: Case, tmp_path: Path) -> None:
    run_direct(case, tmp_path)


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 120
