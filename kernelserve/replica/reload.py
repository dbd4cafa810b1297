"""`__reload__`: a class of the user's adapts the state of the code before it."""

from __future__ import annotations

import inspect
from typing import Any

from kernelserve.replica.changes import Changes
from kernelserve.replica.patch import end_bridge, layout_refusal, state_of


async def reloaded_copy(previous: Any, new_class: type, changes: Changes) -> tuple[Any, str]:
    """An object of the new class with a shallow copy of the state, which its ``__reload__(previous)`` has adapted.

    Returns:
        The object, and "" or why a patch is refused (``__reload__`` raised `NotImplementedError`).

    Raises:
        Exception: any other that ``__reload__`` raised.
    """
    refusal = layout_refusal(previous, type(previous), new_class)
    if refusal:
        return None, refusal
    changes.carry_over()
    copy: Any = object.__new__(new_class)
    object.__setattr__(copy, "__dict__", dict(state_of(previous)))
    try:
        result = copy.__reload__(previous)
        if inspect.isawaitable(result):
            await result
    except NotImplementedError as error:
        end_bridge(copy)  # Its finalizer would end what the copied state shares with the one that serves.
        return None, str(error) or f"{new_class.__name__}.__reload__ raised NotImplementedError"
    except BaseException:
        end_bridge(copy)
        raise
    return copy, ""
