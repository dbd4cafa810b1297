import { type AnswerTo, AskError, type AskKind, Asks, type Question } from "./asks";
import type { Frame, FromFront, Reply } from "./messages";
import type { Model } from "./model";
import { watchVisibility } from "./visibility";

/** A view on the screen whose numbers have not come for so long does not show them as live. */
export const STALE_AFTER_MS = 10_000;
const CHECK_EVERY_MS = 1_000;
const LOST = "The kernel cannot be reached. When it is back, run the cell again.";
const KINDS: ReadonlySet<unknown> = new Set(["graph", "dashboard", "requests"]);

/** What a view shows: the latest frame, and since when (Unix seconds) it is not live, if it is not. */
export interface Shown {
  frame: Frame | null;
  lostSince: number | null;
  visible: boolean;
}

/**
 * One view's connection to its kernel: frames, asks, and whether it is on the screen.
 *
 * Everything it holds (listeners, timers, the observer, unanswered asks) ends with `close`.
 */
export class Client {
  readonly id = Math.random().toString(36).slice(2, 12);
  readonly #asks = new Asks((ask) => this.#send(ask));
  readonly #stop: (() => void)[] = [];
  #frame: Frame | null;
  #visible = false;
  #commLost = false;
  /** When a frame came, an ask was sent or the view came onto the screen, whichever was last. */
  #heard = Date.now();
  #stale: boolean;
  #closed = false;

  constructor(
    private readonly model: Model,
    element: Element,
    private readonly onChange: () => void,
  ) {
    this.#frame = readFrame(model);
    // A saved notebook brings the last frame back without its kernel: an old one is not live.
    this.#stale = this.#frame !== null && Date.now() - this.#frame.time * 1000 > STALE_AFTER_MS;
    this.#commLost = model.comm_live === false;
    this.#listen("change:frame", () => this.#onFrame());
    this.#listen("msg:custom", (message: unknown) => this.#onMessage(message));
    this.#listen("comm:close", () => this.#setCommLost(true));
    // Not every host lets a view read `comm_live`: there a change means lost, until the next frame comes.
    this.#listen("comm_live_update", () => this.#setCommLost(model.comm_live !== true));
    this.#stop.push(watchVisibility(element, (visible) => this.#onVisible(visible)));
    const timer = setInterval(() => this.#check(), CHECK_EVERY_MS);
    this.#stop.push(() => clearInterval(timer));
  }

  get shown(): Shown {
    return { frame: this.#frame, lostSince: this.#lostSince(), visible: this.#visible };
  }

  /** Asks the kernel; rejects with an `AskError` whose message is for people. */
  ask<K extends AskKind>(question: Question<K>, onWaiting?: () => void): Promise<AnswerTo[K]> {
    if (this.#closed || this.#commLost) return Promise.reject(new AskError(LOST));
    if (this.#stale) this.#heard = Date.now();
    const answer = this.#asks.ask<K>(question, onWaiting);
    if (this.#commLost) this.#asks.failAll(LOST);
    return answer;
  }

  /** Takes a custom message of the model; what is not a reply is left alone. */
  #onMessage(message: unknown): void {
    if (isReply(message)) this.#asks.settle(message);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stop of this.#stop.splice(0)) stop();
    this.#asks.failAll(LOST);
    this.#send({ kind: "seen", view: this.id, on: false, closed: true });
  }

  #send(message: FromFront): void {
    if (this.#commLost) return;
    try {
      this.model.send(message);
    } catch {
      // A host whose kernel is dead throws here, each in its own way; the view says it in words.
      this.#commLost = true;
    }
  }

  #listen(name: string, callback: (...args: never[]) => void): void {
    this.model.on(name, callback);
    this.#stop.push(() => this.model.off(name, callback));
  }

  #onFrame(): void {
    this.#frame = readFrame(this.model);
    this.#heard = Date.now();
    this.#stale = false;
    this.#commLost = false;
    this.onChange();
  }

  #onVisible(visible: boolean): void {
    this.#visible = visible;
    this.#heard = Date.now();
    this.#send({ kind: "seen", view: this.id, on: visible });
    this.onChange();
  }

  #setCommLost(lost: boolean): void {
    this.#commLost = lost;
    if (lost) this.#asks.failAll(LOST);
    this.onChange();
  }

  #check(): void {
    const expects = this.#visible && this.#frame !== null && !this.#frame.gone && this.#frame.lost_since === null;
    if (!expects || Date.now() - this.#heard <= STALE_AFTER_MS) return;
    this.#asks.failAll(LOST);
    if (this.#stale) return;
    this.#stale = true;
    this.onChange();
  }

  #lostSince(): number | null {
    if (!this.#frame) return null;
    return this.#frame.lost_since ?? (this.#commLost || this.#stale ? this.#frame.time : null);
  }
}

function readFrame(model: Model): Frame | null {
  const frame = model.get("frame") as Frame | null | undefined;
  return frame && KINDS.has(frame.kind) ? frame : null;
}

function isReply(message: unknown): message is Reply {
  return typeof message === "object" && message !== null && (message as Reply).kind === "reply";
}
