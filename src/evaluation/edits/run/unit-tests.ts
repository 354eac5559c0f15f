// Whether unit tests that were asked for test their function: they pass, and a small change to it makes one
// of them fail.

import type { EditExample } from "../../../training/edits/example.ts";
import type { PythonRunner } from "../../sandbox/python.ts";
import { ask } from "./ask.ts";
import tests from "./unit-tests.py" with { type: "text" };
import versions from "./versions.py" with { type: "text" };

export type TestsFinding =
  | { readonly finding: "tests" | "notices nothing" | "untold" }
  | { readonly finding: "fails"; readonly test: string; readonly error: string };

/** What the tests that the answer puts below the function find. Throws CromwellError "interrupted". */
export async function runUnitTests(
  { before }: Pick<EditExample, "before">,
  answer: string,
  running: PythonRunner,
  signal?: AbortSignal,
): Promise<TestsFinding> {
  const { finding, test, error } =
    (await ask([versions, tests], { before, answer }, running, signal)) ?? {};
  if (finding === "tests" || finding === "notices nothing") return { finding };
  const isTold = finding === "fails" && typeof test === "string" && typeof error === "string";
  return isTold ? { finding, test, error } : { finding: "untold" };
}
