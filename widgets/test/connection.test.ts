import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { clock } from "../src/format";
import { dashboard, graph, mount, node, NOW, Observer, requests, Sizes, TestModel } from "./helpers";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] }));
afterEach(() => void vi.useRealTimers());

async function pass(ms: number): Promise<void> {
  await act(async () => void (await vi.advanceTimersByTimeAsync(ms)));
}

test("tells when it is on the screen and when it is closed", async () => {
  const model = new TestModel("graph", graph());
  const view = await mount(model);
  await Observer.show(false);
  await Observer.show(true);
  view.close();
  const seen = model.sent.filter((message) => message.kind === "seen");
  expect(seen.map((message) => [message.on, message.closed ?? false])).toEqual([[true, false], [false, false], [true, false], [false, true]]);
  expect(new Set(seen.map((message) => message.view)).size).toBe(1);
});

test.each([
  ["graph", graph({ nodes: [node("A", { stage: "loading" })] })],
  ["dashboard", dashboard([])],
  ["requests", requests([])],
])("a closed %s view leaves no listener, timer or observer", async (kind, frame) => {
  const added: [EventTarget, string][] = [];
  vi.spyOn(document, "addEventListener").mockImplementation((name) => void added.push([document, name]));
  vi.spyOn(document, "removeEventListener").mockImplementation((name) => void added.splice(added.findIndex(([, was]) => was === name), 1));
  const model = new TestModel(kind, frame);
  const view = await mount(model);
  await pass(2_000);
  if (kind === "dashboard") expect(view.all(".uplot").length).toBe(6);
  expect(model.listening).toBeGreaterThan(0);
  view.close();
  await pass(1_000);
  expect(model.listening).toBe(0);
  expect(added).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  expect(Observer.connected + Sizes.connected).toBe(0);
});

test("a frame of another kind, or none, is an empty state", async () => {
  const model = new TestModel("graph", { kind: "hologram" });
  const view = await mount(model);
  expect(view.text()).toContain("Waiting for");
  await model.push(dashboard([]));
  expect(view.text()).toContain("Waiting for");
  await model.push(graph());
  expect(view.find(".ks-card").textContent).toContain("A");
});

test("a lost runtime is said, with the time", async () => {
  const view = await mount(new TestModel("graph", graph({ lost_since: 1_700_000_000 })));
  expect(view.find("[role=status]").textContent).toContain(`disconnected since ${clock(1_700_000_000)}`);
  expect(view.find(".ks-root").classList).toContain("ks-lost");
});

test("a deleted app is said", async () => {
  const view = await mount(new TestModel("requests", requests([], { gone: true })));
  expect(view.text()).toContain("app shop was deleted");
});

test("no frame for ten seconds on the screen is lost, until the next one", async () => {
  const model = new TestModel("graph", graph());
  const view = await mount(model);
  await pass(9_000);
  expect(view.text()).not.toContain("disconnected");
  await pass(3_000);
  expect(view.text()).toContain("disconnected since");
  await model.push(graph());
  expect(view.text()).not.toContain("disconnected");
});

test("off the screen no frame is expected", async () => {
  const view = await mount(new TestModel("graph", graph()));
  await Observer.show(false);
  await pass(60_000);
  expect(view.text()).not.toContain("disconnected");
});

test("the frame of a saved notebook is not live", async () => {
  const view = await mount(new TestModel("graph", graph({ time: NOW() - 3600 })));
  expect(view.text()).toContain("disconnected since");
});

test.each(["comm:close", "comm_live_update"])("after %s asks fail and the view says so", async (event) => {
  const model = new TestModel("requests", requests([]));
  const view = await mount(model);
  await pass(400);
  expect(model.asked("rows")).toBeDefined();
  await act(() => model.tell(event));
  await pass(0);
  expect(view.text()).toContain("disconnected since");
  expect(view.text()).toContain("The kernel cannot be reached");
});

test("hides the static picture while it is there", async () => {
  const view = await mount(new TestModel("graph", graph()));
  expect(view.find("style").textContent).toContain("#picture-1 { display: none; }");
});

test("each update is measured", async () => {
  performance.clearMeasures("kernelserve:update");
  const model = new TestModel("graph", graph());
  await mount(model);
  await model.push(graph());
  expect(performance.getEntriesByName("kernelserve:update").length).toBeGreaterThanOrEqual(2);
});
