import type { FromFront, Reply } from "../src/messages";
import type { Model } from "../src/model";
import type { Scenario } from "./scenario";

type Callback = (...args: never[]) => void;

/** A model whose kernel is a `Scenario`. */
export class FakeModel implements Model {
  readonly #listeners = new Map<string, Set<Callback>>();
  #frame: unknown = null;

  constructor(
    readonly view: string,
    readonly scenario: Scenario,
  ) {
    if (scenario.state !== "empty") this.#frame = scenario.frame(view);
  }

  get(name: string): unknown {
    return { frame: this.#frame, view_kind: this.view, static_id: "" }[name];
  }

  on(name: string, callback: Callback): void {
    const callbacks = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, callbacks.add(callback));
  }

  off(name: string, callback: Callback): void {
    this.#listeners.get(name)?.delete(callback);
  }

  send(message: FromFront): void {
    if (message.kind === "seen") return;
    const reply: Reply = { kind: "reply", id: message.id, answer: null, error: "", ...this.scenario.answer(message) };
    setTimeout(() => this.#tell("msg:custom", reply), this.scenario.state === "busy" ? 60_000 : 40);
  }

  /** Sends frames for as long as the page is open. */
  play(everyMs: number): void {
    if (this.scenario.state === "empty") return;
    setInterval(() => {
      this.#frame = this.scenario.frame(this.view);
      this.#tell("change:frame");
    }, everyMs);
  }

  #tell(name: string, ...args: unknown[]): void {
    for (const callback of this.#listeners.get(name) ?? []) (callback as (...args: unknown[]) => void)(...args);
  }
}
