"""Edits of live apps, each with the right decision and what the app says before and after. One module a theme."""

from __future__ import annotations

import importlib
import pkgutil

from corpus_case import Case


def all_cases() -> list[Case]:
    """The cases of all themes."""
    modules = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    return [case for module in modules for case in module.CASES]
