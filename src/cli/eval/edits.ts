// `cromwell eval edits`: how often an instruction gives the edit that it asks for, through the editor as
// `edit` uses it. The table goes to stdout.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { breathe } from "../../breathe.ts";
import { CodeEditor } from "../../editor/editor.ts";
import { CromwellError } from "../../errors.ts";
import { chooseRows, examplesFor } from "../../evaluation/edits/choose.ts";
import { evaluateEdits } from "../../evaluation/edits/evaluate.ts";
import type { Running } from "../../evaluation/edits/run/judge-by-running.ts";
import { settingOf } from "../../evaluation/edits/setting.ts";
import { verdicts } from "../../evaluation/edits/verdict.ts";
import { findPython } from "../../evaluation/sandbox/python.ts";
import { tryScripts } from "../../evaluation/sandbox/script.ts";
import type { Adapter } from "../../model/adapter.ts";
import type { EditExample } from "../../training/edits/example.ts";
import { readExamples } from "../../training/edits/read-examples.ts";
import { listed, usage, wholeNumber } from "../arguments.ts";
import { jsonFlag, loraFlag, modelOptions, modelPath, runFlags } from "../model-flags.ts";
import { ProgressLine, whileLoading } from "../progress.ts";
import { readBytes } from "../read-text.ts";
import { visible } from "../terminal.ts";
import { type Call, defineVerb } from "../verb.ts";
import { editsJson, editsText } from "./edits-report.ts";
import { openRunner, resultFlags, withResults } from "./run.ts";

const name = "eval edits";

export const edits = defineVerb({
  name,
  args: {
    data: {
      type: "string",
      required: true,
      valueHint: "file",
      description: "Edits as `data edits` writes them, a JSON line each",
    },
    count: { type: "string", valueHint: "n", description: "So many, of all kinds alike" },
    seed: { type: "string", valueHint: "n", description: "Chooses them", default: "0" },
    kind: {
      type: "string",
      valueHint: "name",
      description: "Only kinds of edits named so; may be repeated",
    },
    attempts: {
      type: "string",
      valueHint: "n",
      description: "Choose the best of so many answers; default: as edit does",
    },
    "no-draft": { type: "boolean", description: "Do not guess from the original" },
    examples: {
      type: "string",
      valueHint: "n",
      description: "Worked edits of the kind in the prompt, where the model has no edit adapter",
      default: "0",
    },
    run: {
      type: "boolean",
      description:
        "Run functions and unit tests in a sandbox where the text does not tell if they are right",
    },
    unsandboxed: {
      type: "boolean",
      description: "With --run: run them where they may do anything",
    },
    show: {
      type: "string",
      valueHint: "verdict",
      description: `Show some that are ${verdicts.join(", ")}`,
    },
    ...runFlags,
    ...loraFlag,
    "no-lora": { type: "boolean", description: "Leave the built-in edit adapter out" },
    ...resultFlags,
    ...jsonFlag,
  },
  examples: [
    "eval edits --data held-out.jsonl",
    "eval edits --data held-out.jsonl --count 60 --show wrong",
    "eval edits --data held-out.jsonl --kind docstring,annotations --attempts 4 --json",
    "eval edits --data held-out.jsonl --kind implement --run",
    "eval edits --data held-out.jsonl --no-lora --results base.jsonl",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, io } = call;
  const flags = readFlags(call);
  const rows = await readRows(call, String(args.data));
  const chosen = chooseRows(rows, flags.count ?? rows.length, flags.seed);
  // Now, not when its turn comes after hours.
  for (const row of chosen) {
    await breathe(io.signal);
    await settingOf(row);
  }
  const running = args.run === true ? await openRunning(call, chosen) : undefined;
  try {
    return await evaluate(call, { flags, rows, chosen, running });
  } finally {
    running?.runner.close();
  }
}

async function openRunning(call: Call, rows: readonly EditExample[]): Promise<Running> {
  const inPython = rows.filter(({ language }) => language === "python").length;
  const python = inPython > 0 ? await findPython(call.io.env.PATH) : undefined;
  const runner = await openRunner(call);
  try {
    if (inPython < rows.length) await tryScripts(runner, call.io.signal);
    return { python, runner };
  } catch (error) {
    runner.close();
    throw error;
  }
}

interface Evaluation {
  readonly flags: ReturnType<typeof readFlags>;
  readonly rows: readonly EditExample[];
  readonly chosen: readonly EditExample[];
  readonly running: Running | undefined;
}

async function evaluate(call: Call, { flags, rows, chosen, running }: Evaluation): Promise<number> {
  const { args, io, has } = call;
  const { attempts, seed, examples, shown } = flags;
  const data = String(args.data);
  const options = modelOptions(name, call);
  const model = modelPath(call);
  const editor = await whileLoading(io, model, (onProgress) =>
    CodeEditor.open({
      ...options,
      model,
      editAdapter: !has("no-lora"),
      environment: io.env,
      onProgress,
    }),
  );
  try {
    const adapters = editor.model.adapters.map((adapter) => adapter.name);
    const draft = !has("no-draft");
    const progress = new ProgressLine(io);
    const settings = {
      attempts: attempts ?? "by default",
      draft,
      examples,
      adapter: has("results") ? await digests(editor.model.adapters) : [],
      // An answer is known by its row; these choose what is shown before it.
      ...(examples > 0 ? { seed, data: digest(JSON.stringify(rows)) } : {}),
    };
    const tried = await withResults(name, call, editor.model.file, settings, (results) =>
      evaluateEdits(editor, {
        rows: chosen,
        examplesFor: (row) => examplesFor(row, rows, examples, seed),
        attempts,
        draft,
        running,
        results,
        signal: io.signal,
        onProgress: ({ edits: done, of, successes }) =>
          progress.show(`${done} of ${of} edits, ${successes} as asked`),
      }).finally(() => progress.clear()),
    );
    const about = {
      model: editor.model.name,
      adapters,
      data,
      attempts: attempts ?? null,
      draft,
      examples,
      seed,
      run: running !== undefined,
    };
    const report = args.json === true ? editsJson(tried, about) : editsText(tried, shown);
    await io.stdout.write(report);
    return 0;
  } finally {
    await editor.close();
  }
}

function readFlags({ args, has }: Call) {
  if (has("lora") && has("no-lora")) throw usage(name, "--lora and --no-lora exclude each other");
  if (has("unsandboxed") && !has("run")) throw usage(name, "--unsandboxed needs --run");
  const shown = verdicts.find((verdict) => verdict === args.show);
  if (args.show !== undefined && shown === undefined) {
    throw usage(name, `--show must be one of ${verdicts.join(", ")}`);
  }
  const whole = (flag: string, minimum: number, maximum: number) =>
    wholeNumber(name, `--${flag}`, String(args[flag]), { minimum, maximum });
  return {
    attempts: args.attempts === undefined ? undefined : whole("attempts", 1, 64),
    seed: whole("seed", 0, 0xffff_ffff),
    examples: whole("examples", 0, 8),
    count: args.count === undefined ? undefined : whole("count", 1, 1_000_000),
    shown,
  };
}

async function readRows(call: Call, data: string): Promise<EditExample[]> {
  const { io } = call;
  const bytes = await readBytes(io, data);
  const rows: EditExample[] = [];
  for await (const row of readExamples(visible(data), piecesOf(bytes))) rows.push(row);
  const kinds = listed(call, "kind");
  const known = new Set(rows.map(({ kind }) => kind));
  const missing = kinds?.find((kind) => !known.has(kind));
  if (missing !== undefined) {
    const hint = `it has ${[...known].join(", ")}`;
    throw new CromwellError("input", `${data} has no edits of the kind ${missing}`, { hint });
  }
  const wanted = kinds === undefined ? rows : rows.filter(({ kind }) => kinds.includes(kind));
  if (wanted.length > 0) return wanted;
  throw new CromwellError("input", `there are no edits in ${data}`);
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The built-in adapter has one name whatever it was trained on, and a file may be written anew. */
async function digests(adapters: readonly Adapter[]): Promise<string[]> {
  const all: string[] = [];
  for (const { path } of adapters) {
    const hash = createHash("sha256");
    for await (const bytes of createReadStream(path)) hash.update(bytes);
    all.push(hash.digest("hex"));
  }
  return all;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
