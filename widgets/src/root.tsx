import type { ComponentChildren, VNode } from "preact";

import type { Client, Shown } from "./client";
import { DashboardView } from "./dashboard/view";
import { clock } from "./format";
import { GraphView } from "./graph/view";
import type { Frame } from "./messages";
import type { Model } from "./model";
import { RequestsView } from "./requests/view";
import { Empty } from "./ui/basics";

const EMPTY: Record<string, string> = {
  graph: "Waiting for the app's state.",
  dashboard: "Waiting for the first numbers.",
  requests: "Waiting for the first requests.",
};

/** The view that the model's `view_kind` names, under what is to be said about the connection. */
export function Root({ client, model, shown }: { client: Client; model: Model; shown: Shown }): VNode {
  const kind = String(model.get("view_kind") ?? "");
  const { frame, lostSince } = shown;
  const known = frame && frame.kind === kind ? frame : null;
  return (
    <div class={`ks-root${lostSince !== null || frame?.gone ? " ks-lost" : ""}`} onFocusIn={keepKeys}>
      <StaticPicture id={model.get("static_id")} />
      {known && <Notices frame={known} lostSince={lostSince} />}
      {known ? view(known, client, shown) : <Empty>{EMPTY[kind] ?? "Nothing to show."}</Empty>}
    </div>
  );
}

/** Keys are for the control that has the focus: JupyterLab asks that element itself before it takes them as shortcuts. */
function keepKeys(event: FocusEvent): void {
  if (event.target instanceof Element) event.target.setAttribute("data-lm-suppress-shortcuts", "true");
}

function view(frame: Frame, client: Client, shown: Shown): VNode {
  const live = shown.lostSince === null && !frame.gone;
  if (frame.kind === "graph") return <GraphView frame={frame} client={client} live={live} visible={shown.visible} />;
  if (frame.kind === "dashboard") return <DashboardView frame={frame} client={client} live={live} visible={shown.visible} />;
  return <RequestsView frame={frame} client={client} live={live} />;
}

function Notices({ frame, lostSince }: { frame: Frame; lostSince: number | null }): VNode | null {
  const app = frame.kind === "dashboard" ? frame.apps.join(", ") : frame.app;
  if (frame.gone) return <Notice mark="×">app {app} was deleted</Notice>;
  if (lostSince === null) return null;
  return <Notice mark="!">disconnected since {clock(lostSince)}; the numbers are of that time</Notice>;
}

function Notice({ mark, children }: { mark: string; children: ComponentChildren }): VNode {
  return (
    <div class="ks-notice" role="status">
      <span class="ks-notice-mark" aria-hidden="true">{mark}</span>
      <span>{children}</span>
    </div>
  );
}

/** Hides the picture that a saved notebook shows, for as long as the live view is there. */
function StaticPicture({ id }: { id: unknown }): VNode | null {
  if (typeof id !== "string" || !/^[\w-]+$/.test(id)) return null;
  return <style>{`#${id} { display: none; }`}</style>;
}
