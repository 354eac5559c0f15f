// A chart of one or two curves by step, drawn at the size that it has on the page, with a readout that
// follows the pointer or the arrow keys.

import { grouped } from "../../../wording.ts";
import type { SeriesPoint } from "../series.ts";
import { html, svg } from "./elements.ts";
import {
  bandPath,
  linear,
  linePath,
  nearest,
  type Range,
  type Scale,
  ticks,
  valueRange,
} from "./scale.ts";

export interface ChartOptions {
  readonly title: string;
  readonly curves: readonly { readonly label: string; readonly tone: "first" | "second" }[];
  /** Whether the axis of values starts at 0. */
  readonly fromZero?: boolean;
  /** A value in words. */
  readonly word: (value: number) => string;
}

const margin = { top: 10, right: 10, bottom: 24, left: 52 };
const height = { usual: 168, large: 300 };

export class Chart {
  readonly element: HTMLElement;
  readonly #options: ChartOptions;
  readonly #plot: HTMLElement;
  readonly #drawing: SVGSVGElement;
  readonly #readout: HTMLElement;
  #curves: readonly (readonly SeriesPoint[])[] = [];
  /** The step that is asked for; undefined: the last one. */
  #asked: number | undefined;
  #x: Scale = (value) => value;
  #steps: Range = { low: 0, high: 1 };

  constructor(host: Element, options: ChartOptions) {
    this.#options = options;
    this.element = html(host, "section", { class: "chart" });
    const head = html(this.element, "div", { class: "chart-head" });
    html(head, "h2", { text: options.title });
    this.#readout = html(head, "p", { class: "readout" });
    this.#plot = html(this.element, "div", { class: "plot", tabindex: 0, role: "group" });
    this.#plot.setAttribute("aria-label", `${options.title} by step; arrow keys read values`);
    this.#drawing = svg(this.#plot, "svg", { "aria-hidden": "true" });
    this.#hearPointer();
    this.#hearKeys();
    new ResizeObserver(() => this.#draw()).observe(this.#plot);
  }

  /** `lastStep` is where the axis of steps ends, on all charts alike. */
  show(curves: readonly (readonly SeriesPoint[])[], lastStep: number): void {
    this.#curves = curves;
    this.#steps = { low: 0, high: Math.max(1, lastStep) };
    this.element.hidden = curves.every((points) => points.length === 0);
    this.#draw();
  }

  #draw(): void {
    const width = this.#plot.clientWidth;
    if (width === 0 || this.element.hidden) return;
    const tall = this.element.classList.contains("large") ? height.large : height.usual;
    const places = { left: margin.left, right: width - margin.right };
    const values = valueRange(this.#curves, this.#options.fromZero ?? false);
    const x = linear(this.#steps, { low: places.left, high: places.right });
    const y = linear(values, { low: tall - margin.bottom, high: margin.top });
    this.#x = x;
    this.#drawing.setAttribute("viewBox", `0 0 ${width} ${tall}`);
    this.#drawing.setAttribute("height", String(tall));
    this.#drawing.replaceChildren();
    this.#drawAxes(x, y, values, width, tall);
    for (const [index, points] of this.#curves.entries()) {
      const { tone } = this.#options.curves[index]!;
      svg(this.#drawing, "path", { d: bandPath(points, x, y), class: `band ${tone}` });
      svg(this.#drawing, "path", { d: linePath(points, x, y), class: `line ${tone}` });
      // A single point has no line.
      if (points.length === 1) this.#dot(points[0]!, x, y, tone);
    }
    this.#drawReading(x, y, tall);
  }

  #drawAxes(x: Scale, y: Scale, values: Range, width: number, tall: number): void {
    for (const value of ticks(values, tall / 48)) {
      const at = { x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value) };
      svg(this.#drawing, "line", { ...at, class: "grid" });
      const label = svg(this.#drawing, "text", { x: margin.left - 8, y: y(value) + 4, class: "y" });
      label.textContent = axisWord(value);
    }
    for (const step of ticks(this.#steps, width / 110)) {
      if (!Number.isInteger(step)) continue;
      const label = svg(this.#drawing, "text", { x: x(step), y: tall - 6, class: "x" });
      // What would stand over the edge stands before it.
      if (x(step) > width - 30) label.classList.add("last");
      label.textContent = axisWord(step);
    }
  }

  /** What the curves say at the step that is asked for, or at the last one. */
  #drawReading(x: Scale, y: Scale, tall: number): void {
    const asked = this.#asked;
    const found = this.#curves.map((points) =>
      asked === undefined ? points.at(-1) : nearest(points, asked),
    );
    const step = found.find((point) => point !== undefined)?.step;
    if (asked !== undefined && step !== undefined) {
      const at = { x1: x(step), x2: x(step), y1: margin.top, y2: tall - margin.bottom };
      svg(this.#drawing, "line", { ...at, class: "reading" });
    }
    const words = [asked === undefined || step === undefined ? "" : `step ${grouped(step)}`];
    for (const [index, point] of found.entries()) {
      if (point === undefined) continue;
      const { label, tone } = this.#options.curves[index]!;
      if (asked !== undefined) this.#dot(point, x, y, tone);
      const value = this.#options.word(point.mean);
      words.push(this.#options.curves.length > 1 ? `${label} ${value}` : value);
    }
    this.#read(words);
  }

  /** Each curve's words in its colour. */
  #read(words: readonly string[]): void {
    const parts = words.filter((word) => word !== "");
    if (this.#readout.textContent === parts.join("")) return;
    this.#readout.replaceChildren();
    for (const part of parts) {
      const curve = this.#options.curves.find(({ label }) => part.startsWith(label));
      const several = this.#options.curves.length > 1;
      html(this.#readout, "span", {
        text: part,
        class: several ? (curve?.tone ?? "step") : "step",
      });
    }
  }

  #dot(point: SeriesPoint, x: Scale, y: Scale, tone: string): void {
    const at = { cx: x(point.step), cy: y(point.mean), r: 4 };
    svg(this.#drawing, "circle", { ...at, class: `dot ${tone}` });
  }

  #hearPointer(): void {
    this.#plot.addEventListener("pointermove", ({ offsetX }) => {
      const [low, high] = [this.#x(this.#steps.low), this.#x(this.#steps.high)];
      const share = high === low ? 1 : Math.min(1, Math.max(0, (offsetX - low) / (high - low)));
      this.#ask(this.#steps.low + share * (this.#steps.high - this.#steps.low));
    });
    this.#plot.addEventListener("pointerleave", () => this.#ask(undefined));
  }

  #hearKeys(): void {
    this.#plot.addEventListener("keydown", (event) => {
      const points = this.#curves.find((curve) => curve.length > 0) ?? [];
      const at = points.findLastIndex(({ step }) => step <= (this.#asked ?? Infinity));
      const moves: Record<string, number> = {
        ArrowLeft: at - 1,
        ArrowRight: at + 1,
        PageUp: at - Math.ceil(points.length / 10),
        PageDown: at + Math.ceil(points.length / 10),
        Home: 0,
        End: points.length - 1,
      };
      const to = moves[event.key];
      if (to === undefined) return;
      event.preventDefault();
      // Only what the keys ask for is read aloud; the last step changes by itself.
      this.#readout.setAttribute("aria-live", "polite");
      this.#ask(points[Math.min(points.length - 1, Math.max(0, to))]?.step);
    });
    this.#plot.addEventListener("blur", () => {
      this.#readout.removeAttribute("aria-live");
      this.#ask(undefined);
    });
  }

  #ask(step: number | undefined): void {
    this.#asked = step;
    this.#draw();
  }
}

/** Short: "1.2k", "3e-4", "0.5". */
function axisWord(value: number): string {
  const amount = Math.abs(value);
  if (amount >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(4))}M`;
  if (amount >= 10_000) return `${Number((value / 1_000).toPrecision(4))}k`;
  if (amount >= 1_000) return grouped(value);
  if (amount > 0 && amount < 0.01) return value.toExponential().replace("e+", "e");
  return String(Number(value.toPrecision(6)));
}
