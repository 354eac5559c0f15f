// Two texts of any bytes: their diff is read again and gives the second text from the first and, turned
// round, the first from the second.

import { applyHunks } from "../../src/patch/apply-hunks.ts";
import { unifiedDiff } from "../../src/patch/diff.ts";
import { parsePatch } from "../../src/patch/parse.ts";
import { reversePatch } from "../../src/patch/reverse.ts";
import { SearchBudget } from "../../src/patch/target-text.ts";
import type { Random } from "../patch/random.ts";
import { assert, mutated, noise, type Target } from "./target.ts";

const lines = [
  "a\n",
  "b\n",
  "\n",
  "\r\n",
  "  c\n",
  "}\n",
  "\\ No newline\n",
  "--- x\n",
  "@@ -1 +1 @@\n",
];

export const diffTarget: Target = { name: "diffs", run };

async function run(random: Random): Promise<void> {
  const length = random.below(random.once(10) ? 2000 : 40);
  const drawn = Array.from({ length }, () => random.pick(lines)).join("");
  const before = random.once(4) ? noise(random) : drawn;
  const after = mutated(random, random.once(20) ? noise(random) : before);
  const context = 1 + random.below(6);
  const name = `f${random.once(5) ? noise(random).replaceAll("\0", "") : ""}`;
  const diff = unifiedDiff(name, before, after, { context });
  if (before === after) return assert(diff === "", "a diff of equal texts");
  const files = parsePatch(Buffer.from(diff, "latin1"), { strip: 1 });
  await check(files[0]!.hunks, before, after);
  await check(reversePatch(files)[0]!.hunks, after, before);
}

type Hunks = Parameters<typeof applyHunks>[1];

async function check(hunks: Hunks, from: string, to: string): Promise<void> {
  const { text } = await applyHunks(from, hunks, { fuzz: 0, budget: new SearchBudget() });
  assert(text === to, "a diff does not give the second text");
}
