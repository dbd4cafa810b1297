from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from hypothesis import given
from hypothesis import strategies as st

from kernelserve.graph.picture import layers, svg, text

EDGES = [("Search", "Index"), ("Search", "Embedder"), ("Index", "Embedder")]
NODES = {"Embedder": "kept", "Index": "kept", "Search": "patched in 12 ms"}


def test_svg_is_well_formed_and_complete() -> None:
    root = ElementTree.fromstring(svg(EDGES, NODES))
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert set(texts) == {"Search", "Index", "Embedder", "kept", "patched in 12 ms"}
    width, height = (float(root.attrib[key]) for key in ("width", "height"))
    for box in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(box.attrib["x"]) + float(box.attrib["width"]) <= width
        assert float(box.attrib["y"]) + float(box.attrib["height"]) <= height


def test_svg_escapes() -> None:
    name = '<script>"&'
    assert "<script>" not in svg([], {name: name})
    ElementTree.fromstring(svg([], {name: name}))


def test_empty() -> None:
    ElementTree.fromstring(svg([], {}))
    assert text([], {}) == ""


def test_text() -> None:
    assert text(EDGES, NODES).splitlines() == [
        "Search  patched in 12 ms",
        "├─ Index  kept",
        "│  └─ Embedder  kept",
        "└─ Embedder  (above)",
    ]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda edge: edge[0] < edge[1]), max_size=20))
def test_callees_are_right_of_their_callers(pairs: list[tuple[int, int]]) -> None:
    edges = [(str(caller), str(callee)) for caller, callee in pairs]
    found = layers(edges, [str(number) for number in range(9)])
    place = {name: index for index, layer in enumerate(found) for name in layer}
    assert len(place) == 9
    assert all(place[caller] < place[callee] for caller, callee in edges)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=6))
def test_cycles_end(edges: list[tuple[str, str]]) -> None:
    nodes = dict.fromkeys("abc", "")
    ElementTree.fromstring(svg(edges, nodes))
    assert text(edges, nodes)
