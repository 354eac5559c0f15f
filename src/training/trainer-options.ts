// What a trainer is given: where batches come from, where checkpoints go, and what is done when. Apart
// from the loop, for those that are given to it.

import type { Batch } from "./batch.ts";
import type { Progress } from "./checkpoints/progress.ts";
import type { EvaluationReport, SampleReport } from "./events.ts";
import type { Network } from "./network.ts";
import type { Optimizer } from "./optimizer/optimizer.ts";

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

/** Keeps what a run needs to go on. */
export interface CheckpointStore {
  /** Writes a checkpoint and returns its path. Not interrupted: it is what an interruption asks for. */
  save(progress: Progress): Promise<string>;
  /** The last one, for the line that says why a run failed. */
  readonly last: string | undefined;
}

export interface TrainerOptions {
  readonly network: Pick<Network, "outputs" | "parameters" | "accumulate">;
  readonly optimizer: Pick<Optimizer, "step">;
  readonly source: StepSource;
  /** Steps of the whole run, those before a resuming included. */
  readonly steps: number;
  /** The learning rate of step 1, 2, ... */
  readonly schedule: (step: number) => number;
  /** Largest norm of all gradients together; 0: any. */
  readonly clip: number;
  readonly checkpoints?: CheckpointStore;
  /** Steps from one to the next; the end of a run has all three in any case. */
  readonly every: {
    readonly evaluate?: number;
    readonly sample?: number;
    readonly checkpoint?: number;
  };
  readonly evaluate?: (signal?: AbortSignal) => Promise<EvaluationReport>;
  readonly sample?: (step: number, signal?: AbortSignal) => Promise<readonly SampleReport[]>;
  /** Share of what the residual stream gets that is dropped. */
  readonly dropout?: number;
  readonly seed: number;
  /** Receives what the user should know. */
  readonly onNotice?: (line: string) => void;
  /** How far a resumed run has come; network, optimizer and source stand there. */
  readonly from?: Progress;
}
