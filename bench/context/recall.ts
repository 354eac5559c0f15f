// How much of what a function really uses of other files is among the units that rank best? With each
// part of the score left out in turn, so that each weight must earn its place.
//
//   python3 bench/context/truth.py ROOT 400 > truth.jsonl
//   bun bench/context/recall.ts ROOT truth.jsonl

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { prepare } from "../../src/context/context.ts";
import { type RankRequest, rank, type ScoreParts, weights } from "../../src/context/rank.ts";

interface Place {
  readonly file: string;
  /** Lines from 1, both included. */
  readonly first: number;
  readonly last: number;
}

interface Case extends Place {
  readonly uses: readonly Place[];
}

const depths = [3, 5, 10, 20];

const [rootArgument, truthFile] = process.argv.slice(2);
if (rootArgument === undefined || truthFile === undefined) {
  throw new Error("usage: bun bench/context/recall.ts ROOT TRUTH.jsonl");
}
const root = resolve(rootArgument);
const lines = readFileSync(truthFile, "utf8").trim().split("\n");
const cases = lines.map((line) => JSON.parse(line) as Case);

function variants(): [string, ScoreParts][] {
  const parts = Object.keys(weights) as (keyof ScoreParts)[];
  const none = Object.fromEntries(parts.map((part) => [part, 0])) as unknown as ScoreParts;
  return [
    ["all", weights],
    ...parts.map((part): [string, ScoreParts] => [`without ${part}`, { ...weights, [part]: 0 }]),
    ...parts.map((part): [string, ScoreParts] => [`only ${part}`, { ...none, [part]: 1 }]),
  ];
}

/** Whether a unit of the question's index holds the first line of what is used. */
function isAt(question: RankRequest, found: { path: string; unit: number }, use: Place): boolean {
  if (found.path !== use.file) return false;
  const { index } = question;
  const { firstUnit, start, end } = index.columns;
  const unit = firstUnit[index.paths.indexOf(found.path)]! + found.unit;
  return start[unit]! < use.last && end[unit]! >= use.first;
}

const home = mkdtempSync(join(tmpdir(), "cromwell-recall-"));
const names = variants().map(([name]) => name);
const units = names.map(() => depths.map(() => 0));
const files = names.map(() => depths.map(() => 0));
const relevant: number[] = [];
const others: number[] = [];
let uses = 0;
try {
  for (const item of cases) {
    const text = readFileSync(join(root, item.file), "utf8");
    const region = { start: item.first - 1, end: item.last };
    const { question } = await prepare({ root, file: item.file, text, region, indexFolder: home });
    uses += item.uses.length;
    for (const [at, [, factors]] of variants().entries()) {
      const { best } = rank({ ...question, weights: factors, threshold: 0.001 });
      const ranked = best.filter(({ path }) => path !== item.file);
      for (const use of item.uses) {
        const place = ranked
          .slice(0, depths.at(-1))
          .findIndex((found) => isAt(question, found, use));
        const fileRank = [...new Set(ranked.map(({ path }) => path))].indexOf(use.file);
        for (const [index, depth] of depths.entries()) {
          if (place >= 0 && place < depth) units[at]![index]!++;
          if (fileRank >= 0 && fileRank < depth) files[at]![index]!++;
        }
        if (at === 0 && place >= 0) relevant.push(ranked[place]!.score);
      }
      if (at > 0) continue;
      const wrong = ranked
        .slice(0, 20)
        .filter((found) => !item.uses.some((use) => isAt(question, found, use)));
      others.push(...wrong.map(({ score }) => score));
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}

const percent = (count: number) => `${((100 * count) / uses).toFixed(1)}`.padStart(6);
console.log(
  `${cases.length} functions, ${uses} uses; per cent found among the best N units (files)`,
);
console.log(`${"".padEnd(20)}${depths.map((depth) => `${depth}`.padStart(6)).join("")}   files`);
for (const [at, name] of names.entries()) {
  console.log(
    `${name.padEnd(20)}${units[at]!.map(percent).join("")}  ${files[at]!.map(percent).join("")}`,
  );
}
const quantiles = (values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  return [0.05, 0.1, 0.25, 0.5, 0.75, 0.9].map((share) =>
    sorted[Math.floor(share * sorted.length)]!.toFixed(3),
  );
};
console.log("scores of what is used, 5 to 90 per cent:", quantiles(relevant).join(" "));
console.log("scores of the rest of the best 20:       ", quantiles(others).join(" "));
