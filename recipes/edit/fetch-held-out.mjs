// Gets the code that edits are judged on and that no model learns from: the packages of held-out.tsv, of
// each the sources in its language. Needs npm, tar, and python3 with pip.
// Usage: node recipes/edit/fetch-held-out.mjs FOLDER

import { join } from "node:path";
import { fetchPackage, readPackages } from "../packages.mjs";

const sources = { python: /\.py$/, typescript: /(?<!\.d)\.tsx?$/, javascript: /\.m?js$/ };

/** What is copied from elsewhere, or is there a second time as programs made it. */
const leftOut = /(^|\/)(vendor|third_party|node_modules|autogen|cjs)\/|\.min\.|test-d/;

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("usage: node recipes/edit/fetch-held-out.mjs FOLDER");

for (const one of readPackages(join(import.meta.dirname, "held-out.tsv"))) {
  const { language, name } = one;
  fetchPackage(one, join(target, language === "python" ? "py" : "ts", name.replace("/", "__")), {
    isSource: (path) => sources[language].test(path) && !leftOut.test(path),
    bytesMax: 5_000_000,
  });
}
