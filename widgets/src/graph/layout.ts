import { Graph, layout as arrange } from "@dagrejs/dagre";

import type { EdgeView } from "../messages";

/** Size of a node's card; the style sheet has the same numbers. */
export const CARD = { width: 204, height: 146 };
/** The source of what comes from outside. */
export const CLIENTS = "";
const SOURCE = { width: 74, height: 34 };
const LABEL = { width: 54, height: 16 };
const PADDING = 8;
const KEPT = 8;

export type Direction = "LR" | "TB";
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface EdgePath {
  caller: string;
  callee: string;
  path: string;
  label: { x: number; y: number };
}
export interface Layout {
  width: number;
  height: number;
  /** Name → box, by its top left corner. */
  boxes: Map<string, Box>;
  edges: EdgePath[];
}

const cache = new Map<string, Layout>();

/** Places nodes and edges. The same names and edges give the same object: numbers do not lay out again. */
export function layout(names: string[], edges: Pick<EdgeView, "caller" | "callee">[], direction: Direction): Layout {
  const key = JSON.stringify([direction, names, edges.map((edge) => [edge.caller, edge.callee])]);
  const found = cache.get(key);
  if (found) return found;
  const made = arranged(names, edges, direction);
  if (cache.size >= KEPT) cache.delete(cache.keys().next().value ?? "");
  cache.set(key, made);
  return made;
}

/** The direction in which the whole is best seen in `width`: left to right, unless only the other one fits. */
export function fitted(names: string[], edges: Pick<EdgeView, "caller" | "callee">[], width: number): Layout {
  const across = layout(names, edges, "LR");
  if (across.width * SMALLEST <= width || names.length > FEW) return across;
  const down = layout(names, edges, "TB");
  return down.width * SMALLEST <= width ? down : across;
}

/** More deployments than this never fit side by side. */
const FEW = 12;

/** Cards are not drawn smaller than this; what does not fit then can be scrolled to. */
export const SMALLEST = 0.8;

function arranged(names: string[], edges: Pick<EdgeView, "caller" | "callee">[], direction: Direction): Layout {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: direction, nodesep: 22, ranksep: direction === "LR" ? 18 : 26, edgesep: 12, marginx: PADDING, marginy: PADDING });
  const known = new Set(names);
  for (const name of names) graph.setNode(keyOf(name), { ...CARD });
  for (const { caller, callee } of edges) {
    if (!known.has(callee) || !(caller === CLIENTS || known.has(caller))) continue;
    if (caller === CLIENTS) graph.setNode(keyOf(CLIENTS), { ...SOURCE });
    graph.setEdge(keyOf(caller), keyOf(callee), { ...LABEL, labelpos: "c" });
  }
  arrange(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(size.width ?? 0),
    height: Math.ceil(size.height ?? 0),
    boxes: new Map(graph.nodes().map((key) => [nameOf(key), box(graph.node(key) as Box)])),
    edges: graph.edges().map(({ v, w }) => {
      const [from, to] = [box(graph.node(v) as Box), box(graph.node(w) as Box)];
      const ends = { caller: nameOf(v), callee: nameOf(w) };
      return { ...ends, ...(direct(from, to, direction) ?? routed(graph.edge(v, w) as Routed)) };
    }),
  };
}

/** dagre stumbles over the empty name, so every one has a character before it. */
function keyOf(name: string): string {
  return `/${name}`;
}

function nameOf(key: string): string {
  return key.slice(1);
}

interface Routed {
  points: { x: number; y: number }[];
  x?: number;
  y?: number;
}

function box(node: Box): Box {
  return { x: node.x - node.width / 2, y: node.y - node.height / 2, width: node.width, height: node.height };
}

type Drawn = Pick<EdgePath, "path" | "label">;

/** Between neighbours: from the middle of one side to the middle of the other, with the label half way. */
function direct(from: Box, to: Box, direction: Direction): Drawn | null {
  const across = direction === "LR";
  const start = across ? { x: from.x + from.width, y: from.y + from.height / 2 } : { x: from.x + from.width / 2, y: from.y + from.height };
  const end = across ? { x: to.x, y: to.y + to.height / 2 } : { x: to.x + to.width / 2, y: to.y };
  const gap = across ? end.x - start.x : end.y - start.y;
  if (gap <= 0 || gap > NEIGHBOURS) return null;
  const label = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  const bend = across ? `${label.x},${start.y} ${label.x},${end.y}` : `${start.x},${label.y} ${end.x},${label.y}`;
  return { path: `M${start.x},${start.y}C${bend} ${end.x},${end.y}`, label };
}
/** No rank of nodes has room in a gap up to this. */
const NEIGHBOURS = 150;

function routed({ points, x, y }: Routed): Drawn {
  const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
  return { path: curve(points), label: { x: x ?? middle.x, y: y ?? middle.y } };
}

/** A smooth line: quadratic curves through the middles of the sections. */
function curve(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points.map(({ x, y }) => ({ x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 }));
  const end = rest.at(-1);
  if (!first || !end) return "";
  let path = `M${first.x},${first.y}`;
  for (let i = 0; i < rest.length - 1; i++) {
    const at = rest[i]!;
    const next = rest[i + 1]!;
    const stop = i === rest.length - 2 ? next : { x: (at.x + next.x) / 2, y: (at.y + next.y) / 2 };
    path += `Q${at.x},${at.y} ${stop.x},${stop.y}`;
  }
  return rest.length === 1 ? `${path}L${end.x},${end.y}` : path;
}
