import type { VNode } from "preact";

import type { Client } from "../client";
import type { NodeDetails } from "../messages";
import { Empty, Problem } from "../ui/basics";
import { useAsk } from "../ui/hooks";
import { KnobRow } from "./knob";

/** What can be changed while the deployment runs, and the way back. */
export function Knobs({ details, undo, client, live, onChanged }: {
  details: NodeDetails;
  undo: string;
  client: Client;
  live: boolean;
  onChanged: () => void;
}): VNode {
  return (
    <div class="ks-knobs">
      {details.knobs.length === 0 && <Empty>This deployment has nothing that can be changed while it runs.</Empty>}
      {details.knobs.map((knob) => (
        <KnobRow key={knob.option} knob={knob} node={details.node} client={client} live={live} onApplied={onChanged} />
      ))}
      {undo && <Undo words={undo} client={client} live={live} onUndone={onChanged} />}
    </div>
  );
}

function Undo({ words, client, live, onUndone }: {
  words: string;
  client: Client;
  live: boolean;
  onUndone: () => void;
}): VNode {
  const [state, ask] = useAsk<"undo">(client);
  const busy = state.stage === "sent" || state.stage === "waiting";
  const undo = async (): Promise<void> => {
    if (await ask({ kind: "undo" })) onUndone();
  };
  return (
    <div class="ks-undo">
      <button type="button" class="ks-button" disabled={busy || !live} onClick={() => void undo()}>
        <span aria-hidden="true">↶ </span>Undo
      </button>
      <span>{words}</span>
      {state.stage === "waiting" && <span class="ks-waiting" role="status">applies when the cell ends</span>}
      {state.error && <Problem>{state.error}</Problem>}
    </div>
  );
}
