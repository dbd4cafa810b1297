import type { FromFront } from "./messages";

/** What a view uses of anywidget's model. */
export interface Model {
  get(name: string): unknown;
  send(content: FromFront): void;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
  /** Only some hosts have it; the others tell of a lost comm by an event alone. */
  comm_live?: boolean;
}
