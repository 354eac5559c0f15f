// One curve of a run of any length in bounded memory: once it is full, neighbours become one point that
// keeps their mean, lowest and highest. Runs in the browser too.

/** Points of a curve at most: more than a screen has columns for one. */
export const pointsMax = 1_024;

export interface SeriesPoint {
  /** The last step that it stands for. */
  readonly step: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** As JSON: points as rows of [step, mean, low, high], and how many reports each stands for. */
export interface SeriesData {
  readonly stride: number;
  readonly rows: readonly (readonly number[])[];
  /** Reports in the last row. */
  readonly inLast: number;
}

export class Series {
  /** Reports that a full point stands for. */
  #stride = 1;
  #points: SeriesPoint[] = [];
  /** Reports in the last point. */
  #inLast = 0;

  /** Values that are not finite are no point of a curve. */
  add(step: number, value: number): void {
    if (!Number.isFinite(value)) return;
    const last = this.#points.at(-1);
    if (last !== undefined && this.#inLast < this.#stride) {
      this.#points[this.#points.length - 1] = {
        step,
        mean: last.mean + (value - last.mean) / ++this.#inLast,
        low: Math.min(last.low, value),
        high: Math.max(last.high, value),
      };
      return;
    }
    if (this.#points.length === pointsMax) this.#halve();
    this.#points.push({ step, mean: value, low: value, high: value });
    this.#inLast = 1;
  }

  get points(): readonly SeriesPoint[] {
    return this.#points;
  }

  toJSON(): SeriesData {
    const short = (value: number) => Number(value.toPrecision(6));
    const rows = this.#points.map(({ step, mean, low, high }) =>
      low === high ? [step, short(mean)] : [step, short(mean), short(low), short(high)],
    );
    return { stride: this.#stride, rows, inLast: this.#inLast };
  }

  static from({ stride, rows, inLast }: SeriesData): Series {
    const series = new Series();
    series.#stride = stride;
    series.#inLast = inLast;
    series.#points = rows.map(([step, mean, low = mean, high = mean]) => ({
      step: step!,
      mean: mean!,
      low: low!,
      high: high!,
    }));
    return series;
  }

  /** All points are full when this is called, so that a pair weighs the same on both sides. */
  #halve(): void {
    const halved: SeriesPoint[] = [];
    for (let at = 0; at < this.#points.length; at += 2) {
      const [first, second] = [this.#points[at]!, this.#points[at + 1]!];
      halved.push({
        step: second.step,
        mean: (first.mean + second.mean) / 2,
        low: Math.min(first.low, second.low),
        high: Math.max(first.high, second.high),
      });
    }
    this.#points = halved;
    this.#stride *= 2;
  }
}
