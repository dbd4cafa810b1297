"""What processes count and what people are shown of it, as plain values: series, points of history, log lines."""

from __future__ import annotations

import msgspec

Tags = tuple[tuple[str, str], ...]
"""(name, value) pairs, sorted by name."""


class Series(msgspec.Struct, frozen=True, array_like=True):
    """One metric with one set of tags, as its process counts it.

    Attributes:
        name: without the prefix that the exporter puts before it.
        kind: ``counter`` (grows for as long as its process lives), ``gauge`` or ``histogram``.
        value: of a histogram the sum of what was observed.
        counts: of a histogram: observations in each bucket, and over the last bound; not cumulative.
        bounds: of a histogram: the upper bound of each bucket.
    """

    name: str
    kind: str
    tags: Tags = ()
    value: float = 0.0
    counts: tuple[int, ...] = ()
    bounds: tuple[float, ...] = ()
    description: str = ""


class NodePoint(msgspec.Struct, frozen=True, array_like=True):
    """One deployment in one step of an app's history. Counts are of the step, gauges of its end.

    Attributes:
        requests: that its replicas have ended, `errors` among them.
        latency: of these, observations in each bucket of `Point.bounds` (ms), and over the last.
        ongoing: that its replicas work on; `queued`: that wait for one of them in their senders.
        batches: that ran; `batched`: items in them.
        replicas: that serve.
    """

    requests: int = 0
    errors: int = 0
    latency: tuple[int, ...] = ()
    ongoing: int = 0
    queued: int = 0
    batches: int = 0
    batched: int = 0
    replicas: int = 0


class Point(msgspec.Struct, frozen=True, array_like=True):
    """One step of an app's history.

    Attributes:
        time: Unix time of its end; `seconds`: how long it is.
        revision: that was current at its end.
        nodes: deployment → its numbers; one that has none is left out.
        calls: (caller, deployment, calls) of the step; the caller is "" for those that entered from outside.
        entered: requests that entered from outside and have ended, by HTTP, gRPC and handle together;
            `failed` among them; `latency` of them, as in `NodePoint`.
        bounds: upper bounds of the latency buckets, in ms.
    """

    time: float
    seconds: float
    revision: int = 0
    nodes: dict[str, NodePoint] = {}
    calls: list[tuple[str, str, int]] = []
    entered: int = 0
    failed: int = 0
    latency: tuple[int, ...] = ()
    bounds: tuple[float, ...] = ()


class LogLine(msgspec.Struct, frozen=True, array_like=True):
    """One line that a replica has logged or printed.

    Attributes:
        time: Unix time.
        level: of `logging`, such as ``INFO``; ``STDOUT`` and ``STDERR`` for what was printed.
        text: the message; the traceback of a logged exception follows it on lines of its own.
        logger: name of the logger, "" for prints.
    """

    time: float
    level: str
    text: str
    deployment: str = ""
    replica: str = ""
    revision: int = 0
    request_id: str = ""
    logger: str = ""
