import type { NodeView, ReplicaView } from "../messages";
import { count, millis, rate } from "../format";

/** What was done, for what a plan calls it. */
const ACTIONS: Record<string, string> = {
  keep: "kept",
  patch: "patched",
  replace: "replaced",
  update: "updated",
  add: "added",
  remove: "removed",
};

export function actionWord(action: string): string {
  return ACTIONS[action] ?? action;
}

/** A replica's state for people; every one has a shape, a colour and this word. */
export type ReplicaLook = "starting" | "running" | "draining" | "failed" | "stopped";

export function replicaLook(replica: ReplicaView): ReplicaLook {
  switch (replica.state) {
    case "RUNNING":
      return "running";
    case "STOPPING":
      return "draining";
    case "STOPPED":
      return "stopped";
    case "STARTING":
    case "UPDATING":
    case "RECOVERING":
      return "starting";
    default:
      return "failed"; // UNHEALTHY, and states of a newer kernel: looked at rather than overlooked
  }
}

export function statusTone(status: string): string {
  if (status === "HEALTHY" || status === "RUNNING") return "good";
  if (status === "UNHEALTHY" || status === "DEPLOY_FAILED") return "bad";
  return "busy";
}

export function statusWord(status: string): string {
  return status.toLowerCase().replaceAll("_", " ");
}

/** All that a card shows, as one sentence for screen readers. */
export function cardLabel(node: NodeView): string {
  const running = node.replicas.filter((replica) => replica.state === "RUNNING").length;
  return [
    `${node.name}, ${node.deployment_kind}, revision ${node.revision}`,
    statusWord(node.status),
    node.stage || actionWord(node.action),
    `${running} of ${count(node.target, "replica")} running`,
    `${rate(node.qps)}, median ${millis(node.p50)}, 95th percentile ${millis(node.p95)}`,
    `${node.queued} queued, ${node.ongoing} ongoing, ${rate(node.errors)} errors`,
  ].filter(Boolean).join("; ");
}
