import type { LogRow, Logs } from "../messages";

export const KEPT = 500;

/** A line with a number of its own, which it keeps while it is shown. */
export interface Line extends LogRow {
  key: number;
}

/** The newest lines of a log, and how many were left out before or between them. */
export interface Tail {
  lines: Line[];
  cursor: string;
  skipped: number;
}

export const NOTHING: Tail = { lines: [], cursor: "", skipped: 0 };
let keys = 0;

/** `tail` with what `news` brings after it; the oldest lines over `KEPT` go. */
export function followed(tail: Tail, news: Logs): Tail {
  if (news.lines.length === 0 && news.skipped === 0) return { ...tail, cursor: news.cursor };
  const lines = [...tail.lines, ...news.lines.map((row) => ({ ...row, key: ++keys }))];
  return { lines: lines.slice(-KEPT), cursor: news.cursor, skipped: tail.skipped + news.skipped };
}

/** How a level looks: its words are shown as well. */
export function levelTone(level: string): string {
  if (level === "ERROR" || level === "CRITICAL" || level === "STDERR") return "bad";
  if (level === "WARNING") return "busy";
  return level === "DEBUG" || level === "STDOUT" ? "muted" : "plain";
}
