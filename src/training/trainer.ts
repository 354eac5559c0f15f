// The loop that every training shares: batches in, gradients, clipping, a step of the optimizer, and
// between steps whatever is due: evaluation, samples, checkpoints, a pause.

import type { Batch } from "./batch.ts";
import type { EvaluationReport, SampleReport, TrainingEvent } from "./events.ts";
import type { Network } from "./network.ts";

/** Where batches come from. Its order depends on nothing but its own seed and position. */
export interface StepSource {
  /** The micro-batches of the next step. */
  next(): Promise<readonly Batch[]>;
  /** Where it stands, as JSON, for checkpoints: next() after seek(position()) gives the same batches. */
  position(): unknown;
  /** Throws CromwellError "model" for what is no position. */
  seek(position: unknown): void;
  readonly stepsAnEpoch?: number;
  /**
   * Where the loss is no weighted mean of nll (preferences): that of the batches last given, whose
   * weights are then the gradients' own, without a factor.
   */
  loss?(): number;
}

export interface TrainerOptions {
  readonly network: Network;
  readonly source: StepSource;
  /** Steps of the whole run, those before a resuming included. */
  readonly steps: number;
  /** The learning rate of step 1, 2, ... */
  readonly schedule: (step: number) => number;
  /** Largest norm of all gradients together; 0: any. */
  readonly clip: number;
  /** Steps from one to the next; without one, none but what a stop and the end ask for. */
  readonly every: {
    readonly evaluate?: number;
    readonly sample?: number;
    readonly checkpoint?: number;
  };
  readonly evaluate?: (signal?: AbortSignal) => Promise<EvaluationReport>;
  readonly sample?: (signal?: AbortSignal) => Promise<readonly SampleReport[]>;
  /** Share of activations that is dropped. */
  readonly dropout?: number;
  readonly seed: number;
}

export interface TrainerResult {
  readonly state: "finished" | "stopped" | "failed";
  readonly step: number;
  /** Of the last step. */
  readonly loss: number;
}

export type TrainerListener = (event: TrainingEvent) => void;
