// What a run of training tells whoever watches it, and what they may ask of it: the terminal's line, the
// files of metrics and the page all read these events and no more.

/**
 * One of the twelve logical shards that a step's sequences are dealt to in order: sphere i of 12 has
 * the sequences whose index * 12 / count, rounded down, is i. With fewer sequences some are idle.
 */
export interface SphereReport {
  /** 0 to 11. */
  readonly index: number;
  readonly sequences: number;
  /** Tokens that count in the loss. */
  readonly tokens: number;
  /** Mean over its tokens; null where it has none. */
  readonly loss: number | null;
  /** 0 to 1: its tokens beside those of the busiest sphere. */
  readonly activity: number;
}

export interface StepReport {
  /** Steps done, this one included. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Tokens seen since the start, padding left out. */
  readonly tokens: number;
  /** Weighted mean over the step's tokens, before the weights change. */
  readonly loss: number;
  readonly learningRate: number;
  /** Of all gradients together, before clipping. */
  readonly gradientNorm: number;
  readonly tokensPerSecond: number;
  readonly secondsLeft: number;
  /** Since the start, pauses and time between a stop and its resuming left out. */
  readonly seconds: number;
  /** Always twelve. */
  readonly spheres: readonly SphereReport[];
}

/** On text that is not trained on. */
export interface EvaluationReport {
  /** Mean over its tokens, in nats. */
  readonly loss: number;
  /** Null where it is not text that is predicted. */
  readonly bitsPerByte: number | null;
  readonly [metric: string]: unknown;
}

export interface SampleReport {
  readonly prompt: string;
  readonly text: string;
}

export type RunState = "running" | "paused" | "stopping" | "finished" | "failed";

export type TrainingEvent =
  | ({ readonly type: "step" } & StepReport)
  | ({ readonly type: "evaluation"; readonly step: number } & EvaluationReport)
  | ({ readonly type: "sample"; readonly step: number } & SampleReport)
  | { readonly type: "checkpoint"; readonly step: number; readonly path: string }
  | {
      readonly type: "state";
      readonly state: RunState;
      readonly step: number;
      readonly reason?: string;
    };

/** Each takes effect when the step in work is done, and may be called at any time. */
export interface TrainingControl {
  pause(): void;
  resume(): void;
  /** Writes a checkpoint and ends the run, which can be resumed. */
  stop(): void;
  checkpoint(): void;
}
