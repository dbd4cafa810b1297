import type { VNode } from "preact";
import { useMemo } from "preact/hooks";

import { Empty } from "../ui/basics";
import { highlighted } from "./highlight";

/** Code of the live revision, with line numbers. */
export function Code({ source, assumptions }: { source: string; assumptions: string[] }): VNode {
  const lines = useMemo(() => highlighted(source.replace(/\n+$/, "")), [source]);
  if (!source.trim()) return <Empty>Its source is not known: it was not defined in a cell or a file.</Empty>;
  return (
    <>
      {assumptions.length > 0 && (
        <ul class="ks-assumptions" aria-label="taken for granted by the last plan">
          {assumptions.map((line) => <li key={line}>{line}</li>)}
        </ul>
      )}
      <pre class="ks-code" tabIndex={0} aria-label="code of the live revision">
        <code>
          {lines.map((pieces, i) => (
            <span class="ks-line" key={i}>
              <span class="ks-line-number" aria-hidden="true">{i + 1}</span>
              <span>{pieces.map((piece, k) => (piece.look ? <span key={k} class={`ks-py-${piece.look}`}>{piece.text}</span> : piece.text))}{"\n"}</span>
            </span>
          ))}
        </code>
      </pre>
    </>
  );
}
