// `cromwell data edits`: examples of edits made from real code by taking away what the instruction asks
// for, for `cromwell finetune lora`.

import { readFileSync } from "node:fs";
import { unreadable } from "../../errors.ts";
import { openModelFile } from "../../formats/model-file.ts";
import { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { type GenerateOptions, generateEdits } from "../../training/edits/generate.ts";
import { editKinds } from "../../training/edits/kinds.ts";
import { licenseList } from "../../training/edits/license-list.ts";
import { listed, number, wholeNumber } from "../arguments.ts";
import { jsonFlag, modelFlag, modelPath, notice, pathIn } from "../model-flags.ts";
import { ProgressLine } from "../progress.ts";
import { type Call, defineVerb } from "../verb.ts";
import { benchmarkFlag, oneOf, pathOf } from "./corpus-call.ts";
import { editsText } from "./edits-text.ts";

const name = "data edits";
const languages = ["python", "typescript", "javascript"] as const;
const kindNames = editKinds.map(({ kind }) => kind.name);

export const edits = defineVerb({
  name,
  args: {
    source: {
      type: "string",
      required: true,
      valueHint: "folder",
      description: "A repository, or a folder of repositories; may be repeated",
    },
    output: {
      type: "string",
      alias: "o",
      required: true,
      valueHint: "file",
      description: "JSON lines file to write",
    },
    count: { type: "string", valueHint: "n", description: "Examples to make", default: "5000" },
    kind: {
      type: "string",
      valueHint: "name",
      description: "Only kinds of edits named so; may be repeated",
    },
    language: {
      type: "string",
      valueHint: "name",
      description: `Only ${languages.join(", ")}; may be repeated`,
    },
    "held-out": {
      type: "string",
      valueHint: "name",
      description: "Repositories that go to OUTPUT.held-out.jsonl instead; may be repeated",
    },
    "per-repository": {
      type: "string",
      valueHint: "n",
      description: "Examples of one repository; default: a twentieth of all, 50 at least",
    },
    "tokens-max": {
      type: "string",
      valueHint: "n",
      description: "Tokens of each side, but for a part",
      default: "300",
    },
    "long-share": {
      type: "string",
      valueHint: "x",
      description: "The part that may have three times as many",
      default: "0.1",
    },
    model: {
      ...modelFlag.model,
      description: "Count the tokens of this model; else a third of the characters",
    },
    licenses: {
      type: "string",
      valueHint: "file",
      description: "Licences by repository: columns name and license, tabs between",
    },
    ...benchmarkFlag,
    seed: {
      type: "string",
      valueHint: "n",
      description: "Another one chooses others",
      default: "0",
    },
    ...jsonFlag,
  },
  examples: [
    "data edits --source repositories --output edits.jsonl",
    "data edits --source py --source ts --held-out flask,zod --count 20000 -o edits.jsonl",
    "data edits --source . --kind docstring,annotations --model model.gguf -o edits.jsonl",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, io } = call;
  const progress = new ProgressLine(io, 300);
  const options: GenerateOptions = {
    ...optionsOf(call),
    signal: io.signal,
    onNotice: (line) => void notice(io, line),
    onProgress: ({ files, examples }) => progress.show(`${examples} examples, ${files} files`),
  };
  const result = await generateEdits(options).finally(() => progress.clear());
  if (args.json === true) {
    const { output } = options;
    await io.stdout.write(`${JSON.stringify({ output, ...result })}\n`);
  } else await io.stderr.write(editsText(result, String(args.output)));
  return 0;
}

function optionsOf(call: Call): GenerateOptions {
  const { args, io, has, all } = call;
  const whole = (flag: string, bounds: { minimum?: number; maximum?: number }) =>
    wholeNumber(name, `--${flag}`, String(args[flag]), bounds);
  const count = whole("count", { minimum: 1, maximum: 200_000 });
  const output = pathOf(call, "output")!;
  const wanted = listed(call, "kind")?.map((kind) => oneOf(name, "--kind", kind, kindNames));
  const licenses = pathOf(call, "licenses");
  return {
    sources: all("source").map((source) => pathIn(io, source)),
    output,
    kinds: editKinds.filter(({ kind }) => wanted?.includes(kind.name) ?? true),
    languages:
      listed(call, "language")?.map((one) => oneOf(name, "--language", one, languages)) ??
      languages,
    count,
    heldOut: listed(call, "held-out") ?? [],
    heldOutOutput: heldOutPath(output),
    heldOutCount: Math.ceil(count / 10),
    perRepository: has("per-repository")
      ? whole("per-repository", { minimum: 1 })
      : Math.max(50, Math.ceil(count / 20)),
    tokensMax: whole("tokens-max", { minimum: 20, maximum: 10_000 }),
    longShare: number(name, "--long-share", String(args["long-share"]), {
      minimum: 0,
      maximum: 1,
    }),
    countTokens: tokenCounter(call),
    benchmark: pathOf(call, "benchmark"),
    licenses: licenses === undefined ? new Map() : licenseList(readList(licenses), licenses),
    seed: whole("seed", { maximum: 2 ** 32 - 1 }),
  };
}

/** "edits.held-out.jsonl" beside "edits.jsonl". */
function heldOutPath(output: string): string {
  return `${output.replace(/\.(?:jsonl|ndjson)$/i, "")}.held-out.jsonl`;
}

function tokenCounter(call: Call): (text: string) => number {
  if (!call.has("model")) return (text) => Math.ceil(text.length / 3);
  const tokenizer = Tokenizer.of(openModelFile(modelPath(call)));
  return (text) => tokenizer.encode(text).length;
}

function readList(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
