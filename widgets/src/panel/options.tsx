import type { VNode } from "preact";

import { Empty } from "../ui/basics";

/** The options that are not defaults, as a list of names and values. */
export function Options({ options }: { options: Record<string, string> }): VNode {
  const entries = Object.entries(options);
  if (entries.length === 0) return <Empty>All options have their defaults.</Empty>;
  return (
    <dl class="ks-options">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
