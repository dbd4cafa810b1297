"""Arguments of the magics, parsed with errors that say the nearest valid word."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser
from IPython.utils._process_common import arg_split

from kernelserve.config import did_you_mean
from kernelserve.notebook.errors import CellError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kernelserve.notebook.desk import Desk


@dataclass(frozen=True)
class Command:
    """A subcommand of `%serve`.

    Attributes:
        run: called with what stands after its name.
        parser: of that, where it takes options.
        takes: what can stand as a plain word, for completion: ``app``, ``revision`` or words as in ``on|off``.
    """

    run: Callable[[Desk, str], Any]
    parser: argparse.ArgumentParser | None = None
    takes: tuple[str, ...] = ()

    @property
    def options(self) -> list[str]:
        return options_of(self.parser) if self.parser is not None else []


def new_parser(name: str) -> argparse.ArgumentParser:
    """A parser whose errors `parse` turns into those of the cell."""
    return MagicArgumentParser(name, add_help=False)


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


def one_word(words: Sequence[str], magic: str) -> str:
    """The only word, "" if there is none.

    Raises:
        CellError: there are several.
    """
    if len(words) > 1:
        raise CellError(_too_many(words[1], magic))
    return words[0] if words else ""


def seconds(value: float | None, magic: str) -> float | None:
    """What `--timeout` was given.

    Raises:
        CellError: it is not above 0.
    """
    if value is not None and not value > 0:
        raise CellError(f"{magic}: --timeout is {value:g}. Use seconds, more than 0.")
    return value


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
        return _too_many(words[0], magic)
    name = option.partition("=")[0]
    return f"{magic}: there is no option {name}. {did_you_mean(name, options)} {magic.split()[0]}? shows them all."


def _unquoted(word: str) -> str:
    """IPython's split leaves quotes on; an option's value has none."""
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
    return word[1:-1] if quoted else word


def _too_many(word: str, magic: str) -> str:
    return f"{magic}: {word!r} is one word too many. {magic.split()[0]}? shows what it takes."
