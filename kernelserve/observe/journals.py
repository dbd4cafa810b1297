"""The journals of one process where requests enter, by app."""

from __future__ import annotations

import logging

from kernelserve.code.store import UnitStore
from kernelserve.observe.journal import Journal, Redact
from kernelserve.observe.query import select
from kernelserve.observe.record import RequestRecord, encode_records
from kernelserve.transport.messages import GetRequests, RequestsFound, Routing
from kernelserve.types import JournalSpec

_log = logging.getLogger(__name__)


class Journals:
    """One journal for each app whose requests are kept. One event loop's; fed by a `routing.Subscription`.

    Attributes:
        by_app: the journals; an app that is not in it keeps none. Look here before anything is built.
    """

    def __init__(self) -> None:
        self.by_app: dict[str, Journal] = {}
        self._specs: dict[str, JournalSpec] = {}

    def follow(self, routing: Routing) -> None:
        """Begin, change or end an app's journal, as its routing says. What was kept stays while it goes on."""
        app, spec = routing.app, routing.journal
        if spec is None:
            self.by_app.pop(app, None)
            self._specs.pop(app, None)
        elif self._specs.get(app) != spec:
            self._specs[app] = spec
            self.by_app.setdefault(app, Journal()).redact = _redact_of(app, spec)

    def find(self, query: GetRequests) -> RequestsFound:
        """The records that fit."""
        journal = self.by_app.get(query.app)
        if journal is None:
            return RequestsFound()
        found = select(journal.records(query.after), query.last, query.status, query.slower_than, query.route, query.id)
        if query.brief:
            found = [record.brief() for record in found]
        return RequestsFound(parts=[encode_records(found)])


def _redact_of(app: str, spec: JournalSpec) -> Redact | None:
    if not spec.redact:
        return None
    store = UnitStore()
    store.add(spec.units)
    try:
        redact: Redact = store.unpack(spec.redact)
    except Exception as error:  # boundary of user code: it may import what this process does not have
        _log.warning(
            "The redact function of app %r cannot be loaded here (%s: %s). Requests are kept without their bodies; "
            "use only what is installed on every node.",
            app,
            type(error).__name__,
            error,
        )
        return _without_bodies
    return redact


def _without_bodies(record: RequestRecord) -> RequestRecord:
    return record.without_bodies()  # The journal sees what is missing, and marks it.
