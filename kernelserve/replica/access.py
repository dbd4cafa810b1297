"""The access log of a replica: a line a request, where its `LoggingConfig` asks for one."""

from __future__ import annotations

import contextvars
import logging
import time

import msgspec

from kernelserve import context
from kernelserve.replica.exchange import Answer, Exchange
from kernelserve.transport.base import FrameKind
from kernelserve.transport.messages import ErrorMeta, HttpResponse

log = logging.getLogger("kernelserve.access")

_ERROR = int(FrameKind.ERROR)
_STATUS = {"timeout": 408, "cancelled": 499, "unavailable": 503, "revision_gone": 503}

_decode_response = msgspec.msgpack.Decoder(HttpResponse).decode
_decode_error = msgspec.msgpack.Decoder(ErrorMeta).decode


class AccessLog:
    """Logs requests as they are answered, as lines of the request.

    Args:
        base: the context of the replica's code.
    """

    def __init__(self, base: contextvars.Context) -> None:
        self._base = base

    def __call__(self, exchange: Exchange, answer: Answer) -> None:
        """Log a request whose answer is sent now."""
        self._base.copy().run(_log, exchange, answer)


def _log(exchange: Exchange, answer: Answer) -> None:
    request = exchange.request
    context.current_request.set(request)
    took_ms = (time.monotonic() - exchange.began) * 1000
    if exchange.http:
        route = request.route if request is not None else ""
        log.info("%s %s %s %.1fms", exchange.method or "HTTP", route or "/", _status(exchange, answer), took_ms)
    else:
        log.info("CALL %s %s %.1fms", exchange.method, answer.error or "OK", took_ms)


def _status(exchange: Exchange, answer: Answer) -> int:
    if answer.kind == _ERROR:
        error = _decode_error(answer.parts[0])
        return error.status or _STATUS.get(error.category, 500)
    if exchange.outgoing is not None and exchange.outgoing.started:
        return _decode_response(exchange.outgoing.head).status
    return _decode_response(answer.parts[0]).status
