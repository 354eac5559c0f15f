// What a fine-tuning is, whichever its task: a network, the steps that it learns from, how it is judged,
// and what it leaves behind. Run by finetune.ts.

import type { MetadataEntry } from "../../formats/metadata.ts";
import type { ModelFile } from "../../formats/model-file.ts";
import { readConfig } from "../../model/config.ts";
import type { EvaluationReport } from "../events.ts";
import type { Network } from "../network.ts";
import type { StepSource } from "../trainer.ts";
import type { Sequence } from "./sequence.ts";
import type { Settings } from "./settings.ts";

/** Loss and, where the task has more to say, accuracy and the like. */
export type Judgement = EvaluationReport;

export interface Counts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  /** Rows that were left out. */
  readonly tooLong: number;
}

export interface FinetuningTask {
  readonly network: Network;
  readonly source: StepSource & { steps(epochs: number): number };
  readonly counts: Counts;
  /** Longer rows were left out. */
  readonly tokensMax: number;
  /** Of all that is learnt from: a resumed run must find the same. */
  readonly digest: string;
  /** Undefined where no rows are held out. */
  readonly validate?: ((signal?: AbortSignal) => Promise<Judgement>) | undefined;
  readonly test?: ((signal?: AbortSignal) => Promise<Judgement>) | undefined;
  /** Keys of the checkpoints, which hold what trains alone. */
  readonly metadata: readonly (readonly [string, MetadataEntry])[];
  /** Writes what was learnt into the run's folder; returns the paths. */
  save(folder: string, signal?: AbortSignal): Promise<string[]>;
}

/** What a task is made of. */
export interface TaskInput {
  readonly settings: Settings;
  readonly base: ModelFile;
  /** The run's folder. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice: (line: string) => void;
  /** What is being done before the first step. */
  readonly onProgress: (text: string) => void;
}

/** Tokens of the longest row that is learnt from: more than the model's context never fit. */
export function longestRow({ settings, base }: TaskInput): number {
  return Math.min(settings.tokens_max, readConfig(base).contextLength);
}

/** SHA-256 of the sequences and their order. */
export function digestOf(sequences: Iterable<Sequence>): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const { inputs, targets, weights } of sequences) {
    hash.update(Uint32Array.of(inputs.length));
    for (const part of [inputs, targets, weights]) {
      hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
  }
  return hash.digest("hex");
}
