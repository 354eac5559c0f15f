// What the actions of `cromwell data` share: the flags of reading and writing, how far it is, and the lines
// that say what became of a corpus.

import type { ArgsDef } from "citty";
import type { Amount, CorpusOptions, CorpusResult } from "../../training/corpus/corpus-run.ts";
import { usage } from "../arguments.ts";
import { jsonFlag, notice, pathIn } from "../model-flags.ts";
import { ProgressLine } from "../progress.ts";
import { readableBytes } from "../terminal.ts";
import type { Call } from "../verb.ts";

export const readingFlags = {
  in: {
    type: "positional",
    description: "A folder, less what git ignores; or a .jsonl, .ndjson or text file",
  },
  "text-field": {
    type: "string",
    valueHint: "name",
    description: "Field of a JSON line that holds the text; default: text, content",
  },
  "path-field": {
    type: "string",
    valueHint: "name",
    description: "Field that holds its path; default: path, file_path, filename",
  },
  ...jsonFlag,
} as const satisfies ArgsDef;

export const writingFlags = {
  ...readingFlags,
  output: {
    type: "string",
    alias: "o",
    required: true,
    valueHint: "file",
    description: "JSON lines file to write",
  },
  report: {
    type: "string",
    valueHint: "file",
    description: "JSON lines file for each text that was dropped, and why",
  },
} as const satisfies ArgsDef;

export const benchmarkFlag = {
  benchmark: {
    type: "string",
    valueHint: "file",
    description: "Drop texts that give away tasks of this JSON lines file",
  },
} as const satisfies ArgsDef;

/** The value of a flag that names a file, relative to where the user is. */
export function pathOf({ args, io }: Call, flag: string): string | undefined {
  const given = args[flag] as string | undefined;
  return given === undefined ? undefined : pathIn(io, given);
}

/** Runs `work` with the options of every action; its progress shows on a terminal. */
export async function withCorpus<Result>(
  call: Call,
  doing: string,
  work: (options: CorpusOptions) => Promise<Result>,
): Promise<Result> {
  const { args, io } = call;
  const progress = new ProgressLine(io, 300);
  const options: CorpusOptions = {
    input: pathIn(io, String(args.in)),
    report: pathOf(call, "report"),
    textField: args["text-field"] as string | undefined,
    pathField: args["path-field"] as string | undefined,
    signal: io.signal,
    onNotice: (line) => void notice(io, line),
    onProgress: ({ documents, bytes }) =>
      progress.show(`${doing}: ${documents} texts, ${readableBytes(bytes)}`),
  };
  return await work(options).finally(() => progress.clear());
}

/** Prints the result as one object, or what was dropped, `more`, and what was kept. */
export async function tell(
  { args, io }: Call,
  result: CorpusResult,
  more: readonly string[] = [],
): Promise<number> {
  const { in: input, output } = args;
  if (args.json === true) {
    await io.stdout.write(`${JSON.stringify({ input, output, ...result })}\n`);
    return 0;
  }
  const { read, kept, dropped } = result;
  if (Object.keys(dropped).length > 0) await notice(io, `dropped: ${counts(dropped)}`);
  for (const line of more) await notice(io, line);
  const bytes = `${readableBytes(kept.bytes)} of ${readableBytes(read.bytes)}`;
  const texts = `${kept.documents} of ${read.documents} texts`;
  await notice(io, `kept ${texts}, ${bytes}, in ${String(output)}`);
  return 0;
}

export function counts(byRule: Readonly<Record<string, number>>): string {
  const parts = Object.entries(byRule).map(([rule, texts]) => `${texts} ${rule}`);
  return parts.join(", ");
}

export function amount({ documents, bytes }: Readonly<Amount>): string {
  return `${documents} texts, ${readableBytes(bytes)}`;
}

/** The one of `known` that a flag's value is. */
export function oneOf<Known extends string>(
  verb: string,
  flag: string,
  given: unknown,
  known: readonly Known[],
): Known {
  const found = known.find((one) => one === given);
  if (found !== undefined) return found;
  throw usage(verb, `${flag} must be one of ${known.join(", ")}, not ${JSON.stringify(given)}`);
}
