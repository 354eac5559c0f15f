// Whether a function of TypeScript or JavaScript that was asked for, or mended, does what the author's does:
// both run on the same inputs.

import type { EditExample } from "../../../../training/edits/example.ts";
import type { Runner } from "../../../sandbox/runner.ts";
import { scriptLimits, scriptProgram } from "../../../sandbox/script.ts";
import { settingOf } from "../../setting.ts";
import { ask, comparison, type Finding } from "../ask.ts";
import compared from "./comparison.js" with { type: "text" };
import limited from "./limited.js" with { type: "text" };
import { mutantsOf } from "./mutants.ts";
import probes from "./probes.js" with { type: "text" };
import { type Version, versionOf } from "./version.ts";

const mutantsMost = 24;

/** Whether the answer does what the row's target does. Throws CromwellError "interrupted". */
export async function compareScripts(
  row: EditExample,
  answer: string,
  runner: Runner,
  signal?: AbortSignal,
): Promise<Finding> {
  const { syntax, source, target: whole, inSetting } = await settingOf(row);
  const version = (text: string) => versionOf(text, row.name, syntax);
  const [before, target, given] = [source.text, whole, inSetting(answer)].map(version);
  if (before === undefined || target === undefined || given === undefined) return untold;
  if (given.head !== target.head || given.part !== target.part) return untold;
  const mutants = await mutantsOf(target.script, mutantsMost);
  const question = {
    name: target.name,
    parameters: target.parameters,
    before: expression(before),
    target: expression(target),
    answer: expression(given),
    mutants: mutants.map((script) => expression({ ...target, script })),
  };
  const program = (literal: string) =>
    scriptProgram(
      [`const question = JSON.parse(${literal});`, limited, probes, compared].join("\n"),
    );
  return comparison(await ask({ program, limits: scriptLimits }, question, runner, signal));
}

const untold: Finding = { finding: "untold" };

function expression({ script, part }: Version): string {
  return `(${script})${part}`;
}
