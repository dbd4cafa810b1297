"""Commands of `%serve` on revisions: history, diff, rollback."""

from __future__ import annotations

from collections.abc import Sequence

from kernelserve.cluster.session import Session
from kernelserve.notebook import arguments, deploying, revisions
from kernelserve.notebook.arguments import Command, new_parser
from kernelserve.notebook.desk import Desk, chosen_app
from kernelserve.notebook.display import Shown
from kernelserve.notebook.errors import CellError
from kernelserve.transport.messages import RevisionView

_HISTORY = new_parser("serve history")
_HISTORY.add_argument("app", nargs="?", default="")
_DIFF = new_parser("serve diff")
_DIFF.add_argument("words", nargs="*")
_ROLLBACK = new_parser("serve rollback")
_ROLLBACK.add_argument("words", nargs="*")
_ROLLBACK.add_argument("--dry-run", action="store_true")
_ROLLBACK.add_argument("--replace", action="store_true")
_ROLLBACK.add_argument("--timeout", type=float)


def history(desk: Desk, rest: str) -> Shown:
    session, app = chosen_app(arguments.parse(_HISTORY, rest, "%serve history").app, "history")
    return revisions.history_shown(app, session.revisions(app))


def difference(desk: Desk, rest: str) -> Shown:
    magic = "%serve diff"
    numbers, words = revisions.split_words(arguments.parse(_DIFF, rest, magic).words)
    session, app = chosen_app(arguments.one_word(words, magic), "diff")
    views = session.revisions(app)
    if len(numbers) > 2:
        raise CellError(f"{magic} was given {len(numbers)} revisions. Name one or two: %serve diff r1 r2 {app}")
    chosen = [revisions.revision(views, number, app, magic) for number in numbers]
    if len(chosen) < 2:
        chosen.append(_live(views, app, magic))
    old, new = _named(chosen[0]), _named(chosen[-1])
    changes = revisions.option_changes(chosen[0], chosen[-1])
    if not numbers:
        new, changes = ("notebook", _notebook_source(desk, session, app)), []
    title = f"{app}: {old[0]} → {new[0]}"
    return revisions.difference(title, old, new, changes, ansi=not desk.in_kernel)


def rollback(desk: Desk, rest: str) -> None:
    magic = "%serve rollback"
    asked = arguments.parse(_ROLLBACK, rest, magic)
    numbers, words = revisions.split_words(asked.words)
    session, app = chosen_app(arguments.one_word(words, magic), "rollback")
    if len(numbers) != 1:
        raise CellError(f"{magic} was given {len(numbers)} revisions. Name one: %serve rollback r3 {app}")
    target = revisions.revision(session.revisions(app), numbers[0], app, magic)
    order = deploying.Order(app, None, asked.replace, asked.dry_run, arguments.seconds(asked.timeout, magic))
    notes = [] if asked.dry_run else _newer(desk, session, app, target)
    with desk.progress(f"Going back to r{target.number} of {app}") as progress:
        report = deploying.rollback(desk, session, order, target.number, progress, notes)
        progress.finish(report.shown())


def _newer(desk: Desk, session: Session, app: str, target: RevisionView) -> list[str]:
    """What to know where this notebook's cells are not those that run from here on."""
    attempt = session.attempts.get(app)
    if attempt is None or desk.source(app, attempt.application) == target.source:
        return []
    said = f"r{target.number} runs again, and the cells of this notebook are newer than what runs."
    return [f"{said} %serve diff shows how; running the %%serve cell of {app} goes forward again."]


def _named(view: RevisionView) -> tuple[str, str]:
    return f"r{view.number}", view.source


def _live(views: Sequence[RevisionView], app: str, magic: str) -> RevisionView:
    live = revisions.current(views)
    if live is None:
        raise CellError(f"{magic}: no revision of {app!r} answers. Name two: %serve diff r1 r2 {app}")
    return live


def _notebook_source(desk: Desk, session: Session, app: str) -> str:
    attempt = session.attempts.get(app)
    if attempt is None:
        raise CellError(f"%serve diff: {app!r} was not deployed by this notebook. Name revisions: %serve diff r1 r2")
    return desk.source(app, attempt.application)


COMMANDS = {
    "history": Command(history, _HISTORY, takes=("app",)),
    "diff": Command(difference, _DIFF, takes=("revision", "revision", "app")),
    "rollback": Command(rollback, _ROLLBACK, takes=("revision", "app")),
}
