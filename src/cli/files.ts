// `cromwell files`: the files that the project walk sees, as `git ls-files -co --exclude-standard`
// would list them; with --json also which of them are nothing for a model, and why.

import { join, resolve } from "node:path";
import { breathe } from "../breathe.ts";
import { nameBytes, quotedName, systemPath } from "../project/file-name.ts";
import { isTrue, readGitConfig } from "../project/git-config.ts";
import { findRepository } from "../project/repository.ts";
import { skippedByHead } from "../project/skipped.ts";
import { type ProjectFile, walk } from "../project/walk.ts";
import type { Io } from "./io.ts";
import { jsonFlag, notice } from "./model-flags.ts";
import { visible } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

export const files = defineVerb({
  name: "files",
  args: {
    dir: { type: "positional", required: false, description: "The folder; default: this one" },
    zero: { type: "boolean", alias: "z", description: "End each name with a NUL, for xargs -0" },
    ...jsonFlag,
  },
  examples: ["files", "files src", "cromwell files -z | xargs -0 wc -l", "files --json"],
  run,
});

async function run({ args, io }: Call): Promise<number> {
  const folder = resolve(io.cwd, String(args.dir ?? "."));
  const found = walk(folder, {
    environment: io.env,
    signal: io.signal,
    onNotice: (line) => void notice(io, line),
  });
  if (args.json === true) await printJson(io, folder, found);
  else await printNames(io, found, args.zero === true ? zeroEnded : lines(io, folder));
  return 0;
}

/** Writes come in pieces of this size, not one a name. */
const pieceBytes = 64 * 1024;

async function printNames(
  io: Io,
  found: AsyncIterable<ProjectFile>,
  asText: (name: string) => string,
): Promise<void> {
  let piece = "";
  for await (const { pathBytes } of found) {
    piece += asText(pathBytes);
    if (piece.length < pieceBytes) continue;
    await io.stdout.write(Buffer.from(piece, "latin1"));
    piece = "";
  }
  if (piece !== "") await io.stdout.write(Buffer.from(piece, "latin1"));
}

const zeroEnded = (name: string) => `${name}\0`;

/** A name a line, in quotes where git would put it in quotes, and harmless to a terminal. */
function lines(io: Io, folder: string): (name: string) => string {
  const config = readGitConfig(io.env, findRepository(folder));
  const quoteAll = isTrue(config.get("core.quotepath") ?? "true");
  return (name) => {
    const quoted = quotedName(name, quoteAll);
    if (!io.stdout.isTerminal) return `${quoted}\n`;
    const text = Buffer.from(quoted, "latin1").toString("utf8");
    return `${nameBytes(visible(text))}\n`;
  };
}

async function printJson(io: Io, folder: string, found: AsyncIterable<ProjectFile>): Promise<void> {
  const listed: { path: string; size: number; skipped: string | null }[] = [];
  for await (const { path, pathBytes, size, skipped } of found) {
    await breathe(io.signal);
    const at = systemPath(join(nameBytes(folder), pathBytes));
    listed.push({ path, size, skipped: skipped ?? skippedByHead(at) ?? null });
  }
  await io.stdout.write(`${JSON.stringify({ folder, files: listed })}\n`);
}
