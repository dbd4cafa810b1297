"""Levels of loggers that are lowered for some of the code of a process, and not for the rest."""

from __future__ import annotations

import logging

LOGGERS = ("", "ray.serve")
"""The root, and the logger that Ray Serve's documentation has users log by: Ray gives it another parent's level."""


class LoweredLevels:
    """Lowers `LOGGERS`, and knows what would pass without that. A level that somebody else sets meanwhile counts."""

    def __init__(self) -> None:
        self._before: dict[logging.Logger, int] = {}
        self._ours = 0

    def lower(self, level: int) -> None:
        """Let records from `level` on pass; lower levels that were set already stay."""
        self.restore()
        # A level that nobody uses tells ours from one that a cell sets.
        self._ours = max(1, level - 1)
        for logger in map(logging.getLogger, LOGGERS):
            if logger.getEffectiveLevel() > level:
                self._before[logger] = logger.level
                logger.setLevel(self._ours)

    def restore(self) -> None:
        """Give the loggers their levels back."""
        for logger, level in self._before.items():
            if logger.level == self._ours:
                logger.setLevel(level)
        self._before = {}

    def passes(self, logger: logging.Logger, level: int) -> bool:
        """Whether a record of that level would have been made without this."""
        one: logging.Logger | None = logger
        while one is not None:
            own = one.level
            if own == self._ours and one in self._before:
                own = self._before[one]
            if own:
                return level >= own
            one = one.parent
        return True
