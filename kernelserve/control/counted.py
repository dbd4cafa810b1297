"""What the processes of the system have counted, and the controller itself: the answer to `GetSeries`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from kernelserve.control.senders import Sender
from kernelserve.observe.catalog import COUNTER, GAUGE
from kernelserve.schema import ApplicationStatus, DeploymentStatus, ProxyStatus
from kernelserve.transport.observed import Series, Tags

REMEMBERED = 32
"""Processes that are gone whose counters are kept apart, should they only have lost their channel."""

_A, _D = ApplicationStatus, DeploymentStatus
_APP_CODES = [_A.DEPLOY_FAILED, _A.UNHEALTHY, _A.NOT_STARTED, _A.DELETING, _A.DEPLOYING, _A.RUNNING]
_DEPLOYMENT_CODES = [_D.DEPLOY_FAILED, _D.UNHEALTHY, _D.UPDATING, _D.UPSCALING, _D.DOWNSCALING, _D.HEALTHY]
_PROXY_CODES = [ProxyStatus.STARTING, ProxyStatus.HEALTHY, ProxyStatus.UNHEALTHY]

Identity = tuple[str, str, str]
Totals = dict[tuple[str, Tags], Series]


class CountedSeries:
    """The latest series of every sender.

    Counters of a process that is gone stay in the sums (but those of one replica alone, which are gone with it): a
    sum that falls would be taken for a restart, and all that is left of it for new.
    """

    def __init__(self) -> None:
        self._latest: dict[Sender, list[Series]] = {}
        self._gone: dict[Identity, list[Series]] = {}
        self._folded: Totals = {}

    def counted(self, sender: Sender, series: list[Series]) -> None:
        """All series of a sender as they are."""
        self._latest[sender] = series
        self._gone.pop(_identity(sender), None)  # It was here before, and goes on counting.

    def left(self, sender: Sender) -> None:
        """A sender's channel is lost."""
        series = self._latest.pop(sender, [])
        lasting = [one for one in series if one.kind != GAUGE and not any(name == "replica" for name, _ in one.tags)]
        if lasting:
            self._gone[_identity(sender)] = lasting
        if len(self._gone) > REMEMBERED:
            _add(self._folded, self._gone.pop(next(iter(self._gone))))

    def forget(self, app: str) -> None:
        """An app is gone: what was counted of it by processes that are gone, too."""
        tag = ("application", app)
        self._folded = {key: one for key, one in self._folded.items() if tag not in one.tags}
        gone = ((who, [one for one in series if tag not in one.tags]) for who, series in self._gone.items())
        self._gone = {who: series for who, series in gone if series}

    def all(self) -> list[Series]:
        """Each name and set of tags once, added up."""
        totals = dict(self._folded)
        for series in (*self._gone.values(), *self._latest.values()):
            _add(totals, series)
        return list(totals.values())


def _identity(sender: Sender) -> Identity:
    return sender.role, sender.hello.name, sender.hello.owner


def _add(totals: Totals, series: Iterable[Series]) -> None:
    for one in series:
        key = one.name, one.tags
        other = totals.get(key)
        totals[key] = one if other is None else _sum(other, one)


def _sum(one: Series, other: Series) -> Series:
    """The newer one alone where the two are not of one kind, or have other buckets."""
    if (one.kind, one.bounds, len(one.counts)) != (other.kind, other.bounds, len(other.counts)):
        return other
    counts = tuple(a + b for a, b in zip(one.counts, other.counts, strict=True))
    return msgspec.structs.replace(other, value=one.value + other.value, counts=counts)


def own_series(status: Mapping[str, Any], transitions: int, lag_s: float) -> Iterator[Series]:
    """What the controller counts itself.

    Args:
        status: plain data of `schema.ServeStatus`.
        transitions: state changes of replicas so far.
        lag_s: how long its event loop takes for one round.
    """
    states: Counter[str] = Counter()
    for app, view in status["applications"].items():
        yield _gauge("application_status", _code(_APP_CODES, view["status"]), application=app)
        for name, deployment in view["deployments"].items():
            states.update(deployment["replica_states"])
            code = _code(_DEPLOYMENT_CODES, deployment["status"])
            yield _gauge("deployment_status", code, application=app, deployment=name)
    for node, proxy in status["proxies"].items():
        yield _gauge("proxy_status", _code(_PROXY_CODES, proxy), node_id=node)
    for state, number in sorted(states.items()):
        yield Series("controller_replicas", GAUGE, (("state", state),), number, description="Replicas in each state.")
    yield Series("controller_replica_transitions", COUNTER, value=transitions, description="Replicas' state changes.")
    yield Series(
        "controller_loop_lag_ms", GAUGE, value=lag_s * 1000, description="One round of the controller's event loop."
    )


def _gauge(name: str, value: int, **tags: str) -> Series:
    return Series(name, GAUGE, tuple(sorted(tags.items())), value)


def _code(codes: list[Any], status: str) -> int:
    return codes.index(status) + 1 if status in codes else 0
