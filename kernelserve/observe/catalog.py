"""The metrics that kernelserve makes itself: names, kinds, tags, meaning. docs/metrics.md has this list in words."""

from __future__ import annotations

from typing import NamedTuple

LATENCY_BUCKETS_MS = (
    0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 50.0, 75.0, 100.0, 200.0, 300.0, 500.0, 1e3, 2e3,
    5e3, 1e4, 3e4, 6e4,
)  # fmt: skip
"""Upper bounds of the buckets of every duration: one set, so that they can be added up over all processes."""

SIZE_BUCKETS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)
PERCENT_BUCKETS = (5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 95.0, 99.0, 100.0)

COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"


class Metric(NamedTuple):
    """What a metric is.

    Attributes:
        tags: names of its tags.
        bounds: of a histogram: the upper bound of each bucket.
    """

    kind: str
    tags: tuple[str, ...]
    description: str
    bounds: tuple[float, ...] = ()


_REPLICA = ("application", "deployment", "replica")
_BATCH = (*_REPLICA, "method")
_SENDER = ("application", "deployment", "caller")


def _counter(tags: tuple[str, ...], description: str) -> Metric:
    return Metric(COUNTER, tags, description)


def _gauge(tags: tuple[str, ...], description: str) -> Metric:
    return Metric(GAUGE, tags, description)


def _latency(tags: tuple[str, ...], description: str) -> Metric:
    return Metric(HISTOGRAM, tags, description, LATENCY_BUCKETS_MS)


METRICS: dict[str, Metric] = {
    # Entry points: the gateway, and clients whose handle calls enter an app.
    "num_http_requests": _counter(
        ("application", "route", "method", "status_code"), "HTTP requests and WebSockets that have ended."
    ),
    "num_http_error_requests": _counter(
        ("application", "route", "method", "error_code"),
        "HTTP requests that have ended with a status from 400 on, other than 499 (the client has gone).",
    ),
    "http_request_latency_ms": _latency(
        ("application", "route"), "From an HTTP request's last byte (of its head, if its body streams) to its end."
    ),
    "num_ongoing_http_requests": _gauge(("application", "route"), "HTTP requests and WebSockets that are under way."),
    "num_grpc_requests": _counter(("application", "route", "method", "status_code"), "gRPC requests that have ended."),
    "num_grpc_error_requests": _counter(
        ("application", "route", "method", "error_code"), "gRPC requests that have ended with another code than OK."
    ),
    "grpc_request_latency_ms": _latency(("application", "route"), "From a gRPC request's arrival to its end."),
    "num_ongoing_grpc_requests": _gauge(("application", "route"), "gRPC requests that are under way."),
    "num_handle_requests": _counter(
        ("application", "deployment", "status"),
        "Handle calls from notebooks and scripts that have ended: status ok, error or cancelled.",
    ),
    "handle_request_latency_ms": _latency(
        ("application", "deployment"), "From sending a handle call in a notebook or script to its end."
    ),
    # Whoever sends to a deployment: the gateway, clients, other deployments' replicas.
    "handle_request_counter": _counter(_SENDER, "Calls that were made, of a handle or by an entry point."),
    "num_router_requests": _counter(
        _SENDER, "Calls that were sent to a replica; once more each time that a replica turned one away, or died."
    ),
    "deployment_queued_queries": _gauge(_SENDER, "Calls that wait at their senders for a free replica."),
    "num_ongoing_requests_at_replicas": _gauge(_SENDER, "Calls that were sent and have no answer yet."),
    # Replicas.
    "deployment_request_counter": _counter((*_REPLICA, "route"), "Requests that have ended, failed ones among them."),
    "deployment_error_counter": _counter(
        (*_REPLICA, "route", "exception_type"), "Requests that ended with an error or were stopped."
    ),
    "deployment_processing_latency_ms": _latency(_REPLICA, "From a request's admission to its end."),
    "replica_processing_queries": _gauge(_REPLICA, "Requests that the replica works on."),
    "replica_utilization_percent": _gauge(_REPLICA, "Its requests, as percentage of max_ongoing_requests."),
    "deployment_replica_starts": _counter(_REPLICA, "1 for each replica that has come to serve."),
    "deployment_replica_healthy": _gauge(_REPLICA, "1, or 0 since its last health check has failed."),
    "replica_startup_latency_ms": _latency(_REPLICA, "From the start of the replica's code until it serves."),
    "replica_initialization_latency_ms": _latency(
        _REPLICA, "Loading the deployment's code and running its constructor, reconfigure included."
    ),
    "replica_reconfigure_latency_ms": _latency(_REPLICA, "Getting ready for a patch or changed options."),
    "health_check_latency_ms": _latency(_REPLICA, "One health check."),
    "health_check_failures_total": _counter(_REPLICA, "Health checks that have failed."),
    # @serve.batch.
    "batch_wait_time_ms": _latency(_BATCH, "From the arrival of a batch's first item to the start of the batch."),
    "batch_execution_time_ms": _latency(_BATCH, "From the start of a batch to its end."),
    "batch_queue_length": _gauge(_BATCH, "Items that wait for a batch."),
    "batch_utilization_percent": Metric(
        HISTOGRAM, _BATCH, "Items in a batch, as percentage of max_batch_size.", PERCENT_BUCKETS
    ),
    "actual_batch_size": Metric(HISTOGRAM, _BATCH, "Items in a batch.", SIZE_BUCKETS),
    "batches_processed": _counter(_BATCH, "Batches that have ended."),
    # @serve.multiplexed.
    "multiplexed_model_load_latency_ms": _latency(_REPLICA, "Loading one model."),
    "multiplexed_model_unload_latency_ms": _latency(_REPLICA, "Unloading one model that has a __del__."),
    "multiplexed_get_model_requests_counter": _counter(_REPLICA, "Calls of a loader, most of them answered at once."),
    "multiplexed_models_load_counter": _counter(_REPLICA, "Models that were loaded."),
    "multiplexed_models_unload_counter": _counter(_REPLICA, "Models that were unloaded."),
    "num_multiplexed_models": _gauge(_REPLICA, "Models that are loaded."),
    "registered_multiplexed_model_id": _gauge((*_REPLICA, "model_id"), "1 for each model that is loaded."),
    # The controller, and the page itself.
    "application_status": _gauge(
        ("application",),
        "1 deploy failed, 2 unhealthy, 3 not started, 4 deleting, 5 deploying, 6 running.",
    ),
    "deployment_status": _gauge(
        ("application", "deployment"),
        "1 deploy failed, 2 unhealthy, 3 updating, 4 upscaling, 5 downscaling, 6 healthy.",
    ),
    "proxy_status": _gauge(("node_id",), "Of each gateway: 1 starting, 2 healthy, 3 unhealthy."),
    "controller_replicas": _gauge(("state",), "Replicas in each state."),
    "controller_replica_transitions": _counter((), "State changes of replicas."),
    "controller_loop_lag_ms": _gauge((), "How long the controller's event loop takes for one round."),
    "scrape_age_seconds": _gauge((), "How old the numbers are; more than a second if the controller does not answer."),
}
"""By name, without the prefix that the exporter puts before it."""
