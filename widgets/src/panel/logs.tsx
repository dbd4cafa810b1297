import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { AskError } from "../asks";
import type { Client } from "../client";
import { clock, count } from "../format";
import { Empty, Pause, Problem } from "../ui/basics";
import { followed, levelTone, type Line, NOTHING } from "./tail";

const EVERY_MS = 1000;

/** The newest log lines of a deployment; follows them unless paused or scrolled up. */
export function LogTail({ client, node, active }: { client: Client; node: string; active: boolean }): VNode {
  const [paused, setPaused] = useState(false);
  const { tail, waiting, error } = useTail(client, node, active && !paused);
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (atEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [tail]);
  const onScroll = (): void => {
    const box = list.current;
    if (box) atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 8;
  };
  return (
    <div class="ks-logs">
      <div class="ks-tools">
        <Pause paused={paused} onChange={setPaused} />
        {waiting && <span class="ks-waiting" role="status">the kernel is busy; lines come when the cell ends</span>}
        {tail.skipped > 0 && <span class="ks-muted">{count(tail.skipped, "line")} left out</span>}
      </div>
      {error && <Problem>{error}</Problem>}
      <div class="ks-log-list" ref={list} onScroll={onScroll} tabIndex={0} role="log" aria-live="off" aria-label={`logs of ${node}`}>
        {tail.lines.length === 0 && !error && <Empty>No lines so far.</Empty>}
        {tail.lines.map((line) => <LogLine key={line.key} line={line} />)}
      </div>
    </div>
  );
}

function LogLine({ line }: { line: Line }): VNode {
  const from = [line.replica && `replica ${line.replica}`, line.request_id && `request ${line.request_id}`].filter(Boolean);
  return (
    <div class={`ks-log-line ks-tone-${levelTone(line.level)}`} title={from.join(", ")}>
      <span class="ks-log-time">{clock(line.time)}</span>
      <span class="ks-log-level">{line.level.toLowerCase()}</span>
      <span class="ks-log-text">{line.text}</span>
    </div>
  );
}

/** Asks for new lines once a second, one ask at a time. */
function useTail(client: Client, node: string, on: boolean): { tail: typeof NOTHING; waiting: boolean; error: string } {
  const [tail, setTail] = useState(NOTHING);
  const [waiting, setWaiting] = useState(false);
  const [error, setError] = useState("");
  const cursor = useRef("");
  useEffect(() => {
    if (!on) return undefined;
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = async (): Promise<void> => {
      try {
        const news = await client.ask<"logs">({ kind: "logs", node, after: cursor.current }, () => !ended && setWaiting(true));
        if (ended) return;
        cursor.current = news.cursor;
        setTail((before) => followed(before, news));
        setError("");
      } catch (problem) {
        if (!(problem instanceof AskError)) throw problem;
        if (ended) return;
        setError(problem.message);
      }
      setWaiting(false);
      timer = setTimeout(() => void next(), EVERY_MS);
    };
    void next();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [client, node, on]);
  return { tail, waiting, error };
}
