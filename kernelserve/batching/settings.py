"""What a batched function was asked for, and the checks of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

WaitTimeout = float | Literal["auto"]
SizeFunction = Callable[[list[Any]], int]


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """Parameters of `serve.batch`, checked.

    Attributes:
        max_batch_size: a batch is full at this size.
        batch_wait_timeout_s: how long the first item waits for others, or ``"auto"``.
        max_concurrent_batches: batches that run at once.
        batch_size_fn: the size of a list of items; None: their number.
    """

    max_batch_size: int = 10
    batch_wait_timeout_s: WaitTimeout = 0.01
    max_concurrent_batches: int = 1
    batch_size_fn: SizeFunction | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "max_batch_size", checked_size(self.max_batch_size))
        check_wait(self.batch_wait_timeout_s)
        check_concurrency(self.max_concurrent_batches)
        if self.batch_size_fn is not None and not callable(self.batch_size_fn):
            raise TypeError(
                "batch_size_fn must be a function from a list of items to an int, or None; "
                f"got {type(self.batch_size_fn).__name__}. Pass a callable."
            )


def checked_size(value: Any) -> int:
    """`value` as a max_batch_size; a whole float counts.

    Raises:
        TypeError: not a whole number.
        ValueError: below 1.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"max_batch_size must be an integer >= 1, got {value!r}. Pass a whole number.")
    if value < 1:
        raise ValueError(f"max_batch_size must be an integer >= 1, got {value!r}. Pass 1 to run items one by one.")
    return value


def check_wait(value: Any) -> None:
    """Raise unless `value` is a batch_wait_timeout_s."""
    if value == "auto":
        return
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f'batch_wait_timeout_s must be a float >= 0 or "auto", got {value!r}. Pass seconds.')
    if not 0 <= value < float("inf"):
        raise ValueError(
            f'batch_wait_timeout_s must be a float >= 0 or "auto", got {value!r}. Pass 0 to wait for nobody.'
        )


def check_concurrency(value: Any) -> None:
    """Raise unless `value` is a max_concurrent_batches (TypeError in each case, as in Ray Serve)."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError(f"max_concurrent_batches must be an integer >= 1, got {value!r}. Pass 1 or more.")
