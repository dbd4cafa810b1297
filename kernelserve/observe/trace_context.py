"""W3C trace context: the identity of a trace on its way through processes. Pure, but for random ids.

A *traceparent* is ``00-<trace id>-<span id>-<flags>``: 32, 16 and 2 hexadecimal digits; the lowest bit of the flags
says that the trace is sampled. Each call of a traced request has a span id of its own, which its sender makes.
"""

from __future__ import annotations

import random
import re
from typing import Any, NamedTuple

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_KEY = r"(?:[a-z0-9][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})"
_MEMBER = re.compile(rf"{_KEY}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{{0,255}}[\x21-\x2b\x2d-\x3c\x3e-\x7e]", re.ASCII)
_MAX_MEMBERS = 32
_TO_SPAN = 36  # Characters before the span id.
_FLAGS = slice(53, 55)


class Parent(NamedTuple):
    """What a valid traceparent says."""

    trace_id: str
    span_id: str
    sampled: bool


class Entered(NamedTuple):
    """The trace of a request where it enters.

    Attributes:
        traceparent: for the call that goes on: its span, or that of the client if the trace is not sampled.
        tracestate: of the client, unchanged.
        trace_id, span_id: of the call's span; empty if the trace is not sampled.
        parent_id: span id of the client, "" if the trace begins here.
        exporter: gets the spans at the end (`observe.trace_export.Exporter`), or None.
    """

    traceparent: str
    tracestate: str = ""
    trace_id: str = ""
    span_id: str = ""
    parent_id: str = ""
    exporter: Any = None


def parse_traceparent(text: str) -> Parent | None:
    """The trace that a header names; None for anything that the W3C does not allow.

    Example:
        >>> parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").sampled
        True
        >>> parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")
    """
    found = _TRACEPARENT.fullmatch(text)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    # A later version may add fields, and keeps these.
    if version == "ff" or (version == "00" and more is not None):
        return None
    if not trace_id.strip("0") or not span_id.strip("0"):
        return None
    return Parent(trace_id, span_id, bool(int(flags, 16) & 1))


def checked_tracestate(text: str) -> str:
    """The header's text if it is valid, else "".

    Example:
        >>> checked_tracestate("vendor=a1,other@tenant=b"), checked_tracestate("no")
        ('vendor=a1,other@tenant=b', '')
    """
    members = [member.strip(" \t") for member in text.split(",")]
    members = [member for member in members if member]
    keys = {member.partition("=")[0] for member in members}
    valid = len(keys) == len(members) <= _MAX_MEMBERS and all(map(_MEMBER.fullmatch, members))
    return text if valid else ""


def make_traceparent(trace_id: str, span_id: str, sampled: bool = True) -> str:
    """The header of a span."""
    return f"00-{trace_id}-{span_id}-{'01' if sampled else '00'}"


def hop(traceparent: str) -> tuple[str, str]:
    """A new span id for a call that the span of `traceparent` makes, and the traceparent of that call.

    In a trace that is not sampled no span is made: the id is "", and the traceparent stays.
    """
    if not int(traceparent[_FLAGS], 16) & 1:
        return "", traceparent
    span_id = new_span_id()
    return span_id, f"{traceparent[:_TO_SPAN]}{span_id}-{traceparent[_FLAGS]}"


def new_span_id() -> str:
    """Random, and never zero."""
    return f"{random.getrandbits(64) or 1:016x}"


def new_trace_id() -> str:
    """Random, and never zero."""
    return f"{random.getrandbits(128) or 1:032x}"
