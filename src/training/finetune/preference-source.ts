// Direct preference optimisation (Rafailov et al., 2023): -log sigmoid(beta * (margin - the reference's)),
// a margin being the chosen answer's log-probability less the rejected one's. Its gradient is that of nll
// with a weight for each answer, so that a network which knows only weighted nll learns it.

import type { Batch } from "../batch.ts";
import { stack } from "../examples/sequence.ts";
import type { Network } from "../network.ts";
import type { StepSource } from "../trainer-options.ts";
import { BucketedSource, type BucketOptions, type Item } from "./bucketed-source.ts";

/** A chosen answer and a rejected one, and by how much the reference model prefers the former. */
export interface PreferenceItem {
  readonly item: Item;
  /** log p(chosen) - log p(rejected) of the model that training started from. */
  readonly referenceMargin: number;
}

export interface PreferenceOptions extends BucketOptions {
  /** How dear it is to leave the reference model. */
  readonly beta: number;
  readonly signal?: AbortSignal | undefined;
}

type Evaluated = Pick<Network, "evaluate">;

export class PreferenceSource implements StepSource {
  readonly #network: Evaluated;
  readonly #source: BucketedSource;
  readonly #options: PreferenceOptions;
  readonly #references: ReadonlyMap<Item, number>;
  #loss = 0;

  constructor(network: Evaluated, items: readonly PreferenceItem[], options: PreferenceOptions) {
    this.#network = network;
    this.#options = options;
    this.#references = new Map(items.map(({ item, referenceMargin }) => [item, referenceMargin]));
    this.#source = new BucketedSource([...this.#references.keys()], options);
  }

  get stepsAnEpoch(): number {
    return this.#source.stepsAnEpoch;
  }

  steps(epochs: number): number {
    return this.#source.steps(epochs);
  }

  /** The pairs of the next step, weighted with the gradient of their mean loss as the network stands. */
  async next(): Promise<readonly Batch[]> {
    const passes = this.#source.nextItems();
    const pairs = passes.reduce((sum, pass) => sum + pass.length, 0);
    const batches: Batch[] = [];
    this.#loss = 0;
    for (const pass of passes) {
      const batch = stack(pass.flat());
      const margins = await marginsOf(this.#network, batch, this.#options.signal);
      const factors = margins.map((margin, i) => {
        const { loss, slope } = preferenceLoss(this.#scaled(margin, pass[i]!));
        this.#loss += loss / pairs;
        return (this.#options.beta * slope) / pairs;
      });
      batches.push(weighted(batch, factors));
    }
    return batches;
  }

  /** Mean over the pairs that next() gave last. */
  loss(): number {
    return this.#loss;
  }

  position(): unknown {
    return this.#source.position();
  }

  seek(position: unknown): void {
    this.#source.seek(position);
  }

  #scaled(margin: number, item: Item): number {
    return this.#options.beta * (margin - this.#references.get(item)!);
  }
}

/** The loss of a scaled margin, and how steeply it falls: sigmoid(-margin). */
export function preferenceLoss(scaled: number): { loss: number; slope: number } {
  const small = Math.exp(-Math.abs(scaled));
  const loss = Math.max(-scaled, 0) + Math.log1p(small);
  return { loss, slope: scaled > 0 ? small / (1 + small) : 1 / (1 + small) };
}

/** log p(chosen) - log p(rejected) of each pair of a batch, sequence 2i being chosen and 2i + 1 rejected. */
export async function marginsOf(
  network: Evaluated,
  batch: Batch,
  signal?: AbortSignal,
): Promise<number[]> {
  const nll = await network.evaluate(batch, signal === undefined ? {} : { signal });
  const probabilities = Array.from({ length: batch.sequences }, (_, sequence) => {
    let sum = 0;
    for (let at = 0; at < batch.length; at++) {
      const row = sequence * batch.length + at;
      sum -= batch.weights[row]! * nll[row]!;
    }
    return sum;
  });
  return Array.from(
    { length: batch.sequences / 2 },
    (_, pair) => probabilities[2 * pair]! - probabilities[2 * pair + 1]!,
  );
}

/** Each pair's answers weighted with its factor: the chosen one's nll is to fall, the rejected one's to rise. */
function weighted(batch: Batch, factors: readonly number[]): Batch {
  const weights = batch.weights.map((weight, row) => {
    const sequence = Math.floor(row / batch.length);
    const factor = factors[Math.floor(sequence / 2)]!;
    return sequence % 2 === 0 ? weight * factor : -weight * factor;
  });
  return { ...batch, weights };
}
