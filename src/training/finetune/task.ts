// What a fine-tuning is, whichever its task: a network, the steps that it learns from, how it is judged,
// and what it leaves behind. Run by finetune.ts.

import type { MetadataEntry } from "../../formats/metadata.ts";
import type { ModelFile } from "../../formats/model-file.ts";
import { modelError } from "../../formats/tensor-table.ts";
import { readConfig } from "../../model/config.ts";
import type { EvaluationReport } from "../events.ts";
import type { Sequence } from "../examples/sequence.ts";
import type { Network } from "../network.ts";
import type { StepSource } from "../trainer-options.ts";
import type { Prepared } from "./prepare.ts";
import type { Settings } from "./settings.ts";
import type { Split } from "./split.ts";

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
  /** Of all that is learnt from and judged by: a resumed run must find the same. */
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
  /** Of the base, as baseDigest() has it. */
  readonly baseDigest: string;
  /** The version of the edit prompt that the adapter it goes on from was learnt with, where it was. */
  readonly editPrompt?: number | undefined;
  /** The run's folder. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice: (line: string) => void;
  /** What is being done before the first step. */
  readonly onProgress: (text: string) => void;
}

/** What a checkpoint notes of the model before; `path` names it in the error. */
export function parseJudgement(path: string, text: string): Judgement | null {
  const damaged = "what it says of the model before training is damaged";
  let value: Partial<Judgement> | null;
  try {
    value = JSON.parse(text);
  } catch {
    throw modelError(path, damaged);
  }
  // JSON has no NaN: it becomes null.
  const isWhole = value === null || value.loss === null || Number.isFinite(value.loss);
  if (!isWhole) throw modelError(path, damaged);
  return value as Judgement | null;
}

/** Prepares the parts of a split, one after the other. */
export async function prepareParts<T, Part>(
  { train, validation, test }: Split<T>,
  prepare: (rows: readonly T[]) => Promise<Part>,
): Promise<[train: Part, validation: Part, test: Part]> {
  return [await prepare(train), await prepare(validation), await prepare(test)];
}

/** How many rows the parts have, and had. */
export function countsOf(
  parts: readonly [Prepared<unknown>, Prepared<unknown>, Prepared<unknown>],
): Counts {
  const [train, validation, test] = parts.map(({ items }) => items.length) as [
    number,
    number,
    number,
  ];
  const tooLong = parts.reduce((sum, part) => sum + part.tooLong, 0);
  return { train, validation, test, tooLong };
}

/** Tokens of the longest row that is learnt from: more than the model's context never fit. */
export function longestRow({ settings, base }: TaskInput): number {
  return Math.min(settings.tokens_max, readConfig(base).contextLength);
}

/** SHA-256 of the parts of a split, their sequences and the order of these; and of texts that matter too. */
export function digestOf(
  parts: Iterable<readonly Sequence[]>,
  texts: readonly string[] = [],
): string {
  const hash = new Bun.CryptoHasher("sha256");
  hash.update(JSON.stringify(texts));
  for (const sequences of parts) {
    hash.update(Uint32Array.of(sequences.length));
    for (const { inputs, targets, weights } of sequences) {
      hash.update(Uint32Array.of(inputs.length));
      for (const values of [inputs, targets, weights]) {
        hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      }
    }
  }
  return hash.digest("hex");
}
