// Batches of a corpus for pretraining: its sequences in an order that a seed chooses anew for each
// epoch, and evenly spaced ones of the validation split.

import { CromwellError } from "../../errors.ts";
import type { Batch } from "../batch.ts";
import { mix, shuffled } from "../random.ts";
import type { StepSource } from "../trainer-options.ts";
import { type Packing, packBatch, sequencesIn } from "./packing.ts";
import type { TokenStream } from "./token-stream.ts";

export interface PackedSourceOptions {
  readonly stream: TokenStream;
  /** Tokens of a sequence. */
  readonly length: number;
  readonly packing: Packing;
  /** Sequences of a micro-batch. */
  readonly batchSize: number;
  /** Micro-batches of a step. */
  readonly accumulation: number;
  readonly seed: number;
}

export class PackedSource implements StepSource {
  readonly stepsAnEpoch: number;
  readonly #options: PackedSourceOptions;
  /** Sequences in the stream. */
  readonly #count: number;
  /** Sequences given so far, epochs one after the other. */
  #given = 0;

  /** Throws CromwellError "input" where the stream has not one sequence. */
  constructor(options: PackedSourceOptions) {
    const { stream, length, batchSize, accumulation } = options;
    this.#options = options;
    this.#count = sequencesIn(stream, length);
    if (this.#count === 0) {
      throw new CromwellError(
        "input",
        `the corpus has ${stream.length} tokens to train on, less than one sequence of ${length} and its end`,
        { hint: "take more text, or a smaller data.sequence_length" },
      );
    }
    this.stepsAnEpoch = this.#count / (batchSize * accumulation);
  }

  async next(): Promise<readonly Batch[]> {
    const { stream, length, packing, batchSize, accumulation } = this.#options;
    return Array.from({ length: accumulation }, () => {
      const places = Array.from({ length: batchSize }, () => this.#place(this.#given++) * length);
      return packBatch(stream, places, length, packing);
    });
  }

  #place(sequence: number): number {
    const epoch = Math.floor(sequence / this.#count);
    return shuffled(sequence % this.#count, this.#count, mix(this.#options.seed, epoch));
  }

  position(): unknown {
    return { sequences: this.#given };
  }

  seek(position: unknown): void {
    const given = (position as { sequences?: unknown } | null)?.sequences;
    if (!Number.isSafeInteger(given) || (given as number) < 0) {
      const shown = JSON.stringify(position)?.slice(0, 60);
      throw new CromwellError("model", `${shown} is no position in a corpus`);
    }
    this.#given = given as number;
  }
}

/** At most `count` sequences of a stream, evenly spaced, in batches; the last may be padded. */
export function* evaluationBatches(
  stream: TokenStream,
  count: number,
  { length, packing, batchSize }: Pick<PackedSourceOptions, "length" | "packing" | "batchSize">,
): Generator<Batch> {
  const all = Math.ceil(Math.max(0, stream.length - 1) / length);
  const taken = Math.min(all, count);
  for (let first = 0; first < taken; first += batchSize) {
    const places = Array.from({ length: Math.min(batchSize, taken - first) }, (_, i) => {
      return Math.floor(((first + i) * all) / taken) * length;
    });
    yield packBatch(stream, places, length, packing);
  }
}
