// Judges by running what a text alone does not tell: functions that were asked for or mended, and unit
// tests. Python runs in the user's python3, scripts in this program itself.

import type { EditExample } from "../../../training/edits/example.ts";
import type { PythonRunner } from "../../sandbox/python.ts";
import type { Judged } from "../verdict.ts";
import { comparePython } from "./python/behaviour.ts";
import { runPythonTests } from "./python/unit-tests.ts";
import { compareScripts } from "./script/behaviour.ts";
import { runScriptTests } from "./script/unit-tests.ts";

/**
 * What was judged, or another judgement where running the answer tells: an implementation or a unit test
 * that is open, a bug that is mended in other words. Throws CromwellError "interrupted".
 */
export async function judgeByRunning(
  row: EditExample,
  answer: string | undefined,
  judged: Judged,
  running: PythonRunner,
  signal?: AbortSignal,
): Promise<Judged> {
  if (answer === undefined) return judged;
  const isOpen = judged.verdict === "open";
  if (row.kind === "unit-test" && isOpen) return judgeTests(row, answer, judged, running, signal);
  const mayBeMended = row.kind.startsWith("bug-") && judged.verdict === "wrong";
  if (!mayBeMended && !(row.kind === "implement" && isOpen)) return judged;
  const { finding, call } =
    row.language === "python"
      ? await comparePython(row, answer, running, signal)
      : await compareScripts(row, answer, running.runner, signal);
  if (finding === "same") {
    return { ...judged, verdict: "success", reason: undefined, ranAlike: true };
  }
  if (finding === "untold" || call === undefined) return judged;
  return { ...judged, verdict: "wrong", reason: `it returns something else for ${call}` };
}

async function judgeTests(
  row: EditExample,
  answer: string,
  judged: Judged,
  running: PythonRunner,
  signal?: AbortSignal,
): Promise<Judged> {
  const found =
    row.language === "python"
      ? await runPythonTests(row, answer, running, signal)
      : await runScriptTests(row, answer, running.runner, signal);
  if (found.finding === "untold") return judged;
  if (found.finding === "tests") return { ...judged, verdict: "success", reason: undefined };
  const name = row.facts.tested ?? row.name;
  const reason =
    found.finding === "fails"
      ? `${found.test} fails: ${found.error}`
      : `it passes whatever ${name} does`;
  return { ...judged, verdict: "wrong", reason };
}
