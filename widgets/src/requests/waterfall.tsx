import type { VNode } from "preact";

import { millis } from "../format";
import type { SpanView } from "../messages";
import { Empty } from "../ui/basics";
import { type Bar, bars, type Doing, wholeOf } from "./bars";

const WORDS: Record<Doing, string> = { queue: "queue", batch: "batch wait", run: "run", transport: "transport" };

/** Where the time of a request went: a bar for each call, callers first. */
export function Waterfall({ spans, duration }: { spans: SpanView[]; duration: number }): VNode {
  if (spans.length === 0) return <Empty>No spans were recorded: the request did not reach a deployment.</Empty>;
  const whole = wholeOf(spans, duration);
  const made = spans.map((span) => bars(span, whole));
  const used = (Object.keys(WORDS) as Doing[]).filter((doing) => made.some((pieces) => pieces.some((bar) => bar.doing === doing)));
  return (
    <figure class="ks-waterfall" aria-label="where the time went">
      <figcaption>
        Where the time went
        <span class="ks-keys">{used.map((doing) => <span key={doing} class="ks-key"><span class={`ks-piece ks-piece-${doing}`} aria-hidden="true" />{WORDS[doing]}</span>)}</span>
      </figcaption>
      <ol class="ks-spans">
        {spans.map((span, i) => <SpanRow key={i} span={span} pieces={made[i] ?? []} />)}
      </ol>
      <div class="ks-axis" aria-hidden="true"><span>0</span><span>{millis((whole * 1000) / 2)}</span><span>{millis(whole * 1000)}</span></div>
    </figure>
  );
}

function SpanRow({ span, pieces }: { span: SpanView; pieces: Bar[] }): VNode {
  const name = `${span.deployment}.${span.method}`;
  const said = described(span, pieces);
  return (
    <li class="ks-span" title={said}>
      <span class="ks-span-name ks-cut" style={{ paddingLeft: `${Math.min(span.depth, 8) * 12}px` }}>
        {span.error && <span class="ks-bad" aria-hidden="true">▲ </span>}
        {name}
        {span.error && <span class="ks-bad"> {span.error}</span>}
      </span>
      <span class="ks-track" role="img" aria-label={said}>
        {pieces.map((bar, i) => (
          <span key={i} class={`ks-piece ks-piece-${bar.doing}`} style={{ left: `${bar.left}%`, width: `max(1px, ${bar.width}%)` }} />
        ))}
      </span>
      <span class="ks-number">{millis(span.duration * 1000)}</span>
    </li>
  );
}

function described(span: SpanView, pieces: Bar[]): string {
  const parts = (Object.keys(WORDS) as Doing[]).flatMap((doing) => {
    const took = pieces.filter((bar) => bar.doing === doing).reduce((sum, bar) => sum + bar.took, 0);
    return took > 0 ? [`${WORDS[doing]} ${millis(took * 1000)}`] : [];
  });
  const more = [
    span.batch_size > 0 && `batch of ${span.batch_size}`,
    span.attempts > 1 && `${span.attempts} attempts`,
    span.replica && `replica ${span.replica}`,
    span.error && `failed with ${span.error}`,
  ].filter(Boolean);
  return `${span.deployment}.${span.method}: ${millis(span.duration * 1000)} from ${millis(span.start * 1000)} on; ${[...parts, ...more].join(", ")}`;
}
