"""Random programs and edits: what runs after an edit is what a fresh replica with the kept state would be."""

from __future__ import annotations

from typing import Any

from corpus_direct import Direct
from corpus_programs import EDITS, PROGRAMS, Kernel, init_parts
from hypothesis import event, given, settings

import kernelserve as serve

XS = (0, 1, 4)


class Reference:
    """The same cells in plain Python."""

    def __init__(self, programs: list[dict[str, str]]) -> None:
        kernel = Kernel()
        for program in programs:
            kernel.run(program)
        self._space = kernel.namespace
        self.app = self._space["App"]()

    def answers(self) -> list[list[int]]:
        return [self.app.all(x) for x in XS]

    def state(self) -> tuple[int, int]:
        """What the constructor has built."""
        return self.app.a, self.app.tool.size

    def keep(self, other: Reference) -> None:
        """Take over the state of another one."""
        self.app.__dict__.update({**vars(other.app), "tool": self.app.tool})
        self.app.tool.__dict__.update(vars(other.app.tool))


class Story:
    """An app that is edited, beside its reference."""

    def __init__(self, program: dict[str, str]) -> None:
        self.programs = [program]
        self.kernel, self.direct = Kernel(), Direct()
        self.reference = Reference(self.programs)
        self._prepare()

    def _prepare(self) -> None:
        self.kernel.run(self.programs[-1])
        deployment = serve.deployment(self.kernel.namespace["App"])
        self.direct.prepare(deployment.bind(), self.kernel.sources)

    def edit(self, edit: dict[str, str], number: int) -> None:
        """An edit with a request in flight on either side of its commit."""
        self.direct.call("put", False, number)
        self.reference.app.put(number)
        before, old = self.reference, self.direct.start("walk")
        begun = [next(old)]
        built = Reference(self.programs).state()
        self.programs.append({**self.programs[-1], **edit})
        self._prepare()
        self._is_cheap()
        event(self.direct.decision)
        self._expect(before, built)
        new: Any = iter(())
        if self.direct.decision == "barrier":
            begun += old
            self.direct.retire()
            new = self.direct.start("walk")
            ended = list(new)
        else:
            new = self.direct.start("walk")
            ended = [next(new)]
            begun += [next(old)]
            ended += [next(new)]
            begun += old
            self.direct.retire()
            ended += new
        assert begun == list(before.app.walk()), "the request of the old revision saw only that"
        assert ended == list(self.reference.app.walk()), "the request of the new revision saw only that"
        assert [self.direct.call("all", False, x) for x in XS] == self.reference.answers()

    def _is_cheap(self) -> None:
        """What no constructor reaches is patched."""
        before, after = self.programs[-2:]
        edited = {part for part in after if before[part] != after[part]}
        if not edited & (init_parts(before) | init_parts(after)):
            assert self.direct.decision != "replace", f"{edited}: {self.direct.reason}"

    def _expect(self, before: Reference, built: tuple[int, int]) -> None:
        self.reference = Reference(self.programs)
        if self.direct.decision != "replace":
            assert self.reference.state() == built, (
                f"{self.direct.decision}, but a constructor would build another state"
            )
            self.reference.keep(before)


@settings(max_examples=60)
@given(PROGRAMS, EDITS)
def test_an_edited_app_answers_as_a_fresh_one_with_the_kept_state(program: Any, edits: Any) -> None:
    story = Story(program)
    try:
        assert [story.direct.call("all", False, x) for x in XS] == story.reference.answers()
        for number, edit in enumerate(edits, 1):
            story.edit(edit, number)
    finally:
        story.direct.close()
