"""The `kernelserve` command."""

from __future__ import annotations

from kernelserve.cli.main import main

__all__ = ["main"]
