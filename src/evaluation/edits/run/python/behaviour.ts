// Whether a Python function that was asked for, or mended, does what the author's does: both run on the same
// inputs.

import type { EditExample } from "../../../../training/edits/example.ts";
import { type PythonRunner, pythonProgram } from "../../../sandbox/python.ts";
import { defaultLimits } from "../../../sandbox/runner.ts";
import { ask, comparison, type Finding } from "../ask.ts";
import compared from "./behaviour.py" with { type: "text" };
import probes from "./probes.py" with { type: "text" };
import versions from "./versions.py" with { type: "text" };

/** Whether the answer does what the row's target does. Throws CromwellError "interrupted". */
export async function comparePython(
  { before, after }: Pick<EditExample, "before" | "after">,
  answer: string,
  { python, runner }: PythonRunner,
  signal?: AbortSignal,
): Promise<Finding> {
  const program = (question: string) =>
    pythonProgram(python, [`question = ${question}`, versions, probes, compared].join("\n"));
  const asking = { program, limits: defaultLimits };
  return comparison(await ask(asking, { before, target: after, answer }, runner, signal));
}
