// What a person says who knows that there is a bug and has not found it. Every kind of planted bug is
// asked for so in a part of its examples.

import type { Random } from "../../random.ts";

const vague: readonly string[] = [
  "Fix the bug in {name}.",
  "Fix the bug.",
  "Find the bug and fix it.",
  "Find and fix the bug in {name}.",
  "Fix {name}.",
  "There is a bug in {name}, fix it.",
  "There's a mistake in this code. Fix it.",
  "{name} does not work, fix it.",
  "{name} gives wrong results.",
  "{name} is broken.",
  "Something is wrong in {name}.",
  "Correct the mistake in {name}.",
  "Correct the error in this function.",
  "Repair {name}.",
  "Debug {name}.",
];

const vagueShare = 0.4;

/** Vague phrasings for some examples; undefined where the kind's own, telling ones are to be used. */
export function vagueNowAndThen(random: Random): readonly string[] | undefined {
  return random.next() < vagueShare ? vague : undefined;
}
