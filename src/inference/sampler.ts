// Chooses the next token from logits. Each choice draws from a generator that is indexed by seed and
// position, so that a run can be rewound, or its positions computed together, without changing it.

import { CromwellError } from "../errors.ts";
import { largest, sumExponentials } from "../native/kernels.ts";
import { Ranking } from "./ranking.ts";

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

/** Tokens that are drawn as if their logits were higher by `bias`. */
export interface PreferredTokens {
  /** Each once. */
  readonly ids: readonly number[];
  readonly bias: number;
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

  /**
   * The token at `position`, from logits [vocabulary], which are left as they are; those of
   * `preferred` count as higher by its bias.
   */
  sample(logits: Float32Array, position: number, preferred?: PreferredTokens): number {
    const scores = this.#prefer(this.#penalise(logits), preferred);
    const best = largest(scores);
    if (this.options.temperature === 0) return best;
    return this.#draw(scores, scores[best]!, uniform(this.options.seed, position));
  }

  /** Counts a token as generated, for the penalties. */
  accept(id: number): void {
    this.#seen.add(id);
    this.#generated.set(id, (this.#generated.get(id) ?? 0) + 1);
  }

  #prefer(scores: Float32Array, preferred: PreferredTokens | undefined): Float32Array {
    if (preferred === undefined || preferred.bias === 0) return scores;
    const own = this.#copy(scores);
    for (const id of preferred.ids) own[id]! += preferred.bias;
    return own;
  }

  #copy(logits: Float32Array): Float32Array {
    if (logits === this.#scores) return logits;
    if (this.#scores.length !== logits.length) this.#scores = new Float32Array(logits.length);
    this.#scores.set(logits);
    return this.#scores;
  }

  #penalise(logits: Float32Array): Float32Array {
    const { repetitionPenalty, presencePenalty, frequencyPenalty } = this.options;
    if (repetitionPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0) return logits;
    const scores = this.#copy(logits);
    // A rewrite has seen a thousand tokens, and this is done at each position.
    if (repetitionPenalty !== 1) this.#penaliseRepetition(scores, repetitionPenalty);
    for (const [id, count] of this.#generated) {
      scores[id]! -= presencePenalty + frequencyPenalty * count;
    }
    return scores;
  }

  #penaliseRepetition(scores: Float32Array, penalty: number): void {
    for (const id of this.#seen) {
      const score = scores[id]!;
      scores[id] = score > 0 ? score / penalty : score * penalty;
    }
  }

  /** The token at a point in [0, 1) of the probabilities of those that are kept, in falling order. */
  #draw(scores: Float32Array, best: number, point: number): number {
    const { temperature, topK, topP, minP } = this.options;
    const floor = best - temperature * (minP > 0 ? Math.min(leastLog, -Math.log(minP)) : leastLog);
    const ranking = new Ranking(scores, best, floor, 2 * temperature);
    const most = topK > 0 ? topK : scores.length;
    /** Adds up weights until the sum is enough; the token that it was, or the last one. */
    const walk = (isEnough: (sum: number) => boolean) => {
      let sum = 0;
      for (let place = 0, last = 0; ; place++) {
        const id = place < most ? ranking.at(place) : undefined;
        if (id === undefined) return { id: last, sum };
        sum += Math.exp((scores[id]! - best) / temperature);
        if (isEnough(sum)) return { id, sum };
        last = id;
      }
    };
    const isCut = topK > 0 || minP > 0;
    const whole = isCut ? walk(() => false).sum : sumExponentials(scores, 1 / temperature, best);
    const kept = topP < 1 ? walk((sum) => sum >= topP * whole).sum : whole;
    return walk((sum) => sum > point * kept).id;
  }
}

/** What is e^-30 times as probable as the best token is not drawn. */
const leastLog = 30;

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
