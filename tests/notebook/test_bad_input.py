"""Bad input: an error of three parts at the cell, and the system as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from notebook_helpers import Served

HELLO = """
@serve.deployment
class Hello:
    def __call__(self, request):
        return "hello"

    def shout(self):
        return "HELLO"

app = Hello.bind()
"""


@pytest.fixture
def hello(served: Served) -> Iterator[Served]:
    """An app that must go on answering whatever is tried."""
    kernel = served.kernel
    if "hello" not in kernel.good("%serve status").text:
        served.serve(HELLO, "hello")
    yield served
    assert kernel.value("%serve call hello") == "hello"
    assert kernel.value("sorted(serve.status().applications)") == ["hello"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("x = 5", ("no application", "binds x", "app = Name.bind()")),
        ("class Model:\n    pass", ("no application", "Model", "Decorate Model")),
        (HELLO.replace("app = ", "one = ") + "two = Hello.options(name='B').bind()", ("2 applications", "one and two")),
        (HELLO.replace("deployment\n", "deployment(name='a#b')\n"), ("'a#b'", "Remove it")),
        (HELLO.replace("deployment\n", "deployment(num_replica=2)\n"), ("num_replica=2", "'num_replicas'")),
        (HELLO.replace("bind()", "bind(5)"), ("Hello.bind()", "positional")),
        ("import asyncio\nawait asyncio.sleep(0)", ("SyntaxError", "await")),
    ],
)
def test_cells(hello: Served, body: str, words: tuple[str, ...]) -> None:
    said = hello.refused(body, "other")
    assert all(word in said for word in words), said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--route other", ("'other'", "must start with '/'")),
        ("--route /other/", ("'/other/'", "ends with '/'")),
        ("--route /hello", ("'/hello'", "'hello'", "prefix")),
        ("--rout /x --replac --colour", ("no option --colour", "Valid names")),
        ("--replacee", ("no option --replacee", "'--replace'")),
        ("--timeout soon", ("--timeout", "'soon'")),
        ("--timeout -1", ("--timeout", "more than 0")),
        ("--port eight", ("--port", "'eight'")),
        ("extra", ("'extra'", "too many")),
        ("--route '/x", ("Close the quotes",)),
    ],
)
def test_lines_of_cells(hello: Served, options: str, words: tuple[str, ...]) -> None:
    said = hello.refused(HELLO, "other", options)
    assert all(word in said for word in words), said


@pytest.mark.parametrize(("name", "words"), [("a#b", ("'a#b'", "Remove it")), ("/other", ("'/other'", "--route"))])
def test_names(hello: Served, name: str, words: tuple[str, ...]) -> None:
    said = hello.refused(HELLO, name)
    assert all(word in said for word in words), said


def test_an_argument_that_cannot_be_pickled(hello: Served) -> None:
    body = "import threading\nheld = {'guard': threading.Lock()}\n" + HELLO.replace("bind()", "bind(held)").replace(
        "    def __call__", "    def __init__(self, held):\n        self.held = held\n\n    def __call__", 1
    )
    said = hello.refused(body, "other")
    assert "ShipError" in said and "guard" in said and "lock" in said.lower()


@pytest.mark.parametrize("value", ["open('/dev/null')", "threading.Lock()", "threading.Thread()"])
def test_a_class_that_cannot_be_shipped(hello: Served, value: str) -> None:
    body = f"import threading\n{HELLO}".replace("class Hello:\n", f"class Hello:\n    kept = {value}\n")
    said = hello.refused(body, "other")
    assert "ShipError" in said and "kept" in said


def test_resources_that_are_not_there(hello: Served) -> None:
    options = "deployment(ray_actor_options={'resources': {'unicorn': 3}})\n"
    body = HELLO.replace("deployment\n", options)
    if hello.placement == "local":
        return  # Threads of one process have no resources to wait for.
    said = hello.refused(body, "other", "--timeout 3")
    assert "unicorn" in said and "3" in said and "Nothing of 'other' is running" in said
    hello.kernel.run("serve.delete('other')")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%serve", ("no command", "start, status")),
        ("%serve statu", ("'statu'", "'status'")),
        ("%serve histori", ("'histori'", "'history'")),
        ("%serve history helo", ("'helo'", "'hello'")),
        ("%serve auto maybe", ("'maybe'", "Valid names: off, on")),
        ("%serve diff r1 r2 r3", ("3 revisions", "%serve diff r1 r2 hello")),
        ("%serve diff r1 r99", ("no revision r99", "%serve history hello")),
        ("%serve diff r1 hello again", ("'again'", "too many")),
        ("%serve rollback", ("0 revisions", "%serve rollback r3")),
        ("%serve rollback r99", ("no revision r99", "%serve history hello")),
        ("%serve rollback r1 --timeout -1", ("--timeout", "more than 0")),
        ("%serve stop", ("no app", "%serve stop search")),
        ("%serve stop helo", ("'helo'", "'hello'")),
        ("%serve call", ("no app", "%serve call search")),
        ("%serve call helo {}", ("'helo'", "'hello'")),
        ('%serve call hello {"q": x}', ('{"q": x}', "not JSON")),
        ("%serve explain", ("no deployment", "%serve explain Search")),
        ("%serve explain Helo", ("'Helo'", "'Hello'")),
        ("%serve start --remote", ("no option --remote", "--local")),
        ("%serve status now", ("'now'", "too many")),
        ("serve.app('helo')", ("'helo'", "hello")),
        ("serve.app('hello').handle.whisper.remote().result()", ("whisper", "shout")),
    ],
)
def test_lines(hello: Served, line: str, words: tuple[str, ...]) -> None:
    said = hello.kernel.run(line).error
    assert all(word in said for word in words), said


def test_a_call_to_a_deleted_app(hello: Served) -> None:
    hello.serve(HELLO.replace("Hello", "Gone"), "gone")
    hello.kernel.good("gone = serve.app('gone').handle")
    hello.kernel.good("%serve stop gone")
    said = hello.kernel.run("gone.shout.remote().result()").error
    assert "'gone'" in said and "Deploy it again" in said
    assert "no app 'gone'" in hello.kernel.bad("%serve call gone {}")


def test_an_error_answer_shows_its_text(hello: Served) -> None:
    hello.serve(HELLO.replace('return "hello"', "return 1 / 0").replace("Hello", "Bad"), "bad")
    cell = f"Cell In[{hello.kernel.number}]"
    said = hello.kernel.bad("%serve call bad {}")
    assert "500" in said and "ZeroDivisionError" in said and cell in said and "return 1 / 0" in said, said
    hello.kernel.good("%serve stop bad")


def test_another_port_than_the_running_one(hello: Served) -> None:
    said = hello.refused(HELLO, "hello", "--port 1")
    assert "--port 1" in said and "%serve shutdown" in said


def test_the_other_placement(hello: Served) -> None:
    if hello.placement == "local":
        return  # Without --local, whatever runs is used.
    said = hello.kernel.bad("%%serve hello --local\n" + HELLO)
    assert "'ray'" in said and "'local'" in said and "serve.shutdown()" in said
