import type { VNode } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";

import type { Client } from "../client";
import type { DashboardFrame } from "../messages";
import { Empty, Pause, Problem, Toggle } from "../ui/basics";
import { useAsk } from "../ui/hooks";
import { Chart } from "./chart";
import { CHARTS } from "./charts";
import type { Range } from "./plot";
import { Points, WINDOW_S } from "./store";
import { LastValues } from "./table";

/** Charts of the last 15 minutes of an app, or of one deployment of it. */
export function DashboardView({ frame, client, live, visible }: {
  frame: DashboardFrame;
  client: Client;
  live: boolean;
  visible: boolean;
}): VNode {
  const points = usePoints(frame, client, live && visible);
  const [wanted, setWanted] = useState<[string, string]>(["", ""]);
  const [paused, setPaused] = useState(false);
  const [logarithmic, setLogarithmic] = useState(false);
  const [zoom, setZoom] = useState<Range | null>(null);
  const syncKey = useId();
  const held = useRef({ now: frame.time, version: points.version });
  if (!paused && held.current.version !== points.version) held.current = { now: frame.time, version: points.version };
  const { now, version } = held.current;

  const app = frame.apps.includes(wanted[0]) ? wanted[0] : (frame.apps[0] ?? "");
  const deployment = points.store.deployments(app).includes(wanted[1]) ? wanted[1] : "";
  const columns = useMemo(() => points.store.columns(app, deployment, now), [points.store, app, deployment, now, version]);
  const marks = useMemo(() => points.store.marks(app), [points.store, app, version]);
  const range = useMemo(() => zoom ?? liveRange(columns.time[0], now), [zoom, columns, now]);
  if (!app) return <Empty>No app is served. A cell that begins with %%serve serves one.</Empty>;
  return (
    <section class="ks-dashboard" aria-label={`dashboard of ${app}`}>
      <div class="ks-tools">
        <Choice apps={frame.apps} store={points.store} chosen={[app, deployment]} onChoose={setWanted} />
        <Pause paused={paused} onChange={setPaused} />
        <Toggle on={logarithmic} label="Log latency" onChange={setLogarithmic} />
        {zoom ? (
          <button type="button" class="ks-button" onClick={() => setZoom(null)}>Show all</button>
        ) : (
          <span class="ks-muted ks-hint">drag over a chart to zoom, double click to see all</span>
        )}
      </div>
      {points.error && <Problem>{points.error}</Problem>}
      {columns.time.length === 0 && <Empty>No calls in the last 15 minutes.</Empty>}
      <div class="ks-charts">
        {CHARTS.map((kind) => (
          <Chart key={kind.name} kind={kind} columns={columns} marks={marks} range={range} logarithmic={logarithmic} syncKey={syncKey} onZoom={setZoom} />
        ))}
      </div>
      <LastValues app={app} deployment={deployment} columns={columns} now={now} />
    </section>
  );
}

/** At least two minutes, at most the window: what there is fills the charts. */
function liveRange(first: number | undefined, now: number): Range {
  return { min: Math.max(now - WINDOW_S, Math.min(first ?? now, now - 120)), max: now };
}

/** Everything that came; asks for what was before the view was on the screen, or the kernel there, again each time. */
function usePoints(frame: DashboardFrame, client: Client, looked: boolean): { store: Points; version: number; error: string } {
  const store = useRef<Points | undefined>(undefined);
  store.current ??= new Points();
  const added = useRef<DashboardFrame | undefined>(undefined);
  const version = useRef(0);
  if (added.current !== frame) {
    // Steps are of a second, so the charts are drawn once in each, however many frames come.
    const before = added.current;
    if (Math.floor(before?.time ?? 0) !== Math.floor(frame.time) || before?.apps.length !== frame.apps.length) version.current += 1;
    added.current = frame;
    store.current.add(frame.points, frame.marks);
    store.current.prune(frame.time, frame.apps);
  }
  const [state, ask] = useAsk<"history">(client);
  const apps = frame.apps.join("\n");
  useEffect(() => {
    if (looked) void ask({ kind: "history" });
  }, [looked, apps, ask]);
  const history = useRef<unknown>(null);
  if (state.answer && history.current !== state.answer) {
    history.current = state.answer;
    version.current += 1;
    store.current.add(state.answer.points, state.answer.marks);
    store.current.prune(frame.time, frame.apps);
  }
  return { store: store.current, version: version.current, error: state.error };
}

function Choice({ apps, store, chosen, onChoose }: {
  apps: string[];
  store: Points;
  chosen: [string, string];
  onChoose: (chosen: [string, string]) => void;
}): VNode {
  return (
    <label class="ks-choice">
      <span>Show</span>
      <select
        class="ks-input"
        value={JSON.stringify(chosen)}
        onChange={(event) => onChoose(JSON.parse(event.currentTarget.value) as [string, string])}
      >
        {apps.map((app) => (
          <optgroup key={app} label={app}>
            <option value={JSON.stringify([app, ""])}>all of {app}</option>
            {store.deployments(app).map((name) => <option key={name} value={JSON.stringify([app, name])}>{name}</option>)}
          </optgroup>
        ))}
      </select>
    </label>
  );
}
