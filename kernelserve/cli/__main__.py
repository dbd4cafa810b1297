"""``python -m kernelserve.cli`` is the `kernelserve` command."""

from __future__ import annotations

from kernelserve.cli.main import main

if __name__ == "__main__":
    main(prog_name="kernelserve")
