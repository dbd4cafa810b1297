"""What the cells show, as text and as static HTML. Pure: plain values in, strings out."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kernelserve.cluster.words import step_table, summary, text_table
from kernelserve.schema import ServeStatus
from kernelserve.transport.messages import StepView

_CELL = "text-align:left;padding:1px 12px 1px 0;vertical-align:top"
_MUTED = "opacity:.7"


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(f'<{tag} style="{_CELL}">{html.escape(cell)}</{tag}>' for cell in cells)

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{line(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"


@dataclass(frozen=True)
class Shown:
    """A display object: IPython takes the form that the front end can show."""

    text: str
    html: str = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        bundle = {"text/plain": self.text}
        if self.html:
            bundle["text/html"] = self.html
        return bundle

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True)
class DeployReport:
    """What a `%%serve` cell shows at its end.

    Attributes:
        outcome: as in `Deployed`.
        notes: what to know about it, a line each.
        notices: of the session, less important.
        picture_id: id of the element that holds the picture, so that a live view can take its place; "" without one.
    """

    app: str
    revision: int
    steps: Sequence[StepView]
    outcome: str = "applied"
    url: str = ""
    proxy_url: str = ""
    curl: str = ""
    notes: Sequence[str] = field(default_factory=tuple)
    notices: Sequence[str] = field(default_factory=tuple)
    picture_text: str = ""
    picture_svg: str = ""
    picture_id: str = ""

    def shown(self) -> Shown:
        return Shown(self._text(), self._html())

    @property
    def dry_run(self) -> bool:
        return self.outcome == "dry_run"

    def _title(self) -> str:
        said = {
            "dry_run": "dry run, nothing has changed",
            "trial": "on trial",
            "rejected": f"the trial has ended, revision {self.revision} answers",
        }
        return f"{self.app} · {said.get(self.outcome, f'revision {self.revision}')}"

    def _text(self) -> str:
        parts = [
            self._title(),
            text_table(*step_table(self.steps, self.dry_run)) if self.steps else "",
            summary(self.steps, self.dry_run),
            "\n".join(self.notes),
            "\n".join([*self.notices, *filter(None, [self.url, self.proxy_url, self.curl])]),
            self.picture_text,
        ]
        return "\n\n".join(part for part in parts if part)

    def _html(self) -> str:
        parts = [
            f"<div><b>{html.escape(self.app)}</b>{html.escape(self._title().removeprefix(self.app))}</div>",
            html_table(*step_table(self.steps, self.dry_run)) if self.steps else "",
            f"<div>{html.escape(summary(self.steps, self.dry_run))}</div>",
            *(f"<div>{html.escape(note)}</div>" for note in self.notes),
            *(f'<div style="{_MUTED}">{html.escape(notice)}</div>' for notice in self.notices),
            *(f"<div>{_link(url)}</div>" for url in (self.url, self.proxy_url) if url),
            f"<pre>{html.escape(self.curl)}</pre>" if self.curl else "",
            f'<div id="{self.picture_id}">{self.picture_svg}</div>' if self.picture_svg else "",
        ]
        return f"<div>{''.join(parts)}</div>"


def _link(url: str) -> str:
    address = html.escape(url, quote=True)
    return f'<a href="{address}" target="_blank" rel="noopener">{address}</a>'


def linked(url: str, title: str, svg: str) -> str:
    """HTML of a live app: name, link, picture."""
    link = f" · {_link(url)}" if url else ""
    return f"<div><div><b>{html.escape(title)}</b>{link}</div><div>{svg}</div></div>"


def status_shown(status: ServeStatus, urls: Mapping[str, str], place: str) -> Shown:
    """The table of `%serve status`.

    Args:
        urls: app → its URL, "" for an app without HTTP.
        place: where it runs, in a line.
    """
    if not status.applications:
        return Shown(f"{place}: no app is served. A %%serve cell serves one.")
    head = ["app", "deployment", "status", "replicas, or URL", "message"]
    rows: list[list[str]] = []
    for name, app in status.applications.items():
        rows.append([name, "", app.status.value, urls.get(name, ""), app.message])
        for deployment, overview in app.deployments.items():
            replicas = ", ".join(f"{count} {state.lower()}" for state, count in overview.replica_states.items())
            rows.append(["", deployment, overview.status.value, replicas, overview.message])
    return Shown(f"{place}\n{text_table(head, rows)}", f"<div>{html.escape(place)}</div>{html_table(head, rows)}")
