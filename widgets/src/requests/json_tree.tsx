import type { VNode } from "preact";
import { useState } from "preact/hooks";

import { count } from "../format";

const AT_ONCE = 100;
const OPEN_DEPTH = 2;
const OPEN_ENTRIES = 12;

/** JSON as a tree that opens and closes; the inside of what is closed is not made. */
export function JsonTree({ value }: { value: unknown }): VNode {
  return <div class="ks-json"><Entry name={null} value={value} depth={0} /></div>;
}

function Entry({ name, value, depth }: { name: string | null; value: unknown; depth: number }): VNode {
  const key = name === null ? null : <span class="ks-json-key">{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return <div class="ks-json-leaf">{key}<Leaf value={value} /></div>;
  }
  return <Branch label={key} value={value} depth={depth} />;
}

function Leaf({ value }: { value: unknown }): VNode {
  const kind = value === null ? "null" : typeof value;
  return <span class={`ks-json-${kind}`}>{JSON.stringify(value)}</span>;
}

function Branch({ label, value, depth }: { label: VNode | null; value: object; depth: number }): VNode {
  const entries = Object.entries(value);
  const [open, setOpen] = useState(depth < OPEN_DEPTH && entries.length <= OPEN_ENTRIES);
  const [shown, setShown] = useState(AT_ONCE);
  const isList = Array.isArray(value);
  const size = count(entries.length, isList ? "item" : "entry", isList ? "items" : "entries");
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{label}<span class="ks-muted">{isList ? `[${size}]` : `{${size}}`}</span></summary>
      {open && (
        <div class="ks-json-inside">
          {entries.slice(0, shown).map(([name, inner]) => <Entry key={name} name={name} value={inner} depth={depth + 1} />)}
          {entries.length > shown && (
            <button type="button" class="ks-button" onClick={() => setShown(shown + AT_ONCE)}>{entries.length - shown} more</button>
          )}
        </div>
      )}
    </details>
  );
}
