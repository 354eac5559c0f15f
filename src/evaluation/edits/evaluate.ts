// How often an instruction gives the edit that it asks for: each row goes through the editor as a text of
// `cromwell edit -` does, and what comes out is judged by what was asked.

import type { CodeEditor, EditOptions } from "../../editor/editor.ts";
import type { EditExample } from "../../training/edits/example.ts";
import type { Result, ResultsFile } from "../results-file.ts";
import { keyOf } from "./choose.ts";
import { judgeByRunning, type Running } from "./run/judge-by-running.ts";
import { type Setting, settingOf } from "./setting.ts";
import { type Answer, type Judged, judgeAnswer } from "./verdict.ts";

export interface EditsOptions extends Pick<EditOptions, "attempts" | "draft"> {
  readonly rows: readonly EditExample[];
  /** What a model without an edit adapter is shown before a row; default: nothing. */
  readonly examplesFor?: ((row: EditExample) => readonly EditExample[]) | undefined;
  /** Runs answers whose text alone does not tell; default: they are judged without. */
  readonly running?: Running | undefined;
  readonly results?: ResultsFile | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((so: EditsProgress) => void) | undefined;
}

export interface EditsProgress {
  readonly edits: number;
  readonly of: number;
  readonly successes: number;
}

export interface Tried extends Judged {
  readonly row: EditExample;
  /** The unit as it was edited; undefined without an edit. */
  readonly answer: string | undefined;
  /** From the text to the edit, without loading the model. */
  readonly seconds: number;
}

/**
 * Tries and judges the rows. What stands in `results` is judged anew, not tried again. Throws CromwellError
 * "input" for a row that does not parse, "interrupted".
 */
export async function evaluateEdits(editor: CodeEditor, options: EditsOptions): Promise<Tried[]> {
  const { rows, results, onProgress } = options;
  const all: Tried[] = [];
  for (const row of rows) {
    const key = keyOf(row);
    const setting = await settingOf(row);
    const known = answerOf(results?.get(key));
    const answer = known ?? (await answered(editor, row, setting, options));
    const tried = { row, ...(await judged(row, setting, answer, options)) };
    if (known === undefined) {
      const { kind, language, repository, path, name, instruction, before, after } = row;
      const { verdict, answer: unit } = tried;
      const about = { kind, language, repository, path, name, instruction, before, after };
      results?.add({ key, ...about, verdict, answer: unit, ...answer });
    }
    all.push(tried);
    const successes = all.filter(({ verdict }) => verdict === "success").length;
    onProgress?.({ edits: all.length, of: rows.length, successes });
  }
  return all;
}

interface Answered extends Answer {
  readonly seconds: number;
}

async function answered(
  editor: CodeEditor,
  row: EditExample,
  { source, language, region }: Setting,
  { examplesFor, attempts, draft, signal }: EditsOptions,
): Promise<Answered> {
  const started = performance.now();
  const options = { language, region, examples: examplesFor?.(row), attempts, draft, signal };
  const edit = await editor.editText(source, row.instruction, options);
  const { status, reason, editedContent } = edit;
  const seconds = (performance.now() - started) / 1000;
  return { status, reason, edited: editedContent, seconds };
}

async function judged(
  row: EditExample,
  setting: Setting,
  answer: Answered,
  { running, signal }: EditsOptions,
) {
  const { edited, seconds } = answer;
  const unit = edited === undefined ? undefined : setting.unitIn(edited);
  const byText = judgeAnswer(row, setting, answer);
  const verdict =
    running === undefined ? byText : await judgeByRunning(row, unit, byText, running, signal);
  return { ...verdict, answer: unit, seconds };
}

/** What a line of results says, if it says anything. */
function answerOf(found: Result | undefined): Answered | undefined {
  if (found === undefined) return undefined;
  const status = (["edited", "unchanged", "rejected"] as const).find((one) => one === found.status);
  if (status === undefined || typeof found.seconds !== "number") return undefined;
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  const { reason, edited, seconds } = found;
  return { status, reason: text(reason), edited: text(edited), seconds };
}
