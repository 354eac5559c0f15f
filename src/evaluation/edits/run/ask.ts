// Asks a program what it found of an answer: it runs what a model wrote, in a process that the runner limits,
// and says so behind a word that the answer does not know.

import { randomUUID } from "node:crypto";
import type { Limits, Program, Runner } from "../../sandbox/runner.ts";

/** Asked to the end or not at all. */
const seconds = 60;

/** A program that finds something out. */
export interface Asking {
  /** Gets the question's JSON as a string literal, which Python and scripts read alike. */
  readonly program: (question: string) => Program;
  readonly limits: Limits;
}

export interface Finding {
  /** "untold": it cannot be run here, or runs would not tell. */
  readonly finding: "same" | "differs" | "untold";
  /** One that returns something else, of plain values alone; undefined where there is none. */
  readonly call?: string;
}

/**
 * What was found, a JSON object; undefined where the program comes to none. Throws CromwellError
 * "interrupted".
 */
export async function ask(
  { program, limits }: Asking,
  question: Readonly<Record<string, unknown>>,
  runner: Runner,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const word = randomUUID();
  const asked = JSON.stringify(JSON.stringify({ ...question, word }).toWellFormed());
  const { stdout } = await runner.run(program(asked), { ...limits, seconds }, signal);
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

/** What a program that compares versions found. */
export function comparison(found: Readonly<Record<string, unknown>> | undefined): Finding {
  if (found?.finding === "same") return { finding: "same" };
  if (found?.finding !== "differs") return { finding: "untold" };
  const { call } = found;
  return typeof call === "string" ? { finding: "differs", call } : { finding: "differs" };
}
