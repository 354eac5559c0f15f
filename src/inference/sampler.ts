// Chooses the next token from logits. Each choice draws from a generator that is indexed by seed and
// position, so that a run can be rewound, or its positions computed together, without changing it.

import { CromwellError } from "../errors.ts";
import { maximum } from "../native/kernels.ts";

export interface SamplingOptions {
  /** 0 is greedy: the most probable token, the lowest id of equals. */
  readonly temperature: number;
  /** Keep the k most probable tokens; 0 keeps all. */
  readonly topK: number;
  /** Keep the fewest most probable tokens whose probabilities reach p (Holtzman et al., 2020). */
  readonly topP: number;
  /** Keep tokens at least this times as probable as the best one. */
  readonly minP: number;
  /** Logits of tokens seen (prompt included) are divided by it, or multiplied where negative. */
  readonly repetitionPenalty: number;
  /** Subtracted once from tokens generated so far, and once for each time, as OpenAI's API does. */
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  readonly seed: number;
}

export const greedy: SamplingOptions = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  seed: 0,
};

/** Whether each option is in its range, and what that is: outside of it a choice is undefined. */
const ranges: Record<keyof SamplingOptions, [(value: number) => boolean, string]> = {
  temperature: [(value) => value >= 0, "a number from 0 on"],
  topK: [(value) => value >= 0 && Number.isInteger(value), "a whole number from 0 on"],
  topP: [(value) => value >= 0 && value <= 1, "a number from 0 to 1"],
  minP: [(value) => value >= 0 && value <= 1, "a number from 0 to 1"],
  repetitionPenalty: [(value) => value > 0, "above 0"],
  presencePenalty: [Number.isFinite, "a number"],
  frequencyPenalty: [Number.isFinite, "a number"],
  seed: [Number.isSafeInteger, "a whole number"],
};

function checkOptions(options: SamplingOptions): void {
  for (const [name, [holds, range]] of Object.entries(ranges)) {
    const value = options[name as keyof SamplingOptions];
    if (holds(value) && Number.isFinite(value)) continue;
    throw new CromwellError("usage", `${name} must be ${range}, not ${value}`);
  }
}

export class Sampler {
  readonly options: SamplingOptions;
  readonly #seen = new Set<number>();
  readonly #generated = new Map<number, number>();
  #scores = new Float32Array(0);

  /** Throws CromwellError "usage" for an option that is out of its range. */
  constructor(options: SamplingOptions, prompt: Iterable<number> = []) {
    checkOptions(options);
    this.options = options;
    for (const id of prompt) this.#seen.add(id);
  }

  /** The token at `position`, from logits [vocabulary], which are left as they are. */
  sample(logits: Float32Array, position: number): number {
    const penalised = this.#penalise(logits);
    if (this.options.temperature === 0) return argmax(penalised);
    const candidates = this.#candidates(penalised);
    return draw(candidates, uniform(this.options.seed, position));
  }

  /** Counts a token as generated, for the penalties. */
  accept(id: number): void {
    this.#seen.add(id);
    this.#generated.set(id, (this.#generated.get(id) ?? 0) + 1);
  }

  #penalise(logits: Float32Array): Float32Array {
    const { repetitionPenalty, presencePenalty, frequencyPenalty } = this.options;
    if (repetitionPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0) return logits;
    if (this.#scores.length !== logits.length) this.#scores = new Float32Array(logits.length);
    const scores = this.#scores;
    scores.set(logits);
    for (const id of this.#seen) {
      const score = scores[id]!;
      scores[id] = score > 0 ? score / repetitionPenalty : score * repetitionPenalty;
    }
    for (const [id, count] of this.#generated) {
      scores[id]! -= presencePenalty + frequencyPenalty * count;
    }
    return scores;
  }

  /** Tokens that stay, most probable first, with probabilities that sum to 1. */
  #candidates(logits: Float32Array): { ids: Uint32Array; probabilities: Float64Array } {
    const { temperature, topK, topP, minP } = this.options;
    const best = logits[argmax(logits)]!;
    // What is e^-30 times as probable as the best cannot be drawn; sorting it would cost the most.
    const floor = best - temperature * (minP > 0 ? Math.min(30, -Math.log(minP)) : 30);
    const kept: number[] = [];
    for (let id = 0; id < logits.length; id++) if (logits[id]! >= floor) kept.push(id);
    kept.sort((a, b) => logits[b]! - logits[a]! || a - b);
    if (topK > 0) kept.length = Math.min(kept.length, topK);
    const weights = Float64Array.from(kept, (id) => Math.exp((logits[id]! - best) / temperature));
    const count = nucleus(weights, topP);
    const total = weights.subarray(0, count).reduce((a, b) => a + b, 0);
    return {
      ids: Uint32Array.from(kept.slice(0, count)),
      probabilities: weights.subarray(0, count).map((weight) => weight / total),
    };
  }
}

/** How many of the sorted weights it takes to reach the share `topP` of their sum. */
function nucleus(weights: Float64Array, topP: number): number {
  if (topP >= 1) return weights.length;
  const needed = topP * weights.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]!;
    if (sum >= needed) return i + 1;
  }
  return weights.length;
}

function draw(
  { ids, probabilities }: { ids: Uint32Array; probabilities: Float64Array },
  point: number,
): number {
  let sum = 0;
  for (let i = 0; i < ids.length; i++) {
    sum += probabilities[i]!;
    if (point < sum) return ids[i]!;
  }
  return ids[ids.length - 1]!;
}

/** The index of the largest value, the lowest one of equals. NaN never wins. */
export function argmax(values: Float32Array): number {
  // Of nothing but NaN the maximum is none of them.
  return Math.max(0, values.indexOf(maximum(values)));
}

/** A number in [0, 1) that depends on seed and index alone: two rounds of a 64-bit mix (SplitMix64). */
export function uniform(seed: number, index: number): number {
  let state = BigInt.asUintN(64, BigInt(seed) * 0x9e3779b97f4a7c15n + BigInt(index));
  for (let round = 0; round < 2; round++) {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    state = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    state = BigInt.asUintN(64, (state ^ (state >> 27n)) * 0x94d049bb133111ebn);
    state ^= state >> 31n;
  }
  return Number(state >> 11n) / 2 ** 53;
}
