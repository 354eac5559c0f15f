// Gets the code that edits are made from: the packages that the nano model has too, of both its splits, and
// those of sources.tsv, of each the Python or TypeScript sources; and of those of javascript.tsv the
// JavaScript. Needs npm, tar, and python3 with pip.
// Usage: node recipes/edit/fetch.mjs FOLDER

import { join } from "node:path";
import { fetchPackage, leftOut, readPackages } from "../packages.mjs";

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("usage: node recipes/edit/fetch.mjs FOLDER");

const typescript = { folder: "ts", source: /(?<!\.d)\.(ts|tsx|mts)$/ };
const javascript = { folder: "js", source: /(?<!\.min)\.(js|jsx|mjs|cjs)$/ };
const python = { folder: "py", source: /\.py$/ };

/** What is taken of a list's packages from npm; of those from PyPI it is Python. */
const lists = [
  ["../nano/sources.tsv", typescript],
  ["sources.tsv", typescript],
  ["javascript.tsv", javascript],
];

for (const [list, fromNpm] of lists) {
  for (const one of readPackages(join(import.meta.dirname, list))) {
    const { registry, name } = one;
    const { folder, source } = registry === "python" ? python : fromNpm;
    fetchPackage(one, join(target, folder, name.replace("/", "__")), {
      isSource: (path) => source.test(path) && !leftOut.test(path),
      bytesMax: Number.POSITIVE_INFINITY,
    });
  }
}
