// `cromwell apply`: a patch from a file or a pipe onto the files of a folder, all of it or nothing.
// What was done, or why it was not, is said of each file.

import { resolve } from "node:path";
import { type ApplyResult, applyPatch } from "../patch/apply.ts";
import type { AppliedFile } from "../patch/plan.ts";
import { prefixOf } from "../patch/subfolder.ts";
import { journalFolder } from "../project/home.ts";
import { usage, wholeNumber } from "./arguments.ts";
import type { Io } from "./io.ts";
import { jsonFlag, notice } from "./model-flags.ts";
import { readBytes } from "./read-text.ts";
import { type Call, defineVerb } from "./verb.ts";

export const apply = defineVerb({
  name: "apply",
  args: {
    patch: {
      type: "positional",
      required: false,
      description: "The patch, unified or as git writes it; - is stdin",
    },
    "dry-run": { type: "boolean", description: "Check all of it and write nothing" },
    reverse: { type: "boolean", alias: "R", description: "Take away what the patch adds" },
    strip: {
      type: "string",
      alias: "p",
      valueHint: "n",
      description: "Leading folders of each name to leave out: 1, or 0 where there are none",
    },
    directory: {
      type: "string",
      valueHint: "dir",
      description: "The folder that all names are relative to; default: as for git apply",
    },
    fuzz: {
      type: "string",
      default: "0",
      valueHint: "n",
      description: "Lines of context that may differ at either end of a hunk",
    },
    ...jsonFlag,
  },
  examples: [
    "apply fix.patch",
    "git diff | cromwell apply --directory ../copy",
    'cromwell edit main.py -i "Add type hints" | cromwell apply',
    "apply --reverse --dry-run fix.patch",
  ],
  run,
});

/** Not acceptable for the files as they are; nothing was written. */
const exitRejected = 3;

async function run(call: Call): Promise<number> {
  const { args, io, has } = call;
  const file = (args.patch as string | undefined) ?? "-";
  if (args.patch === undefined && io.stdin.isTerminal) {
    throw usage("apply", "there is no patch: give a PATCH, or a pipe");
  }
  const strip = args.strip as string | undefined;
  const notices: string[] = [];
  const dryRun = has("dry-run");
  const directory = args.directory as string | undefined;
  const options = {
    root: resolve(io.cwd, directory ?? ""),
    prefix: directory === undefined ? prefixOf(resolve(io.cwd)) : "",
    strip: strip === undefined ? undefined : wholeNumber("apply", "-p", strip, { maximum: 100 }),
    fuzz: wholeNumber("apply", "--fuzz", String(args.fuzz), { maximum: 100 }),
    reverse: has("reverse"),
    dryRun,
    journal: journalFolder(io.env),
    label: file === "-" ? "apply" : `apply ${file}`,
    folder: io.cwd,
    signal: io.signal,
    onNotice: (line: string) => notices.push(line),
  };
  const result = await applyPatch(await readBytes(io, file), options);
  if (args.json === true) await io.stdout.write(`${JSON.stringify(summary(result, dryRun))}\n`);
  await tell(io, result, dryRun);
  for (const line of notices) await notice(io, line);
  return result.success ? 0 : exitRejected;
}

/** Files that are named one by one. */
const filesShown = 50;

async function tell(io: Io, result: ApplyResult, dryRun: boolean): Promise<void> {
  const { success, files, skipped } = result;
  const told = files.filter(({ reason }) => success || reason !== undefined);
  for (const file of told.slice(0, filesShown)) await notice(io, file.reason ?? described(file));
  const more = told.length - filesShown;
  if (more > 0) await notice(io, `and ${more} more files`);
  if (skipped.length > 0) await notice(io, leftOut(skipped));
  if (!success) await notice(io, "the patch was not applied; nothing was written");
  else if (dryRun) await notice(io, "the patch fits; nothing was written");
}

/** How many files that are left out are named. */
const leftOutShown = 3;

function leftOut(names: readonly string[]): string {
  const more = names.length > leftOutShown ? ` and ${names.length - leftOutShown} more` : "";
  const shown = names.slice(0, leftOutShown).join(", ");
  return `left out, as not below this folder: ${shown}${more}; --directory takes all names from DIR`;
}

/** What became of a file, on one line: "main.py: +3 -1, the hunk at line 12 is 2 lines lower". */
function described(file: AppliedFile): string {
  const { change, from, added, removed, hunks, mode, lineEndings } = file;
  const parts: string[] = [];
  if (change === "create" || change === "delete") parts.push(`${change}d`);
  if (change === "rename") parts.push(`renamed from ${from}`);
  if (change === "copy") parts.push(`copied from ${from}`);
  if (added > 0 || removed > 0) parts.push(`+${added} -${removed}`);
  if (mode !== undefined) parts.push(`mode ${mode.toString(8)}`);
  for (const { line, offset, fuzz } of hunks) {
    if (offset !== 0) parts.push(`the hunk at line ${line} is ${moved(offset)} than stated`);
    if (fuzz !== 0) parts.push(`the hunk at line ${line} fits with fuzz ${fuzz}`);
  }
  if (lineEndings !== undefined)
    parts.push(`with the file's ${lineEndings.toUpperCase()} line ends`);
  return `${file.file}: ${parts.join(", ")}`;
}

function moved(offset: number): string {
  const lines = Math.abs(offset);
  return `${lines} ${lines === 1 ? "line" : "lines"} ${offset > 0 ? "lower" : "higher"}`;
}

function summary({ success, files, skipped }: ApplyResult, dryRun: boolean) {
  const fits = dryRun ? "fits" : "applied";
  return {
    status: success ? fits : "rejected",
    ...(skipped.length === 0 ? {} : { skipped }),
    files: files.map(({ mode, lineEndings, ...file }) => ({
      ...file,
      ...(mode === undefined ? {} : { mode: mode.toString(8) }),
      ...(lineEndings === undefined ? {} : { line_endings: lineEndings }),
    })),
  };
}
