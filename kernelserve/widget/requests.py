"""One request for the views: from its record to what its row opens. Pure."""

from __future__ import annotations

import msgspec

from kernelserve.cluster.replay import Replay, why_not_replayed
from kernelserve.exceptions import ProtocolError
from kernelserve.observe.record import Preview, RequestRecord
from kernelserve.observe.spans import decode_spans
from kernelserve.observe.trace import bars
from kernelserve.observe.trace_views import body_view, curl_line, handle_call
from kernelserve.widget.frames import request_row
from kernelserve.widget.messages import Body, Replayed, SpanView, Trace


def trace_of(record: RequestRecord, base_url: str, route: str) -> Trace:
    """Everything that is known of a request.

    Args:
        base_url: of the gateway.
        route: the app's present route prefix, "" for none.
    """
    error = record.error
    return Trace(
        row=request_row(record),
        spans=_spans(record),
        request=_body(record.request),
        answer=_body(record.answer),
        error="" if error is None else f"{error.type}: {error.message}",
        traceback="" if error is None else error.traceback,
        curl=curl_line(record, base_url),
        handle_call=handle_call(record),
        why_not=why_not_replayed(record, route),
        trace_id=record.trace_id,
    )


def replayed(replay: Replay) -> Replayed:
    """The outcome of sending it again."""
    reply = replay.reply
    answer = _body(Preview(reply.content_type, reply.body, len(reply.body)))
    return Replayed(
        status=reply.status, duration=reply.ms / 1000, same=replay.same, answer=answer, request_id=replay.id
    )


def _body(preview: Preview | None) -> Body | None:
    if preview is None:
        return None
    return msgspec.convert(msgspec.to_builtins(body_view(preview)), Body)


def _spans(record: RequestRecord) -> list[SpanView]:
    if not record.spans:
        return []
    try:
        span = decode_spans(record.spans)
    except ProtocolError:  # The rest of the request is of use without them.
        return []
    return [msgspec.convert(msgspec.to_builtins(bar), SpanView) for bar in bars(span)]
