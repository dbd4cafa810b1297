"""A replica's traceback at the cell: the cell's name and lines, as IPython shows those of the notebook itself."""

from __future__ import annotations

from IPython.core.interactiveshell import InteractiveShell
from shell_helpers import Notebook, plain

from kernelserve.exceptions import DeployError
from kernelserve.notebook.tracebacks import traceback_lines

TEXT = """Traceback (most recent call last):
  File "/nowhere/lib.py", line 3, in load
    return parse(text)
           ^^^^^^^^^^^
ValueError: no <b>

During handling of the above exception, another exception occurred:

  + Exception Group Traceback (most recent call last):
KeyError"""
FAILS = """
@serve.deployment
class Fails:
    def __init__(self):
        # before
        self.x = 1 / 0
        # after "quoted"

app = Fails.bind()
"""


def test_what_is_not_known_here_stays(shell: InteractiveShell) -> None:
    lines = traceback_lines(shell, TEXT)
    assert plain("\n".join(lines)) == TEXT.replace('"/nowhere/lib.py", line 3', "/nowhere/lib.py:3").replace(
        "  File", "File"
    )


def test_a_failed_deploy_looks_as_the_shells_own_tracebacks(notebook: Notebook) -> None:
    said = notebook.run(f"%%serve fails --local --port 0{FAILS}")
    assert "Cell In[2], line 6, in __init__" in said.text and isinstance(said.error, DeployError)
    for colours in ("neutral", "linux", "nocolor"):
        notebook.shell.run_line_magic("colors", colours)
        theirs = notebook.raw(f"# %%serve{FAILS}\nFails.func_or_class()").splitlines()
        ours = "\n".join(traceback_lines(notebook.shell, said.error.remote_traceback)).splitlines()
        assert next(line for line in theirs if "# before" in plain(line)) in ours, ours
        at_fault = next(line for line in ours if "= 1 / 0" in plain(line))
        assert plain(at_fault) == "----> 6     self.x = 1 / 0" and ("\x1b[" in at_fault) is (colours != "nocolor")


def test_the_error_of_a_call_names_the_cell(notebook: Notebook) -> None:
    notebook.serve("@serve.deployment\nclass Bad:\n    def ask(self):\n        return 1 / 0\napp = Bad.bind()", "bad")
    said = notebook.run("serve.get_app_handle('bad').ask.remote().result()").text
    assert "Cell In[2], line 5, in ask" in said and "----> 5     return 1 / 0" in said
