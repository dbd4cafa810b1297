import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { Mark } from "../messages";
import { useWidth } from "../ui/hooks";
import type { ChartKind, Line } from "./charts";
import { placeMarks } from "./marks";
import { plotOptions, type Range } from "./plot";
import type { Columns } from "./store";
import { coloursOf, watchTheme } from "./theme";

interface ChartProps {
  kind: ChartKind;
  columns: Columns;
  marks: Mark[];
  range: Range;
  logarithmic: boolean;
  syncKey: string;
  onZoom: (range: Range | null) => void;
}

/** One chart of the dashboard. */
export function Chart(props: ChartProps): VNode {
  const { kind, columns, marks, range, logarithmic } = props;
  const [measure, width] = useWidth();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element || width === null) return undefined;
    let colours = coloursOf(element);
    const made = new uPlot(plotOptions(kind, width, logarithmic && !!kind.logarithmic, {
      syncKey: latest.current.syncKey,
      colours: () => colours,
      range: () => latest.current.range,
      onZoom: (range) => latest.current.onZoom(range),
      onDraw: (drawn) => placeMarks(drawn, latest.current.marks),
    }), dataOf(latest.current.kind, latest.current.columns, logarithmic), element);
    chart.current = made;
    const stop = watchTheme(() => {
      colours = coloursOf(element);
      made.redraw(false);
    });
    return () => {
      stop();
      made.destroy();
      chart.current = undefined;
    };
    // The width alone does not make another chart: see the effect below.
  }, [kind, logarithmic, width === null]);

  useEffect(() => {
    if (width !== null) chart.current?.setSize({ width, height: chart.current.height });
  }, [width]);
  useEffect(() => {
    chart.current?.setData(dataOf(kind, columns, logarithmic));
  }, [kind, columns, marks, range, logarithmic]);

  return (
    <figure class="ks-chart" aria-label={`${kind.title} over time`}>
      <figcaption>
        {kind.title}
        {kind.lines.length > 1 && <span class="ks-keys">{kind.lines.map((line) => <Key key={line.column} line={line} />)}</span>}
      </figcaption>
      <div ref={measure}>
        <div ref={box} />
      </div>
    </figure>
  );
}

/** Zeros have no place on a logarithmic axis. */
function dataOf(kind: ChartKind, columns: Columns, logarithmic: boolean): uPlot.AlignedData {
  const positive = (values: (number | null)[]): (number | null)[] =>
    logarithmic && kind.logarithmic ? values.map((value) => (value !== null && value > 0 ? value : null)) : values;
  return [columns.time, ...kind.lines.map((line) => positive(columns[line.column]))];
}

function Key({ line }: { line: Line }): VNode {
  return (
    <span class="ks-key">
      <svg width="22" height="8" aria-hidden="true">
        <line x1="1" y1="4" x2="21" y2="4" style={{ stroke: `var(--ks-line-${line.colour})` }} stroke-width="2" stroke-dasharray={line.dash?.join(" ")} />
      </svg>
      {line.label}
    </span>
  );
}
