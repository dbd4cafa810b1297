import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Client } from "../client";
import type { GraphFrame, NodeDetails, NodeView } from "../messages";
import { Badge, Empty, Problem } from "../ui/basics";
import { useAsk } from "../ui/hooks";
import { Tabs } from "../ui/tabs";
import { statusTone, statusWord } from "../graph/words";
import { Code } from "./code";
import { Knobs } from "./knobs";
import { LogTail } from "./logs";
import { Options } from "./options";
import { ReplicaTable } from "./replicas";

const TABS = [
  { name: "knobs", label: "Knobs" },
  { name: "code", label: "Code" },
  { name: "options", label: "Options" },
  { name: "logs", label: "Logs" },
  { name: "replicas", label: "Replicas" },
];

interface PanelProps {
  id: string;
  node: NodeView;
  frame: GraphFrame;
  client: Client;
  live: boolean;
  visible: boolean;
  onClose: () => void;
}

/** What there is to know of one deployment and to turn at it. Escape closes it. */
export function NodePanel(props: PanelProps): VNode {
  const { id, node, client, live, frame, onClose } = props;
  const [tab, setTab] = useState("knobs");
  const [state, ask] = useAsk<"node">(client);
  const version = `${frame.revision} ${node.revision} ${node.action} ${node.target} ${node.stage}`;
  useEffect(() => {
    if (live) void ask({ kind: "node", node: node.name });
  }, [node.name, version, live, ask]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  };
  return (
    <section class="ks-panel" id={id} aria-label={`deployment ${node.name}`} onKeyDown={onKeyDown}>
      <header class="ks-panel-head">
        <b class="ks-cut" title={node.name}>{node.name}</b>
        <Badge tone={statusTone(node.status)} title={node.message}>{statusWord(node.status)}</Badge>
        <span class="ks-muted">revision {node.revision}</span>
        <button type="button" class="ks-button ks-close" aria-label={`close ${node.name}`} onClick={onClose}>×</button>
      </header>
      {node.message && <Problem>{node.message}</Problem>}
      <Tabs tabs={TABS} chosen={tab} onChoose={setTab} label={`about ${node.name}`}>
        <Page {...props} tab={tab} details={state.answer} stage={state.stage} error={state.error}
          onChanged={() => void ask({ kind: "node", node: node.name })} />
      </Tabs>
    </section>
  );
}

function Page({ tab, details, stage, error, node, frame, client, live, visible, onChanged }: PanelProps & {
  tab: string;
  details: NodeDetails | null;
  stage: string;
  error: string;
  onChanged: () => void;
}): VNode {
  if (tab === "logs") return <LogTail client={client} node={node.name} active={live && visible} />;
  if (tab === "replicas") return <ReplicaTable replicas={node.replicas} now={frame.time} />;
  if (!details) return error ? <Problem>{error}</Problem> : <Empty>{stage === "waiting" ? "Comes when the cell ends." : "Loading."}</Empty>;
  if (tab === "code") return <Code source={details.source} assumptions={details.assumptions} />;
  if (tab === "options") return <Options options={details.options} />;
  return <Knobs details={details} undo={frame.undo} client={client} live={live} onChanged={onChanged} />;
}
