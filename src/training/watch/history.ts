// What a late joiner must be told of a run: its curves, thinned, its last step with the spheres, and its
// last samples. The page keeps the same history from what it is told, so this runs in the browser too.

import type { RunState, StepReport } from "../events.ts";
import { furtherMeasures, type MetricsRecord, type RunInfo } from "./metrics-record.ts";
import { Series, type SeriesData } from "./series.ts";

/** Samples that are kept, the newest first. */
const samplesMax = 30;

export const curveNames = [
  "loss",
  "validationLoss",
  "bitsPerByte",
  "learningRate",
  "gradientNorm",
  "tokensPerSecond",
] as const;
export type CurveName = (typeof curveNames)[number];

export interface Sample {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
}

export interface RunStatus {
  readonly state: RunState;
  readonly step: number;
  readonly reason?: string;
}

interface Latest {
  readonly run: RunInfo | null;
  readonly status: RunStatus | null;
  readonly step: StepReport | null;
  /** Of the last evaluation, what is no curve of its own: an accuracy, a margin. */
  readonly measures: readonly (readonly [string, number])[];
  readonly checkpoint: { readonly step: number; readonly path: string } | null;
  readonly samples: readonly Sample[];
}

export interface HistoryData {
  readonly latest: Latest;
  readonly curves: Readonly<Record<CurveName, SeriesData>>;
}

export class History {
  #latest: Latest = {
    run: null,
    status: null,
    step: null,
    measures: [],
    checkpoint: null,
    samples: [],
  };
  #curves = curvesOf(() => new Series());

  add(record: MetricsRecord): void {
    switch (record.type) {
      case "run":
        // What an earlier session told at its end does not hold any more.
        this.#change({ run: record, status: null });
        break;
      case "step":
        this.#addStep(record);
        break;
      case "evaluation":
        this.#addEvaluation(record);
        break;
      case "sample": {
        const { step, prompt, text } = record;
        const samples = [{ step, prompt, text }, ...this.#latest.samples];
        this.#change({ samples: samples.slice(0, samplesMax) });
        break;
      }
      case "checkpoint":
        this.#change({ checkpoint: record });
        break;
      case "state":
        this.#change({ status: record });
    }
  }

  get latest(): Latest {
    return this.#latest;
  }

  curve(name: CurveName): Series {
    return this.#curves[name];
  }

  toJSON(): HistoryData {
    return { latest: this.#latest, curves: curvesOf((name) => this.#curves[name].toJSON()) };
  }

  static from({ latest, curves }: HistoryData): History {
    const history = new History();
    history.#latest = latest;
    history.#curves = curvesOf((name) => Series.from(curves[name]));
    return history;
  }

  #addStep(record: MetricsRecord & { type: "step" }): void {
    const { step, loss, learningRate, gradientNorm, tokensPerSecond } = record;
    this.#curves.loss.add(step, loss);
    this.#curves.learningRate.add(step, learningRate);
    this.#curves.gradientNorm.add(step, gradientNorm);
    this.#curves.tokensPerSecond.add(step, tokensPerSecond);
    this.#change({ step: record });
  }

  #addEvaluation(record: MetricsRecord & { type: "evaluation" }): void {
    const { step, loss, bitsPerByte } = record;
    this.#curves.validationLoss.add(step, loss);
    if (bitsPerByte !== null) this.#curves.bitsPerByte.add(step, bitsPerByte);
    this.#change({ measures: furtherMeasures(record) });
  }

  #change(what: Partial<Latest>): void {
    this.#latest = { ...this.#latest, ...what };
  }
}

function curvesOf<T>(make: (name: CurveName) => T): Record<CurveName, T> {
  return Object.fromEntries(curveNames.map((name) => [name, make(name)])) as Record<CurveName, T>;
}
