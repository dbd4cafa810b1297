import { Component, type VNode } from "preact";

import { rate } from "../format";
import type { EdgeView } from "../messages";
import type { EdgePath, Layout } from "./layout";

/** More moving lines than this cost more than they tell. */
const MOVING = 24;

/** The edges of the graph: wider with more calls, moving while there are some. */
export class Edges extends Component<{ layout: Layout; edges: EdgeView[]; live: boolean }> {
  override shouldComponentUpdate(next: { layout: Layout; edges: EdgeView[]; live: boolean }): boolean {
    const { layout, edges, live } = this.props;
    return layout !== next.layout || live !== next.live || edges.some((edge, i) => edge.qps !== next.edges[i]?.qps);
  }

  override render({ layout, edges, live }: { layout: Layout; edges: EdgeView[]; live: boolean }): VNode {
    const rates = new Map(edges.map((edge) => [keyOf(edge), edge.qps]));
    const moves = live && layout.edges.length <= MOVING;
    return (
      <svg class="ks-edges" width={layout.width} height={layout.height} aria-hidden="true">
        {layout.edges.map((edge) => (
          <Edge key={keyOf(edge)} edge={edge} qps={rates.get(keyOf(edge)) ?? null} moves={moves} />
        ))}
      </svg>
    );
  }
}

function keyOf({ caller, callee }: { caller: string; callee: string }): string {
  return JSON.stringify([caller, callee]);
}

function Edge({ edge, qps, moves }: { edge: EdgePath; qps: number | null; moves: boolean }): VNode {
  const flows = (qps ?? 0) > 0;
  const width = flows ? Math.min(5, 1.4 + Math.log10(1 + (qps ?? 0))) : 1.2;
  return (
    <g class={`ks-edge${flows ? " ks-flows" : ""}${flows && moves ? " ks-moves" : ""}`}>
      <path class="ks-edge-line" d={edge.path} style={{ strokeWidth: width.toFixed(1) }} />
      {flows && moves && <path class="ks-edge-flow" d={edge.path} style={{ strokeWidth: width.toFixed(1) }} />}
      {flows && <text x={edge.label.x} y={edge.label.y} class="ks-edge-label">{rate(qps)}</text>}
    </g>
  );
}
