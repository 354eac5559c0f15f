// Whether a Python function that was asked for, or mended, does what the author's does: both run on the same
// inputs.

import type { EditExample } from "../../../training/edits/example.ts";
import type { PythonRunner } from "../../sandbox/python.ts";
import { ask } from "./ask.ts";
import comparison from "./behaviour.py" with { type: "text" };
import probes from "./probes.py" with { type: "text" };
import versions from "./versions.py" with { type: "text" };

export interface Finding {
  /** "untold": it cannot be run here, or runs would not tell. */
  readonly finding: "same" | "differs" | "untold";
  /** One that returns something else, of plain values alone; undefined where there is none. */
  readonly call?: string;
}

/** Whether the answer does what the row's target does. Throws CromwellError "interrupted". */
export async function compareBehaviour(
  { before, after }: Pick<EditExample, "before" | "after">,
  answer: string,
  running: PythonRunner,
  signal?: AbortSignal,
): Promise<Finding> {
  const question = { before, target: after, answer };
  const found = await ask([versions, probes, comparison], question, running, signal);
  if (found?.finding === "same") return { finding: "same" };
  if (found?.finding !== "differs") return { finding: "untold" };
  const { call } = found;
  return typeof call === "string" ? { finding: "differs", call } : { finding: "differs" };
}
