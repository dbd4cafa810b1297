import type { VNode } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import type { Client } from "../client";
import type { Knob } from "../messages";
import { Problem } from "../ui/basics";
import { useAsk } from "../ui/hooks";
import { read, textOf } from "./value";

/** One option with its control: turned, then applied. A refusal of the kernel is shown here. */
export function KnobRow({ knob, node, client, live, onApplied }: {
  knob: Knob;
  node: string;
  client: Client;
  live: boolean;
  onApplied: () => void;
}): VNode {
  const [text, setText] = useState(textOf(knob));
  const [malformed, setMalformed] = useState("");
  const [state, ask, reset] = useAsk<"apply">(client);
  const id = useId();
  const given = textOf(knob);
  const before = useRef(given);
  useEffect(() => {
    // A value that was not touched follows the deployment's; one that is being edited stays.
    setText((now) => (now === before.current ? given : now));
    before.current = given;
  }, [given]);

  const busy = state.stage === "sent" || state.stage === "waiting";
  const changed = text !== given;
  const edit = (next: string): void => {
    setText(next);
    setMalformed("");
    if (!busy) reset();
  };
  const apply = async (): Promise<void> => {
    const { value, error } = read(knob, text);
    setMalformed(error);
    if (error) return;
    if (!(await ask({ kind: "apply", node, options: { [knob.option]: value } }))) return;
    setText(textOf({ ...knob, value })); // in the form in which the deployment's value will come
    onApplied();
  };
  const error = malformed || state.error;
  return (
    <form class="ks-knob" onSubmit={(event) => { event.preventDefault(); if (changed && !busy && live) void apply(); }}>
      <label for={id} title={knob.option}>{knob.label}</label>
      <Control id={id} knob={knob} text={text} onEdit={edit} describedBy={`${id}-said`} invalid={error !== ""} />
      <span class="ks-knob-buttons">
        <button type="submit" class="ks-button ks-primary" disabled={!changed || busy || !live}>Apply</button>
        {changed && !busy && <button type="button" class="ks-button" onClick={() => edit(given)}>Reset</button>}
      </span>
      <div class="ks-knob-said" id={`${id}-said`}>
        {error ? <Problem>{error}</Problem> : <Said stage={state.stage} summary={state.answer?.summary} help={knob.help} />}
      </div>
    </form>
  );
}

function Said({ stage, summary, help }: { stage: string; summary: string | undefined; help: string }): VNode {
  if (stage === "waiting") return <span class="ks-waiting" role="status">… applies when the cell ends</span>;
  if (stage === "sent") return <span role="status">applying …</span>;
  if (stage === "done" && summary) return <span role="status">✓ {summary}</span>;
  return <span class="ks-muted">{help}</span>;
}

function Control({ id, knob, text, onEdit, describedBy, invalid }: {
  id: string;
  knob: Knob;
  text: string;
  onEdit: (text: string) => void;
  describedBy: string;
  invalid: boolean;
}): VNode {
  const bounds = { min: knob.low ?? undefined, max: knob.high ?? undefined, step: knob.step ?? "any" };
  const common = { value: text, "aria-describedby": describedBy, "aria-invalid": invalid, autocomplete: "off" };
  const onInput = (event: { currentTarget: { value: string } }): void => onEdit(event.currentTarget.value);
  if (knob.control === "json") {
    const rows = Math.min(12, Math.max(3, text.split("\n").length));
    return <textarea id={id} class="ks-input ks-json-input" rows={rows} spellcheck={false} {...common} onInput={onInput} />;
  }
  const number = <input id={id} class="ks-input ks-number-input" type="text" inputMode="decimal" {...common} onInput={onInput} />;
  if (knob.control !== "slider") return number;
  return (
    <span class="ks-slider">
      <input type="range" aria-label={`${knob.label}, slider`} {...bounds} value={text === "" ? (knob.low ?? 0) : text} onInput={onInput} />
      {number}
    </span>
  );
}
