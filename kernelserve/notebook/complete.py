"""Tab completion of `%serve` and `%%serve`. Pure: the caller brings the names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol


class Completable(Protocol):
    """A subcommand of `%serve`.

    `takes` has the kind of each plain word: one of `names`, or the words themselves, as in ``on|off``.
    """

    @property
    def options(self) -> Sequence[str]: ...
    @property
    def takes(self) -> Sequence[str]: ...


def completions(
    before: str,
    *,
    commands: Mapping[str, Completable],
    cell_options: Sequence[str],
    valued: Sequence[str],
    names: Mapping[str, Callable[[], list[str]]],
) -> list[str]:
    """Words that can stand where the cursor is.

    Args:
        before: the line up to the cursor.
        commands: the subcommands of `%serve`.
        cell_options: options of `%%serve`.
        valued: options that take a value, which only the user knows.
        names: kind of word → asked for the present ones, where one can stand.

    Example:
        >>> completions("%serve st", commands={}, cell_options=(), valued=(), names={})
        []
    """
    magic, *words = before.split()
    if not before[-1:].isspace():
        words = words[:-1]
    if words and words[-1] in valued:
        return []
    if magic == "%%serve":
        named = [] if _plain(words, valued) else names["app"]()
        return [*named, *(option for option in cell_options if option not in words)]
    if not words:
        return list(commands)
    command = commands.get(words[0])
    if command is None:
        return []
    plain = _plain(words[1:], valued)
    options = [option for option in command.options if option not in words]
    return [*dict.fromkeys(_words(command.takes, plain, names)), *options]


def _words(kinds: Sequence[str], given: Sequence[str], names: Mapping[str, Callable[[], list[str]]]) -> Iterator[str]:
    """What can stand as the next plain word: one of a kind that is still open."""
    for kind in dict.fromkeys(kinds[len(given) :]):
        for word in names[kind]() if kind in names else kind.split("|"):
            if word not in given:
                yield word


def _plain(words: Sequence[str], valued: Sequence[str]) -> list[str]:
    """The words that are neither options nor their values."""
    after_option = {place + 1 for place, word in enumerate(words) if word in valued}
    return [word for place, word in enumerate(words) if place not in after_option and not word.startswith("-")]
