import type { VNode } from "preact";

import type { Filter } from "./filter";

const STATUSES = [
  ["", "all"],
  ["ok", "ok"],
  ["error", "error"],
  ["cancelled", "cancelled"],
] as const;

export function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }): VNode {
  const slower = (text: string): number | null => {
    const value = Number.parseFloat(text);
    return Number.isFinite(value) && value >= 0 ? value : null;
  };
  return (
    <>
      <label class="ks-choice">
        <span>Filter</span>
        <input
          class="ks-input" type="search" placeholder="path, id, deployment, error" value={filter.text}
          onInput={(event) => onChange({ ...filter, text: event.currentTarget.value })}
        />
      </label>
      <label class="ks-choice">
        <span>Status</span>
        <select
          class="ks-input" value={filter.status}
          onChange={(event) => onChange({ ...filter, status: event.currentTarget.value as Filter["status"] })}
        >
          {STATUSES.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
        </select>
      </label>
      <label class="ks-choice">
        <span>Slower than</span>
        <input
          class="ks-input ks-short" type="number" min="0" step="any" aria-label="slower than, in milliseconds"
          value={filter.slowerThan ?? ""}
          onInput={(event) => onChange({ ...filter, slowerThan: slower(event.currentTarget.value) })}
        />
        <span class="ks-muted">ms</span>
      </label>
    </>
  );
}
