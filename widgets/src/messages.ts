// Made from kernelserve/widget/messages.py by `python -m kernelserve.widget.typescript`; do not edit.

/**
 * What Python and the front end of a view say to each other; `widgets/src/messages.ts` has the same types.
 *
 * Python → front end: the synced trait ``frame`` (one of `Frame`), and a `Reply` to each `Ask` as a custom message.
 * Front end → Python: `Seen` and the asks, as custom messages. Structs are tagged by ``kind``; times are Unix seconds,
 * durations seconds, latencies milliseconds. A number that is not known is None, never 0.
 */

/** `state` as in Ray Serve: STARTING, RUNNING, STOPPING, …; `memory` in bytes; `gpus`: ids, empty without. */
export interface ReplicaView {
  id: string;
  state: string;
  pid: number | null;
  node: string;
  since: number | null;
  memory: number | null;
  gpus: string[];
  message: string;
}

/**
 * One deployment.
 *
 * `action`: of the last plan: keep, update, patch, replace, add; `reason` of it in a line. `revision`: that its code
 * is of. `stage`: what a running plan does to it, "" if nothing, since `stage_since`. Rates are per second.
 */
export interface NodeView {
  name: string;
  deployment_kind: string;
  status: string;
  action: string;
  reason: string;
  revision: number;
  message: string;
  stage: string;
  stage_since: number | null;
  target: number;
  replicas: ReplicaView[];
  qps: number | null;
  errors: number | null;
  p50: number | null;
  p95: number | null;
  queued: number;
  ongoing: number;
}

/** Calls of one deployment by another; `caller` is "" for requests from outside. */
export interface EdgeView {
  caller: string;
  callee: string;
  qps: number | null;
}

/**
 * State of a graph view.
 *
 * `deploying`: the revision that is being prepared; `trial`: the one on trial. `lost_since`: the runtime cannot be
 * reached since then, and the numbers are of that time. `gone`: the app was deleted. `undo`: what an undo of the last
 * change made from this view would do, in words, or "".
 */
export interface GraphFrame {
  kind: "graph";
  app: string;
  time: number;
  status: string;
  message: string;
  revision: number;
  deploying: number | null;
  trial: number | null;
  url: string;
  nodes: NodeView[];
  edges: EdgeView[];
  lost_since: number | null;
  gone: boolean;
  undo: string;
}

/** One step of the history of one app, or of one deployment of it (`deployment` "" is the whole app). */
export interface Sampled {
  app: string;
  deployment: string;
  time: number;
  seconds: number;
  requests: number;
  errors: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  queued: number;
  ongoing: number;
  batch_size: number | null;
  replicas: number;
}

/** A revision on the time axis. */
export interface Mark {
  app: string;
  revision: number;
  time: number;
  title: string;
}

/** The latest steps (some overlap from frame to frame); all there are come as the answer to `AskHistory`. */
export interface DashboardFrame {
  kind: "dashboard";
  apps: string[];
  time: number;
  points: Sampled[];
  marks: Mark[];
  lost_since: number | null;
  gone: boolean;
}

/** One request of the journal. `status`: an HTTP status, or ok, error, cancelled of a handle call. */
export interface RequestRow {
  id: string;
  time: number;
  method: string;
  path: string;
  status: number | string;
  duration: number;
  revision: number;
  failed: boolean;
  deployments: string[];
  error: string;
  shadow: boolean;
}

/** The newest requests, oldest first (some overlap from frame to frame). `skipped`: of the last step, left out. */
export interface RequestsFrame {
  kind: "requests";
  app: string;
  time: number;
  rows: RequestRow[];
  skipped: number;
  lost_since: number | null;
  gone: boolean;
}

export type Frame = GraphFrame | DashboardFrame | RequestsFrame;

/** A view is (not) on the screen: `view` is an id that the front end has made; `closed`: it is gone for good. */
export interface Seen {
  kind: "seen";
  view: string;
  on: boolean;
  closed?: boolean;
}

/** Answered by `NodeDetails`. */
export interface AskNode {
  kind: "node";
  id: number;
  node: string;
}

/** Change options of a deployment, as an update plan; answered by `Applied`. */
export interface AskApply {
  kind: "apply";
  id: number;
  node: string;
  options: Record<string, unknown>;
}

/** Take the last `AskApply` of this view back; answered by `Applied`. */
export interface AskUndo {
  kind: "undo";
  id: number;
}

/** The newest lines of a deployment (`after`: cursor of an earlier answer); answered by `Logs`. */
export interface AskLogs {
  kind: "logs";
  id: number;
  node: string;
  request_id?: string;
  after?: string;
}

/** Answered by `History`. */
export interface AskHistory {
  kind: "history";
  id: number;
}

/** The newest requests that fit (`status`: ok, error, cancelled or ""); answered by `Rows`. */
export interface AskRows {
  kind: "rows";
  id: number;
  status?: string;
  slower_than?: number | null;
  last?: number;
}

/** Everything that is known of one request; answered by `Trace`. */
export interface AskTrace {
  kind: "trace";
  id: number;
  request_id: string;
}

/** Send a request again; answered by `Replayed`. */
export interface AskReplay {
  kind: "replay";
  id: number;
  request_id: string;
}

export type Ask = AskNode | AskApply | AskUndo | AskLogs | AskHistory | AskRows | AskTrace | AskReplay;

export type FromFront = Seen | AskNode | AskApply | AskUndo | AskLogs | AskHistory | AskRows | AskTrace | AskReplay;

/**
 * An option that can be changed while the deployment runs.
 *
 * `control`: ``slider`` (with `low`, `high`, `step`), ``number`` or ``json`` (any value). `option`: its name in
 * `AskApply`; those of `@serve.batch` methods are ``batching.METHOD.SETTING``.
 */
export interface Knob {
  option: string;
  label: string;
  control: string;
  value: unknown;
  help: string;
  low: number | null;
  high: number | null;
  step: number | null;
}

/** `source`: code of the live revision; `options`: those that are not defaults, as text. */
export interface NodeDetails {
  kind: "node_details";
  node: string;
  source: string;
  options: Record<string, string>;
  knobs: Knob[];
  replicas: ReplicaView[];
  assumptions: string[];
}

/** `summary`: what was done, in a line. */
export interface Applied {
  kind: "applied";
  revision: number;
  summary: string;
  undo: string;
}

export interface LogRow {
  time: number;
  level: string;
  text: string;
  replica: string;
  request_id: string;
}

export interface Logs {
  kind: "log_rows";
  lines: LogRow[];
  cursor: string;
  skipped: number;
}

export interface History {
  kind: "history_points";
  points: Sampled[];
  marks: Mark[];
}

export interface Rows {
  kind: "request_rows";
  rows: RequestRow[];
}

/** One bar of a waterfall: callers first; `depth` is how deep it is, `start` in seconds after the request's. */
export interface SpanView {
  deployment: string;
  method: string;
  depth: number;
  start: number;
  duration: number;
  queue: number;
  run: number;
  batch_wait: number;
  batch_size: number;
  attempts: number;
  replica: string;
  error: string;
}

/**
 * A payload as it is shown.
 *
 * `form`: ``json`` (`text` is the JSON), ``text``, ``image`` (`data` is base64, `content_type` its type), ``array``
 * (`text` is dtype and shape) or ``binary`` (`text` says what is known). `size` is of the whole, in bytes; `cut`:
 * there is more.
 */
export interface Body {
  form: string;
  content_type: string;
  size: number;
  text: string;
  data: string;
  cut: boolean;
}

/** `curl`, `handle_call`: lines that send it again, "" where that cannot be; `why_not`: it cannot be replayed. */
export interface Trace {
  kind: "trace_found";
  row: RequestRow;
  spans: SpanView[];
  request: Body | null;
  answer: Body | null;
  error: string;
  traceback: string;
  curl: string;
  handle_call: string;
  why_not: string;
  trace_id: string;
}

/** The answer to the request when it was sent again, and whether it is the one that was recorded. */
export interface Replayed {
  kind: "replayed";
  status: number;
  duration: number;
  same: boolean;
  answer: Body | null;
  request_id: string;
}

export type Answer = NodeDetails | Applied | Logs | History | Rows | Trace | Replayed;

/** To the ask with that `id`: its `answer`, or an `error` for people (then `answer` is None). */
export interface Reply {
  kind: "reply";
  id: number;
  answer: Answer | null;
  error: string;
}
