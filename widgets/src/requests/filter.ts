import type { RequestRow } from "../messages";

export type Outcome = "ok" | "error" | "cancelled";
export interface Filter {
  text: string;
  status: Outcome | "";
  /** In milliseconds. */
  slowerThan: number | null;
}
export const EVERYTHING: Filter = { text: "", status: "", slowerThan: null };

const CANCELLED_STATUS = 499;

export function outcome(row: RequestRow): Outcome {
  if (row.status === "cancelled" || row.status === CANCELLED_STATUS) return "cancelled";
  return row.failed || row.status === "error" || (typeof row.status === "number" && row.status >= 500) ? "error" : "ok";
}

/** Every word has to be somewhere in the row. */
export function matches(row: RequestRow, filter: Filter): boolean {
  if (filter.status && outcome(row) !== filter.status) return false;
  if (filter.slowerThan !== null && row.duration * 1000 <= filter.slowerThan) return false;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const all = [row.id, row.method, row.path, row.status, row.error, `r${row.revision}`, ...row.deployments].join(" ").toLowerCase();
  return words.every((word) => all.includes(word));
}

export type SortColumn = "time" | "status" | "request" | "duration" | "revision";
export interface Sort {
  column: SortColumn;
  descending: boolean;
}
export const NEWEST_FIRST: Sort = { column: "time", descending: true };

/** `rows`, newest first, by another column; equal ones stay in that order. */
export function sorted(rows: RequestRow[], sort: Sort): RequestRow[] {
  const key = KEYS[sort.column];
  const sign = sort.descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    return left < right ? -sign : left > right ? sign : 0;
  });
}

const KEYS: Record<SortColumn, (row: RequestRow) => number | string> = {
  time: (row) => row.time,
  status: (row) => String(row.status),
  request: (row) => `${row.path} ${row.method}`,
  duration: (row) => row.duration,
  revision: (row) => row.revision,
};

/** The order after a click at a column's head: the other way round, or its own first one. */
export function turned(sort: Sort, column: SortColumn): Sort {
  if (sort.column === column) return { column, descending: !sort.descending };
  return { column, descending: column === "time" || column === "duration" || column === "revision" };
}
