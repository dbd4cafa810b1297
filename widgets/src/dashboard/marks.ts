import type uPlot from "uplot";

import { clock } from "../format";
import type { Mark } from "../messages";

/** Places a dashed line with a label for each revision over the plot of `chart`; reuses what is there. */
export function placeMarks(chart: uPlot, marks: Mark[]): void {
  const { min, max } = chart.scales["x"] ?? {};
  const shown = min == null || max == null ? [] : marks.filter((mark) => mark.time >= min && mark.time <= max);
  const old = [...chart.over.querySelectorAll<HTMLElement>(".ks-mark")];
  shown.forEach((mark, i) => {
    const element = old[i] ?? chart.over.appendChild(newMark(chart.over.ownerDocument));
    const at = chart.valToPos(mark.time, "x");
    element.style.transform = `translateX(${at.toFixed(1)}px)`;
    element.classList.toggle("ks-left", at > chart.over.clientWidth - 30);
    const label = element.firstElementChild as HTMLElement;
    label.textContent = `r${mark.revision}`;
    label.title = `revision ${mark.revision} at ${clock(mark.time)}${mark.title ? `: ${mark.title}` : ""}`;
  });
  for (const element of old.slice(shown.length)) element.remove();
}

function newMark(document: Document): HTMLElement {
  const mark = document.createElement("div");
  mark.className = "ks-mark";
  mark.appendChild(document.createElement("span"));
  return mark;
}
