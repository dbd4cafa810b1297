import type { VNode } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Client } from "../client";
import { count } from "../format";
import type { RequestRow, RequestsFrame } from "../messages";
import { Empty, Pause, Problem } from "../ui/basics";
import { useAsk } from "../ui/hooks";
import { Details } from "./details";
import { EVERYTHING, type Filter, matches, NEWEST_FIRST, type SortColumn, sorted, turned } from "./filter";
import { Filters } from "./filters";
import { KEPT, RequestStore } from "./store";
import { RequestTable } from "./table";

/** The requests of an app as they end, newest first; a row opens all that is known of it. */
export function RequestsView({ frame, client, live }: { frame: RequestsFrame; client: Client; live: boolean }): VNode {
  const [filter, setFilter] = useState<Filter>(EVERYTHING);
  const [sort, setSort] = useState(NEWEST_FIRST);
  const [paused, setPaused] = useState(false);
  const [chosen, setChosen] = useState("");
  const found = useRows(frame, client, live, filter);
  const held = useRef<RequestRow[]>([]);
  if (!paused) held.current = found.rows;
  const all = held.current;
  const rows = useMemo(() => {
    const fitting = all.filter((row) => matches(row, filter));
    return sort === NEWEST_FIRST ? fitting : sorted(fitting, sort);
  }, [all, filter, sort]);
  const section = useRef<HTMLElement>(null);
  const close = (): void => {
    section.current?.querySelector<HTMLElement>(".ks-request.ks-chosen .ks-open")?.focus();
    setChosen("");
  };
  const open = useCallback((id: string) => setChosen((before) => (before === id ? "" : id)), []);
  const onSort = (column: SortColumn): void => setSort(turned(sort, column));
  return (
    <section class="ks-requests" ref={section} aria-label={`requests of app ${frame.app}`}>
      <div class="ks-tools">
        <Filters filter={filter} onChange={setFilter} />
        <Pause paused={paused} onChange={setPaused} />
        <span class="ks-muted ks-hint">
          {rows.length === all.length ? count(rows.length, "request") : `${rows.length} of ${count(all.length, "request")}`}
          {paused && ", paused"}
        </span>
        {found.skipped > 0 && (
          <span class="ks-muted" title={`Too many to show each: the journal has them. At most ${KEPT} are kept here.`}>{count(found.skipped, "request")} not shown</span>
        )}
      </div>
      {found.error && <Problem>{found.error}</Problem>}
      {rows.length === 0 ? (
        <Empty>{all.length === 0 ? `No requests to ${frame.app} so far.` : "No request fits the filter."}</Empty>
      ) : (
        <RequestTable rows={rows} sort={sort} chosen={chosen} onSort={onSort} onOpen={open} />
      )}
      {chosen && <Details key={chosen} id={chosen} client={client} live={live} onClose={close} />}
    </section>
  );
}

const SETTLED_MS = 300;
const ASKED = 200;

interface Found {
  rows: RequestRow[];
  skipped: number;
  error: string;
}

/** Rows that frames brought, and those of before that fit the filter: the kernel is asked for them. */
function useRows(frame: RequestsFrame, client: Client, live: boolean, { status, slowerThan }: Filter): Found {
  const store = useRef<RequestStore | undefined>(undefined);
  store.current ??= new RequestStore();
  const version = useRef(0);
  const added = useRef<unknown>(null);
  const answered = useRef<unknown>(null);
  if (added.current !== frame) {
    added.current = frame;
    if (frame.rows.length > 0 || frame.skipped > 0) {
      store.current.add(frame.rows, frame.skipped);
      version.current += 1;
    }
  }
  const [state, ask] = useAsk<"rows">(client);
  if (state.answer && answered.current !== state.answer) {
    answered.current = state.answer;
    store.current.add(state.answer.rows);
    version.current += 1;
  }
  useEffect(() => {
    if (!live) return undefined;
    const question = { kind: "rows", status, slower_than: slowerThan === null ? null : slowerThan / 1000, last: ASKED } as const;
    const timer = setTimeout(() => void ask(question), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [live, status, slowerThan, ask]);
  const rows = useMemo(() => store.current?.rows() ?? [], [version.current]);
  return { rows, skipped: store.current.skipped, error: state.error };
}
