import type { ComponentChildren, VNode } from "preact";
import { useId, useRef } from "preact/hooks";

export interface Tab {
  name: string;
  label: string;
}

/** Tabs by the ARIA pattern: arrow keys, Home and End move, only the chosen one is in the order of Tab. */
export function Tabs({ tabs, chosen, onChoose, label, children }: {
  tabs: Tab[];
  chosen: string;
  onChoose: (name: string) => void;
  label: string;
  children: ComponentChildren;
}): VNode {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (to: number): void => {
    const tab = tabs[(to + tabs.length) % tabs.length];
    if (!tab) return;
    onChoose(tab.name);
    list.current?.querySelector<HTMLElement>(`[data-tab="${tab.name}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.name === chosen);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move(to);
  };
  return (
    <>
      <div class="ks-tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            type="button"
            role="tab"
            key={tab.name}
            id={`${id}-${tab.name}`}
            data-tab={tab.name}
            class="ks-tab"
            aria-selected={tab.name === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={tab.name === chosen ? 0 : -1}
            onClick={() => onChoose(tab.name)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div class="ks-tabpanel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${chosen}`} tabIndex={0}>
        {children}
      </div>
    </>
  );
}
