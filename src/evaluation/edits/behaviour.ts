// Judges by running what a text alone does not tell: whether a Python function that was asked for, or mended,
// does what the author's does. Both run on the same inputs, in a process that the runner limits.

import { randomUUID } from "node:crypto";
import type { EditExample } from "../../training/edits/example.ts";
import { type PythonRunner, pythonProgram } from "../sandbox/python.ts";
import { defaultLimits } from "../sandbox/runner.ts";
import comparison from "./behaviour.py" with { type: "text" };
import type { Judged } from "./verdict.ts";

export interface Finding {
  /** "untold": it cannot be run here, or runs would not tell. */
  readonly finding: "same" | "differs" | "untold";
  /** One that returns something else, of plain values alone; undefined where there is none. */
  readonly call?: string;
}

/** Compared to the end or not at all. */
const seconds = 60;

/**
 * What was judged, or another judgement where running the answer tells: an implementation that is open,
 * a bug that is mended in other words. Throws CromwellError "interrupted".
 */
export async function judgeByRunning(
  row: EditExample,
  answer: string | undefined,
  judged: Judged,
  running: PythonRunner,
  signal?: AbortSignal,
): Promise<Judged> {
  const isOpen = row.kind === "implement" && judged.verdict === "open";
  const mayBeMended = row.kind.startsWith("bug-") && judged.verdict === "wrong";
  if (row.language !== "python" || answer === undefined || !(isOpen || mayBeMended)) return judged;
  const { finding, call } = await compareBehaviour(row, answer, running, signal);
  if (finding === "same")
    return { ...judged, verdict: "success", reason: undefined, ranAlike: true };
  if (finding === "untold" || call === undefined) return judged;
  return { ...judged, verdict: "wrong", reason: `it returns something else for ${call}` };
}

/** Whether the answer does what the row's target does. Throws CromwellError "interrupted". */
export async function compareBehaviour(
  { before, after }: Pick<EditExample, "before" | "after">,
  answer: string,
  { runner, python }: PythonRunner,
  signal?: AbortSignal,
): Promise<Finding> {
  const word = randomUUID();
  const question = JSON.stringify({ before, target: after, answer, word });
  // JSON's strings are Python's too, but for lone surrogates.
  const source = `question = ${JSON.stringify(question.toWellFormed())}\n${comparison}`;
  const { stdout } = await runner.run(
    pythonProgram(python, source),
    { ...defaultLimits, seconds },
    signal,
  );
  const found = stdout.split("\n").find((line) => line.startsWith(`${word} `));
  return findingOf(found?.slice(word.length));
}

/** What the process says, which the answer may have written too. */
function findingOf(text = ""): Finding {
  try {
    const { finding, call }: Record<string, unknown> = JSON.parse(text);
    if (finding === "same") return { finding };
    if (finding === "differs") return typeof call === "string" ? { finding, call } : { finding };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  return { finding: "untold" };
}
