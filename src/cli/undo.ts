// `cromwell undo`: takes back what the last write of cromwell did to files, here or to the file that
// is named; again, the write before it.

import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { CromwellError } from "../errors.ts";
import { journalFolder } from "../project/home.ts";
import { findRepository } from "../project/repository.ts";
import {
  listWrites,
  type RecordedWrite,
  type UndoneFile,
  type UndoOptions,
  undo as undoWrite,
} from "../project/undo.ts";
import type { Io } from "./io.ts";
import { jsonFlag, notice } from "./model-flags.ts";
import { visible } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

export const undo = defineVerb({
  name: "undo",
  args: {
    file: {
      type: "positional",
      required: false,
      description: "The file; default: all files of the last write in this project",
    },
    list: { type: "boolean", description: "Show what would be undone, the next one first" },
    ...jsonFlag,
  },
  examples: ["undo", "undo main.py", "undo --list"],
  run,
});

async function run({ args, io }: Call): Promise<number> {
  const journal = journalFolder(io.env);
  if (journal === undefined) {
    throw new CromwellError("input", "there is no folder for the journal", {
      hint: "set CROMWELL_HOME or HOME",
    });
  }
  const given = args.file as string | undefined;
  const meant =
    given === undefined
      ? { folder: findRepository(resolve(io.cwd))?.top ?? io.cwd }
      : { file: resolve(io.cwd, given) };
  const notices: string[] = [];
  const options = { ...meant, onNotice: (line: string) => notices.push(line) };
  if (args.list === true) {
    await printList(io, listWrites(journal, options), args.json === true);
    for (const line of notices) await notice(io, line);
    return 0;
  }
  if (!existsSync(journal)) throw new CromwellError("input", "no write is on record");
  const { label, time, files } = await takeBack(io, journal, options, notices);
  if (args.json === true) {
    const result = { label, time: new Date(time).toISOString(), files };
    await io.stdout.write(`${JSON.stringify(result)}\n`);
  }
  for (const file of files) await notice(io, line(io, file, label));
  return 0;
}

/** What is left out of the journal is said whether there is anything else to undo or not. */
async function takeBack(io: Io, journal: string, options: UndoOptions, notices: readonly string[]) {
  try {
    return await undoWrite(journal, { ...options, signal: io.signal });
  } finally {
    for (const line of notices) await notice(io, line);
  }
}

function line(io: Io, { path, action }: UndoneFile, label: string): string {
  const name = shown(io, path);
  if (action === "unchanged") return `${name} is already as it was before ${label}`;
  return `${name} was ${action}, as before ${label}`;
}

async function printList(io: Io, writes: readonly RecordedWrite[], json: boolean): Promise<void> {
  if (json) {
    const rows = writes.map((write) => ({ ...write, time: new Date(write.time).toISOString() }));
    await io.stdout.write(`${JSON.stringify({ writes: rows })}\n`);
    return;
  }
  for (const write of writes) await io.stdout.write(`${visible(row(io, write))}\n`);
  if (writes.length === 0) await notice(io, "no write is on record");
}

/** How many files of a write are named in a line. */
const namesMax = 3;

function row(io: Io, { time, label, cut, files }: RecordedWrite): string {
  const marks = { create: "+", change: "", remove: "-" };
  const names = files.slice(0, namesMax).map(({ path, change }) => marks[change] + shown(io, path));
  const more = files.length > namesMax ? ` and ${files.length - namesMax} more` : "";
  const state = cut ? "  (cut off in its middle)" : "";
  return `${localTime(time)}  ${label}  ${names.join(", ")}${more}${state}`;
}

/** "2026-11-21 16:05:09" where the user is. */
function localTime(time: number): string {
  return new Date(time).toLocaleString("sv-SE");
}

/** Relative to where the user is, where it is below. */
function shown(io: Io, path: string): string {
  const below = relative(io.cwd, path);
  return below.startsWith("..") ? path : below;
}
