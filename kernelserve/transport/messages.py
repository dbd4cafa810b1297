"""Messages of the data plane (`CallMeta`, `HttpRequest`, …) and of control, as tagged msgpack.

Data-plane structs are arrays on the wire for speed; control messages are tagged by class name, so a
receiver decodes the union `ControlMessage` and matches on the type.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kernelserve.transport.observed import LogLine, Point, Series
from kernelserve.types import Endpoint, JournalSpec

# --- data plane ---------------------------------------------------------------------------------


MetadataEntries = list[tuple[str, Any]]
"""gRPC metadata: text, or bytes for ``-bin`` keys (a union of the two is no type that msgspec decodes)."""


class GrpcMeta(msgspec.Struct, frozen=True, array_like=True):
    """What user code may ask about the gRPC request that a call is made for."""

    metadata: MetadataEntries
    peer: str = ""
    peer_identities: list[bytes] | None = None
    peer_identity_key: str | None = None
    auth_context: dict[str, list[bytes]] = {}


class GrpcStatus(msgspec.Struct, frozen=True, array_like=True):
    """What user code has set for the gRPC client: payload of a CHUNK with FLAG_STATUS; the last one counts."""

    code: int | None = None
    details: str | None = None
    trailing: MetadataEntries = []
    compression: int | None = None


class CallMeta(msgspec.Struct, frozen=True, array_like=True):
    """Head of a CALL frame."""

    request_id: str
    method: str = "__call__"
    multiplexed_model_id: str = ""
    session_id: str = ""
    route: str = ""
    timeout_s: float | None = None
    """Seconds left until the deadline when the frame left (clocks differ between hosts)."""
    chain: tuple[str, ...] = ()
    """Deployments (``app#name``) that wait for this call, outermost first."""
    grpc: GrpcMeta | None = None
    """The call is a gRPC request: with FLAG_MORE its argument is the stream of the CHUNKs, and answers and items
    are pairs of a protobuf type's name and the encoded message, or None and any object."""
    traceparent: str = ""
    """W3C trace context whose parent is the span of this call; "" if the request is not traced."""
    tracestate: str = ""
    """Of the client that sent the traceparent, unchanged."""


class HttpRequest(msgspec.Struct, frozen=True, array_like=True):
    """Head of an HTTP frame: what the ASGI scope needs."""

    request_id: str
    method: str
    path: str
    """Decoded path, whole (with the route prefix)."""
    raw_path: bytes
    query: bytes
    root_path: str
    """The app's route prefix without its trailing slash."""
    headers: list[tuple[bytes, bytes]]
    http_version: str = "1.1"
    client: tuple[str, int] | None = None
    server: tuple[str, int] | None = None
    route: str = ""
    timeout_s: float | None = None
    multiplexed_model_id: str = ""
    session_id: str = ""
    type: str = "http"
    """``http`` or ``websocket``, as in an ASGI scope."""
    scheme: str = "http"
    traceparent: str = ""
    """As in `CallMeta`; the header of that name is what the client sent."""


class HttpResponse(msgspec.Struct, frozen=True, array_like=True):
    """Head of the answer to an HTTP request: first part of a RESULT, or all of a START.

    A WebSocket is accepted by a START with status 101 (its headers may choose the subprotocol), or refused
    by a plain RESULT.
    """

    status: int
    headers: list[tuple[bytes, bytes]]


class WsClose(msgspec.Struct, frozen=True, array_like=True):
    """End of a WebSocket: payload of the RESULT (closed by the app) or of the last CHUNK (by the client)."""

    code: int = 1000
    reason: str = ""


class ErrorMeta(msgspec.Struct, frozen=True, array_like=True):
    """Head of an ERROR frame.

    `category`: ``user`` (raised by user code), ``cancelled``, ``timeout``, ``bad_request`` (no such
    method), ``revision_gone``, ``unavailable``, ``internal``.
    """

    category: str
    type_name: str
    message: str
    traceback: str = ""
    status: int = 0
    """HTTP status that the error asks for (`BackPressureError`), or 0; `retry_after_s` goes with it."""
    retry_after_s: float | None = None


# --- control ------------------------------------------------------------------------------------


class Message(msgspec.Struct, tag=True, kw_only=True, omit_defaults=True):
    """Base of the control messages."""


class Ok(Message):
    """Plain success."""

    value: Any = None


# sender (client, gateway, replica) → controller


class Hello(Message):
    """First message on a channel to the controller.

    `owner` identifies the notebook or script; `leased` says that its apps end with it. `entry` says
    that requests enter here, so that revisions are counted. `name` is for people.
    """

    name: str
    owner: str = ""
    leased: bool = False
    entry: bool = False
    node_id: str = ""


class Subscribe(Message):
    """Push `Routing` of these apps from now on; ``["*"]`` is all apps (the gateway).

    Answered after the present routing of each has been pushed.
    """

    apps: list[str]


class RevisionIdle(Message):
    """An entry point has no live request of `revision` and will start none (it is not current)."""

    app: str
    revision: int


class Trial(msgspec.Struct, frozen=True, array_like=True):
    """How a revision is tried beside the current one.

    Attributes:
        revision: its number; 0 in a `Deploy`, which does not know it yet.
        share: part of the new requests that it answers, 0 to 1; the requests of one session stay together.
        mirror: it gets copies of the requests, whose answers nobody sees; `share` is 0 then.
    """

    revision: int = 0
    share: float = 0.0
    mirror: bool = False


class Deploy(Message):
    """Apply a graph. `graph` is an encoded `graph.AppGraph`. Answered by `Deployed` when settled.

    With `trial` it is prepared and tried, and becomes current, or is taken back, by `EndTrial`.
    """

    graph: bytes
    request_id: str
    force_replace: bool = False
    dry_run: bool = False
    timeout_s: float | None = None
    source: str = ""
    take: bool = False
    """Take the app's name although another live owner has it."""
    trial: Trial | None = None


class Rollback(Message):
    """Apply the graph of an earlier revision as a new one, or try it (`trial`). Answered as `Deploy`."""

    app: str
    revision: int
    request_id: str
    force_replace: bool = False
    dry_run: bool = False
    timeout_s: float | None = None
    trial: Trial | None = None
    """With ``share=0`` only those requests reach it that ask for it: so an old revision is compared."""


class Update(Message):
    """Change options of deployments of the running revision, as a new revision. Answered as `Deploy`.

    `options`: deployment → option → value, of those that need no restart; ``batching`` (method → setting → value)
    changes what `@serve.batch` says.
    """

    app: str
    options: dict[str, dict[str, Any]]
    request_id: str
    dry_run: bool = False
    timeout_s: float | None = None


class EndTrial(Message):
    """Make the revision on trial current (`accept`), or take it back. Answered by `Deployed`."""

    app: str
    accept: bool
    request_id: str


class AbortDeploy(Message):
    """Give up the deploy with that request id; the running revision stays."""

    request_id: str
    reason: str = "interrupted"


class StepView(Message):
    """One deployment's part of a plan, for people."""

    deployment: str
    action: str
    reason: str = ""
    duration_s: float | None = None
    stage: str = ""


class Deployed(Message):
    """Outcome of a deploy.

    `outcome`: ``applied``, ``unchanged``, ``dry_run``, ``trial`` (it is being tried), ``rejected`` (its trial has
    ended), ``failed``, ``aborted`` or ``superseded``.
    """

    outcome: str
    app: str
    revision: int
    steps: list[StepView]
    duration_s: float = 0.0
    error: str = ""
    deployment: str = ""
    traceback: str = ""
    type_name: str = ""


class RevisionView(Message):
    """One deploy that was tried, for people.

    `time` is in seconds since the epoch. `source` is the cell; `options` (deployment → options that are not
    defaults) and `route_prefix` are the graph's. `of`: the revision that a rollback went back to, or 0.
    `state`: ``current``, ``trial``, ``draining`` or "" (it serves nothing).
    """

    number: int
    outcome: str
    time: float
    duration_s: float
    steps: list[StepView]
    source: str = ""
    error: str = ""
    route_prefix: str | None = None
    options: dict[str, dict[str, Any]] = {}
    of: int = 0
    state: str = ""


class GetRevisions(Message):
    """Answered by `Revisions`: those of the app that are on record, oldest first."""

    app: str


class Revisions(Message):
    revisions: list[RevisionView]


class Progress(Message):
    """NOTIFY to the client during a deploy."""

    request_id: str
    step: StepView


class Delete(Message):
    app: str


class DeleteOwned(Message):
    """Delete the apps of this owner (all of them with ``everything=True``)."""

    owner: str
    everything: bool = False


class GetStatus(Message):
    """Answered by `Ok(value=…)`: plain data of `schema.ServeStatus`."""


class GetGraph(Message):
    """Answered by `Ok(value=…)`: plain data of `control.views.app_view`."""

    app: str


class GetRequests(Message):
    """The requests that fit (see `observe.query.select`).

    The controller asks every entry point that follows the app. Answered by `RequestsFound`.
    """

    app: str
    last: int | None = 100
    status: int | str | None = None
    slower_than: float | None = None
    route: str | None = None
    id: str = ""
    """Only the requests with this id (one, and its copies and replays)."""
    after: float = 0.0
    """Only those that ended later than this Unix time."""
    brief: bool = False
    """Without bodies, headers and tracebacks: for tables that are asked for again and again."""


class RequestsFound(Message):
    """Parts are encoded records (`observe.record.encode_records`), one an entry point.

    `missing` names entry points that did not answer.
    """

    parts: list[bytes] = []
    missing: list[str] = []


class Counted(Message):
    """NOTIFY: all series of a process: right after its hello, then at most once a second when one has changed.

    The first one of a connection says where its counters stand, and counts for nothing in the history: it may be of a
    process that has counted for hours, before the controller was started again.
    """

    series: list[Series]


class GetSeries(Message):
    """Answered by `SeriesFound`: what every process of the system has counted, and the controller itself."""


class SeriesFound(Message):
    series: list[Series]


class GetHistory(Message):
    """Answered by `HistoryFound`: the steps of an app's history that ended later than `after` (Unix time)."""

    app: str
    after: float = 0.0


class HistoryFound(Message):
    points: list[Point]


class Watch(Message):
    """Tell this client of an app by `AppNews` from now on, or (`on=False`) not any more.

    Answered by `Ok` after a first one with `view`; ``"*"`` is all apps, those to come among them.
    """

    app: str
    on: bool = True


class AppNews(Message):
    """NOTIFY to a client that watches, at most four times a second.

    `view`: plain data of `control.views.app_view`, None if nothing in it has changed since the last one; ``{}``: the
    app is gone. `points`: the steps of its history since the last one.
    """

    app: str
    view: dict[str, Any] | None = None
    points: list[Point] = []


class GetLogs(Message):
    """Answered by `LogsFound`: the newest `last` lines of an app's replicas that fit, oldest first.

    `after`: those that were written later than the `cursor` of an earlier answer ("" is from the beginning).
    `level`: only those of it or above; what was printed is as INFO.
    """

    app: str
    deployment: str = ""
    request_id: str = ""
    level: str = ""
    last: int = 200
    after: str = ""


class LogsFound(Message):
    """`skipped`: lines since `after` that fitted, and are older than those asked for; 0 from the beginning."""

    lines: list[LogLine] = []
    cursor: str = ""
    skipped: int = 0


# controller → sender


class DeploymentRoute(msgspec.Struct, frozen=True, array_like=True):
    """The replicas of one deployment in one revision, and what a router must know."""

    endpoints: tuple[Endpoint, ...]
    max_queued_requests: int = -1
    backpressure_status: int = 503
    retry_after_s: float | None = None
    retry_on_replica_failure: bool = False


class Routing(Message):
    """All that a sender knows of an app. Replaces what was pushed before; answered by `Ok`.

    `epoch` grows at each start of the controller, `version` at each push: a receiver refuses an older
    pair. `current` is the revision for new requests (0: deleted, `deleted_reason` says why). `sets`
    maps revision → deployment → route. `journal` says how entry points keep requests, None: not at all. `trial`: the
    revision in `sets` that is tried beside `current`.
    """

    app: str
    epoch: int
    version: int
    current: int
    ingress: str = ""
    route_prefix: str | None = None
    sets: dict[int, dict[str, DeploymentRoute]] = {}
    deleted_reason: str = ""
    journal: JournalSpec | None = None
    trial: Trial | None = None


# controller → replica


class Prepare(Message):
    """Be ready to serve `revision` with new code and/or options; requests of older ones go on.

    `node` is an encoded `graph.Node`; `units` the code units that it needs; `sources` filename → text
    for tracebacks. `patch` tells a code patch from an options update. Answered by `Prepared`.
    """

    revision: int
    node: bytes
    units: dict[str, bytes]
    sources: dict[str, str] = {}
    patch: bool = True


class PatchOverdue(Message):
    """NOTIFY of a replica: requests of the old revision did not end in time for a patch that must be alone.

    It will not serve `revision`: calls of it are turned away, to be tried elsewhere. Replace the deployment in it.
    """

    app: str
    replica_id: str
    revision: int
    reason: str


class Warned(Message):
    """A replica in a process of its own warns those who work with the app; the controller passes it on as NOTIFY.

    `text` is the line that it has logged.
    """

    app: str
    text: str


class Prepared(Message):
    """`refused` non-empty: a patch is not safe here, replace instead (the reason). `error`: it failed.

    `barrier` non-empty: the patch must be alone (the reason), so it waits until the older revisions are retired.
    """

    refused: str = ""
    barrier: str = ""
    error: str = ""
    type_name: str = ""
    traceback: str = ""


class AbortPrepare(Message):
    revision: int


class Retire(Message):
    """No request of revisions up to and including `revision` will come: end their views.

    `overdue`: the drain time is over, and requests of them that still run are cut.
    """

    revision: int
    overdue: bool = False


class CheckHealth(Message):
    """Answered by `Ok`, or ERROR with the user's `check_health` failure."""


class GetReplicaInfo(Message):
    """Answered by `Ok(value={...})`: pid, ongoing, revisions, loads (for adoption and views)."""


class Drain(Message):
    """Take no new request; answered by `Ok` when idle or at `timeout_s` (value: requests left)."""

    timeout_s: float


ControlMessage = (
    Ok
    | Hello
    | Subscribe
    | RevisionIdle
    | Deploy
    | AbortDeploy
    | Rollback
    | Update
    | EndTrial
    | RevisionView
    | GetRevisions
    | Revisions
    | PatchOverdue
    | Warned
    | StepView
    | Deployed
    | Progress
    | Delete
    | DeleteOwned
    | GetStatus
    | GetGraph
    | GetRequests
    | RequestsFound
    | Counted
    | GetSeries
    | SeriesFound
    | GetHistory
    | HistoryFound
    | Watch
    | AppNews
    | GetLogs
    | LogsFound
    | Routing
    | Prepare
    | Prepared
    | AbortPrepare
    | Retire
    | CheckHealth
    | GetReplicaInfo
    | Drain
)
