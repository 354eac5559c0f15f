// The geometry of a curve: round ticks, values to places, points to paths. No element is touched here, so
// that it can be tested without a browser.

import type { SeriesPoint } from "../series.ts";

export type Scale = (value: number) => number;

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Maps `from` to `to`, either of which may run backwards. */
export function linear(from: Range, to: Range): Scale {
  const factor = from.high === from.low ? 0 : (to.high - to.low) / (from.high - from.low);
  return (value) => to.low + (value - from.low) * factor;
}

/** About `count` round values within a range: 1, 2 or 5 times a power of ten apart. */
export function ticks({ low, high }: Range, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const found: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) {
    found.push(Number((at * step).toPrecision(12)));
  }
  return found;
}

/** What all points of some curves need, with a little room; from 0 where that is asked for. */
export function valueRange(curves: readonly (readonly SeriesPoint[])[], fromZero: boolean): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const point of curves.flat()) {
    low = Math.min(low, point.low);
    high = Math.max(high, point.high);
  }
  if (low > high) return { low: 0, high: 1 };
  if (fromZero) low = Math.min(0, low);
  const flat = high - low < 1e-12;
  const room = flat ? Math.max(Math.abs(high) * 0.1, 1e-6) : (high - low) * 0.06;
  return { low: fromZero && low === 0 ? 0 : low - room, high: high + room };
}

export function linePath(points: readonly SeriesPoint[], x: Scale, y: Scale): string {
  const places = points.map(({ step, mean }) => place(x(step), y(mean)));
  return places.length === 0 ? "" : `M${places.join("L")}`;
}

/** From the lowest to the highest that each point stands for. */
export function bandPath(points: readonly SeriesPoint[], x: Scale, y: Scale): string {
  if (points.every(({ low, high }) => low === high)) return "";
  const highs = points.map(({ step, high }) => place(x(step), y(high)));
  const lows = points.map(({ step, low }) => place(x(step), y(low))).reverse();
  return `M${[...highs, ...lows].join("L")}Z`;
}

/** The point nearest to a step; undefined where there is none. */
export function nearest(points: readonly SeriesPoint[], step: number): SeriesPoint | undefined {
  let [from, to] = [0, points.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (points[middle]!.step < step) from = middle + 1;
    else to = middle;
  }
  const [before, after] = [points[from - 1], points[from]];
  if (before === undefined || after === undefined) return after ?? before;
  return step - before.step <= after.step - step ? before : after;
}

function place(x: number, y: number): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
