"""What the multiplexed models of a replica count."""

from __future__ import annotations

from collections.abc import Iterator

from kernelserve.observe.catalog import GAUGE
from kernelserve.observe.metrics import Registry, present_registry, tags_of
from kernelserve.transport.observed import Series


class ModelCounts:
    """Models of one replica, of all its loaders.

    Args:
        registry: of the replica.

    Attributes:
        asked: calls of a loader: add one to its value.
        models: ids of the models that are loaded.
    """

    def __init__(self, registry: Registry) -> None:
        tags = registry.tags
        self.asked = registry.counter("multiplexed_get_model_requests_counter", **tags)
        self.models: frozenset[str] = frozenset()
        self._loads = registry.counter("multiplexed_models_load_counter", **tags)
        self._load = registry.histogram("multiplexed_model_load_latency_ms", **tags)
        self._unloads = registry.counter("multiplexed_models_unload_counter", **tags)
        self._unload = registry.histogram("multiplexed_model_unload_latency_ms", **tags)
        self._tags = tags
        registry.add_source(self._present)

    def loaded(self, seconds: float) -> None:
        """A model was loaded."""
        self._loads.value += 1
        self._load.observe(seconds * 1000)

    def unloaded(self, seconds: float | None) -> None:
        """A model was unloaded; None: there was nothing to do for it."""
        self._unloads.value += 1
        if seconds is not None:
            self._unload.observe(seconds * 1000)

    def _present(self) -> Iterator[Series]:
        models = self.models
        yield Series("num_multiplexed_models", GAUGE, tags_of(self._tags), len(models))
        for model_id in sorted(models):
            tags = tags_of({**self._tags, "model_id": model_id})
            yield Series("registered_multiplexed_model_id", GAUGE, tags, 1)


def model_counts() -> ModelCounts | None:
    """Counts of the replica in which the calling code runs, or None outside of one."""
    registry = present_registry()
    return registry.part("models", lambda: ModelCounts(registry)) if registry is not None else None
