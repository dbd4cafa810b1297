import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import type { Client } from "../client";
import { clock, millis } from "../format";
import type { Replayed, Trace } from "../messages";
import { Badge, Empty, Problem } from "../ui/basics";
import { useAsk } from "../ui/hooks";
import { CopyButton } from "./copy";
import { Payload } from "./payload";
import { StatusWord } from "./table";
import { Waterfall } from "./waterfall";

/** Everything that is known of one request, and what can be done with it. Escape closes it. */
export function Details({ id, client, live, onClose }: {
  id: string;
  client: Client;
  live: boolean;
  onClose: () => void;
}): VNode {
  const [state, ask] = useAsk<"trace">(client);
  useEffect(() => void ask({ kind: "trace", request_id: id }), [id, ask]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  };
  const trace = state.answer;
  return (
    <section class="ks-panel ks-details" aria-label={`request ${id}`} onKeyDown={onKeyDown}>
      <header class="ks-panel-head">
        {trace && <StatusWord row={trace.row} />}
        <b class="ks-cut" title={id}>{trace ? `${trace.row.method} ${trace.row.path}` : id}</b>
        {trace?.row.shadow && <Badge tone="trial">shadow</Badge>}
        <button type="button" class="ks-button ks-close" aria-label="close the request" onClick={onClose}>×</button>
      </header>
      {state.error && <Problem>{state.error}</Problem>}
      {trace ? <Known trace={trace} client={client} live={live} /> : !state.error && (
        <Empty>{state.stage === "waiting" ? "Comes when the cell ends." : "Loading."}</Empty>
      )}
    </section>
  );
}

function Known({ trace, client, live }: { trace: Trace; client: Client; live: boolean }): VNode {
  const { row } = trace;
  return (
    <>
      <p class="ks-facts">
        <span>{clock(row.time, true)}</span>
        <span>{millis(row.duration * 1000)}</span>
        <span>revision {row.revision}</span>
        <span class="ks-mono ks-cut" title="request id">{row.id}</span>
        {trace.trace_id && <span class="ks-mono ks-cut ks-muted" title="trace id">trace {trace.trace_id}</span>}
      </p>
      <Actions trace={trace} client={client} live={live} />
      {trace.error && <Problem>{trace.error}</Problem>}
      <Waterfall spans={trace.spans} duration={row.duration} />
      <div class="ks-payloads">
        <Payload title="Request" body={trace.request} />
        <Payload title="Answer" body={trace.answer} />
      </div>
      {trace.traceback && (
        <details class="ks-traceback" open>
          <summary>Traceback</summary>
          <pre tabIndex={0}>{trace.traceback}</pre>
        </details>
      )}
    </>
  );
}

function Actions({ trace, client, live }: { trace: Trace; client: Client; live: boolean }): VNode {
  const [state, ask] = useAsk<"replay">(client);
  const busy = state.stage === "sent" || state.stage === "waiting";
  return (
    <div class="ks-actions">
      <div class="ks-tools">
        <button
          type="button" class="ks-button ks-primary" disabled={!live || busy || trace.why_not !== ""} title={trace.why_not || "send it again"}
          onClick={() => void ask({ kind: "replay", request_id: trace.row.id })}
        >
          <span aria-hidden="true">↻ </span>Replay
        </button>
        {trace.curl && <CopyButton label="Copy as curl" text={trace.curl} />}
        {trace.handle_call && <CopyButton label="Copy as handle call" text={trace.handle_call} />}
        {trace.why_not && <span class="ks-muted">{trace.why_not}</span>}
        {state.stage === "sent" && <span role="status">sending …</span>}
        {state.stage === "waiting" && <span class="ks-waiting" role="status">… runs when the cell ends</span>}
      </div>
      {state.error && <Problem>{state.error}</Problem>}
      {state.stage === "done" && state.answer && <Again replayed={state.answer} />}
    </div>
  );
}

function Again({ replayed }: { replayed: Replayed }): VNode {
  return (
    <div class="ks-again" role="status">
      Replayed: status {replayed.status} in {millis(replayed.duration * 1000)},{" "}
      <b>{replayed.same ? "✓ the same answer" : "≠ another answer"}</b>
      <Payload title="Answer of the replay" body={replayed.answer} />
    </div>
  );
}
