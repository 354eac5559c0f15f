// Imports point one way through the folders of src, so that a part can be read, tested and replaced
// without those above it.

import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { paths, text } from "./project.ts";

/** What every folder may import. */
const shared = ["src/errors.ts", "src/breathe.ts", "src/wording.ts"];

/** Folders that each folder of src may import from, besides itself and what is shared. */
const running = ["inference", "model", "tokenizer", "formats", "native"];
const texts = ["context", "patch", "project", "syntax"];
const allowed: Record<string, readonly string[]> = {
  native: [],
  formats: ["project", "native"],
  tokenizer: ["formats", "native"],
  model: ["tokenizer", "formats", "native"],
  inference: ["model", "tokenizer", "formats", "native"],
  syntax: [],
  project: ["native"],
  patch: ["project", "syntax"],
  context: ["project", "syntax", "tokenizer"],
  editor: [...texts, ...running],
  training: [...texts, ...running],
  evaluation: ["editor", "training", ...texts, ...running],
  server: ["editor", "training", ...texts, ...running],
  cli: ["server", "editor", "training", "evaluation", ...texts, ...running],
};

/** Everything that a source names by a relative path: imports, exports, dynamic imports. */
function named(source: string): string[] {
  const pattern = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*"(\.[^"]+)"/g;
  return [...source.matchAll(pattern)].map((match) => match[1]!);
}

function folderOf(path: string): string {
  return path.split("/")[1]!;
}

test("imports follow the direction of the layers", () => {
  const wrong: string[] = [];
  for (const path of paths("src/*/**/*.ts")) {
    const from = folderOf(path);
    for (const name of named(text(path))) {
      const target = join(dirname(path), name);
      if (!target.startsWith("src/") || shared.includes(target)) continue;
      const to = folderOf(target);
      if (to !== from && !allowed[from]?.includes(to)) wrong.push(`${path} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("every folder of src has its place in the order", () => {
  const folders = new Set(paths("src/*/**/*.ts").map(folderOf));
  expect([...folders].filter((folder) => allowed[folder] === undefined)).toEqual([]);
});

test("files outside src are imported only where they are embedded", () => {
  const outside = paths("src/**/*.ts").flatMap((path) =>
    named(text(path))
      .map((name) => join(dirname(path), name))
      .filter((target) => !target.startsWith("src/")),
  );
  const embedded = /^(zig-out\/lib\/cromwell-kernels|package\.json|models\/.+)$/;
  expect(outside.filter((target) => !embedded.test(target))).toEqual([]);
});
