import type { RequestRow } from "../messages";

/** Rows over this are let go, oldest first. */
export const KEPT = 500;

/** Requests, each once: the newest `KEPT` of all that came. */
export class RequestStore {
  #rows = new Map<string, RequestRow>();
  skipped = 0;

  get size(): number {
    return this.#rows.size;
  }

  /** Rows that are the same as before stay the same objects, so that they are not drawn again. */
  add(rows: RequestRow[], skipped = 0): void {
    this.skipped += skipped;
    for (const row of rows) {
      const before = this.#rows.get(row.id);
      if (!before || !sameRow(before, row)) this.#rows.set(row.id, row);
    }
    if (this.#rows.size > KEPT) {
      const newest = [...this.#rows.values()].sort(newestFirst).slice(0, KEPT);
      this.#rows = new Map(newest.map((row) => [row.id, row]));
    }
  }

  /** Newest first. */
  rows(): RequestRow[] {
    return [...this.#rows.values()].sort(newestFirst);
  }
}

function newestFirst(a: RequestRow, b: RequestRow): number {
  return b.time - a.time;
}

function sameRow(a: RequestRow, b: RequestRow): boolean {
  return a.status === b.status && a.duration === b.duration && a.error === b.error && a.deployments.length === b.deployments.length;
}
