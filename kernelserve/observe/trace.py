"""One request as its user looks at it: a waterfall of its spans, and what came in and went out."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from kernelserve.observe.record import RequestRecord, is_error
from kernelserve.observe.spans import Span
from kernelserve.observe.table import show, spans_of

WIDTH = 40
"""Characters of the longest bar in text."""
SHOWN_CHARS = 2000
"""Bodies and tracebacks are cut here in what is printed; `RequestTrace.answer` has them whole."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One span as a bar of a waterfall; seconds, and `start` is after the request's.

    Attributes:
        depth: how deep it is below the first; `queue`, `run`, `batch_wait` and the rest as in `spans.Span`.
    """

    deployment: str
    method: str
    depth: int
    start: float
    duration: float
    queue: float
    run: float
    batch_wait: float
    batch_size: int
    attempts: int
    replica: str = ""
    error: str = ""


def bars(span: Span, depth: int = 0, start: float = 0.0) -> Iterator[Bar]:
    """The bars of a waterfall, callers first.

    A span says when its calls were made after its own work began, and that lies in another process: between the call
    and the beginning of the work are the queue and, of what is left beside the work, half.
    """
    yield Bar(
        deployment=span.deployment,
        method=span.method,
        depth=depth,
        start=start,
        duration=span.duration_s,
        queue=span.queue_s,
        run=span.run_s,
        batch_wait=span.batch_wait_s,
        batch_size=span.batch_size,
        attempts=span.attempts,
        replica=span.replica_id,
        error=span.error,
    )
    began = start + work_began(span)
    for child in span.children:
        yield from bars(child, depth + 1, began + child.start_s)


def work_began(span: Span) -> float:
    """Seconds after the call at which the work began, estimated."""
    return span.queue_s + max(0.0, span.duration_s - span.queue_s - span.run_s) / 2


class RequestTrace:
    """What is known of one request; made by `LiveApp.trace`. Shows itself as a waterfall.

    Attributes:
        record: as the journal keeps it.
        span: the tree of its spans, or None.

    Example:
        >>> trace = live.trace("6f1c9a2e-1f")                # doctest: +SKIP
        >>> trace.span.children[0].batch_size                # doctest: +SKIP
        8
    """

    def __init__(self, record: RequestRecord) -> None:
        self.record = record
        self.span = spans_of(record)

    @property
    def id(self) -> str:
        """Its request id."""
        return self.record.id

    @property
    def request(self) -> Any:
        """The body that came in: a value if it is JSON, text if it is text, else bytes; None without one."""
        return show(self.record.request)

    @property
    def answer(self) -> Any:
        """The body that went out, as `request`."""
        return show(self.record.answer)

    @property
    def error(self) -> str | None:
        """Type and message of what it ended with, or None."""
        error = self.record.error
        return None if error is None else f"{error.type}: {error.message}"

    @property
    def traceback(self) -> str | None:
        """The replica's traceback, or None."""
        return self.record.error.traceback or None if self.record.error is not None else None

    @property
    def bars(self) -> list[Bar]:
        """The bars of its waterfall, callers first."""
        return [] if self.span is None else list(bars(self.span))

    def __repr__(self) -> str:
        lines = [_title(self.record), *_text_bars(self.bars, self.record.duration_s)]
        lines += [f"{name}: {_short(value)}" for name, value in self._parts()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        error = is_error(self.record.status) or self.record.error is not None
        colour = _RED if error else _BLUE
        rows = "".join(_html_row(bar, self.record.duration_s, colour) for bar in self.bars)
        parts = "".join(
            f'<details><summary>{name}</summary><pre style="margin:4px 0;white-space:pre-wrap">'
            f"{html.escape(_short(value))}</pre></details>"
            for name, value in self._parts()
        )
        return (
            f'<div style="font:13px/1.5 var(--jp-ui-font-family, sans-serif);color:{_TEXT};max-width:900px">'
            f"<div><b>{html.escape(_title(self.record))}</b></div>"
            f'<table style="width:100%;border-collapse:collapse;font-size:12px">{rows}</table>{parts}</div>'
        )

    def _parts(self) -> Iterator[tuple[str, Any]]:
        parts = {"request": self.request, "answer": self.answer, "error": self.error, "traceback": self.traceback}
        yield from ((name, value) for name, value in parts.items() if value is not None)


_TEXT = "var(--jp-ui-font-color1, #212121)"
_LIGHT = "var(--jp-layout-color2, #eee)"
_BLUE = "var(--jp-brand-color1, #1976d2)"
_RED = "var(--jp-error-color1, #d32f2f)"


def _title(record: RequestRecord) -> str:
    what = f"{record.method} {record.path}" if record.route or not isinstance(record.status, str) else _call(record)
    return f"{what} → {record.status} in {_ms(record.duration_s)} (r{record.revision}, {record.id})"


def _call(record: RequestRecord) -> str:
    return record.path if record.path.startswith("/") else f"{record.path}.{record.method}"


def _text_bars(shown: Sequence[Bar], total: float) -> Iterator[str]:
    names = [f"{'  ' * bar.depth}{bar.deployment}.{bar.method or '?'}" for bar in shown]
    width = max(map(len, names), default=0)
    for bar, name in zip(shown, names, strict=True):
        left, size = (round(part * WIDTH) for part in _place(bar, total))
        line = f"{' ' * min(left, WIDTH - 1)}{'█' * max(1, size)}"
        yield f"{name:<{width}}  {line:<{WIDTH}}  {_ms(bar.duration)}{''.join(f', {note}' for note in notes(bar))}"


def notes(bar: Bar) -> list[str]:
    """What is worth saying of a bar, in words."""
    told = []
    if bar.queue >= 0.00005:
        told.append(f"queued {_ms(bar.queue)}")
    if bar.batch_size:
        told.append(f"batch of {bar.batch_size}, waited {_ms(bar.batch_wait)}")
    if bar.attempts > 1:
        told.append(f"{bar.attempts} attempts")
    if bar.error:
        told.append(bar.error)
    return told


def _html_row(bar: Bar, total: float, colour: str) -> str:
    left, size = _place(bar, total)
    queue = min(1.0, bar.queue / bar.duration) if bar.duration > 0 else 0.0
    name = html.escape(f"{bar.deployment}.{bar.method or '?'}")
    told = html.escape(", ".join([_ms(bar.duration), *notes(bar)]))
    fill = _RED if bar.error else colour
    # The part of the queue is lighter; what a bar says is also written beside it.
    return (
        f'<tr><td style="padding:1px 8px 1px {bar.depth * 14}px;text-align:left;white-space:nowrap">{name}</td>'
        f'<td style="width:45%;padding:1px 0"><div style="background:{_LIGHT};height:12px"><div style="margin-left:'
        f"{left:.2%};width:{max(size, 0.004):.2%};height:12px;background:linear-gradient(90deg,transparent "
        f'{queue:.1%},{fill} {queue:.1%});outline:1px solid {fill};outline-offset:-1px"></div></div></td>'
        f'<td style="padding:1px 8px;text-align:left">{told}</td></tr>'
    )


def _place(bar: Bar, total: float) -> tuple[float, float]:
    """Begin and length of a bar, as parts of the whole."""
    if total <= 0:
        return 0.0, 1.0
    left = min(max(bar.start / total, 0.0), 1.0)
    return left, min(max(bar.duration / total, 0.0), 1.0 - left)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}… ({len(text):,} characters)"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
