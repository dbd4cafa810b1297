"""The README is true: its Python blocks run, its make targets and links exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
CELLS, (DOUBLE, CHAT, REQUESTS, TEST) = BLOCKS[:3], BLOCKS[3:]

NOTEBOOK = """
import urllib.request
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
def run(cell):
    result = shell.run_cell(cell)
    result.raise_error()

first, *rest = CELLS
run(first)
run("%serve start --local")
for cell in rest:
    run(cell)
import kernelserve as serve
with urllib.request.urlopen(serve.app("hello").url + "?name=you") as answer:
    print("ANSWER", answer.read().decode())
run("%serve status")
run(rest[0].replace("return f", "return 'Well: ' f"))
with urllib.request.urlopen(serve.app("hello").url + "?name=you") as answer:
    print("ANSWER", answer.read().decode())
run("%serve stop hello")
print("LEFT", list(serve.status().applications))
"""


def output_of(code: str, cwd: Path) -> str:
    """What a fresh Python process prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(cwd), "IPYTHONDIR": str(cwd)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_notebooks_cells_run_one_after_the_other(tmp_path: Path) -> None:
    assert CELLS[0].strip() == "%load_ext kernelserve"
    text = output_of(f"CELLS = {CELLS!r}\n{NOTEBOOK}", tmp_path)
    assert re.findall(r"^ANSWER (.*)$", text, re.MULTILINE) == ["Hello, you", "Well: Hello, you"]
    assert re.search(r"^http://127\.0\.0\.1:\d+/hello 1 RUNNING$", text, re.MULTILINE), text
    assert "curl" in text
    assert "LEFT []" in text


START = 'import kernelserve as serve\nserve.start(placement="local", http_options={"port": 0})\n'

CLIENT = """
import httpx, warnings
live = serve.app("chat")
print(httpx.get(f"{live.url}/complete", params={"prompt": "one two three"}).text)
from websockets.sync.client import connect
with connect(live.url.replace("http", "ws", 1) + "/chat") as socket:
    socket.send("a b")
    print(socket.recv(), socket.recv())
"""


def test_the_script_runs_and_prints_what_is_said(tmp_path: Path) -> None:
    assert 'serve.start(placement="local")' in README, "the README says how a script does without Ray"
    text = output_of(START + DOUBLE, tmp_path)
    said = re.search(r"It prints `(.*?)`", README)
    assert said is not None
    assert re.sub(r":\d+/", ":8000/", text.strip()) == said[1]


def test_the_chat_streams_and_its_requests_are_kept(tmp_path: Path) -> None:
    kept = CHAT.replace('route_prefix="/chat")', 'route_prefix="/chat", journal=True)')
    assert kept != CHAT
    look = REQUESTS.strip().replace('status="error", slower_than=0.2', "status=200")
    text = output_of(f"{START}{kept}{CLIENT}print(list({look}.path))\n{REQUESTS}serve.shutdown()", tmp_path)
    assert text.splitlines() == ["ONE TWO THREE ", "A  B ", "['/chat/complete?prompt=one+two+three']"]


def test_the_graph_is_tested_as_said(tmp_path: Path) -> None:
    graph = CHAT.partition("serve.run(")[0]
    output_of(f"{graph}{TEST}test_chat()", tmp_path)


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"(?:^    |`)make (?:\w+=\S+ )?(\w+)", README, re.MULTILINE))
    assert {"quickstart", "lab", "test", "lint", "bench"} <= named
    assert [name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "docs/architecture.md"])
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = [link for link in re.findall(r"\]\(([^)]+)\)", path.read_text()) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_files_that_the_architecture_names_exist() -> None:
    """A path with a folder, or a file beside one that was named, is there."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    names = set(re.findall(r"`((?:\w+/)*\w+\.py)`", page))
    assert len(names) > 20
    known = {path.name for path in (ROOT / "kernelserve").rglob("*.py")} | {
        path.name for path in ROOT.rglob("tests/*.py")
    }
    missing = [
        name
        for name in names
        if not ((ROOT / "kernelserve" / name).exists() or (ROOT / name).exists() or ("/" not in name and name in known))
    ]
    assert missing == []
