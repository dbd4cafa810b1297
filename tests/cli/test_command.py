"""The `kernelserve` command: its arguments, and a process of it that is edited and stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from system_helpers import get, wait_for

import kernelserve
from kernelserve.cli import main

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shop"], "'shop' does not name an application. Write MODULE:APP"),
        (["shop.py:app"], "is a path. Name the module: shop:app"),
        (["src/shop.py"], "Name the module: src.shop:app"),
        (["shop:app", "model"], "Write KEY=VALUE"),
        (["shop:app", "--route", "shop"], "must start with '/'"),
        (["shop:app", "--name", "a#b"], "contains '#'"),
        (["shop:app", "--port", "70000"], "70000"),
        (["shop:app", "--app-dir", "no/such/folder"], "does not exist"),
        (["shop:app", "--relaod"], "--reload"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_done(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["run", *arguments])
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_version_and_help() -> None:
    assert kernelserve.__version__ in CliRunner().invoke(main, ["--version"]).output
    shown = CliRunner().invoke(main, ["run", "--help"]).output
    assert all(word in shown for word in ("MODULE:APP", "--reload", "--local", "--app-dir"))


SHOP = """
import kernelserve as serve
from words import greeting

@serve.deployment
class Names:
    def __init__(self):
        with open("constructed", "a") as log:
            log.write("x")
    def __call__(self):
        return "you"

@serve.deployment
class Shop:
    def __init__(self, names):
        self.names = names
    async def __call__(self, request):
        return f"{greeting()} {await self.names.remote()}!"

def build(args):
    return Shop.options(num_replicas=int(args["replicas"])).bind(Names.bind())
"""


class Command:
    """A process of `kernelserve run` in a folder with an app; what it prints goes to the file `out`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "shop.py").write_text(SHOP)
        (folder / "words.py").write_text("def greeting():\n    return 'hello'\n")

    def start(self, *arguments: str) -> None:
        # Isolated from the folder that the tests run in, as an installed command is.
        code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from kernelserve.cli import main; main()"
        command = [sys.executable, "-P", "-u", "-c", code, str(ROOT), "run", *arguments, "--local", "--port", "0"]
        with open(self.folder / "out", "w") as out:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=out, stderr=out)

    @property
    def output(self) -> str:
        return (self.folder / "out").read_text()

    def url(self) -> str:
        def found() -> str | None:
            assert self.process.poll() is None, self.output
            return next((line for line in self.output.splitlines() if line.startswith("http://")), None)

        return str(wait_for(found, "the command prints its URL", 60.0))

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def says(self, text: str) -> None:
        wait_for(lambda: text in self.output, f"the command prints {text!r}", 30.0)

    def stop(self, *numbers: signal.Signals) -> int:
        for number in numbers:
            self.process.send_signal(number)
        return self.process.wait(60.0)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    made = Command(tmp_path)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def test_run_follows_edits_and_ends_with_ctrl_c(command: Command) -> None:
    command.start("shop:build", "replicas=1", "--reload", "--route", "/shop")
    url = command.url()
    answers: Callable[[str], object] = lambda word: wait_for(lambda: get(url) == (200, word), word)  # noqa: E731
    answers("hello you!")
    assert url.endswith("/shop")
    assert "Names       started  new" in command.output

    command.edit("words.py", "hello", "ciao")
    answers("ciao you!")
    command.says("words.py changed: Shop patched in")
    assert "· Names kept" in command.output

    command.edit("words.py", "return", "retrn")
    command.says("SyntaxError: invalid syntax")
    assert f'  File "{command.folder / "words.py"}", line 2' in command.output
    command.says("Revision 2 still answers.")
    answers("ciao you!")

    command.edit("words.py", "retrn 'ciao'", "return 'hey'")
    answers("hey you!")
    command.edit("shop.py", 'log.write("x")', 'log.write("x" + 1)')
    command.says("TypeError: can only concatenate str")
    command.says("Revision 3 still answers.")
    answers("hey you!")
    assert (command.folder / "constructed").read_text() == "x"

    assert command.stop(signal.SIGINT) == 0
    assert command.output.endswith("Shutting down.\n")


def test_run_without_reload_ends_with_sigterm(command: Command) -> None:
    command.start("shop:build", "replicas=2")
    url = command.url()
    wait_for(lambda: get(url) == (200, "hello you!"), "it answers")
    assert command.stop(signal.SIGTERM, signal.SIGINT, signal.SIGTERM) == 0, "a second signal does not cut it short"
    assert command.output.endswith("Shutting down.\n")


def test_an_app_that_fails_ends_the_command_with_1(command: Command) -> None:
    command.edit("shop.py", 'return "you"', "return you")
    command.edit("shop.py", 'open("constructed", "a")', "opn()")
    command.start("shop:build", "replicas=1")
    assert command.process.wait(60.0) == 1
    assert "NameError: name 'opn' is not defined" in command.output
    assert f'"{command.folder / "shop.py"}", line 8, in __init__' in command.output
