"""What a feed has heard of one app, as its views read it."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from kernelserve.observe.record import RequestRecord
from kernelserve.transport.messages import AppNews
from kernelserve.transport.observed import Point
from kernelserve.widget.frames import request_row
from kernelserve.widget.messages import RequestRow

KEPT_S = 60.0
"""Steps of the history that are kept here; who wants more asks the controller."""
KEPT_ROWS = 300
OVERLAP_S = 2.0
"""Entry points tell of requests a moment after they have ended, each at its own time: polls overlap."""


class Known:
    """One app. Not for several threads: its feed has the lock.

    Attributes:
        view: plain data of `control.views.app_view`, None before the first news.
        points: the latest steps of its history, oldest first.
        gone: it was deleted.
        counted: requests that were heard of, whether or not they are among the rows.
        newest: time of the newest of them.
    """

    def __init__(self) -> None:
        self.view: dict[str, Any] | None = None
        self.points: list[Point] = []
        self.gone = False
        self.counted = 0
        self.newest = 0.0
        self._rows: deque[RequestRow] = deque(maxlen=KEPT_ROWS)
        self._heard: dict[tuple[str, float], None] = {}

    def hear(self, news: AppNews) -> None:
        """Take what the controller tells."""
        if news.view is not None:
            self.gone = not news.view
            self.view = news.view or self.view
        self.add(news.points)

    def add(self, points: Sequence[Point]) -> None:
        """Steps, of which some may be here already."""
        if not points:
            return
        every = {point.time: point for point in itertools.chain(self.points, points)}
        newest = max(every)
        self.points = [every[moment] for moment in sorted(every) if moment > newest - KEPT_S]

    def add_records(self, records: Iterable[RequestRecord]) -> bool:
        """Requests of a poll, oldest first, of which some may have come with the one before; whether any is new."""
        new = [record for record in records if (record.id, record.time) not in self._heard]
        self._heard.update(((record.id, record.time), None) for record in new)
        self._rows.extend(request_row(record) for record in new[-KEPT_ROWS:])
        self.counted += len(new)
        self.newest = max([self.newest, *(record.time for record in new)])
        self._heard = {key: None for key in self._heard if key[1] > self.newest - OVERLAP_S}
        return bool(new)

    @property
    def after(self) -> float:
        """Where the next poll begins."""
        return self.newest - OVERLAP_S if self.newest else time.time() - OVERLAP_S

    def rows(self, counted: int, limit: int) -> tuple[list[RequestRow], int]:
        """Requests since `counted` was so many: the newest of them, and how many are left out."""
        new = self.counted - counted
        rows = list(self._rows)[-min(new, limit) :] if new > 0 else []
        return rows, max(0, new - len(rows))
