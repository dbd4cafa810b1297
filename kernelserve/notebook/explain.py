"""`%serve explain`: what the last deploy did to one deployment and why, and what an edit of its parts does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kernelserve.cluster.words import DONE, text_table
from kernelserve.config import did_you_mean
from kernelserve.notebook.display import Shown, html_table
from kernelserve.notebook.errors import CellError
from kernelserve.types import Action

DOCSTRING = " docstring"
_KINDS = {
    "Python": "its version",
    "arg": "bound to the constructor",
    "base": "a base class",
    "class": "its structure",
}


def find_node(word: str, views: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The (app view, node view) that ``Node`` or ``app/Node`` names.

    Raises:
        CellError: none, or several apps have one.
    """
    app, _, name = word.rpartition("/")
    found = [
        (view, node)
        for view in views
        for node in view["nodes"]
        if node["name"] == name and (not app or view["app"] == app)
    ]
    if len(found) == 1:
        return found[0]
    known = [f"{view['app']}/{node['name']}" for view in views for node in view["nodes"]]
    if found:
        among = ", ".join(f"{view['app']}/{name}" for view, _ in found)
        raise CellError(f"%serve explain: {word!r} is in several apps. Name one: {among}.")
    if not known:
        raise CellError(f"%serve explain: no deployment {word!r}, since no app is served. A %%serve cell serves one.")
    short = sorted({node["name"] for view in views for node in view["nodes"]})
    raise CellError(f"%serve explain: no deployment {word!r}. {did_you_mean(word, known if app else short)}")


def explanation(view: Mapping[str, Any], node: Mapping[str, Any]) -> Shown:
    """The table of one deployment: what happened to it and why, and what an edit of each of its parts does."""
    action = node["last_action"]
    what = DONE[Action(action)] if action in set(Action) else action
    head = [f"{view['app']}/{node['name']}", ""]
    rows = [
        ["last deploy", f"revision {view['revision']}: {what}" + (f" ({node['reason']})" if node["reason"] else "")],
        ["its state", f"is from revision {node['built_in']}"],
        ["calls", ", ".join(node["children"]) or "no other deployment"],
        ["options", ", ".join(f"{key}={value!r}" for key, value in node["options"].items()) or "all defaults"],
        ["replicas", ", ".join(f"{each['replica_id']} {each['state'].lower()}" for each in node["replicas"]) or "none"],
        *_labelled("an edit replaces", [f"{part}, {built_by(part)}" for part in node["init"]]),
        *_labelled("an edit patches", [part for part in node["serve"] if not part.endswith(DOCSTRING)]),
        *_labelled(f"assumed ({len(node['assumptions'])})", node["assumptions"]),
    ]
    return Shown(text_table(head, rows), html_table(head, rows))


def built_by(part: str) -> str:
    """Why a part of a fingerprint is among what builds a replica's state.

    Example:
        >>> built_by("Search.__init__"), built_by("load()"), built_by("arg 0")
        ('the constructor', 'used by what builds the state', 'bound to the constructor')
    """
    kind = part.partition(" ")[0]
    if kind in _KINDS:
        return _KINDS[kind]
    if part.endswith(".__init__"):
        return "the constructor"
    return "used by what builds the state"


def _labelled(label: str, lines: Sequence[str]) -> list[list[str]]:
    """Rows with the label at the first one only."""
    return [[label if place == 0 else "", line] for place, line in enumerate(lines)]
