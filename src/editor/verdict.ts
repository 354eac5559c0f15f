// Decides whether an answer may be offered: a whole text that parses as well as the original and loses
// nothing that the instruction did not name. What it measures also ranks several answers.

import { alignLines } from "../patch/line-alignment.ts";
import { describeFault, type Fault } from "../syntax/fault.ts";
import { orTooMuch, type SyntaxTree } from "../syntax/syntax.ts";
import { extractAnswer } from "./answer.ts";
import { lostByName, lostUnits } from "./lost-units.ts";
import { namePattern } from "./names.ts";
import type { EditPlan } from "./plan.ts";
import { replaceRegion } from "./region.ts";
import { restore } from "./text-file.ts";

/** What a model said, and whether it came to its end. */
export interface ModelAnswer {
  readonly text: string;
  readonly finishReason: "stop" | "length";
}

/** "edited": acceptable and different; "unchanged": nothing to do; "rejected": see the reason. */
export type EditStatus = "edited" | "unchanged" | "rejected";

export interface Checks {
  /** Whether the edited text has no syntax error; null without a grammar or without a text. */
  readonly parses: boolean | null;
  /** Syntax errors more than the original had; negative where the edit mends some. */
  readonly newFaults: number | null;
  /** Functions, classes and types that are gone and that the instruction does not ask to go: "function f". */
  readonly lost: readonly string[];
  /** Names that the edit uses and that nothing defines or imports; null where that is not known. */
  readonly unresolved: readonly string[] | null;
  /** Lines removed and added. */
  readonly changedLines: number;
  /** Lines of them that are gone without another in their place, and of which the instruction says no word. */
  readonly droppedLines: number;
}

export interface Verdict {
  readonly status: EditStatus;
  /** Why there is no edit, as one sentence fragment. */
  readonly reason: string | undefined;
  /** The whole new file as it would be stored; undefined without an acceptable edit. */
  readonly edited: string | undefined;
  readonly checks: Checks;
}

/** Of an answer that gives no text to judge. */
export const unjudged: Checks = {
  parses: null,
  newFaults: null,
  lost: [],
  unresolved: null,
  changedLines: 0,
  droppedLines: 0,
};

/** Takes an answer apart and judges it. */
export function judge(plan: EditPlan, answer: ModelAnswer): Verdict {
  const rewritten = rewrite(plan, answer);
  if ("refused" in rewritten) return rejected(rewritten.refused, unjudged);
  const { whole } = rewritten;
  const { source } = plan;
  const edited = restore(source, whole);
  if (edited === source.raw) {
    const reason = "the answer changes nothing";
    return { status: "unchanged", reason, edited: undefined, checks: unjudged };
  }
  const { checks, fault } = measure(plan, whole);
  if (fault !== undefined) return rejected(`the answer has a syntax error: ${fault}`, checks);
  if (checks.lost.length > 0) return rejected(`the answer loses ${checks.lost.join(", ")}`, checks);
  const dangling = danglingNames(plan, checks);
  if (dangling.length > 0) {
    const names = dangling.join(", ");
    return rejected(`the answer still uses ${names}, but no longer defines it`, checks);
  }
  return { status: "edited", reason: undefined, edited, checks };
}

/** Names that the original used and knew, and that the answer uses without their definition. */
function danglingNames({ tree }: EditPlan, { unresolved }: Checks): string[] {
  if (tree === undefined || unresolved === null) return [];
  const used = new Set(tree.references().map(({ name }) => name));
  return unresolved.filter((name) => used.has(name));
}

function rejected(reason: string, checks: Checks): Verdict {
  return { status: "rejected", reason, edited: undefined, checks };
}

/** The whole text (LF) with the answer in place of the region, or why there is none. */
export function rewrite(
  { source, region, code, prompt }: EditPlan,
  { text, finishReason }: ModelAnswer,
): { whole: string } | { refused: string } {
  const { fence, stop } = prompt;
  const stopsAtFence = stop.length > 0;
  const context = { original: code, finishReason, insideFence: true, fence, stopsAtFence };
  const answer = extractAnswer(text, context);
  if ("refused" in answer) return answer;
  return {
    whole: region === undefined ? answer.text : replaceRegion(source.text, region, answer.text),
  };
}

function measure(plan: EditPlan, whole: string): { checks: Checks; fault: string | undefined } {
  const { source, tree, instruction } = plan;
  const changes = countChanges(source.text, whole, instruction);
  if (tree === undefined) {
    const lost = lostByName(source.text, whole, instruction);
    return { checks: { ...unjudged, ...changes, lost }, fault: undefined };
  }
  const after = reparse(tree, whole);
  if (after === undefined) {
    const fault = "it is nested or broken beyond what can be parsed";
    return { checks: { ...unjudged, ...changes }, fault };
  }
  try {
    const before = tree.faults();
    const faults = after.faults();
    const checks = {
      parses: faults.length === 0,
      newFaults: faults.length - before.length,
      lost: lostUnits(tree, after, instruction),
      unresolved: newlyUnresolved(tree, after),
      ...changes,
    };
    const fault = newFault(before, faults);
    return { checks, fault: fault && describeFault(fault) };
  } finally {
    after.close();
  }
}

/** The tree of a changed text; undefined where it is too much for the grammar. */
export function reparse(tree: SyntaxTree, text: string): SyntaxTree | undefined {
  return orTooMuch(() => tree.edit(text));
}

/** The first fault of `after` that is unlike all of `before`, where there are more; else none. */
export function newFault(before: readonly Fault[], after: readonly Fault[]): Fault | undefined {
  if (after.length <= before.length) return undefined;
  const known = new Set(before.map(({ kind, text }) => `${kind} ${text}`));
  return after.find(({ kind, text }) => !known.has(`${kind} ${text}`)) ?? after.at(-1);
}

function newlyUnresolved(before: SyntaxTree, after: SyntaxTree): string[] | null {
  const unresolved = after.unresolved();
  if (unresolved === undefined) return null;
  const known = new Set(before.unresolved()?.map(({ name }) => name));
  return [...new Set(unresolved.map(({ name }) => name))].filter((name) => !known.has(name));
}

interface Changes {
  readonly changedLines: number;
  readonly droppedLines: number;
}

/** Counts what differs, line by line. */
function countChanges(before: string, after: string, instruction: string): Changes {
  const [old, lines] = [before, after].map((text) => text.replace(/\n+$/, "").split("\n"));
  const origin = alignLines(old!, lines!);
  let same = 0;
  let droppedLines = 0;
  let next = 0;
  let added = 0;
  for (const from of [...origin, old!.length]) {
    if (from === undefined) {
      added++;
      continue;
    }
    const removed = added === 0 ? old!.slice(next, from) : [];
    droppedLines += removed.filter((line) => isUnnamed(line, instruction)).length;
    if (from < old!.length) same++;
    next = from + 1;
    added = 0;
  }
  return { changedLines: old!.length + lines!.length - 2 * same, droppedLines };
}

/** Whether a line has words, and the instruction says none of them. */
function isUnnamed(line: string, instruction: string): boolean {
  const names = line.match(/[A-Za-z_$][\w$]{2,}/g) ?? [];
  return names.length > 0 && !names.some((name) => namePattern(name).test(instruction));
}
