from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.gateway.routes import RouteTable

SEGMENT = st.text(alphabet="ab", min_size=1, max_size=2)
PATH = st.lists(SEGMENT, max_size=4).map(lambda parts: "/" + "/".join(parts))


def table_of(*prefixes: str) -> RouteTable[str]:
    table: RouteTable[str] = RouteTable()
    for prefix in prefixes:
        table.add(prefix, prefix)
    return table


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/search", "/search"), ("/search/", "/search"), ("/search/x/y", "/search"), ("/searching", "/"),
        ("/search/deep/er", "/search/deep/er"), ("/search/deep", "/search"), ("/", "/"), ("//", "/"), ("/x", "/"),
    ],
)  # fmt: skip
def test_the_longest_prefix_of_whole_segments_wins(path: str, target: str) -> None:
    assert table_of("/", "/search", "/search/deep/er").match(path) == target


@pytest.mark.parametrize("path", ["", "*", "search", "host:80", "/other"])
def test_no_match(path: str) -> None:
    assert table_of("/search").match(path) is None


def test_a_taken_prefix_is_refused() -> None:
    table = table_of("/search")
    with pytest.raises(ValueError, match="'/search' already leads"):
        table.add("/search/", "other")
    assert table.items() == [("/search", "/search")]


def test_a_prefix_without_slash_is_refused_with_the_correction() -> None:
    with pytest.raises(ValueError, match="Write '/search'"):
        table_of("search")


def test_removed_prefixes_match_no_more() -> None:
    table = table_of("/", "/a/b")
    table.remove("/a/b")
    assert table.match("/a/b") == "/"
    with pytest.raises(KeyError):
        table.remove("/a/b")


@given(prefixes=st.sets(PATH), path=PATH)
def test_match_agrees_with_the_definition(prefixes: set[str], path: str) -> None:
    matching = [p for p in prefixes if p == "/" or path == p or path.startswith(p + "/")]
    assert table_of(*prefixes).match(path) == (max(matching, key=len) if matching else None)


@given(path=st.text())
def test_any_text_is_a_path(path: str) -> None:
    assert table_of("/").match(path) == ("/" if path.startswith("/") else None)
