"""Copies of requests for a revision on trial, whose answers nobody sees (a *shadow*)."""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from kernelserve.exceptions import ProtocolError
from kernelserve.gateway.answers import CLIENT_CLOSED_REQUEST
from kernelserve.gateway.flow import give_credit
from kernelserve.gateway.recording import Recording, error_of
from kernelserve.observe.entry import error_info
from kernelserve.observe.record import BODY_BYTES, SHADOW_SUFFIX, ErrorInfo
from kernelserve.routing.call import Call
from kernelserve.transport.base import FLAG_MORE, FLAG_TRACE, Buffer, FrameKind, chunk_cost
from kernelserve.transport.frames import join_parts, split_parts
from kernelserve.transport.messages import ErrorMeta, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from kernelserve.gateway.exchange import HttpCall
    from kernelserve.gateway.state import GatewayState
    from kernelserve.routing.directory import AppRoutes
    from kernelserve.routing.router import Router

IN_FLIGHT = 64
"""Copies of one app's requests that wait or run at once; one more is dropped."""
TIMEOUT_S = 60.0
"""A copy is given up after this long, or after the timeout of its request if that is shorter."""

_log = logging.getLogger(__name__)
_encode = msgspec.msgpack.Encoder().encode
_decode_request = msgspec.msgpack.Decoder(HttpRequest).decode
_decode_response = msgspec.msgpack.Decoder(HttpResponse).decode
_decode_error = msgspec.msgpack.Decoder(ErrorMeta).decode
# What reading a malformed payload raises.
_UNREADABLE = (ProtocolError, ValueError, IndexError, struct.error, msgspec.MsgspecError)


@dataclass(slots=True)
class MirrorCounts:
    """What became of the requests that a shadow could have had a copy of.

    Attributes:
        sent: copies that were sent.
        dropped: not sent, since as many as may were on their way, or no replica took it.
        skipped: not sent, since it was a WebSocket, or its body was streamed or larger than `BODY_BYTES`.
    """

    sent: int = 0
    dropped: int = 0
    skipped: int = 0


class Mirror:
    """Sends copies of one app's requests to the revision that is tried as a shadow.

    It has a router of its own, so that its copies stand in no queue and hold no channel of real requests.
    """

    def __init__(self, app: AppRoutes, revision: int, router: Router, state: GatewayState) -> None:
        self.app = app
        self.revision = revision
        self.counts = MirrorCounts()
        self.running: set[MirrorCall] = set()
        self.closed = False
        self.router = router
        self.state = state
        self.update()

    def update(self) -> None:
        """The app's routing has changed."""
        route = self.app.route(self.app.ingress, self.revision)
        if route is not None:
            self.router.set_routes({self.revision: route})

    def take(self, call: HttpCall) -> None:
        """Send a copy of a request that is being sent, if it can have one: later, when the request is on its way."""
        if call.flags & FLAG_MORE or call.held > BODY_BYTES:
            self.counts.skipped += 1
        else:
            self.state.loop.call_soon(self._send, call, b"".join(call.parts))

    def _send(self, call: HttpCall, payload: bytes) -> None:
        if self.closed:
            return
        if len(self.running) >= IN_FLIGHT:
            self.counts.dropped += 1
            return
        head, body = split_parts(payload)
        meta = _decode_request(head)
        # The trace is that of the request that is answered.
        meta = msgspec.structs.replace(meta, request_id=meta.request_id + SHADOW_SUFFIX, traceparent="")
        MirrorCall(self, _encode(meta), body, call).start(meta.timeout_s)

    def close(self) -> None:
        """The trial has ended: what runs may end by itself."""
        self.closed = True
        self.router.close(f"Revision r{self.revision} of app {self.app.name!r} is not tried any more.")
        counts = self.counts
        if counts.dropped or counts.skipped:
            _log.warning(
                "The shadow r%d of app %r has had copies of %d requests. %d more were not copied because it was busy, "
                "and %d because their bodies were streamed or over 64 KiB. Give it more replicas if that matters.",
                self.revision, self.app.name, counts.sent, counts.dropped, counts.skipped,
            )  # fmt: skip

    def abort(self) -> None:
        """End what runs too."""
        self.closed = True
        for call in list(self.running):
            call.give_up()
        self.router.close(f"The gateway is closing, and its shadow of app {self.app.name!r} with it.")


class MirrorCall(Call):
    """The copy of one request. Its answer is read to its end, for the journal, and dropped."""

    __slots__ = ("_mirror", "_recording", "_status", "_timer")

    def __init__(self, mirror: Mirror, meta: bytes, body: Buffer, original: HttpCall) -> None:
        super().__init__(FrameKind.HTTP, join_parts((meta, body)), 0, request_id=original.request_id + SHADOW_SUFFIX)
        self.multiplexed_model_id = original.multiplexed_model_id
        self.session_id = original.session_id
        self._mirror = mirror
        self._status = 0
        self._timer: asyncio.TimerHandle | None = None
        self._recording: Recording | None = None
        journal = mirror.state.journals.get(mirror.app.name)
        if journal is not None:
            self._recording = Recording(journal, mirror.app, meta, body, time.monotonic(), shadow=True)
            self.flags |= FLAG_TRACE

    def start(self, timeout_s: float | None) -> None:
        """Hand it to the shadow's replicas."""
        mirror = self._mirror
        self.revision = mirror.app.enter_at(mirror.revision)
        mirror.running.add(self)
        self._timer = mirror.state.loop.call_later(min(timeout_s or TIMEOUT_S, TIMEOUT_S), self.give_up)
        mirror.counts.sent += 1
        mirror.router.submit(self)

    def give_up(self) -> None:
        """Cancel it: it takes too long."""
        running = self._mirror.running
        if self in running:
            self._mirror.router.cancel(self)
            if self in running:  # One that waited in the router has failed by that.
                self._end(CLIENT_CLOSED_REQUEST)

    def on_frame(self, kind: int, flags: int, payload: Buffer) -> None:
        """The answer, or the end of one."""
        if self not in self._mirror.running:
            return
        error: ErrorInfo | None = None
        try:
            whole = not self._status
            parts = split_parts(payload) if whole or flags & FLAG_TRACE or kind != FrameKind.RESULT else []
            if flags & FLAG_TRACE and self._recording is not None:
                self._recording.work = parts.pop()
            if kind != FrameKind.RESULT:
                error = error_of(_decode_error(parts[0]))
                self._status = self._status or 500
            elif whole:
                self._head(parts[0])
                if self._recording is not None:
                    self._recording.body = parts[1]
        except _UNREADABLE as unreadable:
            error = error_info(unreadable)
        self._end(self._status or 500, error)

    def on_stream(self, kind: int, flags: int, payload: Buffer) -> None:
        """The beginning or a piece of the answer; all is taken at once."""
        if self not in self._mirror.running:
            return
        if self._recording is not None:
            self._recording.let_go()
        if kind == FrameKind.START:
            try:
                self._head(bytes(payload))
            except _UNREADABLE as unreadable:
                self._mirror.router.cancel(self)
                self._end(500, error_info(unreadable))
        elif kind == FrameKind.CHUNK:
            if self._recording is not None:
                self._recording.feed(payload)
            give_credit(self, chunk_cost(len(payload)))

    def on_failure(self, error: Exception) -> None:
        """No replica has answered."""
        if self in self._mirror.running:
            if not self.stream:  # It never left, so there is nothing to tell of it.
                self._mirror.counts.sent -= 1
                self._mirror.counts.dropped += 1
                self._recording = None
            self._end(503, error_info(error))

    def _head(self, head: Buffer) -> None:
        self._status = _decode_response(head).status
        if self._recording is not None:
            self._recording.head = head

    def _end(self, status: int, error: ErrorInfo | None = None) -> None:
        mirror = self._mirror
        mirror.running.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        self.parts = ()
        mirror.app.leave(self.revision)
        if self._recording is not None:
            self._recording.end(self, status, error)


class Mirrors:
    """The shadows of a gateway, by app."""

    def __init__(self, state: GatewayState) -> None:
        self.by_app: dict[str, Mirror] = {}
        self._state = state

    def follow(self, app: AppRoutes) -> None:
        """An app's routing was taken: begin, change or end its shadow."""
        trial = app.trial if app.trial is not None and app.trial.mirror else None
        mirror = self.by_app.get(app.name)
        if mirror is not None and (trial is None or trial.revision != mirror.revision):
            del self.by_app[app.name]
            mirror.close()
            mirror = None
        if mirror is not None:
            mirror.update()
        elif trial is not None:
            self.by_app[app.name] = Mirror(app, trial.revision, app.own_router(app.ingress), self._state)

    def take(self, call: HttpCall) -> None:
        """Send a copy of a request that is being sent to its app's shadow, if there is one."""
        mirror = self.by_app.get(call.app.name)
        if mirror is not None:
            mirror.take(call)

    def counts(self) -> dict[str, int]:
        """Copies on their way (`mirroring`), and what became of the requests of the shadows that there are."""
        mirrors = self.by_app.values()
        return {
            "mirroring": sum(len(mirror.running) for mirror in mirrors),
            "mirrored": sum(mirror.counts.sent for mirror in mirrors),
            "mirrors_dropped": sum(mirror.counts.dropped for mirror in mirrors),
            "mirrors_skipped": sum(mirror.counts.skipped for mirror in mirrors),
        }

    def close(self) -> None:
        """The gateway closes."""
        for mirror in self.by_app.values():
            mirror.abort()
        self.by_app.clear()
