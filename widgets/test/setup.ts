import { afterEach } from "vitest";

import { cleanUp } from "./helpers";

/** happy-dom draws no canvas: everything that is drawn to it is taken and dropped. */
const context = new Proxy({} as Record<string, unknown>, {
  get: (kept, name: string) => kept[name] ?? (name === "measureText" ? () => ({ width: 10 }) : () => context),
  set: (kept, name: string, value) => ((kept[name] = value), true),
});
HTMLCanvasElement.prototype.getContext = (() => context) as never;
globalThis.Path2D ??= class {
  constructor() {
    return context as never;
  }
} as never;

afterEach(cleanUp);
