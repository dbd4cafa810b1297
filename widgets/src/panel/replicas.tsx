import type { VNode } from "preact";

import { bytes, UNKNOWN } from "../format";
import { age, Shape } from "../graph/dots";
import { replicaLook } from "../graph/words";
import type { ReplicaView } from "../messages";
import { Empty } from "../ui/basics";

export function ReplicaTable({ replicas, now }: { replicas: ReplicaView[]; now: number }): VNode {
  if (replicas.length === 0) return <Empty>No replica is running or starting.</Empty>;
  return (
    <div class="ks-scroll" tabIndex={0} role="region" aria-label="replicas">
      <table class="ks-table">
        <thead>
          <tr>
            {["state", "id", "pid", "node", "memory", "GPUs", "age"].map((head) => <th key={head} scope="col">{head}</th>)}
          </tr>
        </thead>
        <tbody>
          {replicas.map((replica) => <Row key={replica.id} replica={replica} now={now} />)}
        </tbody>
      </table>
    </div>
  );
}

function Row({ replica, now }: { replica: ReplicaView; now: number }): VNode {
  const look = replicaLook(replica);
  return (
    <tr>
      <td title={replica.message || replica.state}>
        <Shape look={look} /> {look}
        {replica.message && <div class="ks-muted">{replica.message}</div>}
      </td>
      <td class="ks-mono">{replica.id}</td>
      <td class="ks-number">{replica.pid ?? UNKNOWN}</td>
      <td>{replica.node || UNKNOWN}</td>
      <td class="ks-number">{bytes(replica.memory)}</td>
      <td>{replica.gpus.length ? replica.gpus.join(", ") : "none"}</td>
      <td class="ks-number">{age(replica, now)}</td>
    </tr>
  );
}
