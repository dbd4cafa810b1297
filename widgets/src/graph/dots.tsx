import { Component, type VNode } from "preact";

import { seconds } from "../format";
import type { ReplicaView } from "../messages";
import { replicaLook, type ReplicaLook } from "./words";

const SHOWN = 10;

/** A replica's state as a shape: ring (starting), disc, diamond (draining), cross (failed), dash (stopped). */
export function Shape({ look }: { look: ReplicaLook }): VNode {
  return (
    <svg class={`ks-shape ks-is-${look}`} viewBox="0 0 12 12" width="11" height="11" aria-hidden="true">
      {look === "running" && <circle cx="6" cy="6" r="5" />}
      {look === "starting" && <path d="M6,1.5a4.5,4.5 0 1,1 -4.5,4.5" fill="none" stroke-width="2" />}
      {look === "draining" && <path d="M6,0.8L11.2,6L6,11.2L0.8,6Z" fill="none" stroke-width="1.6" />}
      {look === "failed" && <path d="M2,2L10,10M10,2L2,10" fill="none" stroke-width="2.6" />}
      {look === "stopped" && <path d="M1.5,6H10.5" fill="none" stroke-width="2" />}
    </svg>
  );
}

function titled(replica: ReplicaView): string {
  const said = replica.message ? `: ${replica.message}` : "";
  return `${replica.id}, ${replicaLook(replica)}${replica.node ? ` on ${replica.node}` : ""}${said}`;
}

/** The replicas of a card, those that need a look first; more than fit are counted. */
export class Dots extends Component<{ replicas: ReplicaView[]; target: number }> {
  override shouldComponentUpdate(next: { replicas: ReplicaView[]; target: number }): boolean {
    return next.target !== this.props.target || !sameReplicas(next.replicas, this.props.replicas);
  }

  override render({ replicas, target }: { replicas: ReplicaView[]; target: number }): VNode {
    const running = replicas.filter((replica) => replica.state === "RUNNING").length;
    const shown = replicas.length > SHOWN ? replicas.toSorted(byUrgency).slice(0, SHOWN) : replicas;
    const more = replicas.length - shown.length;
    return (
      <span class="ks-dots">
        {shown.map((replica) => (
          <span key={replica.id} class="ks-dot" title={titled(replica)}>
            <Shape look={replicaLook(replica)} />
          </span>
        ))}
        {more > 0 && <span class="ks-muted">+{more}</span>}
        <span class="ks-of" title={`${running} of ${target} replicas running`}>
          {running}/{target}
        </span>
      </span>
    );
  }
}

/** Whether two lists of replicas look the same. */
export function sameReplicas(a: ReplicaView[], b: ReplicaView[]): boolean {
  const same = (one: ReplicaView, other: ReplicaView | undefined): boolean =>
    one.id === other?.id && one.state === other.state && one.message === other.message;
  return a.length === b.length && a.every((replica, i) => same(replica, b[i]));
}

const URGENCY: ReplicaLook[] = ["failed", "draining", "starting", "stopped", "running"];

function byUrgency(a: ReplicaView, b: ReplicaView): number {
  return URGENCY.indexOf(replicaLook(a)) - URGENCY.indexOf(replicaLook(b));
}

/** Age of a replica at `now`, both by the kernel's clock. */
export function age(replica: ReplicaView, now: number): string {
  return seconds(replica.since === null ? null : Math.max(0, now - replica.since));
}
