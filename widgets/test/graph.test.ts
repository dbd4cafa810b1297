import { expect, test } from "vitest";

import { fitted, layout } from "../src/graph/layout";
import { click, graph, mount, node, NOW, replica, TestModel } from "./helpers";

const states = ["STARTING", "RUNNING", "STOPPING", "UNHEALTHY"].map((state, i) => replica(`r${i}`, state));

test("nodes show numbers, replicas by state, and what they are", async () => {
  const frame = graph({
    nodes: [node("A", { qps: 1234, p50: 3.4, p95: 1200, errors: 2, queued: 7, ongoing: 3, target: 4, replicas: states }), node("B")],
    edges: [{ caller: "", callee: "A", qps: 5 }, { caller: "A", callee: "B", qps: null }, { caller: "gone", callee: "B", qps: 1 }],
  });
  const view = await mount(new TestModel("graph", frame));
  const card = view.find('[data-node="A"]');
  for (const said of ["1.2k/s", "3.4 ms", "1.2 s", "▲ 2/s", "7", "1/4", "r1"]) expect(card.textContent).toContain(said);
  expect(view.all('[data-node="A"] .ks-shape').map((shape) => shape.getAttribute("class")?.split("ks-is-")[1])).toEqual([
    "starting", "running", "draining", "failed",
  ]);
  expect(view.all('[data-node="A"] .ks-dot').map((dot) => dot.title)).toEqual(["r0, starting", "r1, running", "r2, draining", "r3, failed"]);
  expect(card.getAttribute("aria-label")).toContain("1 of 4 replicas running");
  expect(view.find(".ks-clients").textContent).toBe("clients");
  expect(view.all(".ks-edge").length).toBe(2);
  expect(view.find(".ks-edge-label").textContent).toBe("5/s");
});

test("an action is a word, emphasised when it happens while the view is there", async () => {
  const model = new TestModel("graph", graph({ nodes: [node("A", { action: "add" })] }));
  const view = await mount(model);
  expect(view.find(".ks-action").textContent).toBe("added");
  expect(view.all(".ks-fresh")).toEqual([]);
  await model.push(graph({ revision: 2, nodes: [node("A", { action: "patch", revision: 2 })] }));
  expect(view.find(".ks-fresh").textContent).toBe("patched");
  await model.push(graph({ revision: 2, time: NOW() + 30, nodes: [node("A", { action: "patch", revision: 2, qps: 1 })] }));
  expect(view.find(".ks-action").textContent).toBe("patched");
  expect(view.all(".ks-fresh")).toEqual([]);
});

test("a stage is a bar with its name and time", async () => {
  const staged = node("A", { stage: "loading model", stage_since: NOW() - 65 });
  const view = await mount(new TestModel("graph", graph({ nodes: [staged], deploying: 2 })));
  expect(view.find("[role=progressbar]").getAttribute("aria-valuetext")).toMatch(/^loading model, 1 min 5/);
  expect(view.text()).toContain("deploying r2");
});

test("numbers do not lay out again; other edges do", () => {
  const edges = [{ caller: "A", callee: "B" }];
  expect(layout(["A", "B"], edges, "LR")).toBe(layout(["A", "B"], [...edges], "LR"));
  expect(layout(["A", "B"], [], "LR")).not.toBe(layout(["A", "B"], edges, "LR"));
});

test("no two cards overlap, whatever the graph; what is too wide goes down", () => {
  const names = Array.from({ length: 12 }, (_, i) => `N${i}`);
  const edges = names.flatMap((callee, i) => [
    { caller: i ? names[(i - 1) >> 1]! : "", callee },
    ...(i > 6 ? [{ caller: callee, callee: "N0" }, { caller: callee, callee }] : []),
  ]);
  for (const direction of ["LR", "TB"] as const) {
    const boxes = [...layout(names, edges, direction).boxes.values()];
    const overlapping = boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) =>
      a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height));
    expect(overlapping).toEqual([]);
  }
  const chain = [{ caller: "", callee: "A" }, { caller: "A", callee: "B" }];
  expect(fitted(["A", "B"], chain, 500).width).toBeLessThan(500);
  expect(fitted(["A", "B"], chain, 1400).height).toBeLessThan(200);
});

test("a click opens the panel, Escape closes it", async () => {
  const model = new TestModel("graph", graph());
  const view = await mount(model);
  await click(view.find('[data-node="A"]'));
  expect(model.asked("node").node).toBe("A");
  expect(view.find('[data-node="A"]').getAttribute("aria-expanded")).toBe("true");
  view.find(".ks-panel").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  await model.push(graph());
  expect(view.all(".ks-panel")).toEqual([]);
});

test("a URL that is none of the web is text", async () => {
  const view = await mount(new TestModel("graph", graph({ url: "javascript:alert(1)" })));
  expect(view.text()).toContain("javascript:alert(1)");
  expect(view.all("a")).toEqual([]);
});
