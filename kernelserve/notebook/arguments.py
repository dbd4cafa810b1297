"""Arguments of the magics, parsed with errors that say the nearest valid word."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.utils._process_common import arg_split

from kernelserve.config import did_you_mean
from kernelserve.notebook.errors import CellError

if TYPE_CHECKING:
    from collections.abc import Iterable


def options_of(parser: argparse.ArgumentParser) -> list[str]:
    """The parser's long options, sorted."""
    return sorted(option for action in parser._actions for option in action.option_strings)


def parse(parser: argparse.ArgumentParser, line: str, magic: str) -> argparse.Namespace:
    """Parse a magic's line.

    Args:
        magic: the magic as the user writes it, for messages: ``%%serve``.

    Raises:
        CellError: unknown option, surplus word, or a value of the wrong type.
    """
    try:
        words = [_unquoted(word) for word in arg_split(line)]
        known, surplus = parser.parse_known_args(words)
    except UsageError as error:
        raise CellError(f"{magic} {line.strip()}: {error}. {magic}? shows its options.") from None
    except ValueError as error:
        raise CellError(f"{magic} {line.strip()} cannot be split into words: {error}. Close the quotes.") from None
    if surplus:
        raise CellError(_surplus(surplus, options_of(parser), magic))
    return known


def check_choice(word: str, choices: Iterable[str], magic: str, what: str) -> str:
    """Return `word` if it is one of the choices.

    Raises:
        CellError: it is not; the message has the nearest.
    """
    choices = sorted(choices)
    if word not in choices:
        raise CellError(f"{magic}: there is no {what} {word!r}. {did_you_mean(word, choices)}")
    return word


def _surplus(words: list[str], options: list[str], magic: str) -> str:
    option = next((word for word in words if word.startswith("-")), None)
    if option is None:
        return f"{magic}: {words[0]!r} is one word too many. {magic}? shows what it takes."
    name = option.partition("=")[0]
    return f"{magic}: there is no option {name}. {did_you_mean(name, options)} {magic}? shows them all."


def _unquoted(word: str) -> str:
    """IPython's split leaves quotes on; an option's value has none."""
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
    return word[1:-1] if quoted else word
