// What the fuzzer does with each kind of hostile input: one case from one seed. A case fails by
// throwing; what a user is told of (CromwellError) must be caught by the case itself.

import { CromwellError } from "../../src/errors.ts";
import type { Random } from "../patch/random.ts";

export interface Target {
  readonly name: string;
  run(random: Random): void | Promise<void>;
}

/** The result, or undefined where the input was refused in words. */
export async function unlessRefused<T>(run: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CromwellError && error.code !== "internal") return undefined;
    throw error;
  }
}

const interesting = [
  "\0",
  "\n",
  "\r\n",
  "\x1b",
  "\xff",
  '"',
  "\\",
  "/",
  "../",
  "*",
  "`",
  "@@ -",
  "+",
  "-",
  "9",
];

/** Bytes changed, cut out, doubled, put in, or the end cut off: one to four times. */
export function mutated(random: Random, text: string): string {
  let result = text;
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(result.length + 1);
    const length = random.below(random.once(3) ? 200 : 8);
    const piece = result.slice(at, at + length);
    const after = result.slice(at + length);
    const replaced = [
      "",
      piece + piece,
      random.pick(interesting) + piece,
      String.fromCharCode(random.below(256)),
      random.pick(interesting).repeat(random.below(40)),
    ];
    result = result.slice(0, at) + random.pick(replaced) + (random.once(40) ? "" : after);
  }
  return result;
}

/** Characters of nothing in particular, one a byte. */
export function noise(random: Random): string {
  const length = random.below(300);
  return Array.from({ length }, () => {
    return random.once(3) ? random.pick(interesting) : String.fromCharCode(random.below(256));
  }).join("");
}

export function assert(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
