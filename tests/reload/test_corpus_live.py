"""The edit corpus on running systems: many cases are the deployments of one app, edited all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from corpus import all_cases
from corpus_case import Case, Notebook, Probe
from system_helpers import actions, get

import kernelserve as serve
from kernelserve.cluster.session import Session

ALONE = [case for case in all_cases() if case.others or "get(" in case.before]
CALLED = [case for case in all_cases() if case not in ALONE]
BUNDLES = [CALLED[n : n + 20] for n in range(0, len(CALLED), 20)]

# A process of its own costs a replica half a second: these are the cases in which it makes a difference what is loaded
# there, what lives there beside the instance, and which process it is. `pytest tests/reload --whole-corpus` runs all.
IN_PROCESSES = {
    "a cell run again",
    "a method",
    "a generator",
    "the constructor",
    "a helper function of another cell",
    "data changed in place",
    "an argument that is an array",
    "a function in a registry",
    "a closure changed in place",
    "an exception class",
    "a method of the base's base",
    "slots",
    "a method of a held helper",
    "both halves of two that know each other",
    "a filled cached property",
    "a finalizer",
    "a global that requests rebind",
    "the cache of a function that stays",
    "an attribute of a helper class changed at run time",
    "a state that __reload__ adapts",
    "a user config and a method",
    "a constant of a batch",
    "the class of loaded models",
    "the forward of a held module",
}

ROOT = """
@serve.deployment
class Root:
    def __init__(self, below):
        self.below = below
"""


class Bundle:
    """Cases as one app, each a deployment below its ingress."""

    def __init__(self, session: Session, name: str, cases: list[Case], folder: Path) -> None:
        self.cases = cases
        self.notebooks = [Notebook(case, folder / str(n)) for n, case in enumerate(cases)]
        self._session, self._name = session, name
        self._space: dict[str, Any] = {"__name__": "__main__", "serve": serve}
        exec(compile(ROOT, "<root>", "exec", dont_inherit=True), self._space)

    def deploy(self) -> dict[str, str]:
        """Deploy all; returns deployment → action."""
        # Ray has too few CPUs for all; none of them needs one.
        below = [notebook.application(ray_actor_options={"num_cpus": 0}) for notebook in self.notebooks]
        sources = {file: text for notebook in self.notebooks for file, text in notebook.sources.items()}
        app = self._space["Root"].bind(below)
        outcome = self._session.deploy(app, name=self._name, route_prefix=f"/{self._name}", sources=sources)
        assert outcome.error == ""
        return actions(outcome)

    def probe(self, number: int) -> Probe:
        """The probe of one case, by a handle of its deployment."""
        handle = serve.get_deployment_handle(self.deployment(number), self._name)

        def call(method: str, streams: bool, *args: Any) -> Any:
            caller = handle.options(stream=streams)
            one = (caller if method == "__call__" else getattr(caller, method)).remote(*args)
            return list(one) if streams else one.result(timeout_s=20)

        return Probe(call, loads=self.notebooks[number].loads)

    @staticmethod
    def deployment(number: int) -> str:
        """What the graph calls it: all are named `App`."""
        return f"App_{number}" if number else "App"


def run(session: Session, name: str, cases: list[Case], folder: Path) -> None:
    """Deploy, probe, edit, deploy, probe."""
    bundle = Bundle(session, name, cases, folder)
    bundle.deploy()
    probes = [bundle.probe(n) for n in range(len(cases))]
    for case, probe in zip(cases, probes, strict=True):
        probe.check(case.before, case.name)
    for notebook in bundle.notebooks:
        notebook.edit()
    done = bundle.deploy()
    assert done["Root"] == "keep"
    seen = {case.name: done[bundle.deployment(n)] for n, case in enumerate(cases)}
    assert seen == {case.name: case.action for case in cases}
    for case, probe, notebook in zip(cases, probes, bundle.notebooks, strict=True):
        probe.check(case.after, case.name)
        assert notebook.loads() in (0, case.loads), case.name
    session.delete(name)


@pytest.mark.whole_corpus
@pytest.mark.parametrize("number", range(len(BUNDLES)))
def test_all_at_once(session: Session, number: int, name: str, tmp_path: Path) -> None:
    run(session, name, BUNDLES[number], tmp_path)


@pytest.mark.parametrize("session", ["ray"], indirect=True)
def test_in_processes(session: Session, name: str, tmp_path: Path) -> None:
    cases = [case for case in CALLED if case.name in IN_PROCESSES]
    assert len(cases) == len(IN_PROCESSES)
    run(session, name, cases, tmp_path)


@pytest.mark.whole_corpus
@pytest.mark.parametrize("case", ALONE, ids=[case.title for case in ALONE])
def test_alone(session: Session, case: Case, name: str, tmp_path: Path) -> None:
    notebook = Notebook(case, tmp_path / "loads")

    def deploy() -> dict[str, str]:
        outcome = session.deploy(notebook.application(), name=name, route_prefix=f"/{name}", sources=notebook.sources)
        assert outcome.error == ""
        return actions(outcome)

    def call(method: str, streams: bool, *args: Any) -> Any:
        return getattr(serve.get_app_handle(name), method).remote(*args).result(timeout_s=20)

    probe = Probe(call, loads=notebook.loads, get=lambda path: get(f"{session.base_url}/{name}{path}"))
    deploy()
    probe.check(case.before)
    notebook.edit()
    assert deploy() == {"App": case.action, **dict(case.others)}
    probe.check(case.after)
    session.delete(name)
