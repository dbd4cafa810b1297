/** Name of the measures in the browser's performance timeline, one for each time a view was brought up to date. */
export const UPDATE = "kernelserve:update";
const KEPT = 500;
let taken = 0;

/** Runs `work` and records how long its scripting took. */
export function measured(work: () => void): void {
  const start = performance.now();
  work();
  if (++taken % KEPT === 0) performance.clearMeasures(UPDATE); // the timeline keeps entries for ever
  performance.measure(UPDATE, { start, end: performance.now() });
}
