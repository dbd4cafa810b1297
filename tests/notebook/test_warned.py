"""What replicas warn of is shown to whoever works with their app."""

from __future__ import annotations

import gc
import logging

import pytest
from notebook_helpers import Served
from shell_helpers import Notebook
from system_helpers import wait_for

from kernelserve.replica.main import Replica
from kernelserve.replica.warned import ForwardWarnings


def test_warnings_of_replicas_name_the_cell(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook.serve("@serve.deployment\nclass Slow:\n    def ask(self):\n        return 1\napp = Slow.bind()", "slow")
    file = notebook.shell.user_ns["Slow"].func_or_class.ask.__code__.co_filename
    notebook.good("import logging\nlog = logging.getLogger('kernelserve.replica')")
    warn = f"log.warning('it blocks: %s', 'File \"{file}\", line 4')"
    assert notebook.good(warn).warned == "", "where logging is set up, as pytest does, it is left to that"
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    assert notebook.good(warn).warned == "kernelserve: it blocks: Cell In[2], line 4\n"


def test_warnings_of_another_process_come_by_way_of_the_controller(
    notebook: Notebook, caplog: pytest.LogCaptureFixture
) -> None:
    notebook.serve("@serve.deployment\nclass Warns:\n    def ask(self):\n        return 1\napp = Warns.bind()", "warns")
    (replica,) = (one for one in gc.get_objects() if type(one) is Replica and one.spec.app == "warns")
    logger = logging.getLogger("another process")
    logger.addHandler(ForwardWarnings(replica.warn))
    logger.propagate = False
    logger.info("no warning")
    logger.warning("it %s", "blocks")
    wait_for(lambda: caplog.messages, "the warning is logged here")
    assert [(one.name, one.message) for one in caplog.records] == [("kernelserve.replica", "it blocks")]


BLOCKS = """
import time

@serve.deployment
class Blocks:
    async def __call__(self, request):
        time.sleep(2.5)

app = Blocks.bind()
"""


def test_what_blocks_a_replica_is_said_below_the_cell_that_runs(served: Served) -> None:
    served.serve(BLOCKS, "blocks")
    ran = served.kernel.good(
        "import time, urllib.request\nurllib.request.urlopen(serve.app('blocks').url)\ntime.sleep(1)"
    )
    assert "The event loop is blocked" in ran.printed and "Cell In[" in ran.printed
