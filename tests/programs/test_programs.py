"""Three programs of Ray Serve's kind, on both placements. `make compat` runs the same checks on Ray Serve."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from checks import CHECKS, Check, Target, cases
from programs import FOLDER, MARKED, load

import kernelserve as serve
from kernelserve.cluster.session import Session


@pytest.fixture(scope="module")
def targets(session: Session) -> Iterator[dict[str, Target]]:
    """The programs of a placement, each deployed by its first check."""
    running: dict[str, Target] = {}
    yield running
    for name in running:
        serve.delete(name)


def deployed(targets: dict[str, Target], program: str) -> Target:
    if program not in targets:
        names = load(program)
        run = partial(serve.run, name=program, route_prefix=f"/{program}")
        handle = run(names["app"])
        targets[program] = Target(str(serve.app(program).url), handle, names, run)
    return targets[program]


@pytest.mark.parametrize(("program", "check"), [pytest.param(p, c, id=f"{p}-{c.__name__}") for p, c in cases()])
def test_program(targets: dict[str, Target], program: str, check: Check) -> None:
    check(deployed(targets, program))


@pytest.mark.parametrize("program", CHECKS)
def test_only_one_line_names_the_toolkit(program: str) -> None:
    text = (FOLDER / f"{program}.py").read_text()
    assert [line for line in text.splitlines() if "kernelserve" in line] == [MARKED]
