import { act } from "preact/test-utils";
import { expect, test, vi } from "vitest";

import type { Knob, NodeDetails } from "../src/messages";
import { highlighted } from "../src/panel/highlight";
import { followed, KEPT, NOTHING } from "../src/panel/tail";
import { click, graph, mount, type Mounted, node, replica, TestModel, type } from "./helpers";

const replicas: Knob = { option: "num_replicas", label: "replicas", control: "slider", value: 2, help: "how many", low: 1, high: 10, step: 1 };
const config: Knob = { option: "user_config", label: "user config", control: "json", value: { a: 1 }, help: "", low: null, high: null, step: null };

function details(more: Partial<NodeDetails> = {}): NodeDetails {
  return { kind: "node_details", node: "A", source: "def f():\n    return '<b>'", options: { num_replicas: "2" }, knobs: [replicas, config], replicas: [], assumptions: [], ...more };
}

async function opened(undo = ""): Promise<Mounted> {
  const model = new TestModel("graph", graph({ undo, nodes: [node("A", { replicas: [replica("A#1", "RUNNING")] })] }));
  const view = await mount(model);
  await click(view.find('[data-node="A"]'));
  await model.answer(model.asked("node"), details());
  return view;
}

async function submit(view: Mounted, at: number): Promise<void> {
  await act(() => void view.all(".ks-knob")[at]!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
}

test("a knob that is turned is applied, and its summary shown", async () => {
  const view = await opened();
  await type(view.find(".ks-number-input"), "4");
  await submit(view, 0);
  const ask = view.model.asked("apply");
  expect(ask).toMatchObject({ node: "A", options: { num_replicas: 4 } });
  await view.model.answer(ask, { kind: "applied", revision: 2, summary: "updated in 0.2 s", undo: "back to 2" });
  expect(view.find(".ks-knob").textContent).toContain("✓ updated in 0.2 s");
});

test("a refusal is shown at its knob, and goes when it is turned again", async () => {
  const view = await opened();
  await type(view.find(".ks-number-input"), "9");
  await submit(view, 0);
  await view.model.answer(view.model.asked("apply"), null, "num_replicas is 9; at most 8 fit.");
  expect(view.find(".ks-knob [role=alert]").textContent).toContain("num_replicas is 9; at most 8 fit.");
  expect(view.all(".ks-knob")[1]!.textContent).not.toContain("num_replicas is 9");
  await type(view.find(".ks-number-input"), "8");
  expect(view.all(".ks-knob [role=alert]")).toEqual([]);
});

test("JSON that is none is refused before it is sent", async () => {
  const view = await opened();
  await type(view.find(".ks-json-input"), "{bad");
  await submit(view, 1);
  expect(view.all(".ks-knob")[1]!.textContent).toContain("This is not JSON");
  expect(view.model.sent.filter((message) => message.kind === "apply")).toEqual([]);
  await type(view.find(".ks-json-input"), '{"a": 2}');
  await submit(view, 1);
  expect(view.model.asked("apply").options).toEqual({ user_config: { a: 2 } });
  await view.model.answer(view.model.asked("apply"), { kind: "applied", revision: 2, summary: "done", undo: "" });
  await view.model.answer(view.model.asked("node"), details({ knobs: [replicas, { ...config, value: { a: 2 } }] }));
  expect((view.find(".ks-knob:nth-of-type(2) [type=submit]") as HTMLButtonElement).disabled).toBe(true);
});

test("without a reply in half a second it applies when the cell ends", async () => {
  const view = await opened();
  vi.useFakeTimers();
  await type(view.find(".ks-number-input"), "3");
  await submit(view, 0);
  await act(async () => void (await vi.advanceTimersByTimeAsync(600)));
  vi.useRealTimers();
  expect(view.find(".ks-knob").textContent).toContain("applies when the cell ends");
  await view.model.answer(view.model.asked("apply"), { kind: "applied", revision: 2, summary: "done", undo: "" });
  expect(view.find(".ks-knob").textContent).toContain("✓ done");
});

test("a value that is being edited stays when the deployment's changes", async () => {
  const view = await opened();
  await type(view.find(".ks-number-input"), "7");
  await view.model.push(graph({ revision: 2 }));
  await view.model.answer(view.model.asked("node"), details({ knobs: [{ ...replicas, value: 3 }, { ...config, value: null }] }));
  expect((view.find(".ks-number-input") as HTMLInputElement).value).toBe("7");
  expect((view.find(".ks-json-input") as HTMLTextAreaElement).value).toBe("");
});

test("undo says what it does, and does it", async () => {
  const view = await opened("num_replicas of A back to 2");
  expect(view.find(".ks-undo").textContent).toContain("num_replicas of A back to 2");
  await click(view.find(".ks-undo button"));
  await view.model.answer(view.model.asked("undo"), null, "A was deployed anew since.");
  expect(view.find(".ks-undo [role=alert]").textContent).toContain("A was deployed anew since.");
});

test("tabs by keyboard: code, options, logs, replicas", async () => {
  const view = await opened();
  const go = async (key: string): Promise<void> => {
    await act(() => void view.find("[role=tablist]").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })));
  };
  await go("ArrowRight");
  expect(view.find("[role=tab][aria-selected=true]").textContent).toBe("Code");
  expect(view.find(".ks-code").textContent).toContain("return '<b>'");
  await go("ArrowRight");
  expect(view.find(".ks-options").textContent).toBe("num_replicas2");
  await go("ArrowRight");
  const line = { time: 1, level: "ERROR", text: "<script>alert(1)</script>", replica: "A#1", request_id: "" };
  await view.model.answer(view.model.asked("logs"), { kind: "log_rows", lines: [line], cursor: "c", skipped: 2 });
  expect(view.find(".ks-log-line").textContent).toContain("error<script>alert(1)</script>");
  expect(view.text()).toContain("2 lines left out");
  await go("End");
  expect(view.find(".ks-panel tbody").textContent).toContain("12 MB");
});

test("the tail of a log is bounded", () => {
  const lines = Array.from({ length: KEPT + 10 }, (_, i) => ({ time: i, level: "INFO", text: String(i), replica: "", request_id: "" }));
  const tail = followed(NOTHING, { kind: "log_rows", lines, cursor: "x", skipped: 0 });
  expect([tail.lines.length, tail.lines[0]?.text, tail.cursor]).toEqual([KEPT, "10", "x"]);
});

test("highlighting keeps every character", () => {
  const source = '@deco(1)\ndef f(x: str = "a#b") -> None:  # it\'s\n    """doc\n    more"""\n    return f\'{x}\' + "open';
  expect(highlighted(source).map((line) => line.map((piece) => piece.text).join("")).join("\n")).toBe(source);
  expect(highlighted(source)[1]).toContainEqual({ text: "f", look: "defined" });
});
