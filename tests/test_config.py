"""Options: each bad value is refused with what happened, the value seen, and what to do."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.config import (
    DEFAULT,
    BackpressureConfig,
    DeploymentOptions,
    HTTPOptions,
    check_name,
    check_route_prefix,
    load_options,
    merge_options,
    plain_options,
)
from kernelserve.exceptions import FeatureNotBuiltError

BASE = DeploymentOptions()

OUT_OF_RANGE = [
    ("num_replicas", 0, "num_replicas is 0", "at least 1"),
    ("num_replicas", "two", "num_replicas is 'two'", "whole number"),
    ("num_replicas", True, "num_replicas is True", "whole number"),
    ("num_replicas", 1.5, "num_replicas is 1.5", "whole number"),
    ("max_ongoing_requests", 0, "max_ongoing_requests is 0", "at least 1"),
    ("max_ongoing_requests", "5", "max_ongoing_requests is '5'", "whole number"),
    ("max_queued_requests", -2, "max_queued_requests is -2", "-1 (no limit)"),
    ("max_queued_requests", 1.0, "max_queued_requests is 1.0", "whole number"),
    ("max_constructor_retry_count", -1, "max_constructor_retry_count is -1", "at least 0"),
    ("graceful_shutdown_wait_loop_s", -0.1, "graceful_shutdown_wait_loop_s is -0.1", "0 or more"),
    ("graceful_shutdown_timeout_s", "20", "graceful_shutdown_timeout_s is '20'", "seconds"),
    ("health_check_period_s", float("nan"), "health_check_period_s is nan", "seconds"),
    ("health_check_timeout_s", float("inf"), "health_check_timeout_s is inf", "seconds"),
    ("health_check_timeout_s", True, "health_check_timeout_s is True", "seconds"),
    ("retry_on_replica_failure", 1, "retry_on_replica_failure is 1", "True or False"),
    ("reload", "never", "reload is 'never'", "'replace' (never patch)"),
    ("user_config", object, "user_config is <class 'object'>", "dicts, lists"),
    ("user_config", {"a": {1, 2}, "b": lambda: 0}, "which is not JSON", "dicts, lists"),
    ("ray_actor_options", ["num_cpus"], "ray_actor_options is ['num_cpus']", "{'num_cpus': 1}"),
    ("ray_actor_options", {"num_cpu": 1}, "'num_cpu'", "Did you mean 'num_cpus'?"),
    ("ray_actor_options", {"colour": 1}, "'colour'", "Valid names: accelerator_type"),
    ("backpressure_config", 503, "backpressure_config is 503", "BackpressureConfig("),
    ("backpressure_config", {"status_code": 500}, "status_code is 500", "503 or 429"),
    ("backpressure_config", {"retry_after_s": -1}, "retry_after_s is -1", "seconds >= 0"),
    ("backpressure_config", {"status": 429}, "'status' (429)", "Did you mean 'status_code'?"),
    ("version", "v1", "(got 'v1')", "Leave it out"),
]


@pytest.mark.parametrize(("option", "value", "seen", "advice"), OUT_OF_RANGE)
def test_a_bad_value_is_refused_in_three_parts(option: str, value: Any, seen: str, advice: str) -> None:
    with pytest.raises(ValueError, match=option) as caught:
        merge_options(BASE, {option: value})
    assert seen in str(caught.value)
    assert advice in str(caught.value)


NOT_BUILT = [
    ("num_replicas", "auto"),
    ("autoscaling_config", {"min_replicas": 1}),
    ("placement_group_bundles", [{"CPU": 1}]),
    ("placement_group_strategy", "PACK"),
    ("placement_group_bundle_label_selector", [{}]),
    ("max_replicas_per_node", 1),
    ("request_router_config", {}),
    ("gang_scheduling_config", {}),
    ("deployment_actors", []),
    ("rolling_update_percentage", 0.5),
    ("max_surge_percent", 20),
    ("ray_actor_options", {"fallback_strategy": []}),
]


@pytest.mark.parametrize(("option", "value"), NOT_BUILT)
def test_an_option_that_is_not_built_is_named_and_never_ignored(option: str, value: Any) -> None:
    with pytest.raises(FeatureNotBuiltError, match="not built yet") as caught:
        merge_options(BASE, {option: value})
    assert isinstance(caught.value, NotImplementedError)
    assert option in str(caught.value)
    last = value if not isinstance(value, dict) or "fallback_strategy" not in value else value["fallback_strategy"]
    assert repr(last) in str(caught.value)
    assert "Leave it out" in str(caught.value) or "Use a number" in str(caught.value)


@pytest.mark.parametrize(
    ("option", "value"), [("autoscaling_config", None), ("rolling_update_percentage", 0.2), ("max_surge_percent", 0)]
)
def test_values_that_ask_for_nothing_are_taken(option: str, value: Any) -> None:
    assert merge_options(BASE, {option: value}) == BASE


@pytest.mark.parametrize(
    ("option", "hint"),
    [("num_replica", "'num_replicas'"), ("max_ongoing_request", "'max_ongoing_requests'"), ("zzz", "Valid names: ")],
)
def test_an_unknown_option_gets_the_nearest_name(option: str, hint: str) -> None:
    with pytest.raises(TypeError, match=f"Unknown deployment option {option}=3") as caught:
        merge_options(BASE, {option: 3})
    assert hint in str(caught.value)


def test_one_bad_option_changes_nothing() -> None:
    with pytest.raises(ValueError, match="max_ongoing_requests"):
        merge_options(BASE, {"num_replicas": 3, "max_ongoing_requests": 0})
    assert DeploymentOptions() == BASE


def test_options_that_were_not_given_stay() -> None:
    base = merge_options(BASE, {"num_replicas": 3, "user_config": {"a": (1, 2)}})
    merged = merge_options(base, {"num_replicas": DEFAULT, "max_ongoing_requests": 7})
    assert (merged.num_replicas, merged.max_ongoing_requests, merged.user_config) == (3, 7, {"a": [1, 2]})
    assert merge_options(merged, {"user_config": None}).user_config is None


def test_backpressure_config_by_dict_or_none() -> None:
    given = merge_options(BASE, {"backpressure_config": {"status_code": 429, "retry_after_s": 1.5}})
    assert given.backpressure_config == BackpressureConfig(429, 1.5)
    assert merge_options(given, {"backpressure_config": None}).backpressure_config == BackpressureConfig()


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "num_replicas": st.integers(1, 99),
            "max_ongoing_requests": st.integers(1, 10**6),
            "max_queued_requests": st.integers(-1, 10**6),
            "health_check_period_s": st.floats(0, 1e6),
            "user_config": st.recursive(st.none() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=5),
            "ray_actor_options": st.fixed_dictionaries({"num_cpus": st.integers(0, 8)}),
            "retry_on_replica_failure": st.booleans(),
            "reload": st.sampled_from(["auto", "replace", "keep"]),
        },
    )
)
def test_options_come_back_from_plain_data(given: dict[str, Any]) -> None:
    options = merge_options(BASE, given)
    assert load_options(plain_options(options)) == options
    assert pickle.loads(pickle.dumps(options)) == options


@pytest.mark.parametrize(
    ("prefix", "seen", "advice"),
    [
        ("search", "'search'", "Use '/search'"),
        ("/search/", "'/search/'", "Use '/search'"),
        ("//", "'//'", "Use '/'"),
        ("/{id}", "'/{id}'", "plain paths"),
        ("/a?b", "'/a?b'", "plain paths"),
        ("/a#b", "'/a#b'", "plain paths"),
        (5, "is 5", "Use a string"),
    ],
)
def test_a_bad_route_prefix_is_refused_in_three_parts(prefix: Any, seen: str, advice: str) -> None:
    with pytest.raises(ValueError, match="route prefix") as caught:
        check_route_prefix(prefix)
    assert seen in str(caught.value)
    assert advice in str(caught.value)


@pytest.mark.parametrize("prefix", [None, "/", "/search", "/a/b"])
def test_good_route_prefixes(prefix: str | None) -> None:
    assert check_route_prefix(prefix) == prefix


@pytest.mark.parametrize(("name", "seen"), [("", "''"), (None, "None"), (3, "3"), ("a#b", "'a#b'")])
def test_a_bad_name_is_refused(name: Any, seen: str) -> None:
    with pytest.raises(ValueError, match="app name") as caught:
        check_name(name, "app")
    assert seen in str(caught.value)


@pytest.mark.parametrize("port", [-1, 65536, True, "8000"])
def test_a_bad_port_is_refused(port: Any) -> None:
    with pytest.raises(ValueError, match="from 0 to 65535") as caught:
        HTTPOptions(port=port)
    assert repr(port) in str(caught.value)


def test_http_options_are_made_of_what_start_accepts() -> None:
    assert HTTPOptions.of(None) == HTTPOptions()
    assert HTTPOptions.of({"port": 0, "host": "127.0.0.2", "root_path": ""}) == HTTPOptions("127.0.0.2", 0)
    same = HTTPOptions(port=9)
    assert HTTPOptions.of(same) is same
    with pytest.raises(TypeError, match=r"Unknown HTTP option ports=1\. Did you mean 'port'\?"):
        HTTPOptions.of({"ports": 1})
    with pytest.raises(FeatureNotBuiltError, match=r"ssl_keyfile='key\.pem' is not built yet .* Leave it out"):
        HTTPOptions.of({"ssl_keyfile": "key.pem"})
