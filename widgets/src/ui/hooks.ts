import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { AskError, type AnswerTo, type AskKind, type Question } from "../asks";
import type { Client } from "../client";

/** How an ask stands; `waiting`: sent, but the kernel runs a cell and answers when that ends. */
export interface AskState<A> {
  stage: "idle" | "sent" | "waiting" | "refused" | "done";
  answer: A | null;
  error: string;
}

/** Asks of one kind by one component: the state of the latest, and a function that sends another. */
export function useAsk<K extends AskKind>(
  client: Client,
): [AskState<AnswerTo[K]>, (question: Question<K>) => Promise<AnswerTo[K] | null>, () => void] {
  const [state, setState] = useState<AskState<AnswerTo[K]>>({ stage: "idle", answer: null, error: "" });
  const latest = useRef(0);
  useEffect(() => () => void (latest.current = -1), []);
  const ask = useCallback(async (question: Question<K>): Promise<AnswerTo[K] | null> => {
    const turn = ++latest.current;
    const set = (next: Partial<AskState<AnswerTo[K]>>): void => {
      if (latest.current === turn) setState((before) => ({ ...before, ...next }));
    };
    set({ stage: "sent", error: "" });
    try {
      const answer = await client.ask<K>(question, () => set({ stage: "waiting" }));
      set({ stage: "done", answer });
      return latest.current === turn ? answer : null;
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      set({ stage: "refused", error: error.message });
      return null;
    }
  }, [client]);
  const reset = useCallback(() => {
    latest.current += 1;
    setState({ stage: "idle", answer: null, error: "" });
  }, []);
  return [state, ask, reset];
}

/** Seconds since the component came to show `key`, counted on while `active`. */
export function useSecondsSince(key: unknown, active: boolean): number {
  const start = useRef({ key, at: Date.now() });
  if (start.current.key !== key) start.current = { key, at: Date.now() };
  const [, tick] = useState(0);
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, [active]);
  return active ? (Date.now() - start.current.at) / 1000 : 0;
}

/** Width of an element, as it changes; null until it is known. */
export function useWidth(): [(element: HTMLElement | null) => void, number | null] {
  const [width, setWidth] = useState<number | null>(null);
  const stop = useRef<() => void>(() => undefined);
  const attach = useCallback((element: HTMLElement | null) => {
    stop.current();
    stop.current = () => undefined;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver((entries) => {
      const got = entries.at(-1)?.contentRect.width;
      if (got) setWidth(Math.round(got));
    });
    observer.observe(element);
    stop.current = () => observer.disconnect();
  }, []);
  return [attach, width];
}
