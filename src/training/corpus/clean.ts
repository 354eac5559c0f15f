// Makes the texts of a corpus fit to learn from: the same characters for the same thing, and nothing that
// nobody wrote. Each rule has a name, and what it did is counted.

import { CromwellError } from "../../errors.ts";
import { guessLanguage } from "../../syntax/languages.ts";
import { BenchmarkTasks } from "./benchmark.ts";
import { type ChangeRule, changeRules, cleanText } from "./clean-text.ts";
import { type CorpusOptions, type CorpusResult, runCorpus } from "./corpus-run.ts";
import { dropOf, withText } from "./document.ts";
import { findShape, type ShapeRule, shapeRules } from "./text-shape.ts";

/** Rules that can be left out; bytes that are no text, line ends and empty texts are for all. */
export const optionalRules = [
  "control-characters",
  "trailing-space",
  ...shapeRules,
] as const satisfies readonly (ChangeRule | ShapeRule)[];
export type OptionalRule = (typeof optionalRules)[number];

export interface CleanOptions extends CorpusOptions {
  /** The JSON lines file to write. */
  readonly output: string;
  /** Rules that are not applied. */
  readonly without?: readonly OptionalRule[] | undefined;
  /** Takes licences off the tops of sources; the licence stays known by its field. */
  readonly stripLicenseHeaders?: boolean | undefined;
  /** Characters that a line of code may have. Default 1000. */
  readonly lineMax?: number | undefined;
  /** A JSON lines file of tasks; documents that share text with one are dropped. */
  readonly benchmark?: string | undefined;
}

export interface CleanResult extends CorpusResult {
  /** Documents that each rule changed. */
  readonly changed: Readonly<Record<string, number>>;
}

export async function cleanCorpus(options: CleanOptions): Promise<CleanResult> {
  const {
    output,
    without = [],
    stripLicenseHeaders,
    lineMax = 1000,
    benchmark,
    ...corpus
  } = options;
  if (!Number.isInteger(lineMax) || lineMax < 1) {
    throw new CromwellError("usage", `a line has a whole number of characters, not ${lineMax}`);
  }
  const isApplied = (rule: ChangeRule | ShapeRule) =>
    rule === "license-header" ? stripLicenseHeaders === true : !without.some((not) => not === rule);
  const changes = new Set(changeRules.filter(isApplied));
  const shapes = new Set(shapeRules.filter(isApplied));
  const tasks =
    benchmark === undefined ? undefined : await BenchmarkTasks.read(benchmark, corpus.signal);
  const changed = new Map<string, number>();
  const count = (rule: string) => changed.set(rule, (changed.get(rule) ?? 0) + 1);
  const result = await runCorpus(corpus, [output], (document) => {
    const language = guessLanguage(document.path ?? "", document.text);
    const clean = cleanText(document.text, language, changes);
    const { text } = clean;
    if (text.trim() === "") return dropOf(document, "empty");
    const { path } = document;
    const shape = findShape(text, { path, language, lineMax }, shapes);
    if (shape !== undefined) return dropOf(document, shape.rule, shape.detail);
    const task = tasks?.find(text);
    if (task !== undefined) return dropOf(document, "benchmark", task);
    if (document.converted) count("encoding");
    for (const rule of clean.changed) count(rule);
    return { to: 0, document: withText(document, text) };
  });
  const { read, kept, dropped } = result;
  return { read, kept, dropped, changed: Object.fromEntries([...changed].sort()) };
}
