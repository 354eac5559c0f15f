// `cromwell context`: what a model would be shown beside a file or a part of it, to the token, and on
// request why. It needs a model's tokenizer, no weights.

import { realpathSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { type Context, gatherContext } from "../context/context.ts";
import { chooseRegion } from "../editor/choose-region.ts";
import type { Region } from "../editor/region.ts";
import { readTextFile } from "../editor/text-file.ts";
import { openModelFile } from "../formats/model-file.ts";
import { indexFolder } from "../project/home.ts";
import { findRepository } from "../project/repository.ts";
import { guessLanguage } from "../syntax/languages.ts";
import { loadSyntax } from "../syntax/syntax.ts";
import type { Unit } from "../syntax/units.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { wholeNumber } from "./arguments.ts";
import { explained } from "./explain-context.ts";
import { jsonFlag, modelFlag, modelPath, notice, pathIn } from "./model-flags.ts";
import { regionRequest } from "./region-flags.ts";
import { type Call, defineVerb } from "./verb.ts";

export const context = defineVerb({
  name: "context",
  args: {
    file: { type: "positional", description: "The file that is to be worked on" },
    budget: {
      type: "string",
      valueHint: "tokens",
      description: "Tokens that the text may have, by the model's tokenizer",
      default: "4096",
    },
    instruction: {
      type: "string",
      alias: "i",
      valueHint: "text",
      description: "What is to be done",
    },
    lines: { type: "string", valueHint: "a:b", description: "The lines to work on, from 1" },
    symbol: { type: "string", valueHint: "name", description: "The function or class to work on" },
    explain: { type: "boolean", description: "Show the scores and tokens of each unit instead" },
    ...modelFlag,
    ...jsonFlag,
  },
  examples: [
    "context src/main.py --budget 2048",
    'context src/main.py --symbol Parser.next -i "Handle comments" --explain',
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, io } = call;
  const budget = wholeNumber("context", "--budget", String(args.budget), { minimum: 1 });
  const { path, root, file } = placeOf(call);
  const { text } = readTextFile(path, String(args.file));
  const region = await chosenRegion(call, text);
  const tokenizer = Tokenizer.of(openModelFile(modelPath(call)));
  const found = await gatherContext({
    root,
    file,
    text,
    region,
    instruction: args.instruction as string | undefined,
    budget,
    count: (shown) => tokenizer.encodeToArray(shown).length,
    indexFolder: indexFolder(io.env),
    onNotice: (line) => void notice(io, line),
    signal: io.signal,
  });
  const lines = region === undefined ? null : { first: region.start + 1, last: region.end };
  if (args.json === true) {
    await io.stdout.write(`${JSON.stringify(asJson(file, lines, budget, found))}\n`);
  } else {
    await io.stdout.write(args.explain === true ? explained(found, budget) : found.text);
    await sayWhatIsMissing(call, found);
  }
  return 0;
}

/** What --lines or --symbol name; undefined without them: the whole text. */
async function chosenRegion(call: Call, text: string): Promise<Region | undefined> {
  const request = regionRequest("context", call);
  if (request === undefined) return undefined;
  const name = String(call.args.file);
  // Lines that are named need no grammar.
  const units = "symbol" in request ? await unitsOf(name, text) : [];
  // What is worked on need not fit into anything here.
  return chooseRegion({
    name,
    text,
    units,
    instruction: "",
    request,
    context: 0,
    fits: () => true,
  });
}

async function unitsOf(name: string, text: string): Promise<readonly Unit[]> {
  const language = guessLanguage(name, text);
  const syntax = language === undefined ? undefined : await loadSyntax(language);
  const tree = syntax?.parse(text);
  try {
    return tree?.units() ?? [];
  } finally {
    tree?.close();
  }
}

/** The file, and the project it belongs to: its repository, else the folder it lies in. */
function placeOf({ args, io }: Call): { path: string; root: string; file: string } {
  const name = String(args.file);
  let path: string;
  try {
    path = realpathSync(pathIn(io, name));
  } catch {
    // Reading it says what is wrong.
    path = pathIn(io, name);
  }
  const folder = dirname(path);
  const root = findRepository(folder)?.top ?? folder;
  return { path, root, file: relative(root, path).split(sep).join("/") };
}

/** Nothing is left out without a word. */
async function sayWhatIsMissing({ io }: Call, found: Context): Promise<void> {
  const without = found.units.filter(({ shown }) => shown === "nothing").length;
  const brief = found.units.filter(({ shown }) => shown === "signature").length;
  const said: string[] = [];
  if (without > 0) said.push(`${without} more that score high enough do not fit`);
  if (brief > 0) said.push(`of ${brief} only the signature fits`);
  if (found.secrets.length > 0) said.push(`${found.secrets.length} left out for a secret in them`);
  if (said.length === 0) return;
  await notice(io, `units: ${said.join(", ")}; --explain shows them`);
}

function asJson(
  file: string,
  lines: { first: number; last: number } | null,
  budget: number,
  { text, tokens, units, secrets, skipped, belowThreshold, index }: Context,
): object {
  const place = ({ start, end }: { start: number; end: number }) => ({
    first: start + 1,
    last: end,
  });
  return {
    file,
    region: lines,
    budget,
    tokens,
    text,
    units: units.map(({ file: path, name, start, end, score, parts, tokens: taken, shown }) => ({
      file: path,
      name: name === "" ? null : name,
      ...place({ start, end }),
      shown,
      tokens: taken,
      score,
      parts,
    })),
    secrets: secrets.map(({ file: path, start, end }) => ({
      file: path,
      ...place({ start, end }),
    })),
    below_threshold: belowThreshold,
    skipped,
    index: {
      files: index.files,
      units: index.units,
      secret_units: index.secretUnits,
      files_read: index.read,
      kept: index.kept,
    },
  };
}
