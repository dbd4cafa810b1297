import type { VNode } from "preact";

import { seconds } from "../format";
import { useSecondsSince } from "../ui/hooks";

/** What a running plan does to a deployment: a bar with the stage and how long it has taken so far. */
export function StageBar({ stage, since, now }: { stage: string; since: number | null; now: number }): VNode {
  // Counted from the kernel's clock at the frame, and on from there by the browser's.
  const more = useSecondsSince(now, true);
  const elapsed = since === null ? null : Math.max(0, now - since) + more;
  const said = elapsed === null ? stage : `${stage}, ${seconds(Math.floor(elapsed))}`;
  return (
    <span class="ks-stage" title={said}>
      <span class="ks-stage-words">
        <span class="ks-cut">{stage}</span>
        {elapsed !== null && <span class="ks-number">{seconds(Math.floor(elapsed))}</span>}
      </span>
      <span class="ks-bar" role="progressbar" aria-label={stage} aria-valuetext={said}>
        <span class="ks-bar-fill" />
      </span>
    </span>
  );
}
