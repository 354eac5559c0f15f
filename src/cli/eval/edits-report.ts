// `cromwell eval edits` as a table by kind and language, with some of the edits where they are asked for,
// or as JSON.

import type { Tried } from "../../evaluation/edits/evaluate.ts";
import { type Figures, summarise } from "../../evaluation/edits/summary.ts";
import { type Verdict, verdicts } from "../../evaluation/edits/verdict.ts";
import { unifiedDiff } from "../../patch/diff.ts";
import { visible } from "../terminal.ts";
import { percent } from "./run.ts";

/** @param shown the verdict of which some edits are shown */
export function editsText(tried: readonly Tried[], shown: Verdict | undefined): string {
  const { groups, all, open } = summarise(tried);
  const rows = [
    ["kind", "language", "edits", ...verdicts, "", "median", "p90"],
    ...groups.map((group) => [visible(group.kind, 30), group.language, ...cells(group)]),
    ...(all.edits === 0 ? [] : [["all", "", ...cells(all)]]),
    ...(open === undefined ? [] : [["not judged to the end", "", ...cells(open)]]),
  ];
  const notes = [
    ...(all.otherTypes === 0 ? [] : [otherTypesNote(all)]),
    ...(all.ranAlike === 0
      ? []
      : [`${all.ranAlike} of the successes are another text that does the same when it runs`]),
    ...(all.otherComments === 0
      ? []
      : [`${all.otherComments} of the successes have a comment changed that was not asked about`]),
  ];
  const examples = tried.filter(({ verdict }) => verdict === shown).slice(0, shownMax);
  return [aligned(rows), ...notes.map((note) => `${note}\n`), ...examples.map(asExample)].join("");
}

const shownMax = 5;

function otherTypesNote({ edits, counts, otherTypes }: Figures): string {
  const part = percent((counts.success + otherTypes) / edits);
  return `${otherTypes} of the wrong have other types than the target, where none was named: ${part} if any type will do`;
}

function cells({ edits, counts, medianSeconds, p90Seconds }: Figures): string[] {
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  const judged = verdicts.map((verdict) => String(counts[verdict]));
  const part = percent(counts.success / edits);
  return [String(edits), ...judged, part, seconds(medianSeconds), seconds(p90Seconds)];
}

/** Columns of words, and of numbers from the third on. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, at) => (at < 2 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))),
  );
  return lines.map((line) => `${line.join("  ").trimEnd()}\n`).join("");
}

function asExample({ row, answer, reason }: Tried): string {
  const { kind, repository, path, instruction, before, after } = row;
  const diff = (to: string) => safe(unifiedDiff(path, `${before}\n`, `${to}\n`));
  const why = reason === undefined ? "" : `: ${visible(reason)}`;
  return [
    `\n${visible(`${kind}, ${repository} ${path}`)}${why}\n> ${visible(instruction)}\n`,
    answer === undefined ? "" : `the answer:\n${diff(answer)}`,
    `the target:\n${diff(after)}`,
  ].join("");
}

/** Lines of code that move no cursor. */
function safe(text: string): string {
  return text
    .split("\n")
    .map((line) => visible(line.replaceAll("\t", "    ")))
    .join("\n");
}

export function editsJson(
  tried: readonly Tried[],
  about: Readonly<Record<string, unknown>>,
): string {
  const { groups, all, open } = summarise(tried);
  const report = {
    ...about,
    all: asObject(all),
    not_judged_to_the_end: open === undefined ? null : asObject(open),
    kinds: groups.map(({ kind, language, ...figures }) => ({
      kind,
      language,
      ...asObject(figures),
    })),
    edits: tried.map((one) => ({
      ...one.row,
      verdict: one.verdict,
      reason: one.reason ?? null,
      has_other_types: one.hasOtherTypes,
      keeps_comments: one.keepsComments,
      ran_alike: one.ranAlike,
      answer: one.answer ?? null,
      seconds: one.seconds,
    })),
  };
  return `${JSON.stringify(report)}\n`;
}

function asObject({
  edits,
  counts,
  medianSeconds,
  p90Seconds,
  otherComments,
  otherTypes,
  ranAlike,
}: Figures) {
  return {
    edits,
    ...counts,
    success_rate: edits === 0 ? null : counts.success / edits,
    median_seconds: edits === 0 ? null : medianSeconds,
    p90_seconds: edits === 0 ? null : p90Seconds,
    other_comments: otherComments,
    other_types: otherTypes,
    ran_alike: ranAlike,
  };
}
