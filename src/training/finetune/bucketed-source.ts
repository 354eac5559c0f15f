// Batches for fine-tuning: examples in an order that the seed chooses, those of like length side by side
// so that little is padding, as many as a step's tokens allow. Each epoch reads each example once.

import { CromwellError } from "../../errors.ts";
import type { Batch } from "../batch.ts";
import { type Sequence, stack } from "../examples/sequence.ts";
import { mix, shuffled } from "../random.ts";
import type { StepSource } from "../trainer-options.ts";

/** Sequences that belong into one batch: one, or the two answers of a preference. */
export type Item = readonly Sequence[];

export interface BucketOptions {
  readonly seed: number;
  /** Tokens of a step, padding included. */
  readonly stepTokens: number;
  /** Tokens that go through the network at once, padding included: what bounds its memory. */
  readonly passTokens: number;
}

/** Indices of the items of each pass of each step. */
type Plan = readonly (readonly (readonly number[])[])[];

/** Steps whose examples are sorted by length together: more pad less and mix less. */
const sortedSteps = 16;

export class BucketedSource implements StepSource {
  readonly #items: readonly Item[];
  readonly #options: BucketOptions;
  #epoch = 0;
  #step = 0;
  #plan: Plan;

  constructor(items: readonly Item[], options: BucketOptions) {
    this.#items = items;
    this.#options = options;
    this.#plan = this.#planOf(0);
  }

  /** Of the first epoch; later ones may have a few more or less. */
  get stepsAnEpoch(): number {
    return this.#planOf(0).length;
  }

  /** Steps of so many epochs. */
  steps(epochs: number): number {
    let steps = 0;
    for (let epoch = 0; epoch < epochs; epoch++) steps += this.#planOf(epoch).length;
    return steps;
  }

  async next(): Promise<readonly Batch[]> {
    return this.nextItems().map((items) => stack(items.flat()));
  }

  /** The items of each pass of the next step. */
  nextItems(): readonly (readonly Item[])[] {
    if (this.#step === this.#plan.length) {
      this.#epoch++;
      this.#step = 0;
      this.#plan = this.#planOf(this.#epoch);
    }
    const passes = this.#plan[this.#step++]!;
    return passes.map((pass) => pass.map((index) => this.#items[index]!));
  }

  position(): unknown {
    return { epoch: this.#epoch, step: this.#step };
  }

  seek(position: unknown): void {
    const fields = typeof position === "object" && position !== null ? position : {};
    const epoch = "epoch" in fields ? Number(fields.epoch) : Number.NaN;
    const step = "step" in fields ? Number(fields.step) : Number.NaN;
    const isWhole = Number.isSafeInteger(epoch) && epoch >= 0 && Number.isSafeInteger(step);
    const plan = isWhole ? this.#planOf(epoch) : [];
    if (!isWhole || step < 0 || step > plan.length) {
      throw new CromwellError(
        "model",
        "the checkpoint's place in the data is none of these data's",
      );
    }
    this.#epoch = epoch;
    this.#step = step;
    this.#plan = plan;
  }

  #planOf(epoch: number): Plan {
    const { stepTokens } = this.#options;
    const order = orderOf(this.#items.length, this.#seed(epoch, 0));
    const steps: number[][][] = [];
    let window: number[] = [];
    let tokens = 0;
    for (const index of order) {
      window.push(index);
      tokens += this.#items[index]!.reduce((sum, { inputs }) => sum + inputs.length, 0);
      if (tokens < stepTokens * sortedSteps) continue;
      steps.push(...this.#stepsOf(window, this.#seed(epoch, steps.length + 1)));
      window = [];
      tokens = 0;
    }
    steps.push(...this.#stepsOf(window, this.#seed(epoch, steps.length + 1)));
    return steps;
  }

  /** A window's items as passes of like lengths, those in random order as steps. */
  #stepsOf(window: number[], seed: number): number[][][] {
    const { stepTokens, passTokens } = this.#options;
    const lengthOf = (index: number) => longest(this.#items[index]!);
    window.sort((a, b) => lengthOf(b) - lengthOf(a) || a - b);
    const passes: number[][] = [];
    const most = Math.min(passTokens, stepTokens);
    for (const index of window) {
      const last = passes.at(-1);
      // Longest first: the first of a pass says how long all of them are.
      const rows = last && sequencesOf(last, this.#items) + this.#items[index]!.length;
      if (last && rows! * lengthOf(last[0]!) <= most) last.push(index);
      else passes.push([index]);
    }
    const tokensOf = (pass: number[]) => sequencesOf(pass, this.#items) * lengthOf(pass[0]!);
    const steps: number[][][] = [];
    let room = 0;
    for (const at of orderOf(passes.length, seed)) {
      const tokens = tokensOf(passes[at]!);
      if (tokens > room) {
        steps.push([]);
        room = stepTokens;
      }
      steps.at(-1)!.push(passes[at]!);
      room -= tokens;
    }
    return steps;
  }

  #seed(epoch: number, part: number): number {
    return mix(this.#options.seed, epoch, part);
  }
}

function longest(item: Item): number {
  return Math.max(...item.map(({ inputs }) => inputs.length));
}

function sequencesOf(pass: readonly number[], items: readonly Item[]): number {
  return pass.reduce((sum, index) => sum + items[index]!.length, 0);
}

/** 0, 1 ... count - 1 in the order that the seed chooses. */
function orderOf(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, index) => shuffled(index, count, seed));
}
