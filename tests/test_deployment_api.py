"""What the public objects take and refuse, beside a running system."""

from __future__ import annotations

import pickle

import pytest

import kernelserve as serve
from kernelserve.config import BackpressureConfig
from kernelserve.exceptions import FeatureNotBuiltError, gRPCStatusError
from kernelserve.schema import LoggingConfig


@serve.deployment(max_ongoing_requests=3)
class Box:
    def __init__(self, size: int) -> None:
        self.size = size


def test_a_deployments_properties() -> None:
    assert (Box.name, Box.num_replicas, Box.max_ongoing_requests, Box.max_queued_requests) == ("Box", 1, 3, -1)
    assert Box.backpressure_config == BackpressureConfig()
    assert Box.version is None
    assert Box.logging_config is None
    assert Box.options(name="Other", num_replicas=2).num_replicas == 2
    assert Box.num_replicas == 1
    loud = Box.options(name="Loud")
    loud.set_logging_config({"log_level": "debug"})
    assert loud.logging_config == LoggingConfig(log_level="DEBUG") and Box.logging_config is None
    with pytest.raises(ValueError, match="'log_levl'"):
        loud.set_logging_config({"log_levl": "debug"})
    with pytest.raises(RuntimeError, match=r"Box\.bind"):
        Box(3)


@pytest.mark.parametrize("name", ["AutoscalingConfig", "RequestRouterConfig"])
def test_config_names_that_are_not_built_say_so(name: str) -> None:
    with pytest.raises(FeatureNotBuiltError, match=name):
        getattr(serve.config, name)


def test_a_grpc_status_error_survives_a_pickle() -> None:
    error = pickle.loads(pickle.dumps(gRPCStatusError(ValueError("no"), None, "details")))
    assert str(error) == "no"
    assert error.grpc_details == "details"
