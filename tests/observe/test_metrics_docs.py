"""docs/metrics.md and the Grafana dashboard name the metrics that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

from kernelserve.observe.catalog import COUNTER, HISTOGRAM, METRICS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def page_names() -> set[str]:
    """The names of all samples that the page may have."""
    names: set[str] = set()
    for name, metric in METRICS.items():
        if metric.kind == HISTOGRAM:
            names |= {f"{name}_bucket", f"{name}_count", f"{name}_sum"}
        else:
            names.add(f"{name.removesuffix('_total')}_total" if metric.kind == COUNTER else name)
    return {f"kernelserve_{name}" for name in names}


def test_the_table_is_the_catalog() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \| (.+) \|$", (DOCS / "metrics.md").read_text(), re.MULTILINE)
    documented = {name: (kind, tags, meaning) for name, kind, tags, meaning in rows}
    assert documented == {
        name: (metric.kind, ", ".join(metric.tags) or "–", metric.description) for name, metric in METRICS.items()
    }


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    text = (DOCS / "grafana-dashboard.json").read_text()
    asked = set(re.findall(r"kernelserve_\w+", text))
    assert len(asked) > 15
    assert asked - page_names() == set()


def test_the_dashboard_filters_by_tags_that_there_are() -> None:
    board = json.loads((DOCS / "grafana-dashboard.json").read_text())
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    tags = {f"kernelserve_{name}": metric.tags for name, metric in METRICS.items()}
    for expression in expressions:
        for sample, filters in re.findall(r"(kernelserve_\w+)\{([^}]*)\}", expression):
            metric = next(tags[name] for name in sorted(tags, key=len, reverse=True) if sample.startswith(name))
            assert set(re.findall(r"(\w+)=~", filters)) <= set(metric), expression
    assert {variable["name"] for variable in board["templating"]["list"]} == {"datasource", "application", "deployment"}
