import type { ComponentChildren, VNode } from "preact";

/** A view or part of one that has nothing to show, in words. */
export function Empty({ children }: { children: ComponentChildren }): VNode {
  return <p class="ks-empty">{children}</p>;
}

/** An error in words, announced to screen readers. */
export function Problem({ children }: { children: ComponentChildren }): VNode {
  return (
    <div class="ks-problem" role="alert">
      <span aria-hidden="true">▲ </span>
      {children}
    </div>
  );
}

/** A small word with a border; `tone` adds a colour to what the word says. */
export function Badge({ tone = "plain", title, children }: {
  tone?: string;
  title?: string;
  children: ComponentChildren;
}): VNode {
  return <span class={`ks-badge ks-tone-${tone}`} title={title}>{children}</span>;
}

export function Toggle({ on, label, onChange }: { on: boolean; label: string; onChange: (on: boolean) => void }): VNode {
  return (
    <button type="button" class="ks-button" aria-pressed={on} onClick={() => onChange(!on)}>
      {label}
    </button>
  );
}

/** A pause button: its word says what a press does, `aria-pressed` what is. */
export function Pause({ paused, onChange }: { paused: boolean; onChange: (paused: boolean) => void }): VNode {
  return (
    <button type="button" class="ks-button" aria-pressed={paused} onClick={() => onChange(!paused)}>
      <span aria-hidden="true">{paused ? "▶ " : "❚❚ "}</span>
      {paused ? "Resume" : "Pause"}
    </button>
  );
}

/** A link, if its address is one of the web; anything else stays text. */
export function WebLink({ url }: { url: string }): VNode {
  if (!/^https?:\/\//i.test(url)) return <span>{url}</span>;
  return <a href={url} target="_blank" rel="noopener noreferrer" title={url}>{url}</a>;
}
