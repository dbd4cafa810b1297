import { act } from "preact/test-utils";

import type { Answer, Ask, DashboardFrame, FromFront, GraphFrame, NodeView, Reply, RequestRow, RequestsFrame, Sampled } from "../src/messages";
import type { Model } from "../src/model";
import widget from "../src/index";

type Callback = (...args: never[]) => void;

/** A model whose kernel is the test. */
export class TestModel implements Model {
  readonly sent: FromFront[] = [];
  readonly listeners = new Map<string, Set<Callback>>();
  comm_live?: boolean;

  constructor(
    readonly kind: string,
    private frame: unknown = null,
  ) {}

  get(name: string): unknown {
    return { frame: this.frame, view_kind: this.kind, static_id: "picture-1" }[name];
  }
  send(message: FromFront): void {
    this.sent.push(message);
  }
  on(name: string, callback: Callback): void {
    this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(callback));
  }
  off(name: string, callback: Callback): void {
    this.listeners.get(name)?.delete(callback);
  }
  get listening(): number {
    return [...this.listeners.values()].reduce((sum, callbacks) => sum + callbacks.size, 0);
  }
  tell(name: string, ...args: unknown[]): void {
    for (const callback of [...(this.listeners.get(name) ?? [])]) (callback as (...args: unknown[]) => void)(...args);
  }
  async push(frame: unknown): Promise<void> {
    await act(() => {
      this.frame = frame;
      this.tell("change:frame");
    });
  }
  /** The latest ask of that kind; fails if there is none. */
  asked<K extends Ask["kind"]>(kind: K): Extract<Ask, { kind: K }> {
    const found = this.sent.findLast((message) => message.kind === kind);
    if (!found) throw new Error(`nothing of kind ${kind} was sent, but ${JSON.stringify(this.sent)}`);
    return found as Extract<Ask, { kind: K }>;
  }
  async answer(ask: Ask, answer: Answer | null, error = ""): Promise<void> {
    const reply: Reply = { kind: "reply", id: ask.id, answer, error };
    await act(async () => {
      this.tell("msg:custom", reply);
      await Promise.resolve();
    });
  }
}

/** The part of an IntersectionObserver that tests turn. */
export class Observer {
  static all: Observer[] = [];
  static get connected(): number {
    return Observer.all.filter((observer) => observer.connected).length;
  }
  connected = true;
  constructor(private readonly callback: (entries: { isIntersecting: boolean }[]) => void) {
    Observer.all.push(this);
  }
  observe(): void {}
  disconnect(): void {
    this.connected = false;
  }
  static async show(visible: boolean): Promise<void> {
    await act(() => {
      for (const observer of Observer.all) if (observer.connected) observer.callback([{ isIntersecting: visible }]);
    });
  }
}
globalThis.IntersectionObserver = Observer as never;

/** A ResizeObserver by which every element is 600 pixels wide. */
export class Sizes {
  static connected = 0;
  #on = false;
  constructor(private readonly callback: (entries: { contentRect: { width: number } }[]) => void) {}
  observe(): void {
    if (!this.#on) Sizes.connected += 1;
    this.#on = true;
    this.callback([{ contentRect: { width: 600 } }]);
  }
  disconnect(): void {
    if (this.#on) Sizes.connected -= 1;
    this.#on = false;
  }
}
globalThis.ResizeObserver = Sizes as never;

const open: (() => void)[] = [];

export interface Mounted {
  model: TestModel;
  element: HTMLElement;
  close: () => void;
  text: () => string;
  find: (selector: string) => HTMLElement;
  all: (selector: string) => HTMLElement[];
}

/** Shows a view of `model` as a notebook does, on the screen. */
export async function mount(model: TestModel): Promise<Mounted> {
  const element = document.createElement("div");
  document.body.append(element);
  let dispose: () => void = () => undefined;
  await act(() => {
    dispose = widget.render({ model, el: element });
  });
  await Observer.show(true);
  let closed = false;
  const close = (): void => {
    if (!closed) dispose();
    closed = true;
    element.remove();
  };
  open.push(close);
  await act(() => new Promise((resolve) => queueMicrotask(() => resolve())));
  const find = (selector: string): HTMLElement => {
    const found = element.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`no ${selector} in ${element.innerHTML.slice(0, 3000)}`);
    return found;
  };
  return { model, element, close, find, text: () => element.textContent ?? "", all: (selector) => [...element.querySelectorAll<HTMLElement>(selector)] };
}

export function cleanUp(): void {
  for (const close of open.splice(0)) close();
  Observer.all = [];
}

export async function click(element: HTMLElement): Promise<void> {
  await act(() => element.click());
}

export async function type(element: HTMLElement, text: string, event = "input"): Promise<void> {
  await act(() => {
    (element as HTMLInputElement).value = text;
    element.dispatchEvent(new Event(event, { bubbles: true }));
  });
}

export const NOW = (): number => Date.now() / 1000;

export function node(name: string, more: Partial<NodeView> = {}): NodeView {
  return {
    name, deployment_kind: "class", status: "HEALTHY", action: "keep", reason: "", revision: 1, message: "", stage: "", stage_since: null,
    target: 1, replicas: [], qps: null, errors: null, p50: null, p95: null, queued: 0, ongoing: 0, ...more,
  };
}

export function replica(id: string, state: string): NodeView["replicas"][number] {
  return { id, state, pid: 12, node: "", since: null, memory: 12e6, gpus: [], message: "" };
}

export function graph(more: Partial<GraphFrame> = {}): GraphFrame {
  return {
    kind: "graph", app: "shop", time: NOW(), status: "RUNNING", message: "", revision: 1, deploying: null, trial: null, url: "", nodes: [node("A")],
    edges: [], lost_since: null, gone: false, undo: "", ...more,
  };
}

export function row(id: string, more: Partial<RequestRow> = {}): RequestRow {
  return {
    id, time: 1000, method: "GET", path: `/${id}`, status: 200, duration: 0.01, revision: 1, failed: false, deployments: [], error: "", shadow: false,
    ...more,
  };
}

export function requests(rows: RequestRow[], more: Partial<RequestsFrame> = {}): RequestsFrame {
  return { kind: "requests", app: "shop", time: NOW(), rows, skipped: 0, lost_since: null, gone: false, ...more };
}

export function sampled(time: number, more: Partial<Sampled> = {}): Sampled {
  return {
    app: "shop", deployment: "", time, seconds: 1, requests: 10, errors: 0, p50: 1, p95: 2, p99: 3, queued: 0, ongoing: 1, batch_size: null,
    replicas: 2, ...more,
  };
}

export function dashboard(points: Sampled[], more: Partial<DashboardFrame> = {}): DashboardFrame {
  return { kind: "dashboard", apps: ["shop"], time: NOW(), points, marks: [], lost_since: null, gone: false, ...more };
}
