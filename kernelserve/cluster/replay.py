"""Sends requests that are on record again, over HTTP."""

from __future__ import annotations

import http.client
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kernelserve.exceptions import RayServeException, RequestNotFoundError
from kernelserve.gateway.request_head import REVISION_HEADER
from kernelserve.observe.compare import NO_ANSWER, Reply, answer_as_recorded, headers_of, target_of, why_not
from kernelserve.observe.record import REPLAY_PREFIX, REPLAYED_ID_CHARS, RequestRecord
from kernelserve.transport.messages import GetRequests

if TYPE_CHECKING:
    from kernelserve.cluster.session import Session

GRACE_S = 5.0
"""So much longer than the gateway, which gives up at the timeout, a client waits for its word."""
_WITH_BODY = ("PATCH", "POST", "PUT")


@dataclass(frozen=True, slots=True)
class Replay:
    """A request that was sent again; made by `LiveApp.replay`.

    Attributes:
        record: the request as it is on record.
        id: the request id of the second sending.
        reply: what came.
        same: the answer is the one on record: its status, and its JSON or else its bytes.
    """

    record: RequestRecord
    id: str
    reply: Reply
    same: bool

    @property
    def status(self) -> int:
        """HTTP status; 0 if no answer came, and `answer` says why."""
        return self.reply.status

    @property
    def ms(self) -> float:
        """Milliseconds until the answer's last byte."""
        return self.reply.ms

    @property
    def answer(self) -> Any:
        """The answer: a value if it is JSON, text if it is text, else bytes."""
        return self.reply.shown

    def __repr__(self) -> str:
        told = "the same answer" if self.same else f"another answer (it was {self.record.status})"
        status = self.status if self.status != NO_ANSWER else "no answer"
        return f"{self.record.method} {self.record.path} → {status} in {self.ms:.1f} ms, {told}: {self.answer!r}"


def replay(session: Session, app: str, id: str, timeout_s: float = 30.0) -> Replay:
    """Send a request of an app again; see `LiveApp.replay`."""
    if not timeout_s > 0:
        raise ValueError(f"timeout_s is {timeout_s!r}. Give seconds above 0.")
    record = find_record(session, app, id)
    why = why_not_replayed(record, session.graph(app)["route_prefix"] or "")
    if why:
        raise RayServeException(f"Request {id!r} of app {app!r} cannot be sent again: {why}")
    reply = Sender(session.base_url, timeout_s).send(record)
    sent_as = replayed_id(record)
    return Replay(record, sent_as, reply, answer_as_recorded(record, reply, sent_as))


def find_record(session: Session, app: str, id: str) -> RequestRecord:
    """The record of one request, whole.

    Raises:
        RequestNotFoundError: the journal does not have it.
        RayServeException: there is no such app, or it keeps no journal.
    """
    records, missing = session.requests(GetRequests(app=app, id=id, last=None))
    return choose_record(records, app, id, missing)


def choose_record(records: Sequence[RequestRecord], app: str, id: str, missing: Sequence[str] = ()) -> RequestRecord:
    """Of the records of a request and its copies the one with exactly that id, the newest if it was used again.

    Raises:
        RequestNotFoundError: there is none.
    """
    for record in reversed(records):
        if record.id == id:
            return record
    silent = f" ({', '.join(missing)} did not answer, and may have it)" if missing else ""
    raise RequestNotFoundError(
        f"The journal of app {app!r} has no request {id!r}{silent}. It keeps errors, the slowest of each minute and a "
        "sample of the others, as long as there is room. Take an id from live.requests(), and soon after the request."
    )


_WHY_NOT = {
    "made by handles or gRPC": "it was made by a handle or came by gRPC. Call the handle again, or the service.",
    "redacted": "the app's redact function has changed what is on record of it. Send it from its client.",
    "WebSockets": "it is a WebSocket. Connect again from its client.",
    "with a body over 64 KiB": "of its body only the first 64 KiB are on record. Send it from its client.",
    "with a URL over 16 KiB": "of its URL only the beginning is on record. Send it from its client.",
    "to a route that the app does not have": "the app's route prefix is another one. Send it to the new one.",
}


def why_not_replayed(record: RequestRecord, route: str) -> str:
    """Why a request cannot be sent again, as a sentence for people; "" if it can.

    Args:
        route: the app's present route prefix, "" for none.
    """
    why = why_not(record, route)
    return _WHY_NOT[why] if why else ""


def replayed_id(record: RequestRecord, place: int = 0) -> str:
    """The request id of a replay."""
    return f"{REPLAY_PREFIX}{record.id[:REPLAYED_ID_CHARS]}-{'ab'[place]}"


class Sender:
    """Sends recorded requests to the gateway."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        url = urlsplit(base_url)
        self._host, self._port = url.hostname or "", url.port
        self._timeout_s = timeout_s

    def send(self, record: RequestRecord, revision: int = 0, place: int = 0) -> Reply:
        """Send a request and wait for its answer.

        Args:
            revision: that shall answer; 0 is any.
            place: 0, or 1 for the second sending of a pair.
        """
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s + GRACE_S)
        began = time.perf_counter()
        try:
            connection.connect()
            began = time.perf_counter()
            self._send(connection, record, revision, place)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            text = f"No answer: {type(error).__name__}: {error}"
            return Reply(NO_ANSWER, "text/plain", text.encode(), _ms_since(began))
        finally:
            connection.close()
        return Reply(response.status, response.getheader("content-type", ""), body, _ms_since(began))

    def _send(self, connection: http.client.HTTPConnection, record: RequestRecord, revision: int, place: int) -> None:
        assert record.request is not None, "only requests that are on record whole are replayed"
        body = record.request.body
        connection.putrequest(record.method, target_of(record), skip_host=True, skip_accept_encoding=True)
        headers = headers_of(record)
        for name, value in headers:
            connection.putheader(name.decode("latin-1"), value)
        if not any(name == b"host" for name, _ in headers):
            connection.putheader("host", f"{self._host}:{self._port}")
        if revision:
            connection.putheader(REVISION_HEADER, str(revision))
        connection.putheader("x-request-id", replayed_id(record, place))
        connection.putheader("x-request-timeout-seconds", str(self._timeout_s))
        connection.putheader("connection", "close")
        if body or record.method in _WITH_BODY:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body or None)


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000.0
