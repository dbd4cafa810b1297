"""Settings of `@serve.batch` methods that were changed from outside while the deployment runs."""

from __future__ import annotations

from typing import Any

from kernelserve.batching.controls import BatchControls
from kernelserve.batching.methods import Settings, controls


class BatchKnobs:
    """Puts overrides on the user's object, and takes them back to what its own code had set.

    Example:
        >>> knobs = BatchKnobs()                                          # doctest: +SKIP
        >>> knobs.apply(model, {"work": {"max_batch_size": 8}})           # doctest: +SKIP
        >>> knobs.apply(model, {})                                        # doctest: +SKIP
    """

    def __init__(self) -> None:
        self._before: dict[tuple[str, str], Any] = {}
        """(method, setting) that is overridden → what the user's code had set, None if nothing."""

    def apply(self, target: Any, wanted: Settings) -> None:
        """Have exactly these overrides in force; again after a patch, whose object may have none yet."""
        keys = {(method, name): value for method, settings in wanted.items() for name, value in settings.items()}
        for method, name in self._before.keys() - keys.keys():
            before, control = self._before.pop((method, name)), controls(target, method)
            if control is not None:
                _restore(control, name, before)
        for (method, name), value in keys.items():
            control = controls(target, method)
            if control is not None:
                self._before.setdefault((method, name), control._override(name))
                control._set(name, value)


def _restore(control: BatchControls, name: str, before: Any) -> None:
    if before is None:
        control._reset(name)
    else:
        control._set(name, before)
