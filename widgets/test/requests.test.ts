import { act } from "preact/test-utils";
import { expect, test, vi } from "vitest";

import type { Body, Trace } from "../src/messages";
import { bars } from "../src/requests/bars";
import { matches, outcome } from "../src/requests/filter";
import { KEPT, RequestStore } from "../src/requests/store";
import { click, mount, type Mounted, requests, row, TestModel, type } from "./helpers";

const paths = (view: Mounted): string[] => view.all("tbody .ks-open").map((cell) => cell.textContent ?? "");

async function shown(...rows: ReturnType<typeof row>[]): Promise<Mounted> {
  return mount(new TestModel("requests", requests(rows)));
}

test("fills live, newest first, each once", async () => {
  const view = await shown(row("a", { time: 1 }), row("b", { time: 2 }));
  await view.model.push(requests([row("b", { time: 2 }), row("c", { time: 3 })], { skipped: 40 }));
  expect(paths(view)).toEqual(["GET /c", "GET /b", "GET /a"]);
  expect(view.text()).toContain("40 requests not shown");
});

test("filters by text, status and duration; asks the kernel for what fits", async () => {
  const view = await shown(
    row("a", { time: 1, failed: true, status: 500, error: "KeyError: 7" }), row("b", { time: 2, duration: 2, deployments: ["Slow"] }),
    row("c", { time: 3, status: "cancelled" }),
  );
  const [text, , slower] = view.all(".ks-tools input, .ks-tools select");
  await type(text!, "slow GET");
  expect(paths(view)).toEqual(["GET /b"]);
  await type(text!, "");
  vi.useFakeTimers();
  await type(view.find("select"), "error", "change");
  await act(async () => void (await vi.advanceTimersByTimeAsync(400)));
  vi.useRealTimers();
  expect(paths(view)).toEqual(["GET /a KeyError: 7"]);
  expect(view.model.asked("rows")).toMatchObject({ status: "error", slower_than: null });
  await type(view.find("select"), "", "change");
  await type(slower!, "1500");
  expect(paths(view)).toEqual(["GET /b"]);
  await type(text!, "nothing like it");
  expect(view.text()).toContain("No request fits the filter");
});

test("sorts by a column, and says so", async () => {
  const view = await shown(row("a", { duration: 0.3, time: 1 }), row("b", { duration: 0.1, time: 2 }), row("c", { duration: 0.2, time: 3 }));
  const head = (): HTMLElement => view.all("th").find((th) => th.textContent?.startsWith("Duration"))!;
  await click(head().querySelector("button")!);
  expect(paths(view)).toEqual(["GET /a", "GET /c", "GET /b"]);
  expect(head().getAttribute("aria-sort")).toBe("descending");
  await click(head().querySelector("button")!);
  expect(paths(view)).toEqual(["GET /b", "GET /c", "GET /a"]);
  expect(head().getAttribute("aria-sort")).toBe("ascending");
});

test("paused, the table stays", async () => {
  const view = await shown(row("a"));
  await click(view.all("button").find((button) => button.textContent?.includes("Pause"))!);
  await view.model.push(requests([row("b")]));
  expect(paths(view)).toEqual(["GET /a"]);
});

test("keeps a bounded number, and the same rows as the same objects", () => {
  const store = new RequestStore();
  store.add(Array.from({ length: KEPT + 20 }, (_, i) => row(`r${i}`, { time: i })));
  expect([store.size, store.rows()[0]?.id, store.rows().at(-1)?.id]).toEqual([KEPT, `r${KEPT + 19}`, "r20"]);
  const before = store.rows()[0];
  store.add([row(`r${KEPT + 19}`, { time: KEPT + 19 })]);
  expect(store.rows()[0]).toBe(before);
});

test("of many rows only those that can be seen are drawn", async () => {
  const view = await shown(...Array.from({ length: 300 }, (_, i) => row(`r${i}`, { time: i })));
  expect(view.text()).toContain("300 requests");
  expect(view.all("tbody .ks-request").length).toBeLessThan(40);
  const list = view.find(".ks-request-list");
  list.scrollTop = 150 * 27;
  await act(() => void list.dispatchEvent(new Event("scroll")));
  expect(paths(view)).toContain("GET /r145");
  expect(view.all(".ks-gap").length).toBe(2);
});

test("outcomes and words", () => {
  expect([row("a", { status: 499, failed: true }), row("a", { status: "error", failed: true }), row("a", { status: 404 })].map(outcome)).toEqual(["cancelled", "error", "ok"]);
  expect(matches(row("a", { revision: 3 }), { text: "r3", status: "", slowerThan: null })).toBe(true);
});

const EVIL = '<script>globalThis.hacked = 1</script><img src=x onerror="globalThis.hacked = 1"><a href="javascript:globalThis.hacked=1">x</a>';
const body = (form: string, more: Partial<Body> = {}): Body => ({ form, content_type: "text/plain", size: 10, text: "", data: "", cut: false, ...more });

function trace(more: Partial<Trace> = {}): Trace {
  const span = { deployment: "A", method: "f", depth: 0, start: 0, duration: 1, queue: 0.2, run: 0.7, batch_wait: 0.1, batch_size: 4, attempts: 2, replica: "A#1", error: "" };
  return {
    kind: "trace_found", row: row("a"), spans: [span, { ...span, deployment: "B", depth: 1, error: "ValueError" }], request: null, answer: null, error: "", traceback: "",
    curl: "curl http://x", handle_call: "", why_not: "", trace_id: "", ...more,
  };
}

async function opened(found: Trace): Promise<Mounted> {
  const view = await shown(row("a"));
  await click(view.find("tbody tr"));
  await view.model.answer(view.model.asked("trace"), found);
  return view;
}

test("a row opens its waterfall", async () => {
  const view = await opened(trace());
  expect(view.all(".ks-span").length).toBe(2);
  expect(view.find(".ks-span").title).toBe("A.f: 1 s from 0 ms on; queue 200 ms, batch wait 100 ms, run 600 ms, transport 100 ms, batch of 4, 2 attempts, replica A#1");
  expect(view.find(".ks-waterfall .ks-keys").textContent).toBe("queuebatch waitruntransport");
  expect(view.text()).toContain("not recorded");
});

test("the pieces of a bar follow each other and fill it", () => {
  const pieces = bars(trace().spans[0]!, 2);
  expect(pieces.map((bar) => bar.doing)).toEqual(["queue", "transport", "batch", "run", "transport"]);
  expect(pieces.reduce((sum, bar) => sum + bar.width, 0)).toBeCloseTo(50);
});

test("HTML anywhere in a request is text", async () => {
  const found = trace({
    row: row("a", { path: EVIL, error: EVIL, deployments: [EVIL] }), error: EVIL, traceback: EVIL, curl: EVIL, why_not: EVIL, trace_id: EVIL,
    request: body("json", { text: JSON.stringify({ [EVIL]: EVIL }) }), answer: body("image", { content_type: 'image/svg+xml"onload="x', data: EVIL }),
  });
  const view = await opened(found);
  await view.model.push(requests([found.row]));
  await click(view.find(".ks-actions button:nth-of-type(2)"));
  expect(view.text()).toContain(EVIL);
  expect(view.all("script, img, a, [onerror], [onload]")).toEqual([]);
  expect(globalThis).not.toHaveProperty("hacked");
});

test("payloads: text, image, array, binary", async () => {
  const view = await opened(trace({ request: body("image", { content_type: "image/png", data: "aGk=" }), answer: body("array", { text: "float32 (2, 3)", cut: true }) }));
  expect(view.find("img").getAttribute("src")).toBe("data:image/png;base64,aGk=");
  expect(view.text()).toContain("float32 (2, 3)");
  expect(view.text()).toContain("the beginning");
});

test("replay tells the answer, or why there is none", async () => {
  const view = await opened(trace());
  await click(view.find(".ks-actions .ks-primary"));
  await view.model.answer(view.model.asked("replay"), { kind: "replayed", status: 200, duration: 0.5, same: true, answer: null, request_id: "b" });
  expect(view.text()).toContain("Replayed: status 200 in 500 ms, ✓ the same answer");
  await click(view.find(".ks-actions .ks-primary"));
  await view.model.answer(view.model.asked("replay"), null, "The body was cut.");
  expect(view.find(".ks-actions [role=alert]").textContent).toContain("The body was cut.");
});

test("what cannot be copied is shown, to be copied by hand", async () => {
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("not allowed"));
  const view = await opened(trace());
  await click(view.all("button").find((button) => button.textContent === "Copy as curl")!);
  await act(() => Promise.resolve());
  expect((view.find(".ks-by-hand textarea") as HTMLTextAreaElement).value).toBe("curl http://x");
});
