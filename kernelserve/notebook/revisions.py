"""The revisions of an app as a notebook shows them: which one is meant, the history, the difference. Pure."""

from __future__ import annotations

import difflib
import html
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

from kernelserve.cluster.words import summary, text_table, took
from kernelserve.notebook.display import Shown, html_table
from kernelserve.notebook.errors import CellError
from kernelserve.transport.messages import RevisionView

_REVISION = re.compile(r"r?(\d+)")
_RUNS = ("applied", "unchanged", "trial")
_STYLES = {"+": "color:#1a7f37", "-": "color:#cf222e", "@": "opacity:.7"}
_ANSI = {"+": "32", "-": "31", "@": "2"}


def split_words(words: Sequence[str]) -> tuple[list[int], list[str]]:
    """Numbers of the revisions among the words (``r3`` or ``3``), and the other words.

    Example:
        >>> split_words(["r3", "search", "5"])
        ([3, 5], ['search'])
    """
    found = [(word, _REVISION.fullmatch(word)) for word in words]
    return [int(match[1]) for _, match in found if match], [word for word, match in found if not match]


def revision(views: Sequence[RevisionView], number: int, app: str, magic: str) -> RevisionView:
    """The revision of that number.

    Raises:
        CellError: it is not on record; the message has those that are.
    """
    for view in views:
        if view.number == number:
            return view
    known = f"r{views[0].number} to r{views[-1].number}" if views else "none"
    raise CellError(f"{magic}: {app!r} has no revision r{number}. On record: {known}. %serve history {app} lists them.")


def current(views: Sequence[RevisionView]) -> RevisionView | None:
    """The one that answers."""
    return next((view for view in views if view.state == "current"), None)


def on_trial(views: Sequence[RevisionView]) -> RevisionView | None:
    """The one that is tried."""
    return next((view for view in views if view.state == "trial"), None)


def history_shown(app: str, views: Sequence[RevisionView]) -> Shown:
    """The table of `%serve history`, newest first."""
    if not views:
        return Shown(f"{app} has no revision on record.")
    head = ["revision", "when", "what", "time", "outcome", "state"]
    rows = [
        [f"r{view.number}", when(view.time), what(view), took(view.duration_s), view.outcome, view.state]
        for view in reversed(views)
    ]
    return Shown(f"{app}\n{text_table(head, rows)}", f"<div><b>{html.escape(app)}</b></div>{html_table(head, rows)}")


def what(view: RevisionView) -> str:
    """What a revision did, in words."""
    parts = [f"back to r{view.of}" if view.of else "", view.error.splitlines()[0] if view.error else ""]
    return ": ".join(part for part in [parts[0], parts[1] or summary(view.steps)] if part)


def when(stamp: float) -> str:
    """Local time, with the date if it is another day's."""
    then = time.localtime(stamp)
    same_day = then[:3] == time.localtime()[:3]
    return time.strftime("%H:%M:%S" if same_day else "%Y-%m-%d %H:%M:%S", then)


def option_changes(old: RevisionView, new: RevisionView) -> list[list[str]]:
    """Rows (deployment, option, before, after) of what differs, the app's route prefix first."""
    rows = []
    if old.route_prefix != new.route_prefix:
        rows.append(["", "route_prefix", repr(old.route_prefix), repr(new.route_prefix)])
    for name in sorted({*old.options, *new.options}):
        before, after = old.options.get(name), new.options.get(name)
        if before is None or after is None:
            rows.append([name, "", *("(not there)" if side is None else "(there)" for side in (before, after))])
            continue
        rows += [
            [name, key, _value(before, key), _value(after, key)]
            for key in sorted({*before, *after})
            if before.get(key) != after.get(key)
        ]
    return rows


def _value(options: dict[str, Any], key: str) -> str:
    return repr(options[key]) if key in options else "default"


def difference(
    title: str, old: tuple[str, str], new: tuple[str, str], changes: list[list[str]], *, ansi: bool = False
) -> Shown:
    """The difference of two revisions: a unified diff of their sources, and the options.

    Args:
        old: name and source.
        changes: as `option_changes` returns them.
        ansi: colour the text form, for a terminal.
    """
    head = ["deployment", "option", old[0], new[0]]
    lines = list(_diff(old, new))
    if not lines and not changes:
        return Shown(f"{title}: no difference in source and options.")
    text = [title, *(_ansi(line) if ansi else line for line in lines)]
    parts = [
        f"<div><b>{html.escape(title)}</b></div>",
        f"<pre>{''.join(map(_html_line, lines))}</pre>" if lines else "",
    ]
    if changes:
        text += ["", text_table(head, changes)]
        parts.append(html_table(head, changes))
    return Shown("\n".join(text), f"<div>{''.join(parts)}</div>")


def _diff(old: tuple[str, str], new: tuple[str, str]) -> Iterator[str]:
    return difflib.unified_diff(old[1].splitlines(), new[1].splitlines(), old[0], new[0], lineterm="")


def _html_line(line: str) -> str:
    style = _STYLES.get(line[:1], "")
    text = html.escape(line) + "\n"
    return f'<span style="{style}">{text}</span>' if style else text


def _ansi(line: str) -> str:
    colour = _ANSI.get(line[:1], "")
    return f"\x1b[{colour}m{line}\x1b[0m" if colour else line
