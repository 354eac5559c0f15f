// Gets the code that edits are made from: the packages that the nano model has too, of both its splits, and
// those of sources.tsv, of each the Python or TypeScript sources. Needs npm, tar, and python3 with pip.
// Usage: node recipes/edit/fetch.mjs FOLDER

import { join } from "node:path";
import { fetchPackage, leftOut, readPackages } from "../packages.mjs";

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("usage: node recipes/edit/fetch.mjs FOLDER");

for (const list of ["../nano/sources.tsv", "sources.tsv"]) {
  for (const one of readPackages(join(import.meta.dirname, list))) {
    const { registry, name } = one;
    const isPython = registry === "python";
    const source = isPython ? /\.py$/ : /(?<!\.d)\.(ts|tsx|mts)$/;
    fetchPackage(one, join(target, isPython ? "py" : "ts", name.replace("/", "__")), {
      isSource: (path) => source.test(path) && !leftOut.test(path),
      bytesMax: Number.POSITIVE_INFINITY,
    });
  }
}
