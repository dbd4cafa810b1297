"""What there is to know of one deployment, from its app's plain data. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kernelserve.transport.messages import RevisionView
from kernelserve.widget.frames import replica_view
from kernelserve.widget.knobs import knobs_of
from kernelserve.widget.messages import NodeDetails

_MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def node_of(view: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A deployment of an app's plain data.

    Raises:
        ValueError: it has none of that name.
    """
    for node in view["nodes"]:
        if node["name"] == name:
            found: Mapping[str, Any] = node
            return found
    names = ", ".join(node["name"] for node in view["nodes"])
    raise ValueError(f"App {view['app']!r} has no deployment {name!r}. It has {names or 'none'}.")


def node_details(view: Mapping[str, Any], name: str, revisions: Sequence[RevisionView]) -> NodeDetails:
    """All that the panel of a deployment shows, but for its logs.

    Args:
        view: plain data of `control.views.app_view`.
        revisions: those on record, with the cells that they came from.
    """
    node = node_of(view, name)
    return NodeDetails(
        node=name,
        source=source_of(node["definition"], int(node["version"]), revisions),
        options={option: repr(value) for option, value in sorted(node["options"].items())},
        knobs=knobs_of(node["options"], node["batching"]),
        replicas=[replica_view(replica) for replica in (*node["replicas"], *node["others"])],
        assumptions=list(node["assumptions"]),
    )


def source_of(name: str, version: int, revisions: Sequence[RevisionView]) -> str:
    """The code of a deployment in a revision: its definition in the cells or files that it came from, else these whole.

    Where the revision is on record without its code, that of the one before it is shown. Those that failed never ran.
    """
    ran = [one for one in revisions if one.number == version or (one.number < version and one.outcome == "applied")]
    sources = [one.source for one in ran if one.source.strip()]
    for source in reversed(sources):
        found = definition(source, name)
        if found:
            return found
    return sources[-1] if sources else ""


def definition(source: str, name: str) -> str:
    """The last definition of a class or function at the top level of some cells, with its decorators; "" if none.

    Example:
        >>> definition("%%serve shop\\n@serve.deployment\\nclass Shop:\\n    pass\\napp = Shop.bind()", "Shop")
        '@serve.deployment\\nclass Shop:\\n    pass'
    """
    try:
        # Magics are no Python, and must keep their line.
        tree = ast.parse(_MAGIC.sub("", source))
    except SyntaxError:
        return ""
    for statement in reversed(tree.body):
        if isinstance(statement, _DEFINITIONS) and statement.name == name:
            first = min([statement.lineno, *(one.lineno for one in statement.decorator_list)])
            return "\n".join(source.split("\n")[first - 1 : statement.end_lineno])
    return ""
