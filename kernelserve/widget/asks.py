"""Answers what the front end of a view asks."""

from __future__ import annotations

import concurrent.futures
import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from kernelserve.cluster.app import raise_unless_applied
from kernelserve.cluster.look import EVERY_APP
from kernelserve.cluster.replay import find_record, replay
from kernelserve.cluster.session import Session
from kernelserve.cluster.words import summary
from kernelserve.exceptions import DeployError, RayServeException
from kernelserve.observe.query import check_query
from kernelserve.transport.messages import Deployed, GetLogs, GetRequests
from kernelserve.widget.details import node_details, node_of
from kernelserve.widget.frames import marks, request_row, sampled
from kernelserve.widget.knobs import in_words, options_from, values_before
from kernelserve.widget.messages import (
    Answer,
    Applied,
    Ask,
    AskApply,
    AskHistory,
    AskLogs,
    AskNode,
    AskReplay,
    AskRows,
    AskTrace,
    AskUndo,
    History,
    LogRow,
    Logs,
    NodeDetails,
    Replayed,
    Reply,
    Rows,
    Trace,
)
from kernelserve.widget.requests import replayed, trace_of

log = logging.getLogger("kernelserve.widget")

_HISTORY_S = 900.0
_LOG_LINES = 200
_MOST_ROWS = 500

_REFUSED = (
    RayServeException, ValueError, TypeError, LookupError, OSError, TimeoutError, RuntimeError,
    concurrent.futures.CancelledError,
)  # fmt: skip


class Desk:
    """Answers the asks of one view; each may come on a thread of its own.

    Args:
        app: its name, or `EVERY_APP`.
    """

    def __init__(self, session: Session, app: str) -> None:
        self._session = session
        self._app = app
        self._turning = threading.Lock()
        self._undo: list[tuple[str, dict[str, Any]]] = []

    @property
    def undo_words(self) -> str:
        """What an undo would do; "" if there is nothing to take back."""
        undo = self._undo[-1:]
        return in_words(*undo[0]) if undo else ""

    def answer(self, ask: Ask) -> Reply:
        """The answer, or the error for people: nothing is raised."""
        try:
            return Reply(id=ask.id, answer=self._answer(ask))
        except DeployError as error:  # Its text has the replica's traceback, which is too long for a knob.
            return Reply(id=ask.id, error=error.message)
        except _REFUSED as error:  # The boundary of the view: it shows what a cell would raise.
            return Reply(id=ask.id, error=str(error) or type(error).__name__)
        except Exception as error:  # The same boundary: who asks is always answered, and the kernel's log has the rest.
            log.exception("A live view of app %r asked for %r.", self._app, ask)
            return Reply(id=ask.id, error=f"{type(error).__name__}: {error}. The kernel's log says more.")

    def _answer(self, ask: Ask) -> Answer:
        match ask:
            case AskNode():
                return self._node(ask.node)
            case AskApply():
                return self._apply(ask.node, ask.options)
            case AskUndo():
                return self._take_back()
            case AskLogs():
                return self._logs(ask)
            case AskHistory():
                return self._history()
            case AskRows():
                return self._rows(ask)
            case AskTrace():
                return self._trace(ask.request_id)
            case AskReplay():
                return self._replay(ask.request_id)

    def _node(self, name: str) -> NodeDetails:
        return node_details(self._session.graph(self._app), name, self._session.revisions(self._app))

    def _apply(self, name: str, turned: Mapping[str, Any]) -> Applied:
        with self._turning:
            node = node_of(self._session.graph(self._app), name)
            before = values_before(turned, node["options"], node["batching"])
            outcome = self._update(name, turned)
            if outcome.outcome == "applied":
                self._undo.append((name, before))
            return self._applied(outcome)

    def _take_back(self) -> Applied:
        with self._turning:
            if not self._undo:
                raise ValueError("There is nothing to take back: no knob of this view was turned.")
            name, before = self._undo[-1]
            try:
                outcome = self._update(name, before)
            except (ValueError, TypeError):
                self._undo.pop()  # The code has changed meanwhile, and will not take it back either.
                raise
            self._undo.pop()
            return self._applied(outcome)

    def _update(self, name: str, turned: Mapping[str, Any]) -> Deployed:
        outcome = self._session.update(self._app, {name: options_from(turned)})
        raise_unless_applied(outcome)
        return outcome

    def _applied(self, outcome: Deployed) -> Applied:
        changed = [step for step in outcome.steps if step.action != "keep"]
        said = summary(changed) if changed else "nothing to change"
        return Applied(revision=outcome.revision, summary=said, undo=self.undo_words)

    def _logs(self, ask: AskLogs) -> Logs:
        query = GetLogs(
            app=self._app, deployment=ask.node, request_id=ask.request_id, last=_LOG_LINES, after=ask.after
        )  # fmt: skip
        found = self._session.client.logs(query)
        rows = [
            LogRow(time=line.time, level=line.level, text=line.text, replica=line.replica, request_id=line.request_id)
            for line in found.lines
        ]
        return Logs(lines=rows, cursor=found.cursor, skipped=found.skipped)

    def _history(self) -> History:
        names = [self._app] if self._app != EVERY_APP else sorted(self._session.status().applications)
        after = time.time() - _HISTORY_S
        history = History(points=[], marks=[])
        for name in names:
            history.points += sampled(name, self._session.client.history(name, after))
            history.marks += marks(name, self._session.graph(name)["revisions"], after)
        return history

    def _rows(self, ask: AskRows) -> Rows:
        status, last = ask.status or None, min(ask.last, _MOST_ROWS)
        check_query(last, status, ask.slower_than)
        query = GetRequests(app=self._app, last=last, status=status, slower_than=ask.slower_than, brief=True)
        records, _ = self._session.requests(query)
        return Rows(rows=[request_row(record) for record in records])

    def _trace(self, request_id: str) -> Trace:
        record = find_record(self._session, self._app, request_id)
        return trace_of(record, self._session.base_url, self._session.graph(self._app)["route_prefix"] or "")

    def _replay(self, request_id: str) -> Replayed:
        return replayed(replay(self._session, self._app, request_id))
