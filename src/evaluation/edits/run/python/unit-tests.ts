// Whether unit tests in Python that were asked for test their function: they pass, and a small change to it
// makes one of them fail.

import type { EditExample } from "../../../../training/edits/example.ts";
import { type PythonRunner, pythonProgram } from "../../../sandbox/python.ts";
import { defaultLimits } from "../../../sandbox/runner.ts";
import { ask } from "../ask.ts";
import { type TestsFinding, testsFinding } from "../unit-tests.ts";
import tests from "./unit-tests.py" with { type: "text" };
import versions from "./versions.py" with { type: "text" };

/** What the tests that the answer puts below the function find. Throws CromwellError "interrupted". */
export async function runPythonTests(
  { before }: Pick<EditExample, "before">,
  answer: string,
  { python, runner }: PythonRunner,
  signal?: AbortSignal,
): Promise<TestsFinding> {
  const program = (question: string) =>
    pythonProgram(python, [`question = ${question}`, versions, tests].join("\n"));
  const asking = { program, limits: defaultLimits };
  return testsFinding(await ask(asking, { before, answer }, runner, signal));
}
