// The command line: finds the verb, loads it alone, checks its arguments, runs it, and turns what it
// throws into one line and an exit code.

import packageFile from "../../package.json" with { type: "json" };
import { CromwellError } from "../errors.ts";
import type { Io } from "./io.ts";
import { report } from "./report.ts";
import { type Entry, type Group, verbs } from "./verbs.ts";

/** Runs one command line and returns its exit code. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    return report(error, io, argv.includes("--json"));
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = argv;
  if (first === "--version" || first === "-v") {
    await io.stdout.write(`${packageFile.version}\n`);
    return 0;
  }
  if (first === undefined || first === "--help" || first === "-h") {
    const { overview } = await import("./help.ts");
    await io.stdout.write(await overview(summaries(verbs), packageFile.version, io.stdout.styled));
    return 0;
  }
  const entry = Object.hasOwn(verbs, first) ? verbs[first] : undefined;
  if (entry === undefined) {
    const what = first.startsWith("-") ? "flag" : "verb";
    throw new CromwellError("usage", `unknown ${what} ${quoted(first)}`, {
      hint: "run `cromwell --help`",
    });
  }
  return "load" in entry ? call(entry, rest, io) : dispatchAction(first, entry, rest, io);
}

async function dispatchAction(
  name: string,
  { summary, actions }: Group,
  [first, ...rest]: readonly string[],
  io: Io,
): Promise<number> {
  const entry = first !== undefined && Object.hasOwn(actions, first) ? actions[first] : undefined;
  if (entry !== undefined) return call(entry, rest, io);
  if (asksForHelp(first === undefined ? [] : [first, ...rest])) {
    const { groupHelp } = await import("./help.ts");
    await io.stdout.write(await groupHelp(name, summary, summaries(actions), io.stdout.styled));
    return 0;
  }
  const wrong = first === undefined ? "its action is missing" : `there is no ${quoted(first)}`;
  throw new CromwellError("usage", `${name}: ${wrong}`, {
    hint: `run \`cromwell ${name} --help\``,
  });
}

function quoted(word: string): string {
  return JSON.stringify(word.slice(0, 60));
}

async function call(entry: Entry, argv: readonly string[], io: Io): Promise<number> {
  const verb = await entry.load();
  if (asksForHelp(argv)) {
    const { verbHelp } = await import("./help.ts");
    await io.stdout.write(await verbHelp(verb, entry.summary, io.stdout.styled));
    return 0;
  }
  const { callVerb } = await import("./call.ts");
  return callVerb(verb, argv, io);
}

/** --help anywhere before "--" wins, whatever else is on the line. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const flags = end < 0 ? argv : argv.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
}

function summaries(
  entries: Readonly<Record<string, { readonly summary: string }>>,
): Map<string, string> {
  return new Map(Object.entries(entries).map(([name, { summary }]) => [name, summary]));
}
