// `cromwell edit`: the diff of an edit on stdout, or the edit written where it was asked for. The
// file is touched only by --write, --output or a yes on the terminal.

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { CodeEditor, type EditOptions } from "../editor/editor.ts";
import type { EditEvent } from "../editor/events.ts";
import type { EditResult } from "../editor/result.ts";
import { readTextFile, refuseBlank, type SourceText, sourceText } from "../editor/text-file.ts";
import { CromwellError } from "../errors.ts";
import { diffSummary } from "../patch/diff.ts";
import { nameFromHere } from "../patch/diff-name.ts";

import { modeOf, resolveTarget } from "../project/replace-file.ts";
import { allLanguages, type Language, languageById, languageOf } from "../syntax/languages.ts";
import { usage, wholeNumber } from "./arguments.ts";
import { colouredEdit } from "./coloured-diff.ts";
import { editObject } from "./edit-object.ts";
import { EditProgress } from "./edit-progress.ts";

import { type Io, readAll, readLine } from "./io.ts";
import {
  jsonFlag,
  loraFlag,
  modelOptions,
  modelPath,
  notice,
  pathIn,
  runFlags,
  samplingFlags,
  samplingOptions,
} from "./model-flags.ts";
import { whileLoading } from "./progress.ts";
import { regionRequest } from "./region-flags.ts";
import { visible } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

export const edit = defineVerb({
  name: "edit",
  args: {
    file: { type: "positional", description: "The file; - reads stdin and prints the edited text" },
    instruction: {
      type: "string",
      alias: "i",
      required: true,
      valueHint: "text",
      description: "What to change",
    },
    output: { type: "string", alias: "o", valueHint: "file", description: "Write the edit there" },
    write: { type: "boolean", alias: "w", description: "Write the edit to the file itself" },
    diff: { type: "boolean", description: "Print the diff, never ask" },
    lines: { type: "string", valueHint: "a:b", description: "Rewrite these lines, from 1, only" },
    symbol: {
      type: "string",
      valueHint: "name",
      description: "Rewrite this function or class only",
    },
    language: {
      type: "string",
      valueHint: "name",
      description: "Default: by the file's name, else by its text",
    },
    attempts: {
      type: "string",
      valueHint: "n",
      description: "Choose the best of so many answers; default: the first that is an edit",
    },
    check: {
      type: "string",
      valueHint: "command",
      description: "Take only an answer with which this command, in a copy of the project, exits 0",
    },
    budget: {
      type: "string",
      valueHint: "tokens",
      description: "Show the model so much related code of the project; not with the edit adapter",
      default: "0",
    },
    "no-draft": {
      type: "boolean",
      description: "Do not guess from the original: same bytes, slower",
    },
    ...samplingFlags,
    seed: { ...samplingFlags.seed, description: "Seed of what is drawn", default: "0" },
    ...runFlags,
    ...loraFlag,
    "no-lora": { type: "boolean", description: "Leave the built-in edit adapter out" },
    ...jsonFlag,
  },
  examples: [
    'edit main.py --instruction "Add type hints"',
    'edit main.py -i "Rename the variable s to total" --write',
    "edit main.py -i 'Catch OSError around `open(path)`'",
    'cat f.py | cromwell edit - -i "Add a docstring" > g.py',
    'edit main.py -i "Fix the test" --attempts 4 --check "python -m pytest -q"',
  ],
  run,
});

/** No acceptable edit, the file untouched. */
const exitNoEdit = 3;

async function run(call: Call): Promise<number> {
  const { args, io } = call;
  const file = String(args.file);
  const instruction = checkedInstruction(call, file);
  const output = args.output as string | undefined;
  const options = modelOptions("edit", call);
  const how = editOptions(call);
  // The text before the model: what cannot be edited is refused at once.
  const path = file === "-" ? undefined : pathIn(io, file);
  const source = path === undefined ? await readStdin(io) : readTextFile(path, file);
  refuseBlank(source);
  if (output !== undefined) refuseUnwritable(pathIn(io, output), output);
  if (path !== undefined && call.has("write")) refuseUnwritable(path, file);
  const model = modelPath(call);
  const editAdapter = !call.has("no-lora");
  const editor = await whileLoading(io, model, (onProgress) =>
    CodeEditor.open({
      ...options,
      model,
      editAdapter,
      project: io.cwd,
      environment: io.env,
      onProgress,
    }),
  );
  try {
    const progress = new EditProgress(io, file, how.attempts);
    const onEvent = (event: EditEvent) => progress.show(event);
    const editing = editor.editText(source, instruction, { ...how, onEvent }, path);
    const result = await editing.finally(() => progress.clear());
    return await deliver(call, source, result);
  } finally {
    await editor.close();
  }
}

function editOptions(call: Call): EditOptions {
  const { args, io, has } = call;
  const bounds = { minimum: 1, maximum: 64 };
  return {
    region: regionRequest("edit", call),
    language: namedLanguage(args.language as string | undefined),
    attempts: has("attempts")
      ? wholeNumber("edit", "--attempts", String(args.attempts), bounds)
      : undefined,
    check: args.check as string | undefined,
    sampling: samplingOptions("edit", call),
    budget: wholeNumber("edit", "--budget", String(args.budget)),
    draft: !has("no-draft"),
    signal: io.signal,
  };
}

function namedLanguage(name: string | undefined): Language | undefined {
  if (name === undefined) return undefined;
  const language = languageById(name.toLowerCase()) ?? languageOf(`file.${name}`);
  if (language !== undefined) return language;
  const known = allLanguages().map(({ id }) => id);
  throw usage("edit", `--language must be one of ${known.join(", ")}`);
}

async function readStdin(io: Io): Promise<SourceText> {
  return sourceText("-", await readAll(io.stdin.chunks(), "standard input", io.signal));
}

function checkedInstruction(call: Call, file: string): string {
  const { args, has } = call;
  const instruction = String(args.instruction);
  if (instruction.trim() === "") throw usage("edit", "the instruction is empty");
  const ways = ["output", "write", "diff"].filter(has);
  if (ways.length > 1) throw usage("edit", `--${ways.join(" and --")} exclude each other`);
  if (has("lora") && has("no-lora")) throw usage("edit", "--lora and --no-lora exclude each other");
  if (file === "-" && has("write")) throw usage("edit", "--write needs a FILE, not -");
  return instruction;
}

/** What cannot be written is said before the model works for it. */
function refuseUnwritable(path: string, name: string): void {
  modeOf(resolveTarget(path), name);
  if (existsSync(dirname(path))) return;
  throw new CromwellError("input", `cannot write ${name}: there is no folder ${dirname(name)}`);
}

/** Prints or writes the result as asked; the exit code is 3 where there is no acceptable edit. */
async function deliver(call: Call, source: SourceText, result: EditResult): Promise<number> {
  const { args, io, has } = call;
  const output = args.output as string | undefined;
  if (result.success && has("write")) await result.apply();
  if (result.success && output !== undefined) await result.apply(pathIn(io, output));
  if (args.json === true)
    await io.stdout.write(`${JSON.stringify(editObject(result, Number(args.seed)))}\n`);
  if (!result.success) {
    await showFailedCheck(io, result);
    await notice(io, `no acceptable edit of ${result.file}: ${result.reason}; nothing was changed`);
    return exitNoEdit;
  }
  await warn(io, result);
  if (has("write") || output !== undefined) {
    await notice(io, `${output ?? result.file}: ${diffSummary(result.diff)}`);
    return 0;
  }
  if (args.json === true) return 0;
  if (result.file === "-" && !has("diff")) {
    await io.stdout.write(result.editedContent!);
    return 0;
  }
  return offer(call, source, result);
}

/** The diff on stdout; on a terminal in colour, then the question whether to apply it. */
async function offer({ io, has }: Call, { raw }: SourceText, result: EditResult): Promise<number> {
  const { stdin, stdout, stderr } = io;
  if (stdout.styled) {
    const name = result.file === "-" ? "-" : nameFromHere(pathIn(io, result.file), io.cwd);
    const pieces = colouredEdit(name, raw, result.editedContent!, io);
    for await (const piece of pieces) await stdout.write(piece);
  } else await stdout.write(result.diff);
  if (!stdout.isTerminal || !stdin.isTerminal || has("diff") || result.file === "-") return 0;
  await stderr.write(`Apply this edit to ${result.file}? [y/N] `);
  const answer = await readLine(io);
  if (!/^\s*y(es)?\s*$/i.test(answer)) {
    await notice(io, `${result.file} was left as it is`);
    return exitNoEdit;
  }
  await result.apply();
  await notice(io, `${result.file}: ${diffSummary(result.diff)}`);
  return 0;
}

/** What the user's command said of the best answer, as the command wrote it but for what drives a terminal. */
async function showFailedCheck(io: Io, { attempts }: EditResult): Promise<void> {
  const failed = attempts.find(({ check }) => check !== null && check.exitCode !== 0);
  const lines = failed?.check?.output.trimEnd().split("\n") ?? [];
  for (const line of lines.slice(-20)) await io.stderr.write(`  ${visible(line)}\n`);
}

/** What does not forbid an edit, and what a person should look at. */
async function warn(io: Io, { file, checks }: EditResult): Promise<void> {
  const { droppedLines } = checks;
  if (droppedLines > 0) {
    const lines = droppedLines === 1 ? "a line" : `${droppedLines} lines`;
    await notice(io, `the edit removes ${lines} of which the instruction says nothing`);
  }
  const names = checks.unresolved ?? [];
  if (names.length === 0) return;
  const shown = names.slice(0, 5).join(", ") + (names.length > 5 ? ", …" : "");
  await notice(io, `the edit uses ${shown}, which ${file} neither defines nor imports`);
}
