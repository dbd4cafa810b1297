"""``batch_wait_timeout_s="auto"``: whether waiting for one more item pays, from what was seen. Pure."""

from __future__ import annotations

_ARRIVAL_WEIGHT = 0.2
"""Share of the newest gap in the mean gap: about the last ten arrivals count."""

_RUN_WEIGHT = 0.1
"""Share of the newest run in the fit: about the last twenty batches count."""


class WaitEstimator:
    """Learns the rate of arrivals and what a batch costs; says how long to wait.

    A batch of n items takes about ``T(n) = fixed + slope * n`` seconds; `fixed` is what an item saves that
    travels with others instead of in a batch of its own. With n items waiting, waiting w seconds
    costs n * w seconds of delay and brings one more item after `gap` seconds (the mean time between arrivals).
    So it pays if ``n * gap < fixed``, and never for longer than ``fixed / n``; see `wait_s`.

    Arrivals are averaged exponentially, the line is fitted by least squares with exponentially
    decaying weights. While all batches seen had one size, the line is not determined: half the run time then counts as
    fixed, which makes it try other sizes and learn.

    Example:
        >>> estimator = WaitEstimator()
        >>> for n in range(1, 5):
        ...     estimator.ran(n, 0.1 + 0.01 * n)
        >>> for tick in range(20):
        ...     estimator.arrived(tick * 0.02)
        >>> round(estimator.fixed_s, 3), round(estimator.gap_s, 3)
        (0.1, 0.02)
        >>> round(estimator.wait_s(1), 3), estimator.wait_s(6)
        (0.1, 0.0)
    """

    __slots__ = ("_last", "_moments", "gap_s")

    def __init__(self) -> None:
        self.gap_s = float("inf")
        self._last: float | None = None
        # Weighted sums of 1, n, T, n·n and n·T.
        self._moments = (0.0, 0.0, 0.0, 0.0, 0.0)

    def arrived(self, now: float) -> None:
        """An item came at time `now`, in seconds."""
        if self._last is not None:
            gap = max(0.0, now - self._last)
            known = self.gap_s != float("inf")
            self.gap_s = self.gap_s + _ARRIVAL_WEIGHT * (gap - self.gap_s) if known else gap
        self._last = now

    def ran(self, size: int, run_s: float) -> None:
        """A batch of `size` items ran for `run_s`."""
        new = (1.0, float(size), run_s, float(size * size), size * run_s)
        self._moments = tuple(  # type: ignore[assignment]  # still five
            (1 - _RUN_WEIGHT) * old + _RUN_WEIGHT * one for old, one in zip(self._moments, new, strict=True)
        )

    @property
    def fixed_s(self) -> float:
        """Seconds of a run that do not depend on the number of items; 0 before the first run."""
        weight, n, run, n_n, n_run = self._moments
        if weight <= 0:
            return 0.0
        mean_n, mean_run = n / weight, run / weight
        variance = n_n / weight - mean_n * mean_n
        if variance <= 1e-3 * mean_n * mean_n:
            return mean_run / 2
        slope = max(0.0, (n_run / weight - mean_n * mean_run) / variance)
        return min(mean_run, max(0.0, mean_run - slope * mean_n))

    def wait_s(self, waiting: int) -> float:
        """How long `waiting` items should wait from now for the next one; 0: run them."""
        return wait_that_pays(waiting, self.gap_s, self.fixed_s)


def wait_that_pays(waiting: int, gap_s: float, fixed_s: float) -> float:
    """Seconds to wait for one more item.

    Args:
        waiting: items that wait already.
        gap_s: expected time to the next arrival.
        fixed_s: what the next item saves by coming along.

    Returns:
        ``fixed_s / waiting`` if the next item is expected earlier than that, else 0. The items together then
        never wait longer than what they can save.

    Example:
        >>> wait_that_pays(2, gap_s=0.01, fixed_s=0.1), wait_that_pays(2, gap_s=0.06, fixed_s=0.1)
        (0.05, 0.0)
    """
    limit = fixed_s / waiting
    return limit if gap_s < limit else 0.0
