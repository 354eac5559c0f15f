// Patches, whole, damaged and hostile, applied in a folder that is watched: what is refused changes
// nothing in it, and nothing changes around it whatever is applied.

import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyPatch } from "../../src/patch/apply.ts";
import { damagedPatch, patchCase } from "../patch/patch-cases.ts";
import type { Random } from "../patch/random.ts";
import { listed, readTree, writeTree } from "../patch/tree.ts";
import { assert, mutated, noise, type Target, unlessRefused } from "./target.ts";

export function patchTarget(folder: string): Target {
  const top = join(folder, "patches");
  mkdirSync(top, { recursive: true });
  return { name: "patches", run: (random) => run(random, top) };
}

async function run(random: Random, top: string): Promise<void> {
  const root = join(top, "root");
  const one = patchCase(random);
  rmSync(top, { recursive: true });
  mkdirSync(join(top, "outside"), { recursive: true });
  writeFileSync(join(top, "outside/f.txt"), "a\nb\n");
  writeTree(root, one.tree);
  mkdirSync(join(root, ".git"), { recursive: true });
  writeFileSync(join(root, ".git/config"), "a\nb\n");
  symlinkSync("../outside", join(root, "link"));
  const patch = Buffer.from(hostile(random, one.patch, top), "latin1");
  const { strip, reverse } = one;
  const fuzz = random.once(3) ? random.below(4) : 0;
  const before = listed(readTree(root));
  const result = await unlessRefused(() => applyPatch(patch, { root, strip, reverse, fuzz }));
  const after = listed(readTree(root));
  if (result?.success !== true) assert(equal(before, after), "a refused patch changed files");
  const own = (files: string[]) => files.filter((line) => /^"(\.git\/|link")/.test(line));
  assert(equal(own(before), own(after)), "a patch changed .git or a link");
  const around = listed(readTree(top)).filter((line) => !line.startsWith('"root/'));
  assert(equal(around, ['"outside/f.txt" file "a\\nb\\n"']), `a patch wrote outside: ${around}`);
}

function equal(left: readonly string[], right: readonly string[]): boolean {
  return left.join("\n") === right.join("\n");
}

function hostile(random: Random, good: string, top: string): string {
  if (random.once(20)) return noise(random);
  let patch = good;
  for (let times = random.below(3); times > 0; times--) patch = damagedPatch(random, patch);
  if (random.once(3)) {
    const names = [
      "../outside/f.txt",
      "link/f.txt",
      `/${top}/outside/f.txt`,
      ".git/config",
      ".GIT/x",
    ];
    const name = random.pick(names);
    patch = patch.replace(/(?<=^(?:---|\+\+\+|rename to|copy to) (?:[ab]\/)?).*$/gm, (kept) =>
      random.once(2) ? name : kept,
    );
  }
  return random.once(2) ? mutated(random, patch) : patch;
}
