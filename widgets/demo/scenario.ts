import type {
  Answer, Ask, DashboardFrame, Frame, GraphFrame, Mark, NodeView, ReplicaView, RequestRow, RequestsFrame, Sampled, Trace,
} from "../src/messages";

const NAMES = ["Gateway", "Translator", "Summarizer"];
const STAGES = ["loading model", "starting replicas", "draining old replicas"];
const SOURCE = `@serve.deployment(num_replicas=2, ray_actor_options={"num_cpus": 1})
class Translator:
    """Translates a text, a batch at a time."""

    def __init__(self, model: str = "small-en-fr"):
        self.model = load(model)  # takes a while

    @serve.batch(max_batch_size=8, batch_wait_timeout_s=0.05)
    async def translate(self, texts: list[str]) -> list[str]:
        return [self.model(text) for text in texts]

    async def __call__(self, request) -> dict[str, str]:
        text = (await request.json())["text"]
        return {"french": await self.translate(text)}
`;

/** An app that serves: numbers that move, revisions, errors. Deterministic but for the time. */
export class Scenario {
  readonly start = Date.now() / 1000;
  #turn = 0;
  #undo = "";

  constructor(
    readonly size: number,
    readonly state: string,
  ) {}

  get #now(): number {
    return Date.now() / 1000;
  }

  frame(view: string): Frame {
    this.#turn += 1;
    if (view === "dashboard") return this.#dashboard();
    return view === "requests" ? this.#requests() : this.#graph();
  }

  get #ends(): { lost_since: number | null; gone: boolean } {
    return { lost_since: this.state === "lost" ? this.start - 95 : null, gone: this.state === "gone" };
  }

  #graph(): GraphFrame {
    const nodes = Array.from({ length: this.size }, (_, i) => this.#node(i));
    const edges = nodes.flatMap((node, i) => {
      const caller = i === 0 ? "" : nodes[Math.floor((i - 1) / 3)]!.name;
      return [{ caller, callee: node.name, qps: this.state === "idle" ? 0 : wave(this.#turn, i, 900 / (i + 1)) }];
    });
    const deploying = this.state === "deploying" ? 4 : null;
    const failed = this.state === "errors";
    return {
      kind: "graph", app: this.state === "long" ? "a-very-long-application-name-of-somebody-who-likes-words" : "translate",
      time: this.#now, status: failed ? "UNHEALTHY" : deploying ? "DEPLOYING" : "RUNNING",
      message: failed ? "Summarizer: 1 of 2 replicas failed its health check three times" : "", revision: 3, deploying,
      trial: this.state === "trial" ? 4 : null, url: "http://127.0.0.1:8000/translate", nodes, edges, undo: this.#undo, ...this.#ends,
    };
  }

  #node(i: number): NodeView {
    const failing = this.state === "errors" && i === 2;
    const staged = this.state === "deploying" && i > 0;
    const actions = ["keep", "patch", "replace", "update", "add"];
    const base = NAMES[i] ?? `Deployment${i}`;
    const target = this.size > 10 ? 4 : i + 1;
    return {
      name: this.state === "long" ? `${base}WithANameThatDoesNotFitIntoAnyCard` : base,
      deployment_kind: i % 2 ? "function" : "class", status: failing ? "UNHEALTHY" : staged ? "UPDATING" : "HEALTHY",
      action: actions[(i + (this.#turn > 6 ? 1 : 0)) % 5]!, reason: ["nothing changed", "method __call__ changed", "the constructor changed", "num_replicas", "is new"][i % 5]!,
      revision: 3 - (i % 2), message: failing ? "health check failed: model is gone" : "",
      stage: staged ? STAGES[i % 3]! : "", stage_since: staged ? this.start - 12 : null, target,
      replicas: Array.from({ length: target }, (_, k) => this.#replica(i, k, failing)),
      qps: this.state === "idle" ? 0 : wave(this.#turn, i, 1200 / (i + 1)), errors: failing ? 2.4 : 0,
      p50: wave(this.#turn, i + 3, 3.4), p95: wave(this.#turn, i + 5, 12 * (i + 1)), queued: i % 3, ongoing: Math.round(wave(this.#turn, i, 4)),
    };
  }

  #replica(i: number, k: number, failing: boolean): ReplicaView {
    const states = this.state === "deploying" ? ["RUNNING", "STARTING", "STOPPING"] : ["RUNNING"];
    const state = failing && k === 1 ? "UNHEALTHY" : states[k % states.length]!;
    return {
      id: `${NAMES[i] ?? `Deployment${i}`}#${(i * 7919 + k * 104729).toString(36)}`, state, pid: 4000 + i * 10 + k, node: "node-1",
      since: this.start - 300 * (k + 1), memory: 180e6 * (k + 1), gpus: i === 1 ? [String(k)] : [], message: state === "UNHEALTHY" ? "health check timed out after 10 s" : "",
    };
  }

  #dashboard(): DashboardFrame {
    const time = Math.floor(this.#now);
    const points = this.state === "quiet" ? [] : this.#steps(time - 2, time);
    const apps = this.state === "none" ? [] : this.size > 10 ? ["translate", "search"] : ["translate"];
    return { kind: "dashboard", apps, time: this.#now, points, marks: this.#marks(), ...this.#ends };
  }

  #marks(): Mark[] {
    const at = (ago: number, revision: number, title: string): Mark => ({ app: "translate", revision, time: Math.floor(this.start) - ago, title });
    return [at(640, 1, "first"), at(330, 2, "patched Translator"), at(25, 3, "num_replicas of Translator 2 → 4")];
  }

  #steps(from: number, to: number): Sampled[] {
    const made: Sampled[] = [];
    for (let time = from; time <= to; time++) {
      if (time % 400 > 330) continue;
      NAMES.forEach((name, i) => made.push(step(time, name, i)));
      made.push(step(time, "", 0));
    }
    return made;
  }

  #requests(): RequestsFrame {
    const many = this.state === "flood";
    const rows = this.state === "quiet" ? [] : Array.from({ length: many ? 100 : 2 }, (_, k) => this.#row(this.#turn * 100 + k));
    return { kind: "requests", app: "translate", time: this.#now, rows, skipped: many ? 4900 : 0, ...this.#ends };
  }

  #row(n: number): RequestRow {
    const status = n % 7 === 3 ? 500 : n % 11 === 5 ? 499 : n % 13 === 1 ? "ok" : 200;
    return {
      id: `req-${n.toString(16).padStart(8, "0")}`, time: this.#now - (n % 5) / 50, method: typeof status === "string" ? "CALL" : n % 3 ? "POST" : "GET",
      path: n % 17 === 2 ? `/translate/${"a-long-path/".repeat(12)}` : typeof status === "string" ? "Translator.translate" : "/translate?to=fr", status,
      duration: 0.0012 + ((n * 37) % 400) / 1000, revision: 3, failed: status === 500, deployments: ["Gateway", "Translator"],
      error: status === 500 ? "ValueError: <b>no such language</b>: xx" : "", shadow: n % 19 === 4,
    };
  }

  answer(ask: Ask): { answer?: Answer; error?: string } {
    if (ask.kind === "node") return { answer: this.#details(ask.node) };
    if (ask.kind === "apply") return this.#applied(ask.options);
    if (ask.kind === "undo") return (this.#undo = ""), { answer: { kind: "applied", revision: 3, summary: "num_replicas is 2 again", undo: "" } };
    if (ask.kind === "logs") return { answer: { kind: "log_rows", cursor: String(this.#turn), skipped: ask.after ? 0 : 3, lines: this.#lines() } };
    if (ask.kind === "history") return { answer: { kind: "history_points", points: this.state === "quiet" ? [] : this.#steps(Math.floor(this.#now) - 850, Math.floor(this.#now)), marks: this.#marks() } };
    if (ask.kind === "rows") return { answer: { kind: "request_rows", rows: this.state === "quiet" ? [] : Array.from({ length: 40 }, (_, k) => ({ ...this.#row(k), time: this.start - 40 + k / 2 })) } };
    if (ask.kind === "trace") return { answer: this.#trace(Number.parseInt(ask.request_id.slice(4), 16)) };
    return { answer: { kind: "replayed", status: 200, duration: 0.034, same: false, answer: { form: "json", content_type: "application/json", size: 22, text: '{"french": "bonjour"}', data: "", cut: false }, request_id: "r" } };
  }

  #applied(options: Record<string, unknown>): { answer?: Answer; error?: string } {
    if (Number(options["num_replicas"]) > 8) return { error: "num_replicas of Translator: 9 is more than the 8 that the cluster has room for. Choose a smaller number." };
    this.#undo = "num_replicas of Translator back to 2";
    return { answer: { kind: "applied", revision: 3, summary: "updated in 0.3 s, nothing restarted", undo: this.#undo } };
  }

  #details(node: string): Answer {
    return {
      kind: "node_details", node, source: SOURCE, options: { num_replicas: "2", max_ongoing_requests: "16", ray_actor_options: '{"num_cpus": 1}' },
      replicas: [], assumptions: ["`load` is looked up when it is called"],
      knobs: [
        { option: "num_replicas", label: "replicas", control: "slider", value: 2, help: "how many run", low: 1, high: 10, step: 1 },
        { option: "max_ongoing_requests", label: "ongoing requests", control: "number", value: 16, help: "of one replica at a time", low: 1, high: null, step: 1 },
        { option: "batching.translate.max_batch_size", label: "translate: batch size", control: "slider", value: 8, help: "items in a batch at most", low: 1, high: 64, step: 1 },
        { option: "user_config", label: "user config", control: "json", value: { temperature: 0.2, languages: ["fr", "de"] }, help: "given to reconfigure", low: null, high: null, step: null },
      ],
    };
  }

  #lines(): { time: number; level: string; text: string; replica: string; request_id: string }[] {
    const levels = ["INFO", "DEBUG", "WARNING", "ERROR", "STDOUT"];
    return [0, 1].map((k) => ({ time: this.#now, level: levels[(this.#turn + k) % 5]!, text: `translated ${this.#turn + k} words <img src=x onerror=alert(1)>`, replica: "Translator#a1", request_id: "req-1" }));
  }

  #trace(n: number): Trace {
    const row = this.#row(n);
    const bad = row.failed;
    const d = row.duration;
    const span = { attempts: 1, replica: "Gateway#0", error: "", batch_size: 0, batch_wait: 0 };
    return {
      kind: "trace_found", row, trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", curl: `curl -X POST 'http://127.0.0.1:8000/translate' -d '{"text": "hello"}'`,
      handle_call: 'serve.get_app_handle("translate").remote("hello").result()', why_not: "",
      error: bad ? "ValueError: no such language: xx" : "",
      traceback: bad ? 'Traceback (most recent call last):\n  File "cell 3", line 14, in __call__\n    return {"french": await self.translate(text)}\nValueError: no such language: xx <script>alert(1)</script>' : "",
      request: { form: "json", content_type: "application/json", size: 2345, text: JSON.stringify({ text: "<script>alert(1)</script>", options: { to: "fr", beams: 4, strict: true, hints: null }, ids: Array.from({ length: 30 }, (_, i) => i) }), data: "", cut: false },
      answer: n % 2 ? { form: "array", content_type: "application/x-pickle", size: 602112, text: "float32 array (1, 3, 224, 224)", data: "", cut: true } : { form: "text", content_type: "text/html", size: 54, text: '<img src=x onerror="alert(1)"> <a href="javascript:x">', data: "", cut: false },
      spans: [
        { ...span, deployment: "Gateway", method: "__call__", depth: 0, start: 0, duration: d, queue: d * 0.05, run: d * 0.9 },
        { ...span, deployment: "Translator", method: "translate", depth: 1, start: d * 0.1, duration: d * 0.6, queue: d * 0.15, run: d * 0.42, batch_wait: d * 0.14, batch_size: 6, error: bad ? "ValueError" : "" },
        { ...span, deployment: "Summarizer", method: "__call__", depth: 1, start: d * 0.72, duration: d * 0.2, queue: 0, run: d * 0.18 },
      ],
    };
  }
}

function wave(turn: number, phase: number, size: number): number {
  return size * (0.8 + 0.2 * Math.sin(turn / 3 + phase));
}

function step(time: number, deployment: string, i: number): Sampled {
  const load = 1 + Math.sin(time / 40 + i) * 0.5 + Math.sin(time * 1.7) * 0.1;
  return {
    app: "translate", deployment, time, seconds: 1, requests: Math.round(140 * load), errors: time % 90 < 6 ? 8 : 0,
    p50: 3 * load, p95: 14 * load + (time % 37), p99: 40 * load + (time % 53) * 3, queued: Math.max(0, Math.round(6 * (load - 1))),
    ongoing: Math.round(5 * load), batch_size: deployment === "Gateway" ? null : 4 + 2 * load, replicas: time % 400 < 120 ? 2 : 4,
  };
}
