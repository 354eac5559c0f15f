// What is searched for: the words of the region and, counting more, those of the instruction, which
// says what the region does not have yet.

import type { Query } from "./search.ts";
import { WordCounter } from "./words.ts";

/** How much a word of the instruction counts, beside one of the region. */
const instructionWeight = 3;

export function queryOf(region: string, instruction: string): Query {
  const weights = new Map<number, number>();
  const add = (text: string, weight: number) => {
    const counter = new WordCounter();
    counter.add(text);
    for (const [at, hash] of counter.hashes.entries()) {
      // What is said ten times is not ten times as important.
      const more = weight * Math.log2(1 + counter.counts[at]!);
      weights.set(hash, (weights.get(hash) ?? 0) + more);
    }
  };
  add(region, 1);
  add(instruction, instructionWeight);
  return weights;
}
