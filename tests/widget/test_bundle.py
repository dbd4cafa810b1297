"""The built front end: small, whole, and quiet on the network."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import kernelserve.widget

STATIC = Path(kernelserve.widget.__file__).parent / "static"
LIMIT = 250_000


def test_bundle_is_small() -> None:
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in STATIC.iterdir()}
    assert sizes.keys() == {"kernelserve.js", "kernelserve.css"}
    assert sum(sizes.values()) <= LIMIT, sizes


def test_bundle_loads_nothing_and_evaluates_nothing() -> None:
    text = "".join(path.read_text() for path in sorted(STATIC.iterdir()))
    forbidden = r"\beval\(|new Function\(|\bfetch\(|XMLHttpRequest|WebSocket|importScripts|@font-face|@import|url\("
    assert re.findall(forbidden, text) == []
    assert re.findall(r"\bimport\s*[({\"']|\bfrom\s*\"", text) == [], "the bundle is one file"
    namespaces = "http://www.w3.org/"
    assert [found for found in re.findall(r"https?://[\w.]+/", text) if found != namespaces] == []
