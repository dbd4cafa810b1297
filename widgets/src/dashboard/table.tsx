import type { VNode } from "preact";

import { clock } from "../format";
import { CHARTS, lastOf } from "./charts";
import type { Columns } from "./store";

/** What the charts show last, as a table: for screen readers, and for whoever wants to copy it. */
export function LastValues({ app, deployment, columns, now }: {
  app: string;
  deployment: string;
  columns: Columns;
  now: number;
}): VNode {
  return (
    <details class="ks-last">
      <summary>Last values as a table</summary>
      <table class="ks-table">
        <caption>Last values of {deployment ? `${deployment} in ${app}` : app} at {clock(now)}</caption>
        <thead>
          <tr><th scope="col">what</th><th scope="col">last</th><th scope="col">highest</th></tr>
        </thead>
        <tbody>
          {CHARTS.flatMap((kind) => kind.lines.map((line) => {
            const values = columns[line.column];
            const name = kind.lines.length > 1 ? `${kind.title}: ${line.label}` : kind.title;
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="ks-number">{kind.format(lastOf(values))}</td>
                <td class="ks-number">{kind.format(highest(values))}</td>
              </tr>
            );
          }))}
        </tbody>
      </table>
    </details>
  );
}

function highest(values: (number | null)[]): number | null {
  return values.reduce((most, value) => (value !== null && (most === null || value > most) ? value : most), null);
}
