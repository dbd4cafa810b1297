"""Tab completion of `%serve` and `%%serve`. Pure: the caller brings the names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

TAKES_APP = ("call", "explain", "stop")


def completions(
    before: str,
    *,
    commands: Mapping[str, Sequence[str]],
    cell_options: Sequence[str],
    valued: Sequence[str],
    apps: Callable[[], list[str]],
) -> list[str]:
    """Words that can stand where the cursor is.

    Args:
        before: the line up to the cursor.
        commands: subcommand of `%serve` → its options.
        cell_options: options of `%%serve`.
        valued: options that take a value, which only the user knows.
        apps: asked for the names of the running apps, where one can stand.

    Example:
        >>> completions("%serve st", commands={"start": (), "stop": ()}, cell_options=(), valued=(), apps=list)
        ['start', 'stop']
    """
    magic, *words = before.split()
    if not before[-1:].isspace():
        words = words[:-1]
    if words and words[-1] in valued:
        return []
    if magic == "%%serve":
        named = any(not word.startswith("-") for word in _without_values(words, valued))
        return [*([] if named else apps()), *(option for option in cell_options if option not in words)]
    if not words:
        return list(commands)
    options = [option for option in commands.get(words[0], ()) if option not in words]
    wants_app = words[0] in TAKES_APP and len(words) == 1
    return [*(apps() if wants_app else []), *options]


def _without_values(words: Sequence[str], valued: Sequence[str]) -> list[str]:
    return [word for place, word in enumerate(words) if place == 0 or words[place - 1] not in valued]
