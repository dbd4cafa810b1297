"""One subscription per app, however many views show it; a thread draws those that are on the screen.

A feed lives for as long as somebody looks: it begins with the first view that is on the screen, and ends a moment
after the last one is not. In between it hears of the app from the controller, and every view draws itself on the
feed's thread, so that numbers go on moving while a cell is busy.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from kernelserve.cluster import session as sessions
from kernelserve.cluster.look import EVERY_APP
from kernelserve.cluster.session import Session
from kernelserve.exceptions import RayServeException
from kernelserve.transport.messages import AppNews, GetRequests
from kernelserve.widget.known import Known

log = logging.getLogger("kernelserve.widget")

TICK_S = 1.0
"""Without news views are drawn this often: rates fall when nothing happens, and a lost runtime is seen."""
PAUSE_S = 0.25
"""Between two drawings, whatever happens: at most four frames a second a view."""
LINGER_S = 3.0
"""A feed outlives its last look by so much: who scrolls past it does not begin again."""
POLL_S = 0.5
POLLED = 1000

_UNANSWERED = (RayServeException, TimeoutError, RuntimeError, concurrent.futures.CancelledError)
"""What asking the runtime raises where it refuses, is away or is closed."""

_feeds: dict[tuple[Session, str], Feed] = {}
_lock = threading.Lock()


class Screen(Protocol):
    """A view, as its feed sees it."""

    wants_rows: bool
    """It shows requests, which are polled."""

    def draw(self, feed: Feed) -> None:
        """Show what the feed knows; on the feed's thread, at most four times a second."""


def look(session: Session, app: str, screen: Screen, on: bool) -> None:
    """A view of an app is on the screen, or not any more. From any thread.

    Args:
        app: its name; `EVERY_APP` is all of them, those to come among them.
    """
    with _lock:
        feed = _feeds.get((session, app))
        if feed is None:
            if not on:
                return
            feed = _feeds[session, app] = Feed(session, app)
        feed.look(screen, on)


def redraw(session: Session, app: str) -> None:
    """Something that the app's views show beside the app has changed."""
    with _lock:
        feed = _feeds.get((session, app))
    if feed is not None:
        feed.touch()


class Feed:
    """Made by `look`.

    Attributes:
        session: the runtime of the app.
        lost_since: the runtime cannot be reached since then, in Unix time; None if it can.
    """

    def __init__(self, session: Session, app: str) -> None:
        self.session = session
        self.app = app
        self.lost_since: float | None = None
        self._apps: dict[str, Known] = {}
        self._screens: set[Screen] = set()
        self._news = threading.Condition()
        self._touched = True
        self._begun = False
        self._end: Callable[[], None] = _nothing
        self._looked = time.monotonic()
        self._poller: threading.Thread | None = None
        self._thread = threading.Thread(target=self._run, name=f"kernelserve views of {app}", daemon=True)
        self._thread.start()

    def look(self, screen: Screen, on: bool) -> None:
        """Draw this view from now on, or not any more; called with the lock of the feeds."""
        with self._news:
            if on:
                self._screens.add(screen)
            else:
                self._screens.discard(screen)
            self._looked = time.monotonic()
        self.touch()

    def touch(self) -> None:
        """Draw as soon as that may be."""
        with self._news:
            self._touched = True
            self._news.notify_all()

    @contextlib.contextmanager
    def known(self) -> Iterator[dict[str, Known]]:
        """App → what is known of it, under the lock."""
        with self._news:
            yield self._apps

    @property
    def gone(self) -> bool:
        """The app was deleted, or never was; called under the lock."""
        known = self._apps.get(self.app)
        return known is not None and known.gone

    def _run(self) -> None:
        try:
            while self._step():
                time.sleep(PAUSE_S)
        finally:
            self._leave()
            # The client may be closed already, with all that it has heard of.
            with contextlib.suppress(*_UNANSWERED):
                self._end()

    def _leave(self) -> None:
        """Whoever looks from here on has another feed."""
        with _lock:
            if _feeds.get((self.session, self.app)) is self:
                del _feeds[self.session, self.app]

    def _step(self) -> bool:
        """Wait for something to draw, and draw it; False at the end."""
        with self._news:
            self._news.wait_for(lambda: self._touched, TICK_S)
            self._touched = False
        if not self._looked_at():
            return False
        reachable = self._reachable()
        if not reachable:
            self._leave()  # Before the last drawing: who looks after it is told, too.
        with self._news:
            screens, gone = list(self._screens), self.gone
        if not gone:
            self._poll_rows(any(screen.wants_rows for screen in screens))
        for screen in screens:
            self._draw(screen)
        if not self._begun and self.lost_since is None:
            # After the drawing: it may take long, if the controller goes away meanwhile.
            self._begin()
        return reachable

    def _draw(self, screen: Screen) -> None:
        try:
            screen.draw(self)
        except Exception:  # The boundary of a view: the others go on, and it does not fail four times a second.
            log.exception("A live view of app %r could not be drawn and stands still. Run its cell again.", self.app)
            with self._news:
                self._screens.discard(screen)

    def _looked_at(self) -> bool:
        """Whether anybody looks, or did a moment ago; if not, the next one who does gets another feed."""
        with _lock, self._news:
            if self._screens or time.monotonic() - self._looked < LINGER_S:
                return True
            del _feeds[self.session, self.app]
            return False

    def _reachable(self) -> bool:
        """Whether there is hope that the runtime is reached; notes since when it is not."""
        open_ = sessions.get_session() is self.session and self.session.alive
        if open_ and self.session.client.connected:
            self.lost_since = None
        elif self.lost_since is None:
            self.lost_since = time.time()
        return open_

    def _begin(self) -> None:
        """Hear of the app from now on; tried again with the next drawing if the controller goes away meanwhile."""
        with contextlib.suppress(*_UNANSWERED):
            self._end = self.session.client.watch(self.app, self._hear)
            self._begun = True
            self._begin_with_history()

    def _begin_with_history(self) -> None:
        names = [self.app] if self.app != EVERY_APP else list(self.session.status().applications)
        for name in names:
            points = self.session.client.history(name, time.time() - 10.0)
            with self._news:
                self._apps.setdefault(name, Known()).add(points)

    def _hear(self, news: AppNews) -> None:
        """On the client's thread."""
        with self._news:
            self._apps.setdefault(news.app, Known()).hear(news)
        self.touch()

    def _poll_rows(self, wanted: bool) -> None:
        if wanted and (self._poller is None or not self._poller.is_alive()):
            # A thread of its own: while the controller is away the views still say so.
            self._poller = threading.Thread(target=self._poll, name=f"kernelserve requests of {self.app}", daemon=True)
            self._poller.start()

    def _poll(self) -> None:
        while self._reachable():
            with self._news:
                if self.gone or not any(screen.wants_rows for screen in self._screens):
                    return
                known = self._apps.setdefault(self.app, Known())
                after = known.after
            try:
                query = GetRequests(app=self.app, last=POLLED, after=after, brief=True)
                records, _ = self.session.client.requests(query)
            except _UNANSWERED:
                return  # Begun again with the next drawing, if there is hope.
            with self._news:
                new = known.add_records(records)
            if new:
                self.touch()
            time.sleep(POLL_S)


def _nothing() -> None:
    pass
