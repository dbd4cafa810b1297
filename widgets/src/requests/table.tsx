import { Component, type VNode } from "preact";
import { useState } from "preact/hooks";

import { clock, millis } from "../format";
import type { RequestRow } from "../messages";
import { outcome, type Sort, type SortColumn } from "./filter";

const COLUMNS: { name: SortColumn | ""; label: string; wide?: boolean }[] = [
  { name: "time", label: "Time" },
  { name: "status", label: "Status" },
  { name: "request", label: "Request" },
  { name: "duration", label: "Duration" },
  { name: "", label: "Deployments", wide: true },
  { name: "revision", label: "Rev", wide: true },
];
/** The style sheet has it too, and the height of the list: `VISIBLE` rows. */
const ROW_HEIGHT = 27;
const VISIBLE = 14;
const OVERSCAN = 8;
const STEP = 4 * ROW_HEIGHT;
export const MARKS = { ok: "✓", error: "▲", cancelled: "⊘" } as const;

export function RequestTable({ rows, sort, chosen, onSort, onOpen }: {
  rows: RequestRow[];
  sort: Sort;
  chosen: string;
  onSort: (column: SortColumn) => void;
  onOpen: (id: string) => void;
}): VNode {
  // Only what can be seen is in the document: a hundred requests a frame would cost a tenth of a second otherwise.
  const [top, setTop] = useState(0);
  const first = Math.max(0, Math.min(Math.floor(top / ROW_HEIGHT), rows.length - VISIBLE) - OVERSCAN);
  const seen = rows.slice(first, first + VISIBLE + 2 * OVERSCAN);
  const onScroll = (event: { currentTarget: HTMLElement }): void => {
    const stepped = Math.floor(event.currentTarget.scrollTop / STEP) * STEP;
    if (stepped !== top) setTop(stepped);
  };
  return (
    <div class="ks-request-list" tabIndex={0} role="region" aria-label="requests" onScroll={onScroll}>
      <table class="ks-table ks-requests-table" aria-rowcount={rows.length + 1}>
        <thead>
          <tr>{COLUMNS.map((column) => <Head key={column.label} column={column} sort={sort} onSort={onSort} />)}</tr>
        </thead>
        <tbody>
          {first > 0 && <Gap key="above" rows={first} />}
          {seen.map((row) => <Row key={row.id} row={row} chosen={row.id === chosen} onOpen={onOpen} />)}
          {first + seen.length < rows.length && <Gap key="below" rows={rows.length - first - seen.length} />}
        </tbody>
      </table>
    </div>
  );
}

/** The place of rows that cannot be seen. */
function Gap({ rows }: { rows: number }): VNode {
  return <tr aria-hidden="true" class="ks-gap"><td colSpan={COLUMNS.length} style={{ height: `${rows * ROW_HEIGHT}px` }} /></tr>;
}

function Head({ column: { name, label, wide }, sort, onSort }: {
  column: (typeof COLUMNS)[number];
  sort: Sort;
  onSort: (column: SortColumn) => void;
}): VNode {
  const css = `ks-col-${label.toLowerCase()}${wide ? " ks-wide" : ""}`;
  if (!name) return <th scope="col" class={css}>{label}</th>;
  const by = sort.column === name;
  return (
    <th scope="col" class={css} aria-sort={by ? (sort.descending ? "descending" : "ascending") : "none"}>
      <button type="button" class="ks-sort" onClick={() => onSort(name)}>
        {label}
        <span aria-hidden="true">{by ? (sort.descending ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}

interface RowProps {
  row: RequestRow;
  chosen: boolean;
  onOpen: (id: string) => void;
}

class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return next.row !== this.props.row || next.chosen !== this.props.chosen || next.onOpen !== this.props.onOpen;
  }

  override render({ row, chosen, onOpen }: RowProps): VNode {
    const kind = outcome(row);
    const name = `${row.method} ${row.path}`;
    return (
      <tr class={`ks-request ks-was-${kind}${chosen ? " ks-chosen" : ""}`} data-request={row.id} onClick={() => onOpen(row.id)}>
        <td class="ks-number" title={row.id}>{clock(row.time, true)}</td>
        <td><StatusWord row={row} /></td>
        <td>
          <button
            type="button"
            class="ks-open ks-cut"
            aria-expanded={chosen}
            title={row.error ? `${name}: ${row.error}` : name}
            onClick={(event) => { event.stopPropagation(); onOpen(row.id); }}
          >
            <b>{row.method}</b> {row.path}
            {row.shadow && <span class="ks-badge ks-tone-trial">shadow</span>}
            {row.error && <span class="ks-row-error"> {row.error}</span>}
          </button>
        </td>
        <td class="ks-number">{millis(row.duration * 1000)}</td>
        <td class="ks-wide ks-cut" title={row.deployments.join(" → ")}>{row.deployments.join(" → ")}</td>
        <td class="ks-wide ks-number">r{row.revision}</td>
      </tr>
    );
  }
}

export function StatusWord({ row }: { row: RequestRow }): VNode {
  const kind = outcome(row);
  return (
    <span class={`ks-status-word ks-was-${kind}`} title={kind}>
      <span aria-hidden="true">{MARKS[kind]} </span>
      {row.status}
    </span>
  );
}
