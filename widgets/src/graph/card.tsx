import { Component, type VNode } from "preact";

import { millis, rate, short } from "../format";
import type { NodeView } from "../messages";
import { Dots, sameReplicas } from "./dots";
import type { Box } from "./layout";
import { StageBar } from "./progress";
import { actionWord, cardLabel, statusTone, statusWord } from "./words";

export interface CardProps {
  node: NodeView;
  box: Box;
  now: number;
  /** The action happened while this view was watching. */
  fresh: boolean;
  chosen: boolean;
  panelId: string;
  onChoose: (name: string) => void;
}

/** One deployment of the graph; a button that opens its panel. */
export class Card extends Component<CardProps> {
  override shouldComponentUpdate(next: CardProps): boolean {
    const { node, box, fresh, chosen, onChoose } = this.props;
    const same = box === next.box && fresh === next.fresh && chosen === next.chosen && onChoose === next.onChoose;
    return !(same && !next.node.stage && sameNode(node, next.node));
  }

  override render({ node, box, now, fresh, chosen, panelId, onChoose }: CardProps): VNode {
    return (
      <button
        type="button"
        class={`ks-card ks-tone-${statusTone(node.status)}${chosen ? " ks-chosen" : ""}`}
        style={{ left: `${box.x}px`, top: `${box.y}px` }}
        data-node={node.name}
        aria-label={cardLabel(node)}
        aria-expanded={chosen}
        aria-controls={chosen ? panelId : undefined}
        onClick={() => onChoose(node.name)}
      >
        <Head node={node} />
        <Dots replicas={node.replicas} target={node.target} />
        <Numbers node={node} />
        <span class="ks-card-foot">
          {node.stage ? <StageBar stage={node.stage} since={node.stage_since} now={now} /> : <Last node={node} fresh={fresh} />}
        </span>
      </button>
    );
  }
}

function Head({ node }: { node: NodeView }): VNode {
  const isFunction = node.deployment_kind === "function";
  return (
    <span class="ks-card-head">
      <span class="ks-kind" title={node.deployment_kind} aria-hidden="true">{isFunction ? "ƒ" : "C"}</span>
      <span class="ks-name ks-cut" title={node.name}>{node.name}</span>
      <span class="ks-revision" title={`code of revision ${node.revision}`}>r{node.revision}</span>
    </span>
  );
}

function Numbers({ node }: { node: NodeView }): VNode {
  return (
    <span class="ks-numbers">
      <Cell label="calls" value={rate(node.qps)} title="calls per second" />
      <Cell label="p50" value={millis(node.p50)} title="median latency" />
      <Cell label="p95" value={millis(node.p95)} title="95th percentile of the latency" />
      <Cell label="queue" value={short(node.queued)} title="calls that wait for a replica" />
      <Cell label="ongoing" value={short(node.ongoing)} title="calls that replicas work on" />
      <Cell label="errors" value={rate(node.errors)} title="failed calls per second" bad={(node.errors ?? 0) > 0} />
    </span>
  );
}

/** Its label is drawn by the style sheet: half the elements, on a path that runs for each number of each card. */
function Cell({ label, value, title, bad = false }: { label: string; value: string; title: string; bad?: boolean }): VNode {
  return (
    <span class={bad ? "ks-cell ks-number ks-bad" : "ks-cell ks-number"} data-label={label} title={title}>
      {bad ? `▲ ${value}` : value}
    </span>
  );
}

function Last({ node, fresh }: { node: NodeView; fresh: boolean }): VNode {
  const word = actionWord(node.action);
  const well = statusTone(node.status) === "good";
  return (
    <>
      {word && (
        <span class={`ks-action ks-did-${word}${fresh ? " ks-fresh" : ""}`} title={node.reason || word}>{word}</span>
      )}
      {well ? (
        <span class="ks-cut ks-muted" title={node.reason}>{node.reason}</span>
      ) : (
        <span class="ks-cut ks-status" title={node.message || statusWord(node.status)}>
          {statusTone(node.status) === "bad" ? "▲ " : "… "}
          {statusWord(node.status)}{node.message && `: ${node.message}`}
        </span>
      )}
    </>
  );
}

/** Whether two states of a node look the same. */
export function sameNode(a: NodeView, b: NodeView): boolean {
  for (const key of Object.keys(b) as (keyof NodeView)[]) {
    if (key !== "replicas" && a[key] !== b[key]) return false;
  }
  return sameReplicas(a.replicas, b.replicas);
}
