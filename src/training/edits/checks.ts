// What an example must be to be kept: both sides parse, neither is too long, it is like no other, it gives
// away no secret and no task of a benchmark. What it fails is named, and counted.

import { secretLines } from "../../context/secrets.ts";
import type { Syntax } from "../../syntax/syntax.ts";
import type { BenchmarkTasks } from "../corpus/benchmark.ts";
import { NearDuplicates, normalHash } from "../corpus/duplicates.ts";
import type { EditUnit } from "./kind.ts";
import { textMax } from "./read-examples.ts";
import { parseUnit } from "./units.ts";

export interface CheckOptions {
  readonly countTokens: (text: string) => number;
  /** Of each side, in the main part. */
  readonly tokensMax: number;
  /** The part of all examples that may be longer, up to `longFactor` times as long. */
  readonly longShare: number;
  readonly benchmark: BenchmarkTasks | undefined;
  /** Where the file of what was seen is made. */
  readonly beside: string;
}

export interface Sides {
  readonly before: string;
  readonly after: string;
  /** Whether both are to be the same. */
  readonly areSame?: boolean | undefined;
}

/** Longer ones have at most so many times the tokens of the main part. */
export const longFactor = 3;

/** Units as alike as this (Jaccard, runs of five tokens) are one. */
const alike = 0.7;

export class Checks {
  readonly #options: CheckOptions;
  readonly #near: NearDuplicates;
  readonly #seen = new Set<string>();
  #kept = 0;
  #long = 0;

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#near = new NearDuplicates(alike, options.beside);
  }

  /** Whether a unit is surely too long now: not worth being changed. */
  isTooLong(text: string): boolean {
    return this.#lengthRule(this.#options.countTokens(text)) !== undefined;
  }

  /** The rule that the example fails; else it counts as kept. */
  failed(sides: Sides, unit: EditUnit, syntax: Syntax): string | undefined {
    const { countTokens, tokensMax, benchmark } = this.#options;
    if (sides.before === sides.after && sides.areSame !== true) return "unchanged";
    if (sides.before.trim() === "" || sides.after.trim() === "") return "empty";
    for (const side of [sides.before, sides.after]) {
      // Nobody could read the file that it stands in.
      if (side.length > textMax) return "too-long";
      if (side !== unit.text && !parses(side, unit, syntax)) return "faults";
    }
    const tokens = Math.max(countTokens(sides.before), countTokens(sides.after));
    const rule = this.#lengthRule(tokens);
    if (rule !== undefined) return rule;
    for (const side of [sides.before, sides.after]) {
      if (secretLines(side).length > 0) return "secret";
      if (benchmark?.find(side) !== undefined) return "benchmark";
    }
    const hash = normalHash(unit.text);
    if (this.#seen.has(hash)) return "duplicate";
    if (this.#near.findOrKeep(unit.text) !== undefined) return "near-duplicate";
    this.#seen.add(hash);
    this.#kept++;
    if (tokens > tokensMax) this.#long++;
    return undefined;
  }

  #lengthRule(tokens: number): string | undefined {
    const { tokensMax, longShare } = this.#options;
    if (tokens <= tokensMax) return undefined;
    if (tokens > tokensMax * longFactor) return "too-long";
    return this.#long >= longShare * (this.#kept + 1) ? "long-share" : undefined;
  }

  close(): void {
    this.#near.close();
  }
}

function parses(text: string, { language, what }: EditUnit, syntax: Syntax): boolean {
  const parsed = parseUnit(syntax, language, text, what);
  parsed?.close();
  return parsed !== undefined;
}
