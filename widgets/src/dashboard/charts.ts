import { millis, rate, short } from "../format";
import type { Column } from "./store";

/** A line: told from the others by colour, by dash and by its label. */
export interface Line {
  column: Column;
  label: string;
  /** Name of a colour of the style sheet: `--ks-line-…`. */
  colour: string;
  dash?: number[];
}
export interface ChartKind {
  name: string;
  title: string;
  lines: Line[];
  format: (value: number | null) => string;
  stepped?: boolean;
  /** Its values are whole numbers. */
  whole?: boolean;
  filled?: boolean;
  /** The vertical axis can be logarithmic. */
  logarithmic?: boolean;
}

export const CHARTS: ChartKind[] = [
  {
    name: "throughput",
    title: "Throughput",
    lines: [{ column: "requests", label: "requests", colour: "1" }],
    format: rate,
    filled: true,
  },
  {
    name: "latency",
    title: "Latency",
    lines: [
      { column: "p50", label: "p50", colour: "1" },
      { column: "p95", label: "p95", colour: "2", dash: [7, 3] },
      { column: "p99", label: "p99", colour: "3", dash: [2, 3] },
    ],
    format: millis,
    logarithmic: true,
  },
  {
    name: "errors",
    title: "Errors",
    lines: [{ column: "errors", label: "errors", colour: "3" }],
    format: rate,
    filled: true,
  },
  {
    name: "queue",
    title: "Queue and ongoing",
    lines: [
      { column: "queued", label: "queued", colour: "2", dash: [7, 3] },
      { column: "ongoing", label: "ongoing", colour: "1" },
    ],
    format: short,
    whole: true,
  },
  { name: "batch", title: "Batch size", lines: [{ column: "batch", label: "items", colour: "4" }], format: short },
  {
    name: "replicas",
    title: "Replicas",
    lines: [{ column: "replicas", label: "running", colour: "4" }],
    format: short,
    stepped: true,
    whole: true,
  },
];

/** The last value that is known. */
export function lastOf(values: (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}
