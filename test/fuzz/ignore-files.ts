// Ignore files and indexes of repositories that say anything: no name takes long to look up, and what
// cannot be read is said to be so.

import { readIndex, UnreadableIndex } from "../../src/project/git-index.ts";
import { IgnoreFile } from "../../src/project/ignore-file.ts";
import type { Random } from "../patch/random.ts";
import { mutated, noise, type Target } from "./target.ts";

const patterns = [
  "*",
  "**",
  "/",
  "a",
  "b?",
  "[a-c]",
  "[!a]",
  "[[:alpha:]]",
  "\\*",
  "!",
  "#",
  " ",
  "\\ ",
  "\r",
  ".x",
];

export const ignoreTarget: Target = { name: "ignore files", run };

function run(random: Random): void {
  if (random.once(10)) index(random);
  const parts = (count: number) => {
    return Array.from({ length: random.below(count) }, () => random.pick(patterns)).join("");
  };
  const text = Array.from({ length: random.below(12) }, () => `${parts(12)}\n`).join("");
  const long = random.pick(["*a", "**/", "[", "?*", "a*b"]).repeat(random.below(2000));
  const bytes = Buffer.from(random.once(8) ? long : mutated(random, text), "latin1");
  const file = new IgnoreFile(bytes, ".gitignore", random.once(2) ? "" : "d/", random.once(2));
  for (let names = 0; names < 20; names++) {
    const path = random.once(4) ? "a".repeat(random.below(4000)) : noise(random);
    file.match({ path, base: path.lastIndexOf("/") + 1, isFolder: random.once(2) });
  }
}

function index(random: Random): void {
  const entry = `${"\0".repeat(60)}\0\x03abc${"\0".repeat(7)}`;
  const text = `DIRC\0\0\0${random.pick(["\x02", "\x03", "\x04"])}\0\0\0\x02${entry}${entry}`;
  try {
    readIndex(Buffer.from(mutated(random, text + "\0".repeat(20)), "latin1"), 20);
  } catch (error) {
    if (!(error instanceof UnreadableIndex)) throw error;
  }
}
