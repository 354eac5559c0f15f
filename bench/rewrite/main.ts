// What would a draft bring to edits of short functions? Without a model: each function of the folders is
// edited in the ways of edits.ts, its answer followed as generation does, passes taking what they take
// on a machine that was measured. The same figures everywhere, so guesses can be tuned by them.
// usage: main.ts MODEL.gguf FOLDER…

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openModelFile } from "../../src/formats/model-file.ts";
import { RewriteDraft } from "../../src/inference/draft.ts";
import { languageOf } from "../../src/syntax/languages.ts";
import { loadSyntax } from "../../src/syntax/syntax.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { edits, type Piece } from "./edits.ts";
import { type Followed, follow } from "./follow.ts";
import { machines } from "./machines.ts";

const [model, ...folders] = process.argv.slice(2);
if (model === undefined || folders.length === 0) throw new Error("name a model and folders");
const tokenizer = Tokenizer.of(openModelFile(model));

/** Functions taken of a file and in all, and their lines. */
const mostOfFile = 3;
const mostPieces = 200;
const lines = { least: 10, most: 40 };

async function piecesOf(path: string): Promise<Piece[]> {
  const language = languageOf(path);
  if (language?.id !== "python" && language?.id !== "typescript") return [];
  const tree = (await loadSyntax(language))!.parse(readFileSync(path, "utf8"));
  const all = tree.text.split("\n");
  const pieces = tree.units().flatMap(({ kind, start, end, signatureEnd }) => {
    const length = end - start;
    const fits = length >= lines.least && length <= lines.most && signatureEnd < end;
    if (!fits || !["function", "method"].includes(kind)) return [];
    const body = signatureEnd - start;
    return [{ language: language.id as Piece["language"], lines: all.slice(start, end), body }];
  });
  tree.close();
  return pieces.slice(0, mostOfFile);
}

async function gather(folder: string): Promise<Piece[]> {
  const names = readdirSync(folder, { recursive: true }).map(String).toSorted();
  const sources = names.filter((name) => /\.(py|ts)$/.test(name) && !/test/.test(name));
  const pieces: Piece[] = [];
  for (const name of sources) {
    if (pieces.length >= mostPieces) break;
    pieces.push(...(await piecesOf(join(folder, name))));
  }
  return pieces.slice(0, mostPieces);
}

const encode = (text: readonly string[]) => tokenizer.encode(`${text.join("\n")}\n\`\`\``);

/** How many times as fast as plain decode the answer comes. */
function followed(original: readonly number[], answer: readonly number[], machine: string) {
  const draft = new RewriteDraft(original, tokenizer);
  return follow(draft, answer, { machine, room: 2 * original.length + 256 });
}

type Outcome = Followed;

function report(name: string, outcomes: readonly Outcome[]): void {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((all, one) => all + of(one), 0);
  const rates = outcomes.map(({ plain, time }) => plain / time).toSorted((a, b) => a - b);
  const at = (part: number) => rates[Math.floor(part * (rates.length - 1))]!.toFixed(2);
  const right =
    sum(({ accepted }) => accepted) /
    Math.max(
      1,
      sum(({ checked }) => checked),
    );
  const all = (sum(({ plain }) => plain) / sum(({ time }) => time)).toFixed(2);
  console.log(
    `  ${name.padEnd(18)} ${String(outcomes.length).padStart(4)}  ${all} x  ` +
      `(${at(0)}, ${at(0.1)}, ${at(0.5)}, ${at(0.9)})  ${right.toFixed(2)} right`,
  );
}

const pieces = (await Promise.all(folders.map(gather))).flat();
const texts = pieces.map((piece) => encode(piece.lines));
for (const machine of Object.keys(machines)) {
  console.log(`${machine}: edit, functions, x plain (least, 10 %, median, 90 %), guesses right`);
  const every: Outcome[] = [];
  for (const [name, edit] of Object.entries(edits)) {
    const outcomes = pieces.flatMap((piece, i) => {
      const edited = edit(piece);
      return edited === undefined ? [] : [followed(texts[i]!, encode(edited), machine)];
    });
    report(name, outcomes);
    every.push(...outcomes);
  }
  report("all of these", every);
  report(
    "another function",
    texts.map((text, i) => followed(texts.at(i - 1)!, text, machine)),
  );
}
