"""Run a notebook headless, as it is, and print the text that its cells showed.

    python notebooks/run.py notebooks/quickstart.ipynb

Ends with status 1 when a cell fails that does not say (by the tag `raises-exception`) that it should.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

CELL_TIMEOUT_S = 600
SHUTDOWN_WAIT_S = 30.0
"""A kernel that ends its Ray in an orderly way takes some seconds; the default of 5 would cut it off."""


def text_of(output: dict[str, Any]) -> str:
    """The plain text of one output, "" where it has none."""
    match output["output_type"]:
        case "stream":
            return str(output["text"])
        case "error":
            return "\n".join(output["traceback"]) + "\n"
        case "execute_result" | "display_data":
            text = output["data"].get("text/plain")
            return f"{text}\n" if text else ""
    return ""


def show(cell: dict[str, Any], **_: Any) -> None:
    """Print a cell's first line and what it showed, as soon as it has run."""
    lines = cell["source"].strip().splitlines()
    if cell["cell_type"] != "code" or not lines:
        return
    print(f"▸ {lines[0]}{' …' if len(lines) > 1 else ''}")
    shown = "".join(text_of(output) for output in cell["outputs"]).rstrip()
    print(f"{shown}\n" if shown else "", flush=True)


def run(path: Path) -> int:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_executed=show,
    )
    manager = client.create_kernel_manager()
    manager.shutdown_wait_time = SHUTDOWN_WAIT_S
    try:
        client.execute()
    except CellExecutionError as error:
        print(f"The notebook stopped at a cell that failed: {error.ename}: {error.evalue}", file=sys.stderr)
        return 1
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", type=Path)
    sys.exit(run(parser.parse_args().notebook))


if __name__ == "__main__":
    main()
