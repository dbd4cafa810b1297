import type { SpanView } from "../messages";

/** What a call did in a piece of its time. */
export type Doing = "queue" | "batch" | "run" | "transport";
export interface Bar {
  doing: Doing;
  /** In percent of the whole. */
  left: number;
  width: number;
  /** In seconds. */
  took: number;
}

/** The pieces of a call: it waits for a replica, there for its batch, then runs; the rest is the way there and back. */
export function bars(span: SpanView, whole: number): Bar[] {
  const batch = Math.min(span.batch_wait, span.run);
  const rest = Math.max(0, span.duration - span.queue - span.run);
  const pieces: [Doing, number][] = [
    ["queue", span.queue],
    ["transport", rest / 2],
    ["batch", batch],
    ["run", span.run - batch],
    ["transport", rest / 2],
  ];
  const made: Bar[] = [];
  let at = span.start;
  for (const [doing, took] of pieces) {
    if (took > 0) made.push({ doing, left: percent(at, whole), width: percent(took, whole), took });
    at += took;
  }
  return made;
}

/** How long the axis is: the request, or the span that ends last where clocks do not quite agree. */
export function wholeOf(spans: SpanView[], duration: number): number {
  return Math.max(duration, ...spans.map((span) => span.start + span.duration), 1e-6);
}

function percent(seconds: number, whole: number): number {
  return Math.min(100, Math.max(0, (seconds / whole) * 100));
}
