import uPlot from "uplot";

import { clock } from "../format";
import type { ChartKind } from "./charts";
import { lastOf } from "./charts";
import type { Colours } from "./theme";

/** The part of the time axis that is shown. */
export interface Range {
  min: number;
  max: number;
}
export interface PlotHooks {
  /** Of a view: charts with the same key share their cursor. */
  syncKey: string;
  colours: () => Colours;
  range: () => Range;
  onZoom: (range: Range | null) => void;
  onDraw: (chart: uPlot) => void;
}

const HEIGHT = 150;

export function plotOptions(kind: ChartKind, width: number, logarithmic: boolean, hooks: PlotHooks): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    padding: [10, 8, 0, 0],
    pxAlign: 0,
    legend: { show: true, live: true, markers: { show: false } },
    cursor: {
      sync: { key: hooks.syncKey },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: { dblclick: () => () => (hooks.onZoom(null), null) },
    },
    scales: {
      x: { time: true, range: () => [hooks.range().min, hooks.range().max] },
      y: logarithmic ? { distr: 3, range: logRange } : { range: (_, __, max) => [0, niceMax(max)] },
    },
    axes: axes(kind, hooks),
    series: [{ label: "time", value: (_, at) => (at == null ? "latest" : clock(at)) }, ...series(kind, logarithmic, hooks)],
    hooks: {
      draw: [hooks.onDraw],
      setSelect: [(chart) => {
        if (chart.select.width < 4) return;
        const range = { min: chart.posToVal(chart.select.left, "x"), max: chart.posToVal(chart.select.left + chart.select.width, "x") };
        chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        hooks.onZoom(range);
      }],
    },
  };
}

const WHOLE = [1, 2, 5].flatMap((step) => [0, 1, 2, 3, 4, 5, 6].map((power) => step * 10 ** power)).sort((a, b) => a - b);

function axes(kind: ChartKind, hooks: PlotHooks): uPlot.Axis[] {
  const look = {
    stroke: () => hooks.colours().text,
    font: "11px system-ui, sans-serif",
    grid: { stroke: () => hooks.colours().grid, width: 1 },
    ticks: { show: false },
  };
  return [
    { ...look, size: 24, space: 74, values: (_, ticks) => ticks.map((at) => (at % 60 === 0 ? clock(at).slice(0, 5) : clock(at))) },
    { ...look, size: 58, space: 28, incrs: kind.whole ? WHOLE : undefined, values: (_, ticks) => ticks.map((at) => (at === null ? "" : kind.format(at))) },
  ];
}

function series(kind: ChartKind, logarithmic: boolean, hooks: PlotHooks): uPlot.Series[] {
  return kind.lines.map((line) => ({
    label: line.label,
    stroke: () => hooks.colours().line(line.colour),
    fill: kind.filled && !logarithmic ? () => `${hooks.colours().line(line.colour)}22` : undefined,
    width: 1.6,
    dash: line.dash,
    points: { show: false, size: 5, filter: (chart, index) => alone(chart.data[index] ?? []) },
    paths: kind.stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined,
    // Without a cursor the legend tells the latest value.
    value: (chart, raw, index, at) => kind.format(at == null ? lastOf((chart.data[index] ?? []) as (number | null)[]) : raw),
  }));
}

/** Places of the values without a neighbour: no line goes through them, so they are drawn as points. */
export function alone(values: ArrayLike<number | null | undefined>): number[] | null {
  const places: number[] = [];
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) places.push(i);
  }
  return places.length > 0 ? places : null;
}

function niceMax(max: number | null): number {
  return max === null || max <= 0 ? 1 : max * 1.12;
}

function logRange(_: uPlot, min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || max <= 0) return [0.1, 1000];
  const low = 10 ** Math.floor(Math.log10(Math.max(min, 0.01)));
  return [low, Math.max(low * 10, 10 ** Math.ceil(Math.log10(max)))];
}
