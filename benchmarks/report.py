"""From samples to `results.json` and the table in `README.md`. Pure, but for `write`."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Samples = dict[str, dict[str, list[dict[str, float]]]]
"""System → metric → one dict of numbers a round."""

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a number of a metric, and whether more is better."""

    title: str
    metric: str
    number: str
    more_is_better: bool


ROWS = (
    Row("http_noop, 1 connection, requests/s", "http_noop_1", "per_s", True),
    Row("http_noop, 1 connection, p50 ms", "http_noop_1", "p50_ms", False),
    Row("http_noop, 32 connections, requests/s", "http_noop_32", "per_s", True),
    Row("http_noop, 32 connections, p99 ms", "http_noop_32", "p99_ms", False),
    Row("chain, 1 connection, requests/s", "chain_1", "per_s", True),
    Row("chain, 32 connections, requests/s", "chain_32", "per_s", True),
    Row("chain, 32 connections, p99 ms", "chain_32", "p99_ms", False),
    Row("handle_call, calls/s", "handle_call", "per_s", True),
    Row("handle_call, p50 ms", "handle_call", "p50_ms", False),
    Row("edit, patch: first new answer, ms over the median latency", "edit_patch", "over_ms", False),
    Row("… of it until `serve.run` returns, ms", "edit_patch", "commit_ms", False),
    Row("edit, patch, surge 100 %: first new answer, ms", "edit_patch_surge", "over_ms", False),
    Row("edit, patch, 8 replicas: first new answer, ms", "edit_patch_8", "over_ms", False),
    Row("… until `serve.run` returns, ms", "edit_patch_8", "commit_ms", False),
    Row("edit, patch, 8 replicas, surge 100 %: first new answer, ms", "edit_patch_8_surge", "over_ms", False),
    Row("… until `serve.run` returns, ms", "edit_patch_8_surge", "commit_ms", False),
    Row("edit, update: first new answer, ms", "edit_update", "over_ms", False),
    Row("edit, update, 8 replicas: first new answer, ms", "edit_update_8", "over_ms", False),
    Row("edit, replace: first new answer, ms more than the constructor", "edit_replace", "beside_ms", False),
)

STAND_IN = {"edit_patch_surge": "edit_patch", "edit_patch_8_surge": "edit_patch_8"}
"""kernelserve has one way to edit: where another system has two, it is compared with both."""

LOADS = ("edit_patch", "edit_patch_surge", "edit_patch_8", "edit_patch_8_surge", "edit_update", "edit_update_8")
"""Edits that need no load of a model."""


def values(samples: Samples, system: str, row: Row) -> list[float]:
    """The row's number in each round, empty where it was not measured."""
    of_system = samples.get(system, {})
    return [numbers[row.number] for numbers in of_system.get(row.metric, [])]


def ratio(samples: Samples, ours: str, theirs: str, row: Row) -> float | None:
    """How many times better `ours` is than `theirs`, by medians; None where one of them was not measured."""
    our_row = row
    if not values(samples, ours, row) and row.metric in STAND_IN:
        our_row = Row(row.title, STAND_IN[row.metric], row.number, row.more_is_better)
    mine, other = values(samples, ours, our_row), values(samples, theirs, row)
    if not mine or not other:
        return None
    quotient = statistics.median(mine) / statistics.median(other)
    return quotient if row.more_is_better else 1 / quotient


def table(samples: Samples, titles: dict[str, str], ours: str) -> str:
    """The Markdown table: medians (least–most), and in brackets how many times better `ours` is."""
    lines = [
        "| | " + " | ".join(titles.values()) + " |",
        "|---|" + "---|" * len(titles),
    ]
    for row in ROWS:
        cells = [_cell(samples, system, ours, row) for system in titles]
        if any(cells):
            lines.append(f"| {row.title} | " + " | ".join(cells) + " |")
    lines.append("| models loaded by patches and updates | " + " | ".join(_loads(samples, s) for s in titles) + " |")
    lines.append("| failed requests, all of the above | " + " | ".join(_failures(samples, s) for s in titles) + " |")
    return "\n".join(lines)


def _cell(samples: Samples, system: str, ours: str, row: Row) -> str:
    found = values(samples, system, row)
    if not found:
        return ""
    text = f"**{_number(statistics.median(found))}** ({_number(min(found))}–{_number(max(found))})"
    better = None if system == ours else ratio(samples, ours, system, row)
    return text if better is None else f"{text} [{better:.2g}×]"


def _failures(samples: Samples, system: str) -> str:
    rounds = [numbers for metric in samples.get(system, {}).values() for numbers in metric]
    return f"{sum(numbers['failures'] for numbers in rounds):.0f}"


def _loads(samples: Samples, system: str) -> str:
    rounds = [numbers for metric in LOADS for numbers in samples.get(system, {}).get(metric, [])]
    return f"{sum(numbers['loads'] for numbers in rounds):.0f}" if rounds else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def page(text: str, results: dict[str, Any], titles: dict[str, str], ours: str) -> str:
    """The README's text with the part between the two marks replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    machine, settings = results["machine"], results["settings"]
    about = (
        f"{results['date']} · {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, Python "
        f"{machine['python']} · {settings['rounds']} rounds, {settings['seconds']} s each · "
        + ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    )
    return f"{before}{BEGIN}\n{about}\n\n{table(results['samples'], titles, ours)}\n{END}{after}"


def write(results: dict[str, Any], titles: dict[str, str], ours: str) -> None:
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    readme = HERE / "README.md"
    readme.write_text(page(readme.read_text(), results, titles, ours))
