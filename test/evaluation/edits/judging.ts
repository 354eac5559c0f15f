// Judges an answer to a row as `cromwell eval edits` does, without a model: what it says and why.

import { settingOf } from "../../../src/evaluation/edits/setting.ts";
import { type Judged, judgeAnswer } from "../../../src/evaluation/edits/verdict.ts";
import type { EditExample } from "../../../src/training/edits/example.ts";

export type Row = Pick<EditExample, "kind" | "before" | "after"> & Partial<EditExample>;

export function rowOf(row: Row): EditExample {
  const own = { language: "python", instruction: "Do it.", facts: {}, name: "f" } as const;
  return { ...own, repository: "r", path: "r/a.txt", license: null, ...row };
}

/** @param answer what the unit is made of; undefined where the editor refused */
export async function judgedAnswer(row: Row, answer: string | undefined): Promise<Judged> {
  const whole = rowOf(row);
  const setting = await settingOf(whole);
  // As the target is set.
  const edited = answer === undefined ? undefined : await settingOf({ ...whole, after: answer });
  const status = answer === undefined ? "rejected" : answer === row.before ? "unchanged" : "edited";
  return judgeAnswer(whole, setting, { status, reason: undefined, edited: edited?.target });
}

/** "success", "wrong: it changes something else". */
export async function verdictOf(row: Row, answer: string | undefined): Promise<string> {
  const { verdict, reason } = await judgedAnswer(row, answer);
  return reason === undefined ? verdict : `${verdict}: ${reason}`;
}
