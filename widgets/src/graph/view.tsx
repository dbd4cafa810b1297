import type { VNode } from "preact";
import { useCallback, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Client } from "../client";
import type { GraphFrame } from "../messages";
import { NodePanel } from "../panel/panel";
import { Badge, Empty, WebLink } from "../ui/basics";
import { useWidth } from "../ui/hooks";
import { Card } from "./card";
import { Edges } from "./edges";
import { CLIENTS, fitted, SMALLEST } from "./layout";
import { statusTone, statusWord } from "./words";

const WIDTH_BEFORE_KNOWN = 900;

/** The live graph of an app, with the panel of the chosen node below. */
export function GraphView({ frame, client, live, visible }: {
  frame: GraphFrame;
  client: Client;
  live: boolean;
  visible: boolean;
}): VNode {
  const [chosen, setChosen] = useState("");
  const panelId = useId();
  const canvas = useRef<HTMLDivElement>(null);
  const choose = useCallback((name: string) => setChosen((before) => (before === name ? "" : name)), []);
  const close = useCallback(() => {
    setChosen("");
    canvas.current?.querySelector<HTMLElement>(".ks-chosen")?.focus();
  }, []);
  const node = frame.nodes.find((candidate) => candidate.name === chosen);
  return (
    <section class="ks-graph-view" aria-label={`live graph of app ${frame.app}`}>
      <AppHead frame={frame} />
      {frame.nodes.length === 0 ? (
        <Empty>App {frame.app} has no deployments.</Empty>
      ) : (
        <div ref={canvas}>
          <Canvas frame={frame} chosen={chosen} panelId={panelId} live={live} onChoose={choose} />
        </div>
      )}
      {node && (
        <NodePanel key={chosen} id={panelId} node={node} frame={frame} client={client} live={live} visible={visible} onClose={close} />
      )}
    </section>
  );
}

function AppHead({ frame }: { frame: GraphFrame }): VNode {
  return (
    <header class="ks-head">
      <b class="ks-cut" title={frame.app}>{frame.app}</b>
      {frame.gone ? <Badge>deleted</Badge> : <Badge tone={statusTone(frame.status)} title={frame.message}>{statusWord(frame.status)}</Badge>}
      <span class="ks-muted">revision {frame.revision}</span>
      {frame.deploying !== null && <Badge tone="busy">deploying r{frame.deploying}</Badge>}
      {frame.trial !== null && <Badge tone="trial" title="answers shadow requests until it is accepted">r{frame.trial} on trial</Badge>}
      {frame.url && !frame.gone && <span class="ks-cut ks-url"><WebLink url={frame.url} /></span>}
      {frame.message && <span class="ks-message ks-cut" title={frame.message}>{frame.message}</span>}
    </header>
  );
}

function Canvas({ frame, chosen, panelId, live, onChoose }: {
  frame: GraphFrame;
  chosen: string;
  panelId: string;
  live: boolean;
  onChoose: (name: string) => void;
}): VNode {
  const [attach, width] = useWidth();
  const topology = frame.nodes.map((node) => node.name).join("\n") + JSON.stringify(frame.edges.map((e) => [e.caller, e.callee]));
  const room = width ?? WIDTH_BEFORE_KNOWN;
  const names = frame.nodes.map((node) => node.name);
  const placed = useMemo(() => fitted(names, frame.edges, room), [topology, room]);
  const fresh = useFresh(frame);
  const scale = Math.max(SMALLEST, Math.min(1, room / placed.width));
  const source = placed.boxes.get(CLIENTS);
  const scroller = useRef<HTMLDivElement | null>(null);
  const canvas = useCallback((element: HTMLDivElement | null) => {
    scroller.current = element;
    attach(element);
  }, [attach]);
  useLayoutEffect(() => {
    // Begin where requests come in; what a person scrolls to later stays.
    const start = source ?? placed.boxes.values().next().value;
    const box = scroller.current;
    if (start && box) box.scrollTop = (start.y + start.height / 2) * scale - box.clientHeight / 2;
  }, [placed]);
  return (
    <div class="ks-canvas" ref={canvas}>
      <div class="ks-sized" style={{ width: `${placed.width * scale}px`, height: `${placed.height * scale}px` }}>
        <div class="ks-plane" style={{ width: `${placed.width}px`, height: `${placed.height}px`, transform: `scale(${scale})` }}>
          <Edges layout={placed} edges={frame.edges} live={live} />
          {source && (
            <span class="ks-clients" style={{ left: `${source.x}px`, top: `${source.y}px` }} title="requests from outside">clients</span>
          )}
          {frame.nodes.map((node) => (
            <Card
              key={node.name}
              node={node}
              box={placed.boxes.get(node.name)!}
              now={frame.time}
              fresh={fresh.has(node.name)}
              chosen={node.name === chosen}
              panelId={panelId}
              onChoose={onChoose}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

const FRESH_S = 6;

/** Names of the nodes that a plan did something to in the last seconds, while this view was there. */
function useFresh(frame: GraphFrame): Set<string> {
  const seen = useRef(new Map<string, { did: string; at: number }>());
  const first = useRef(true);
  const fresh = new Set<string>();
  for (const node of frame.nodes) {
    const did = `${frame.revision} ${node.revision} ${node.action}`;
    const before = seen.current.get(node.name);
    const at = before?.did === did ? before.at : first.current ? -Infinity : frame.time;
    seen.current.set(node.name, { did, at });
    if (frame.time - at < FRESH_S) fresh.add(node.name);
  }
  first.current = false;
  return fresh;
}
