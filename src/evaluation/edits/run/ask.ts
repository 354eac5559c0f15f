// Asks a Python program what it found of an answer: it runs what a model wrote, in a process that the runner
// limits, and says so behind a word that the answer does not know.

import { randomUUID } from "node:crypto";
import { type PythonRunner, pythonProgram } from "../../sandbox/python.ts";
import { defaultLimits } from "../../sandbox/runner.ts";

/** Asked to the end or not at all. */
const seconds = 60;

/**
 * The finding, a JSON object; undefined where the program comes to none. `texts` are the parts of the
 * program. Throws CromwellError "interrupted".
 */
export async function ask(
  texts: readonly string[],
  question: Readonly<Record<string, string>>,
  { runner, python }: PythonRunner,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const word = randomUUID();
  const asked = JSON.stringify({ ...question, word });
  // JSON's strings are Python's too, but for lone surrogates.
  const source = [`question = ${JSON.stringify(asked.toWellFormed())}`, ...texts].join("\n");
  const program = pythonProgram(python, source);
  const { stdout } = await runner.run(program, { ...defaultLimits, seconds }, signal);
  // The answer may have written too, but does not know the word.
  const found = stdout.split("\n").find((line) => line.startsWith(`${word} `));
  return found === undefined ? undefined : parsed(found.slice(word.length));
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null ? { ...found } : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
