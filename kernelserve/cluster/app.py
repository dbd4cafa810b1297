"""`LiveApp`: a running application as its user holds it."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Any

from kernelserve.cluster.look import GraphData, Look
from kernelserve.cluster.metrics import metrics_frame, too_long, window_s
from kernelserve.cluster.revisions import revisions_frame
from kernelserve.cluster.session import Session
from kernelserve.config import did_you_mean
from kernelserve.exceptions import ApplicationNotFoundError, DeployError
from kernelserve.handle import DeploymentHandle
from kernelserve.observe.log_lines import Logs, check_logs
from kernelserve.observe.query import check_query
from kernelserve.observe.table import requests_frame
from kernelserve.observe.trace import RequestTrace
from kernelserve.schema import ApplicationStatusOverview
from kernelserve.transport.messages import Deployed, GetLogs, GetRequests

if TYPE_CHECKING:
    import pandas

    from kernelserve.cluster.replay import Replay
    from kernelserve.observe.compare import Equal


class LiveApp:
    """A running application; made by `kernelserve.app`.

    Example:
        >>> live = serve.app("search")                      # doctest: +SKIP
        >>> await live.handle.search.remote("split text")   # doctest: +SKIP
        >>> live.url                                        # doctest: +SKIP
        'http://127.0.0.1:8000/search'
    """

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self.name = name
        self.graph()  # Raises if there is none.

    @property
    def url(self) -> str | None:
        """Base URL of the app, or None if it has no route."""
        return self._session.url(self.graph()["route_prefix"])

    @property
    def handle(self) -> DeploymentHandle[Any]:
        """Handle to the ingress deployment."""
        return DeploymentHandle(self.graph()["ingress"], self.name)

    @property
    def revision(self) -> int:
        """Number of the running revision."""
        return int(self.graph()["revision"])

    def status(self) -> ApplicationStatusOverview:
        """The app's part of `kernelserve.status`."""
        overview = self._session.status().applications.get(self.name)
        if overview is None:
            raise ApplicationNotFoundError(f"App {self.name!r} is not running any more. Deploy it again.")
        return overview

    @property
    def revisions(self) -> pandas.DataFrame:
        """The app's revisions on record, a row each, oldest first, with its number as index.

        Columns: ``outcome`` (applied, failed, aborted, …), ``time`` (UTC), ``seconds`` that it took, ``plan`` in
        words, ``state`` (current, trial, draining, or "" if it serves nothing), ``error`` (None without one).

        Raises:
            ImportError: pandas is not installed.

        Example:
            >>> live.revisions[["outcome", "plan"]]             # doctest: +SKIP
        """
        return revisions_frame(self._session.revisions(self.name))

    def rollback(self, revision: int) -> Deployed:
        """Go back to an earlier revision: its graph becomes a new one, patched where that can be.

        Raises:
            RayServeException: the revision is not on record, or was never applied.
            DeployError: it could not be applied again; what ran before still runs.

        Example:
            >>> live.rollback(3).revision                       # doctest: +SKIP
            6
        """
        outcome = self._session.rollback(self.name, revision)
        raise_unless_applied(outcome)
        return outcome

    def update(self, deployment: str, **options: Any) -> Deployed:
        """Change options of a deployment while it runs, as a new revision; its replicas go on, with their state.

        Those that need no new replicas can be changed: `num_replicas`, `max_ongoing_requests`, `user_config` and
        more. ``batching={method: {setting: value}}`` changes max_batch_size, batch_wait_timeout_s and
        max_concurrent_batches of `serve.batch` methods. The next run of the cell brings back what the cell says.

        Raises:
            ValueError, TypeError: an option or a value is wrong, or needs new replicas; nothing has changed.
            RayServeException: a deploy or trial of the app is under way.
            DeployError: it could not be applied; what ran before still runs.

        Example:
            >>> live.update("Search", num_replicas=3).revision      # doctest: +SKIP
            2
            >>> live.update("Search", batching={"score": {"max_batch_size": 16}})  # doctest: +SKIP
        """
        outcome = self._session.update(self.name, {deployment: options})
        raise_unless_applied(outcome)
        return outcome

    def accept(self) -> Deployed:
        """Make the revision on trial (`%%serve --canary`, `--shadow`) the one that answers.

        Raises:
            RayServeException: nothing of the app is on trial.
        """
        return self._session.end_trial(self.name, accept=True)

    def reject(self) -> Deployed:
        """Take the revision on trial back; its requests end first. Raises as `accept`."""
        return self._session.end_trial(self.name, accept=False)

    def graph(self) -> GraphData:
        """Plain data: nodes with options, replicas and last action; edges; route; revision. A notebook shows it live.

        Example:
            >>> live.graph()["revision"]                        # doctest: +SKIP
            3
        """
        return GraphData(self._session.graph(self.name), Look(self._session, self.name, "graph"))

    def dashboard(self) -> Look:
        """Throughput, latencies, errors, queues, batches and replicas of the last 15 minutes, live in a notebook."""
        return Look(self._session, self.name, "dashboard")

    def inspect(self) -> Look:
        """The app's requests as they end, live in a notebook: a row opens its waterfall and payloads.

        The journal must be on; see `requests`.
        """
        return Look(self._session, self.name, "requests")

    def metrics(self, window: str | float = "5m") -> pandas.DataFrame:
        """What the app did in the last minutes: a row for each deployment and step of about a second, oldest first.

        The index is the time (UTC). Columns: ``deployment`` ("" is the app as a whole: requests that entered it, and
        sums of the others), ``requests`` that have ended and ``errors`` among them, ``qps``, ``p50_ms``, ``p95_ms``,
        ``p99_ms`` (NaN without a request; estimates from buckets, see `observe.history.quantile`), ``queued``,
        ``ongoing`` and ``replicas`` at the end of the step, ``batch_size`` (mean, NaN without a batch). Seconds in
        which nothing happened have no row.

        Args:
            window: ``"30s"``, ``"5m"``, ``"1h"`` or seconds. The last 15 minutes are kept; a longer one warns.

        Raises:
            ValueError: the window is none.
            ImportError: pandas is not installed.

        Example:
            >>> table = live.metrics("1m")                              # doctest: +SKIP
            >>> table[table["deployment"] == "Search"]["p95_ms"].plot()  # doctest: +SKIP
        """
        seconds = window_s(window)
        if warning := too_long(seconds):
            warnings.warn(warning, stacklevel=2)
        return metrics_frame(self._session.client.history(self.name, time.time() - seconds))

    def requests(
        self,
        last: int | None = 100,
        status: int | str | None = None,
        slower_than: float | None = None,
        route: str | None = None,
    ) -> pandas.DataFrame:
        """The app's latest requests as a pandas table, a row each, oldest first; columns: `observe.table`.

        The journal keeps errors, the slowest of each minute, and of the others up to 200 a second, in 16 MiB in
        all for each process where requests enter (the gateway, and notebooks or scripts that use handles).

        Args:
            last: how many at most; None is all that is kept.
            status: an HTTP status, ``"ok"``, ``"error"`` (from 400 on) or ``"cancelled"``.
            slower_than: only those that took more seconds.
            route: only those of this route prefix.

        Raises:
            RayServeException: the app's journal is off.
            ImportError: pandas is not installed.
            ValueError: an argument is wrong.

        Example:
            >>> live.requests(last=20, status="error")[["path", "error"]]  # doctest: +SKIP
        """
        check_query(last, status, slower_than)
        query = GetRequests(app=self.name, last=last, status=status, slower_than=slower_than, route=route)
        records, missing = self._session.requests(query)
        if missing:
            warnings.warn(
                f"The requests of {', '.join(missing)} are not in this table: no answer in time. Ask again.",
                stacklevel=2,
            )
        return requests_frame(records, last=None)

    def logs(self, deployment: str = "", *, request_id: str = "", level: str = "", last: int = 200) -> Logs:
        """The latest lines that the app's replicas have logged or printed, oldest first.

        Args:
            deployment: only its lines.
            request_id: only those of this request.
            level: only those of it or above, such as ``"WARNING"``; what was printed is as ``"INFO"``.
            last: how many at most.

        Returns:
            A sequence of `LogLine` that prints as lines; ``.frame()`` makes a pandas table of it.

        Raises:
            ValueError: an argument is wrong; there is no such deployment.

        Example:
            >>> live.logs("Llm", level="WARNING")                       # doctest: +SKIP
            >>> live.logs(last=1000).frame().groupby("replica").size()  # doctest: +SKIP
        """
        check_logs(level, last)
        query = GetLogs(app=self.name, deployment=deployment, request_id=request_id, level=level.upper(), last=last)
        found = self._session.client.logs(query)
        if deployment and not found.lines:
            names = [node["name"] for node in self.graph()["nodes"]]
            if deployment not in names:
                near = did_you_mean(deployment, names)
                raise ValueError(f"App {self.name!r} has no deployment {deployment!r}, and no lines of one. {near}")
        return Logs(found.lines)

    def compare(
        self,
        a: int,
        b: int,
        *,
        last: int | None = 100,
        route: str | None = None,
        tolerance: float = 1e-6,
        equal: Equal | None = None,
        timeout_s: float = 30.0,
    ) -> pandas.DataFrame:
        """Send the app's latest HTTP requests again, to two of its revisions, and compare the answers.

        The requests run with all their effects, twice: on databases, on other services, on the state of the revision
        that serves. A revision that is neither current nor on trial is started for the time of the comparison, on
        replicas of its own, and appears among the revisions as a trial that was rejected.

        Replayed are requests that the journal has whole: not those of handles, gRPC and WebSockets, with bodies over
        64 KiB, or that the app's redact function has changed; a warning counts them.

        Args:
            a, b: numbers of revisions, such as 3 for r3.
            last: how many of the newest requests; None is all that are kept.
            route: only those of this route prefix.
            tolerance: numbers in JSON answers may differ by it, relatively or absolutely; whole numbers may not.
            equal: decides instead: gets both answers as they are in the table, if their status is the same.
            timeout_s: longest time for one answer.

        Returns:
            A row a request, oldest first: ``request`` (method and path), ``answer_a`` and ``answer_b`` (decoded if
            they are JSON or text, else bytes), ``equal``, ``status_a`` and ``status_b`` (0: no answer came),
            ``ms_a`` and ``ms_b``.

        Raises:
            RayServeException: a revision is not on record, or cannot be started while another is on trial; the app
                was deployed meanwhile; its journal is off.
            DeployError: an earlier revision could not be started.
            ValueError: an argument is wrong.

        Example:
            >>> answers = live.compare(3, 5)                        # doctest: +SKIP
            >>> answers[~answers["equal"]]                          # doctest: +SKIP
        """
        # Late: an HTTP client, which only this needs.
        from kernelserve.cluster.compare import Comparison, compare

        return compare(self._session, Comparison(self.name, a, b, last, route, tolerance, equal, timeout_s))

    def trace(self, id: str) -> RequestTrace:
        """What is known of one request: the waterfall of its spans, its payloads, its error.

        Args:
            id: its request id: the header ``x-request-id`` of its answer, or the column ``id`` of `requests`.

        Raises:
            RequestNotFoundError: (a LookupError) the journal does not have it; it keeps a sample.
            RayServeException: the app's journal is off.

        Example:
            >>> live.trace("6f1c9a2e-1f").span.children[0].run_s    # doctest: +SKIP
            0.012
        """
        # Late: as for `compare`; the same for `replay`.
        from kernelserve.cluster.replay import find_record

        return RequestTrace(find_record(self._session, self.name, id))

    def replay(self, id: str, *, timeout_s: float = 30.0) -> Replay:
        """Send an HTTP request again, as it is on record, with all its effects; the revision that serves answers.

        Args:
            id: its request id, as for `trace`.
            timeout_s: longest time for the answer.

        Returns:
            The `answer` with its `status` and `ms`, and whether it is the `same` as the one on record.

        Raises:
            RequestNotFoundError: (a LookupError) the journal does not have it; it keeps a sample.
            RayServeException: it cannot be sent again: it was made by a handle, or is not on record whole.

        Example:
            >>> live.replay("6f1c9a2e-1f").same                     # doctest: +SKIP
            True
        """
        from kernelserve.cluster.replay import replay

        return replay(self._session, self.name, id, timeout_s)

    def __repr__(self) -> str:
        return f"LiveApp({self.name!r})"


SUCCEEDED = frozenset({"applied", "unchanged", "dry_run", "trial", "rejected"})


def raise_unless_applied(outcome: Deployed) -> None:
    """Turn the outcome of a failed plan into `DeployError`."""
    if outcome.outcome in SUCCEEDED:
        return
    where = f" ({outcome.deployment})" if outcome.deployment else ""
    raise DeployError(
        f"App {outcome.app!r} was not deployed: {outcome.outcome}{where}. {outcome.error}".rstrip(),
        outcome.deployment or None,
        outcome.traceback,
    )
