import type { Mark, Sampled } from "../messages";

/** Steps older than this are let go. */
export const WINDOW_S = 15 * 60;

/** What the charts draw: values at the same times, null where there is none. */
export interface Columns {
  time: number[];
  requests: (number | null)[];
  errors: (number | null)[];
  p50: (number | null)[];
  p95: (number | null)[];
  p99: (number | null)[];
  queued: (number | null)[];
  ongoing: (number | null)[];
  batch: (number | null)[];
  replicas: (number | null)[];
}
export type Column = Exclude<keyof Columns, "time">;

function noColumns(): Columns {
  return { time: [], requests: [], errors: [], p50: [], p95: [], p99: [], queued: [], ongoing: [], batch: [], replicas: [] };
}

/** The steps of apps and their deployments, each once, however often it came. */
export class Points {
  readonly #steps = new Map<string, Map<string, Map<number, Sampled>>>();
  readonly #marks = new Map<string, Mark>();

  add(points: Sampled[], marks: Mark[]): void {
    for (const point of points) {
      const app = valueOf(this.#steps, point.app, () => new Map<string, Map<number, Sampled>>());
      valueOf(app, point.deployment, () => new Map<number, Sampled>()).set(point.time, point);
    }
    for (const mark of marks) this.#marks.set(JSON.stringify([mark.app, mark.revision, mark.time]), mark);
  }

  /** Lets what is older than the window go, and apps that are not there any more. */
  prune(now: number, apps: string[]): void {
    for (const [app, deployments] of this.#steps) {
      if (!apps.includes(app)) this.#steps.delete(app);
      for (const [name, steps] of deployments) {
        for (const time of steps.keys()) if (time < now - WINDOW_S) steps.delete(time);
        if (steps.size === 0) deployments.delete(name);
      }
    }
    for (const [key, mark] of this.#marks) if (mark.time < now - WINDOW_S) this.#marks.delete(key);
  }

  /** Deployments of `app` that have steps, by name; the whole app ("") is not among them. */
  deployments(app: string): string[] {
    return [...(this.#steps.get(app)?.keys() ?? [])].filter(Boolean).sort();
  }

  marks(app: string): Mark[] {
    return [...this.#marks.values()].filter((mark) => mark.app === app).sort((a, b) => a.time - b.time);
  }

  /** All values of one app or deployment up to `now`, with what was between the steps: nothing happened there. */
  columns(app: string, deployment: string, now: number): Columns {
    const steps = [...(this.#steps.get(app)?.get(deployment)?.values() ?? [])].sort((a, b) => a.time - b.time);
    const columns = noColumns();
    let before: Sampled | undefined;
    for (const step of steps) {
      if (before) idle(columns, before, step.time - step.seconds);
      push(columns, step);
      before = step;
    }
    if (before) idle(columns, before, now, LATE_S);
    return columns;
  }
}

/** Steps that are this far apart have a rest between them. */
const GAP_S = 0.75;
/** The latest step is not the last one before this time has passed: the next may be under way. */
const LATE_S = 3;

function idle(columns: Columns, before: Sampled, until: number, gap = GAP_S): void {
  if (until - before.time <= gap) return;
  const quiet = { requests: 0, errors: 0, p50: null, p95: null, p99: null, batch_size: null };
  push(columns, { ...before, ...quiet, time: before.time + 0.001 });
  push(columns, { ...before, ...quiet, time: until - 0.001 });
}

function push(columns: Columns, step: Sampled): void {
  const perSecond = (n: number): number => (step.seconds > 0 ? n / step.seconds : 0);
  columns.time.push(step.time);
  columns.requests.push(perSecond(step.requests));
  columns.errors.push(perSecond(step.errors));
  columns.p50.push(step.p50);
  columns.p95.push(step.p95);
  columns.p99.push(step.p99);
  columns.queued.push(step.queued);
  columns.ongoing.push(step.ongoing);
  columns.batch.push(step.batch_size);
  columns.replicas.push(step.replicas);
}

function valueOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
