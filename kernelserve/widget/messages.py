"""What Python and the front end of a view say to each other; `widgets/src/messages.ts` has the same types.

Python → front end: the synced trait ``frame`` (one of `Frame`), and a `Reply` to each `Ask` as a custom message.
Front end → Python: `Seen` and the asks, as custom messages. Structs are tagged by ``kind``; times are Unix seconds,
durations seconds, latencies milliseconds. A number that is not known is None, never 0.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Tagged(msgspec.Struct, tag_field="kind", kw_only=True):
    """Base: tagged by its ``kind``."""


# --- frames -------------------------------------------------------------------------------------


class ReplicaView(msgspec.Struct, kw_only=True):
    """`state` as in Ray Serve: STARTING, RUNNING, STOPPING, …; `memory` in bytes; `gpus`: ids, empty without."""

    id: str
    state: str
    pid: int | None = None
    node: str = ""
    since: float | None = None
    memory: int | None = None
    gpus: list[str] = []
    message: str = ""


class NodeView(msgspec.Struct, kw_only=True):
    """One deployment.

    `action`: of the last plan: keep, update, patch, replace, add; `reason` of it in a line. `revision`: that its code
    is of. `stage`: what a running plan does to it, "" if nothing, since `stage_since`. Rates are per second.
    """

    name: str
    deployment_kind: str
    status: str
    action: str
    reason: str
    revision: int
    message: str = ""
    stage: str = ""
    stage_since: float | None = None
    target: int = 1
    replicas: list[ReplicaView] = []
    qps: float | None = None
    errors: float | None = None
    p50: float | None = None
    p95: float | None = None
    queued: int = 0
    ongoing: int = 0


class EdgeView(msgspec.Struct, kw_only=True):
    """Calls of one deployment by another; `caller` is "" for requests from outside."""

    caller: str
    callee: str
    qps: float | None = None


class GraphFrame(Tagged, kw_only=True, tag="graph"):
    """State of a graph view.

    `deploying`: the revision that is being prepared; `trial`: the one on trial. `lost_since`: the runtime cannot be
    reached since then, and the numbers are of that time. `gone`: the app was deleted. `undo`: what an undo of the last
    change made from this view would do, in words, or "".
    """

    app: str
    time: float
    status: str
    message: str = ""
    revision: int
    deploying: int | None = None
    trial: int | None = None
    url: str = ""
    nodes: list[NodeView] = []
    edges: list[EdgeView] = []
    lost_since: float | None = None
    gone: bool = False
    undo: str = ""


class Sampled(msgspec.Struct, kw_only=True):
    """One step of the history of one app, or of one deployment of it (`deployment` "" is the whole app)."""

    app: str
    deployment: str
    time: float
    seconds: float
    requests: int
    errors: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    queued: int = 0
    ongoing: int = 0
    batch_size: float | None = None
    replicas: int = 0


class Mark(msgspec.Struct, kw_only=True):
    """A revision on the time axis."""

    app: str
    revision: int
    time: float
    title: str


class DashboardFrame(Tagged, kw_only=True, tag="dashboard"):
    """The latest steps (some overlap from frame to frame); all there are come as the answer to `AskHistory`."""

    apps: list[str]
    time: float
    points: list[Sampled] = []
    marks: list[Mark] = []
    lost_since: float | None = None
    gone: bool = False


class RequestRow(msgspec.Struct, kw_only=True):
    """One request of the journal. `status`: an HTTP status, or ok, error, cancelled of a handle call."""

    id: str
    time: float
    method: str
    path: str
    status: int | str
    duration: float
    revision: int
    failed: bool = False
    deployments: list[str] = []
    error: str = ""
    shadow: bool = False


class RequestsFrame(Tagged, kw_only=True, tag="requests"):
    """The newest requests, oldest first (some overlap from frame to frame). `skipped`: of the last step, left out."""

    app: str
    time: float
    rows: list[RequestRow] = []
    skipped: int = 0
    lost_since: float | None = None
    gone: bool = False


Frame = GraphFrame | DashboardFrame | RequestsFrame

# --- front end → Python -------------------------------------------------------------------------


class Seen(Tagged, kw_only=True, tag="seen"):
    """A view is (not) on the screen: `view` is an id that the front end has made; `closed`: it is gone for good."""

    view: str
    on: bool
    closed: bool = False


class AskNode(Tagged, kw_only=True, tag="node"):
    """Answered by `NodeDetails`."""

    id: int
    node: str


class AskApply(Tagged, kw_only=True, tag="apply"):
    """Change options of a deployment, as an update plan; answered by `Applied`."""

    id: int
    node: str
    options: dict[str, Any]


class AskUndo(Tagged, kw_only=True, tag="undo"):
    """Take the last `AskApply` of this view back; answered by `Applied`."""

    id: int


class AskLogs(Tagged, kw_only=True, tag="logs"):
    """The newest lines of a deployment (`after`: cursor of an earlier answer); answered by `Logs`."""

    id: int
    node: str
    request_id: str = ""
    after: str = ""


class AskHistory(Tagged, kw_only=True, tag="history"):
    """Answered by `History`."""

    id: int


class AskRows(Tagged, kw_only=True, tag="rows"):
    """The newest requests that fit (`status`: ok, error, cancelled or ""); answered by `Rows`."""

    id: int
    status: str = ""
    slower_than: float | None = None
    last: int = 200


class AskTrace(Tagged, kw_only=True, tag="trace"):
    """Everything that is known of one request; answered by `Trace`."""

    id: int
    request_id: str


class AskReplay(Tagged, kw_only=True, tag="replay"):
    """Send a request again; answered by `Replayed`."""

    id: int
    request_id: str


Ask = AskNode | AskApply | AskUndo | AskLogs | AskHistory | AskRows | AskTrace | AskReplay
FromFront = Seen | Ask

# --- answers ------------------------------------------------------------------------------------


class Knob(msgspec.Struct, kw_only=True):
    """An option that can be changed while the deployment runs.

    `control`: ``slider`` (with `low`, `high`, `step`), ``number`` or ``json`` (any value). `option`: its name in
    `AskApply`; those of `@serve.batch` methods are ``batching.METHOD.SETTING``.
    """

    option: str
    label: str
    control: str
    value: Any
    help: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None


class NodeDetails(Tagged, kw_only=True, tag="node_details"):
    """`source`: code of the live revision; `options`: those that are not defaults, as text."""

    node: str
    source: str
    options: dict[str, str]
    knobs: list[Knob]
    replicas: list[ReplicaView]
    assumptions: list[str] = []


class Applied(Tagged, kw_only=True, tag="applied"):
    """`summary`: what was done, in a line."""

    revision: int
    summary: str
    undo: str = ""


class LogRow(msgspec.Struct, kw_only=True):
    time: float
    level: str
    text: str
    replica: str = ""
    request_id: str = ""


class Logs(Tagged, kw_only=True, tag="log_rows"):
    lines: list[LogRow]
    cursor: str
    skipped: int = 0


class History(Tagged, kw_only=True, tag="history_points"):
    points: list[Sampled]
    marks: list[Mark]


class Rows(Tagged, kw_only=True, tag="request_rows"):
    rows: list[RequestRow]


class SpanView(msgspec.Struct, kw_only=True):
    """One bar of a waterfall: callers first; `depth` is how deep it is, `start` in seconds after the request's."""

    deployment: str
    method: str
    depth: int
    start: float
    duration: float
    queue: float
    run: float
    batch_wait: float
    batch_size: int
    attempts: int
    replica: str = ""
    error: str = ""


class Body(msgspec.Struct, kw_only=True):
    """A payload as it is shown.

    `form`: ``json`` (`text` is the JSON), ``text``, ``image`` (`data` is base64, `content_type` its type), ``array``
    (`text` is dtype and shape) or ``binary`` (`text` says what is known). `size` is of the whole, in bytes; `cut`:
    there is more.
    """

    form: str
    content_type: str
    size: int
    text: str = ""
    data: str = ""
    cut: bool = False


class Trace(Tagged, kw_only=True, tag="trace_found"):
    """`curl`, `handle_call`: lines that send it again, "" where that cannot be; `why_not`: it cannot be replayed."""

    row: RequestRow
    spans: list[SpanView]
    request: Body | None = None
    answer: Body | None = None
    error: str = ""
    traceback: str = ""
    curl: str = ""
    handle_call: str = ""
    why_not: str = ""
    trace_id: str = ""


class Replayed(Tagged, kw_only=True, tag="replayed"):
    """The answer to the request when it was sent again, and whether it is the one that was recorded."""

    status: int
    duration: float
    same: bool
    answer: Body | None = None
    request_id: str = ""


Answer = NodeDetails | Applied | Logs | History | Rows | Trace | Replayed


class Reply(Tagged, kw_only=True, tag="reply"):
    """To the ask with that `id`: its `answer`, or an `error` for people (then `answer` is None)."""

    id: int
    answer: Answer | None = None
    error: str = ""
