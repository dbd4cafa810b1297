"""The notebook face: `%load_ext kernelserve` gives `%%serve` and `%serve`.

Importing this package imports no IPython; loading the extension registers the magics and starts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext kernelserve` calls: registers the magics, their completion and the rich displays."""
    from kernelserve.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What `%unload_ext kernelserve` calls. Apps that are served go on."""
    from kernelserve.notebook.extension import unload

    unload(shell)
