import type { Knob } from "../messages";

/** What an input's text stands for, or why it stands for nothing. */
export type Read = { value: unknown; error: "" } | { value: undefined; error: string };

export function textOf(knob: Knob): string {
  if (knob.control === "json") return knob.value === null || knob.value === undefined ? "" : JSON.stringify(knob.value, null, 2);
  return knob.value === null || knob.value === undefined ? "" : String(knob.value);
}

/** Only the form is checked here; whether a value may be, the kernel says. */
export function read(knob: Knob, text: string): Read {
  if (text.trim() === "") return { value: null, error: "" };
  if (knob.control === "json") return readJson(text);
  const value = Number(text);
  if (Number.isFinite(value)) return { value, error: "" };
  return { value: undefined, error: `"${text}" is not a number.` };
}

function readJson(text: string): Read {
  try {
    return { value: JSON.parse(text) as unknown, error: "" };
  } catch (error) {
    return { value: undefined, error: `This is not JSON: ${(error as SyntaxError).message}` };
  }
}
