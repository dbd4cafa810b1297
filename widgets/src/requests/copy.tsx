import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";

/** Copies `text`; where the browser does not allow that, shows it selected, to be copied by hand. */
export function CopyButton({ label, text }: { label: string; text: string }): VNode {
  const [done, setDone] = useState<"" | "copied" | "by hand">("");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setDone("copied");
    } catch {
      // Refused, or not there at all on a page without HTTPS: browsers differ in what they throw.
      setDone("by hand");
    }
  };
  return (
    <>
      <button type="button" class="ks-button" title={text} onClick={() => void copy()}>{label}</button>
      {done === "copied" && <span role="status">✓ copied</span>}
      {done === "by hand" && <ByHand label={label} text={text} />}
    </>
  );
}

function ByHand({ label, text }: { label: string; text: string }): VNode {
  const selected = useRef(false);
  const select = (element: HTMLTextAreaElement | null): void => {
    if (!element || selected.current) return;
    selected.current = true;
    element.focus();
    element.select();
  };
  return (
    <span class="ks-by-hand">
      <span>The browser does not let this page copy; press Ctrl+C:</span>
      <textarea class="ks-input ks-mono" readOnly rows={3} value={text} ref={select} aria-label={label} />
    </span>
  );
}
