// Judges by running what a text alone does not tell: functions that were asked for or mended, and unit
// tests. Python runs in the user's python3, scripts in this program itself.

import type { EditExample } from "../../../training/edits/example.ts";
import type { Python } from "../../sandbox/python.ts";
import type { Runner } from "../../sandbox/runner.ts";
import type { Judged } from "../verdict.ts";
import type { Finding } from "./ask.ts";
import { comparePython } from "./python/behaviour.ts";
import { runPythonTests } from "./python/unit-tests.ts";
import { compareScripts } from "./script/behaviour.ts";
import { runScriptTests } from "./script/unit-tests.ts";
import type { TestsFinding } from "./unit-tests.ts";

export interface Running {
  readonly runner: Runner;
  /** Without one answers in Python are not run. */
  readonly python: Python | undefined;
}

/**
 * What was judged, or another judgement where running the answer tells: an implementation or a unit test
 * that is open, a bug that is mended in other words. Throws CromwellError "interrupted".
 */
export async function judgeByRunning(
  row: EditExample,
  answer: string | undefined,
  judged: Judged,
  running: Running,
  signal?: AbortSignal,
): Promise<Judged> {
  const { verdict } = judged;
  if (answer === undefined) return judged;
  if (row.kind === "unit-test" && verdict === "open") {
    return judgedTests(row, judged, await testsOf(row, answer, running, signal));
  }
  const mayBeMended = row.kind.startsWith("bug-") && verdict === "wrong";
  if (!mayBeMended && !(row.kind === "implement" && verdict === "open")) return judged;
  const { finding, call } = await compared(row, answer, running, signal);
  if (finding === "same") {
    return { ...judged, verdict: "success", reason: undefined, ranAlike: true };
  }
  if (finding === "untold" || call === undefined) return judged;
  return { ...judged, verdict: "wrong", reason: `it returns something else for ${call}` };
}

async function compared(
  row: EditExample,
  answer: string,
  { runner, python }: Running,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  if (row.language !== "python") return compareScripts(row, answer, runner, signal);
  if (python === undefined) return { finding: "untold" };
  return comparePython(row, answer, { runner, python }, signal);
}

async function testsOf(
  row: EditExample,
  answer: string,
  { runner, python }: Running,
  signal: AbortSignal | undefined,
): Promise<TestsFinding> {
  if (row.language !== "python") return runScriptTests(row, answer, runner, signal);
  if (python === undefined) return { finding: "untold" };
  return runPythonTests(row, answer, { runner, python }, signal);
}

function judgedTests(row: EditExample, judged: Judged, found: TestsFinding): Judged {
  if (found.finding === "untold") return judged;
  if (found.finding === "tests") return { ...judged, verdict: "success", reason: undefined };
  const name = row.facts.tested ?? row.name;
  const reason =
    found.finding === "fails"
      ? `${found.test} fails: ${found.error}`
      : `it passes whatever ${name} does`;
  return { ...judged, verdict: "wrong", reason };
}
