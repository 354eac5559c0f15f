// Gets the code that the nano model learns from: the packages of sources.tsv, and of each the Python or
// TypeScript sources up to a size. Needs npm, tar, and python3 with pip.
// Usage: node recipes/nano/fetch.mjs FOLDER

import { join } from "node:path";
import { fetchPackage, leftOut, readPackages } from "../packages.mjs";

/** Bytes of one package that are taken, by registry. */
const bytesMax = { python: 800_000, npm: 2_000_000 };

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("usage: node recipes/nano/fetch.mjs FOLDER");

for (const one of readPackages(join(import.meta.dirname, "sources.tsv"))) {
  const { registry, name, split } = one;
  const source = registry === "npm" ? /(?<!\.d)\.(ts|tsx|mts)$/ : /\.py$/;
  fetchPackage(one, join(target, split, registry, name.replace("/", "__")), {
    isSource: (path) => source.test(path) && !leftOut.test(path),
    bytesMax: bytesMax[registry],
  });
}
