// `cromwell diff`: what changed between two files or folders, as a diff that git and patch take; in
// colours on a terminal.

import { hunkText } from "../patch/diff.ts";
import { diffFiles, type FileDiff, gitHeader } from "../patch/file-diff.ts";
import { wholeNumber } from "./arguments.ts";
import { diffJson } from "./diff-json.ts";
import { type Pair, pairsOf, type Side } from "./diff-sides.ts";
import type { Io } from "./io.ts";
import { jsonFlag } from "./model-flags.ts";
import { type Call, defineVerb } from "./verb.ts";

export const diff = defineVerb({
  name: "diff",
  args: {
    a: { type: "positional", description: "The old file or folder; - is stdin" },
    b: { type: "positional", description: "The new file or folder; - is stdin" },
    context: {
      type: "string",
      alias: "U",
      valueHint: "lines",
      description: "Unchanged lines around each change",
      default: "3",
    },
    "exit-code": { type: "boolean", description: "Exit with 1 where there are differences" },
    ...jsonFlag,
  },
  examples: [
    "diff old.py new.py",
    "diff before/ after/ --context 10 > changes.patch",
    "git show HEAD:main.py | cromwell diff - main.py",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, io, has } = call;
  const context = wholeNumber("diff", "--context", String(args.context), { maximum: 1e9 });
  const diffs = differences(io, String(args.a), String(args.b), context);
  const write = has("json") ? writeJson : io.stdout.styled ? writeColoured : writePlain;
  const count = await write(io, diffs);
  return has("exit-code") && count > 0 ? 1 : 0;
}

async function* differences(
  io: Io,
  a: string,
  b: string,
  context: number,
): AsyncGenerator<FileDiff> {
  for await (const pair of pairsOf(io, a, b)) {
    for (const { old, new: recent } of sameKind(pair)) {
      const found = await diffFiles(await version(old, recent), await version(recent, old), {
        context,
        signal: io.signal,
      });
      if (found !== undefined) yield found;
    }
  }
}

/** A file that became a link, or the other way round, is removed and made: it has no common lines. */
function sameKind(pair: Pair): Pair[] {
  const { old, new: recent } = pair;
  const isLink = (side: Side | undefined) => side?.mode === "120000";
  if (old === undefined || recent === undefined || isLink(old) === isLink(recent)) return [pair];
  return [
    { old, new: undefined },
    { old: undefined, new: recent },
  ];
}

/** Standard input has the mode of the file that it is compared with. */
async function version(side: Side | undefined, other: Side | undefined) {
  if (side === undefined) return undefined;
  const mode = side.mode ?? other?.mode ?? "100644";
  return { name: side.name, mode, bytes: await side.read() };
}

type Differences = AsyncIterable<FileDiff>;

/** Each way of writing returns how many files differ. */
async function writePlain(io: Io, diffs: Differences): Promise<number> {
  let count = 0;
  for await (const file of diffs) {
    count++;
    await io.stdout.write(gitHeader(file));
    const encoding = file.encoding === "utf-8" ? "utf8" : "latin1";
    for (const hunk of file.hunks) await io.stdout.write(Buffer.from(hunkText(hunk), encoding));
  }
  return count;
}

async function writeColoured(io: Io, diffs: Differences): Promise<number> {
  const { colouredDiff } = await import("./coloured-diff.ts");
  let count = 0;
  for await (const file of diffs) {
    count++;
    const name = (file.new ?? file.old)!.name;
    const shown = { ...file, name, header: gitHeader(file) };
    for await (const piece of colouredDiff(shown, io)) await io.stdout.write(piece);
  }
  return count;
}

/** Nothing is written before all is known: what failed must leave an object of its own. */
async function writeJson(io: Io, diffs: Differences): Promise<number> {
  const files = await Array.fromAsync(diffs);
  await io.stdout.write('{"files":[');
  for (const [index, file] of files.entries()) {
    if (index > 0) await io.stdout.write(",");
    for (const piece of diffJson(file)) await io.stdout.write(piece);
  }
  await io.stdout.write("]}\n");
  return files.length;
}
