"""The edit corpus on Ray: all of it takes a quarter of an hour, so that every run has a choice of it."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole-corpus", action="store_true", help="the whole edit corpus on Ray too (tests/reload)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--whole-corpus", False):
        return
    chosen = [item for item in items if not (_on_ray(item) and item.get_closest_marker("whole_corpus"))]
    left = [item for item in items if item not in set(chosen)]
    items[:] = chosen
    config.hook.pytest_deselected(items=left)


def _on_ray(item: pytest.Item) -> bool:
    return hasattr(item, "callspec") and item.callspec.params.get("session") == "ray"
