"""Commands of `%serve` on a revision that is tried: shadow, accept, reject, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import Session
from kernelserve.notebook import arguments, deploying, revisions
from kernelserve.notebook.arguments import Command, new_parser
from kernelserve.notebook.desk import Desk, chosen_app
from kernelserve.notebook.errors import CellError
from kernelserve.notebook.rebind import rebound
from kernelserve.transport.messages import Trial

if TYPE_CHECKING:
    import pandas

_SHADOW = new_parser("serve shadow")
_SHADOW.add_argument("app", nargs="?", default="")
_SHADOW.add_argument("--timeout", type=float)
_END = new_parser("serve accept")
_END.add_argument("app", nargs="?", default="")
_END.add_argument("--timeout", type=float)
_COMPARE = new_parser("serve compare")
_COMPARE.add_argument("words", nargs="*")
_COMPARE.add_argument("--last", type=int, default=100)
_COMPARE.add_argument("--tolerance", type=float, default=1e-6)


def shadow(desk: Desk, rest: str) -> None:
    magic = "%serve shadow"
    asked = arguments.parse(_SHADOW, rest, magic)
    session, app = chosen_app(asked.app, "shadow")
    attempt = session.attempts.get(app)
    if attempt is None:
        raise CellError(f"{magic}: {app!r} was not deployed by this notebook. Run its cell: %%serve {app} --shadow")
    made = rebound(attempt.application, desk.shell.user_ns)
    order = deploying.Order(
        app, attempt.route_prefix, timeout_s=arguments.seconds(asked.timeout, magic), trial=Trial(mirror=True)
    )
    with desk.progress(f"Trying {app}") as progress:
        report = deploying.deploy(desk, session, order, made, progress, desk.source(app, made))
        progress.finish(report.shown())


def accept(desk: Desk, rest: str) -> None:
    _end(desk, rest, "accept", "Switching")


def reject(desk: Desk, rest: str) -> None:
    _end(desk, rest, "reject", "Taking back")


def _end(desk: Desk, rest: str, command: str, doing: str) -> None:
    asked = arguments.parse(_END, rest, f"%serve {command}")
    timeout_s = arguments.seconds(asked.timeout, f"%serve {command}")
    session, app = chosen_app(asked.app, command)
    if revisions.on_trial(session.revisions(app)) is None:
        begin = f"%%serve {app} --canary 10, or --shadow"
        raise CellError(f"%serve {command}: no revision of {app!r} is on trial. Begin one by: {begin}")
    with desk.progress(f"{doing} {app}") as progress:
        report = deploying.end_trial(desk, session, app, command == "accept", timeout_s)
        progress.finish(report.shown())


def compare(desk: Desk, rest: str) -> pandas.DataFrame:
    magic = "%serve compare"
    asked = arguments.parse(_COMPARE, rest, magic)
    numbers, words = revisions.split_words(asked.words)
    session, app = chosen_app(arguments.one_word(words, magic), "compare")
    a, b = _pair(session, app, numbers, magic)
    return LiveApp(session, app).compare(a, b, last=asked.last, tolerance=asked.tolerance)


def _pair(session: Session, app: str, numbers: list[int], magic: str) -> tuple[int, int]:
    """The two revisions to compare: as named, else the one that answers and the one on trial."""
    views = session.revisions(app)
    if len(numbers) == 2:
        a, b = (revisions.revision(views, number, app, magic).number for number in numbers)
        return a, b
    live, tried = revisions.current(views), revisions.on_trial(views)
    if numbers or live is None or tried is None:
        raise CellError(
            f"{magic} was given {len(numbers)} revisions. Name two, as in %serve compare r1 r2 {app}; "
            "none are needed while one is on trial."
        )
    return live.number, tried.number


COMMANDS = {
    "shadow": Command(shadow, _SHADOW, takes=("app",)),
    "compare": Command(compare, _COMPARE, takes=("revision", "revision", "app")),
    "accept": Command(accept, _END, takes=("app",)),
    "reject": Command(reject, _END, takes=("app",)),
}
