import type {
  Answer, Applied, Ask, History, Logs, NodeDetails, Replayed, Reply, Rows, Trace,
} from "./messages";

/** What each ask is answered with. */
export interface AnswerTo {
  node: NodeDetails;
  apply: Applied;
  undo: Applied;
  logs: Logs;
  history: History;
  rows: Rows;
  trace: Trace;
  replay: Replayed;
}
export type AskKind = keyof AnswerTo;
type Of<K extends AskKind> = Extract<Ask, { kind: K }>;
/** An ask before it has got its id. */
export type Question<K extends AskKind> = Omit<Of<K>, "id">;

const ANSWERS: Record<AskKind, Answer["kind"]> = {
  node: "node_details",
  apply: "applied",
  undo: "applied",
  logs: "log_rows",
  history: "history_points",
  rows: "request_rows",
  trace: "trace_found",
  replay: "replayed",
};

/** An ask was refused or lost; its message is for people. */
export class AskError extends Error {}

/** A reply that takes longer than this waits for the running cell: kernels answer between cells. */
export const WAITING_AFTER_MS = 500;

interface Pending {
  kind: AskKind;
  resolve: (answer: Answer) => void;
  reject: (error: AskError) => void;
  timer: ReturnType<typeof setTimeout>;
}

// Replies go to every view of a model, so ids differ between views, and between browser windows.
let last = Math.floor(Math.random() * 2 ** 20) * 2 ** 20;

/** Asks that have not been answered. */
export class Asks {
  readonly #pending = new Map<number, Pending>();

  constructor(private readonly send: (ask: Ask) => void) {}

  get size(): number {
    return this.#pending.size;
  }

  /** Sends a question; `onWaiting` is called if no reply came in `WAITING_AFTER_MS`. */
  ask<K extends AskKind>(question: Question<K>, onWaiting?: () => void): Promise<AnswerTo[K]> {
    const id = ++last;
    const kind = question.kind as AskKind;
    return new Promise<AnswerTo[K]>((resolve, reject) => {
      const timer = setTimeout(() => onWaiting?.(), WAITING_AFTER_MS);
      this.#pending.set(id, { kind, resolve: resolve as (answer: Answer) => void, reject, timer });
      this.send({ ...question, id } as unknown as Ask);
    });
  }

  /** Settles the ask that `reply` answers; one that is not of this view is left alone. */
  settle(reply: Reply): void {
    const pending = this.#take(reply.id);
    if (!pending) return;
    if (reply.error) return pending.reject(new AskError(reply.error));
    if (reply.answer?.kind === ANSWERS[pending.kind]) return pending.resolve(reply.answer);
    const got = reply.answer?.kind ?? "nothing";
    pending.reject(new AskError(`The kernel answered "${pending.kind}" with "${got}": restart it, its version is another.`));
  }

  /** Fails all of them. */
  failAll(reason: string): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(new AskError(reason));
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending) clearTimeout(pending.timer);
    this.#pending.delete(id);
    return pending;
  }
}
