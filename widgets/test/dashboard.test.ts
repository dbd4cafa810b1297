import { expect, test } from "vitest";

import { Points, WINDOW_S } from "../src/dashboard/store";
import { click, dashboard, mount, NOW, sampled, TestModel, type } from "./helpers";

test("steps that come again are not added twice, and are in order", () => {
  const points = new Points();
  points.add([sampled(101), sampled(102)], []);
  points.add([sampled(102), sampled(103), sampled(100)], []);
  const columns = points.columns("shop", "", 103);
  expect(columns.time).toEqual([100, 101, 102, 103]);
  expect(columns.requests).toEqual([10, 10, 10, 10]);
});

test("between steps that are far apart nothing happened", () => {
  const points = new Points();
  points.add([sampled(100), sampled(110)], []);
  const { time, requests, p50, replicas } = points.columns("shop", "", 120);
  expect(time.map(Math.round)).toEqual([100, 100, 109, 110, 110, 120]);
  expect(requests).toEqual([10, 0, 0, 10, 0, 0]);
  expect(p50).toEqual([1, null, null, 1, null, null]);
  expect(new Set(replicas)).toEqual(new Set([2]));
});

test("what is older than the window, and apps that are gone, are let go", () => {
  const points = new Points();
  points.add([sampled(0), sampled(WINDOW_S), sampled(WINDOW_S, { app: "old" })], [{ app: "shop", revision: 1, time: 0, title: "" }]);
  points.prune(WINDOW_S + 1, ["shop"]);
  expect(points.columns("shop", "", WINDOW_S).time).toEqual([WINDOW_S]);
  expect(points.columns("old", "", WINDOW_S).time).toEqual([]);
  expect(points.marks("shop")).toEqual([]);
});

test("frames and the history make one table of last values; a deployment can be chosen", async () => {
  const now = Math.floor(NOW());
  const model = new TestModel("dashboard", dashboard([sampled(now, { requests: 1500 })]));
  const view = await mount(model);
  await model.answer(model.asked("history"), {
    kind: "history_points", marks: [], points: [sampled(now - 1, { requests: 3000 }), sampled(now, { requests: 1500 }), sampled(now, { deployment: "A", requests: 70 })],
  });
  const cells = (): string[] => view.all(".ks-last tbody tr:first-child td").map((cell) => cell.textContent ?? "");
  expect(cells()).toEqual(["1.5k/s", "3k/s"]);
  expect(view.find(".ks-last caption").textContent).toContain("Last values of shop at");
  await type(view.find("select"), JSON.stringify(["shop", "A"]), "change");
  expect(cells()).toEqual(["70/s", "70/s"]);
});

test("paused, what is shown stays", async () => {
  const now = Math.floor(NOW());
  const model = new TestModel("dashboard", dashboard([sampled(now)]));
  const view = await mount(model);
  await click(view.all("button").find((button) => button.textContent?.includes("Pause"))!);
  await model.push(dashboard([sampled(now + 1, { requests: 99 })], { time: now + 1 }));
  expect(view.find(".ks-last tbody td").textContent).toBe("10/s");
  await click(view.all("button").find((button) => button.textContent?.includes("Resume"))!);
  expect(view.find(".ks-last tbody td").textContent).toBe("99/s");
});

test("no app, and no calls, are said", async () => {
  const model = new TestModel("dashboard", dashboard([], { apps: [] }));
  const view = await mount(model);
  expect(view.text()).toContain("No app is served");
  await model.push(dashboard([]));
  expect(view.text()).toContain("No calls in the last 15 minutes");
});
